package stream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// begin subscribes a recorder to the source.
func begin(t *testing.T, hub *stream.Hub, source stream.Source, after string) (*stream.Subscription, *streamtest.Recorder) {
	t.Helper()
	s, err := hub.Subscribe(t.Context(), "test", streamtest.Spec(), source, "k", after)
	if err != nil {
		t.Fatal(err)
	}
	recorder := &streamtest.Recorder{}
	s.Start(recorder, 10*time.Second)
	return s, recorder
}

// events are the lines of the events from one number to another.
func events(from, to int) []string {
	var lines []string
	for n := from; n <= to; n++ {
		lines = append(lines, fmt.Sprintf(`{"n":%d}`, n))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("delivered\n%q\nwant\n%q", got, want)
	}
}

func TestEveryPositionGivesExactlyTheRest(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 7, 1000} {
		log := &streamtest.Log{}
		log.Append(99)
		log.End()
		hub := stream.NewHub(stream.Settings{PageSize: size})
		for after := range 101 {
			s, recorder := begin(t, hub, log, strconv.Itoa(after))
			<-s.Done()
			wantLines(t, recorder.Lines(), append(events(after+1, 100), "completed")...)
		}
	}
}

func TestTheEndIsOverForOneWhoHasIt(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.Append(1)
	log.End()
	for after, over := range map[string]bool{"": false, "0": false, "1": false, "2": true, "9": false} {
		s, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", streamtest.Spec(), log, "k", after)
		if err != nil {
			t.Fatal(err)
		}
		if s.Over() != over {
			t.Errorf("after %q: over is %t", after, !over)
		}
		s.Stop()
	}
}

func TestGapIsToldFirst(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.Append(9)
	log.End()
	log.Trim(5)
	now := time.Date(2026, 1, 2, 4, 4, 5, 6e6, time.FixedZone("", 3600))
	hub := stream.NewHub(stream.Settings{PageSize: 2, Now: func() time.Time { return now }})
	gap := `{"kind":"lost","n":5,"order":"k","asked":%s,"first":6,"why":%q,"at":"2026-01-02T03:04:05.006Z"}`
	for after, want := range map[string][]string{
		"":  {fmt.Sprintf(gap, "null", "old")},
		"0": {fmt.Sprintf(gap, "null", "old")},
		"3": {fmt.Sprintf(gap, "3", "old")},
		"5": nil,
		"9": {fmt.Sprintf(gap, "99", "other")},
	} {
		from := 6
		if after == "9" {
			after = "99"
		}
		s, recorder := begin(t, hub, log, after)
		<-s.Done()
		wantLines(t, recorder.Lines(), append(append(want, events(from, 10)...), "completed")...)
	}
}

func TestHistoryAndLiveEventsAreOneSequence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(3)
		s, recorder := begin(t, stream.NewHub(stream.Settings{}), log, "1")
		synctest.Wait()
		wantLines(t, recorder.Lines(), events(2, 3)...)
		log.Append(2)
		synctest.Wait()
		wantLines(t, recorder.Lines(), events(2, 5)...)
		log.End()
		<-s.Done()
		wantLines(t, recorder.Lines(), append(events(2, 6), "completed")...)
	})
}

func TestHeartbeatsAreForIdleStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		s, recorder := begin(t, stream.NewHub(stream.Settings{}), log, "")
		pass := func(d time.Duration, want ...string) {
			t.Helper()
			<-time.After(d)
			synctest.Wait()
			wantLines(t, recorder.Lines(), want...)
		}
		pass(10*time.Second-1, []string{}...)
		pass(1, "heartbeat")
		pass(9*time.Second, "heartbeat")
		log.Append(1)
		pass(9*time.Second, "heartbeat", `{"n":1}`)
		pass(time.Second, "heartbeat", `{"n":1}`, "heartbeat")
		pass(20*time.Second, "heartbeat", `{"n":1}`, "heartbeat", "heartbeat", "heartbeat")
		s.Stop()
		<-s.Done()
	})
}

// single is a sink that takes its time and notes whether it is called by two.
type single struct {
	streamtest.Recorder
	inside  atomic.Int32
	overlap atomic.Bool
}

func (s *single) use() {
	if s.inside.Add(1) > 1 {
		s.overlap.Store(true)
	}
	<-time.After(time.Minute)
	s.inside.Add(-1)
}

func (s *single) Deliver(messages []stream.Event) error {
	s.use()
	return s.Recorder.Deliver(messages)
}

func (s *single) Heartbeat() error {
	s.use()
	return s.Recorder.Heartbeat()
}

func TestASinkIsCalledByOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(1)
		hub := stream.NewHub(stream.Settings{})
		s, err := hub.Subscribe(t.Context(), "test", streamtest.Spec(), log, "k", "")
		if err != nil {
			t.Fatal(err)
		}
		sink := &single{}
		s.Start(sink, time.Second) // so that heartbeats become due while it writes
		<-time.After(90 * time.Second)
		log.Append(1)
		<-time.After(time.Hour)
		if err := hub.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sink.overlap.Load() {
			t.Error("it was called by two")
		}
	})
}

func TestAGapThatCannotBeToldIsCrossed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(5)
		log.Trim(5)
		spec := *streamtest.Spec()
		spec.Gap = nil
		s, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", &spec, log, "k", "3")
		if err != nil {
			t.Fatal(err)
		}
		recorder := &streamtest.Recorder{}
		s.Start(recorder, time.Hour)
		synctest.Wait()
		log.End()
		<-s.Done()
		wantLines(t, recorder.Lines(), `{"n":6}`, "completed")
	})
}

func TestTheSourceIsLetGoAtTheEnd(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.End()
	var used context.Context
	s, _ := begin(t, stream.NewHub(stream.Settings{PageSize: 1}), &faulty{Log: log, read: func(ctx context.Context, after string, _ int) (stream.Batch, error) {
		if used = ctx; after == "" {
			return stream.Batch{Events: []stream.Event{{ID: "1", Data: []byte("1")}}, More: true}, nil
		}
		return stream.Batch{Ended: true}, nil
	}}, "")
	<-s.Done()
	if used.Err() == nil {
		t.Error("the context of its reads has not ended")
	}
}

func TestDrainEndsWhoIsThereAndWhoComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := stream.NewHub(stream.Settings{})
		_, first := begin(t, hub, &streamtest.Log{}, "")
		if err := hub.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLines(t, first.Lines(), "drained")
		second, late := begin(t, hub, &streamtest.Log{}, "")
		<-second.Done()
		wantLines(t, late.Lines(), "drained")
	})
}

func TestDrainIsSpreadAndRunsOutOfPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := stream.NewHub(stream.Settings{RetrySpread: time.Minute})
		retries := map[time.Duration]bool{}
		m := &member{cut: make(chan struct{})}
		leave := hub.Join(m)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			if err := hub.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("Drain returned %v after %v", err, time.Since(start))
			}
			cancel()
			retries[m.retry] = true
			if m.retry < 6*time.Second || m.retry > time.Minute {
				t.Errorf("a client is told to stay away for %v", m.retry)
			}
		}
		if len(retries) < 10 {
			t.Errorf("the retries are not spread: %v", retries)
		}
		select {
		case <-m.cut:
		default:
			t.Error("the member was not cut")
		}
		leave()
		if err := hub.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

type member struct {
	retry time.Duration
	cut   chan struct{}
}

func (m *member) Drain(retry time.Duration) { m.retry = retry }

func (m *member) Cut() {
	if m.cut != nil {
		select {
		case <-m.cut:
		default:
			close(m.cut)
		}
	}
}

func TestAContextThatEndsEndsTheStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := stream.NewHub(stream.Settings{}).Subscribe(ctx, "test", streamtest.Spec(), &streamtest.Log{}, "k", "")
		if err != nil {
			t.Fatal(err)
		}
		recorder := &streamtest.Recorder{}
		s.Start(recorder, time.Hour)
		start := time.Now()
		<-s.Done()
		wantLines(t, recorder.Lines(), "revoked")
		if time.Since(start) != time.Minute {
			t.Errorf("ended after %v", time.Since(start))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	s, err := stream.NewHub(stream.Settings{}).Subscribe(ctx, "test", streamtest.Spec(), &streamtest.Log{}, "k", "")
	if err != nil {
		t.Fatal(err)
	}
	recorder := &streamtest.Recorder{}
	s.Start(recorder, time.Hour)
	cancel()
	<-s.Done()
	wantLines(t, recorder.Lines(), "gone")
}

func TestASinkThatCannotWriteEndsTheStream(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.Append(1)
	for fail, want := range map[error]string{stream.ErrTooSlow: "too slow", errors.New("reset"): "gone"} {
		s, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", streamtest.Spec(), log, "k", "")
		if err != nil {
			t.Fatal(err)
		}
		recorder := &streamtest.Recorder{Fail: fail}
		s.Start(recorder, time.Hour)
		<-s.Done()
		wantLines(t, recorder.Lines(), want)
	}
}

func TestAFailingSourceEndsTheStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(1)
		s, recorder := begin(t, stream.NewHub(stream.Settings{}), log, "")
		synctest.Wait()
		log.Delete()
		<-s.Done()
		wantLines(t, recorder.Lines(), `{"n":1}`, "failed")
		if _, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", streamtest.Spec(), log, "k", ""); !errors.Is(err, streamtest.ErrDeleted) {
			t.Errorf("Subscribe returned %v", err)
		}
	})
}

// faulty is a source whose methods are replaced.
type faulty struct {
	*streamtest.Log
	read func(ctx context.Context, after string, limit int) (stream.Batch, error)
	wait func(ctx context.Context, after string) error
}

func (f *faulty) Read(ctx context.Context, after string, limit int) (stream.Batch, error) {
	if f.read != nil {
		return f.read(ctx, after, limit)
	}
	return f.Log.Read(ctx, after, limit)
}

func (f *faulty) Wait(ctx context.Context, after string) error {
	if f.wait != nil {
		return f.wait(ctx, after)
	}
	return f.Log.Wait(ctx, after)
}

func TestAPanicOfTheSourceEndsOneStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(2)
		hub := stream.NewHub(stream.Settings{PageSize: 1})
		calls := 0
		_, reading := begin(t, hub, &faulty{Log: log, read: func(ctx context.Context, after string, limit int) (stream.Batch, error) {
			if calls++; calls > 1 {
				panic("read")
			}
			return log.Read(ctx, after, limit)
		}}, "")
		_, waiting := begin(t, hub, &faulty{Log: log, wait: func(context.Context, string) error { panic("wait") }}, "1")
		synctest.Wait()
		wantLines(t, reading.Lines(), `{"n":1}`, "failed")
		wantLines(t, waiting.Lines(), `{"n":2}`, "failed")
	})
}

func TestASourceThatRepeatsItselfIsNotBelieved(t *testing.T) {
	t.Parallel()
	event := func(id string, last bool) stream.Event { return stream.Event{ID: id, Data: []byte(id), Last: last} }
	for name, c := range map[string]struct {
		events []stream.Event
		want   []string
	}{
		"old events":           {[]stream.Event{event("1", false), event("2", false), event("3", true)}, []string{"3", "completed"}},
		"repeated events":      {[]stream.Event{event("3", false), event("3", false), event("2", false), event("4", true)}, []string{"3", "4", "completed"}},
		"events after the end": {[]stream.Event{event("3", true), event("4", false)}, []string{"3", "completed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := slices.Clone(c.events)
			s, recorder := begin(t, stream.NewHub(stream.Settings{}), &faulty{read: func(context.Context, string, int) (stream.Batch, error) {
				return stream.Batch{Events: c.events, More: true}, nil
			}}, "2")
			<-s.Done()
			wantLines(t, recorder.Lines(), c.want...)
			if !slices.EqualFunc(given, c.events, func(a, b stream.Event) bool { return a.ID == b.ID }) {
				t.Error("the source's slice has been changed")
			}
		})
	}
	for _, id := range []string{"", "x", "-1"} {
		_, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", streamtest.Spec(), &faulty{read: func(context.Context, string, int) (stream.Batch, error) {
			return stream.Batch{Events: []stream.Event{event(id, false)}}, nil
		}}, "k", "")
		if _, callers := errors.AsType[*stream.CursorError](err); err == nil || callers {
			t.Errorf("an event with the id %q: %v", id, err)
		}
	}
}

func TestPagesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	for range 200 {
		log.AppendData(make([]byte, 1000))
	}
	log.End()
	largest := 0
	s, err := stream.NewHub(stream.Settings{BufferBytes: 10_000}).Subscribe(t.Context(), "test", streamtest.Spec(), &faulty{
		read: func(ctx context.Context, after string, limit int) (stream.Batch, error) {
			if after != "" {
				largest = max(largest, limit)
			}
			return log.Read(ctx, after, limit)
		},
	}, "k", "")
	if err != nil {
		t.Fatal(err)
	}
	recorder := &streamtest.Recorder{}
	s.Start(recorder, time.Hour)
	<-s.Done()
	if n := len(recorder.Lines()); n != 202 || largest != 10 {
		t.Errorf("%d lines in pages of up to %d events", n, largest)
	}
}

func TestHooksSeeAStreamFromItsBeginningToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := &streamtest.Recorder{}
		note := func(format string, values ...any) {
			_ = seen.Deliver([]stream.Event{{Data: fmt.Appendf(nil, format, values...)}})
		}
		hub := stream.NewHub(stream.Settings{Hooks: stream.Hooks{
			ReplayStart: func(transport, key, after string) { note("replay %s %s after %q", transport, key, after) },
			Delivery:    func(transport, key, id string) { note("event %s %s %s", transport, key, id) },
			Heartbeat:   func(transport, key string) { note("heartbeat %s %s", transport, key) },
			Disconnect:  func(transport, key string) { note("gone %s %s", transport, key) },
			Active:      func(transport string, change int) { note("active %s %+d", transport, change) },
		}})
		log := &streamtest.Log{}
		log.Append(3)
		log.Trim(2)
		s, _ := begin(t, hub, log, "1")
		<-time.After(11 * time.Second)
		log.End()
		<-s.Done()
		wantLines(t, seen.Lines(), "active test +1", `replay test k after "1"`, "event test k 2", "event test k 3",
			"heartbeat test k", "event test k 4", "gone test k", "active test -1")
	})
}

func TestBadCursorIsTheCallersFault(t *testing.T) {
	t.Parallel()
	_, err := stream.NewHub(stream.Settings{}).Subscribe(t.Context(), "test", streamtest.Spec(), &streamtest.Log{}, "k", "x")
	if _, ok := errors.AsType[*stream.CursorError](err); !ok {
		t.Errorf("error is %v", err)
	}
}
