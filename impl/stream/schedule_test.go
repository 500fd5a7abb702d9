package stream_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// schedule is a source and what happens to it and around it, step by step: one step before and
// one after each read, each wait and each delivery, wherever the engine then is, and the rest
// while it waits.
type schedule struct {
	*streamtest.Log
	t     *testing.T
	hub   *stream.Hub
	steps []func()

	mu      sync.Mutex
	readers []*reader
}

// reader is one subscriber and its record.
type reader struct {
	schedule     *schedule
	subscription *stream.Subscription
	streamtest.Recorder
	after int
	left  bool
}

// step runs the next step, if there is one. It may run others, in what it calls.
func (s *schedule) step() bool {
	s.mu.Lock()
	if len(s.steps) == 0 {
		s.mu.Unlock()
		return false
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	s.mu.Unlock()
	next()
	return true
}

func (s *schedule) Read(ctx context.Context, after string, limit int) (stream.Batch, error) {
	s.step()
	batch, err := s.Log.Read(ctx, after, limit)
	s.step()
	return batch, err
}

func (s *schedule) Wait(ctx context.Context, after string) error {
	s.step()
	err := s.Log.Wait(ctx, after)
	s.step()
	return err
}

func (r *reader) Deliver(messages []stream.Event) error {
	r.schedule.step()
	err := r.Recorder.Deliver(messages)
	r.schedule.step()
	return err
}

// enter subscribes a reader after a cursor.
func (s *schedule) enter(after int) {
	r := &reader{schedule: s, after: after}
	subscription, err := s.hub.Subscribe(s.t.Context(), "test", streamtest.Spec(), s, "k", fmt.Sprint(after))
	if err != nil {
		s.t.Error(err)
		return
	}
	r.subscription = subscription
	s.mu.Lock()
	s.readers = append(s.readers, r)
	s.mu.Unlock()
	subscription.Start(r, time.Hour)
}

// leave stops the first reader who is still there.
func (s *schedule) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.readers {
		if !r.left {
			r.left = true
			r.subscription.Stop()
			return
		}
	}
}

// TestNoScheduleLosesAnEvent tries every sequence of appends, trims, subscriptions and departures
// around the reads, waits and deliveries of the engine. Whatever the schedule, each reader gets
// each event after its cursor once and in order, or is told of a gap, to the end of the stream,
// and no wake-up is missed.
func TestNoScheduleLosesAnEvent(t *testing.T) {
	t.Parallel()
	kinds := []func(*schedule){
		func(s *schedule) { s.Append(1) },
		func(s *schedule) { s.Append(2); s.Trim(2) },
		func(s *schedule) { s.enter(1) },
		func(s *schedule) { s.leave() },
		func(*schedule) {},
	}
	length := 5
	if testing.Short() {
		length = 3
	}
	for number := range int(math.Pow(float64(len(kinds)), float64(length))) {
		synctest.Test(t, func(t *testing.T) {
			s := &schedule{Log: &streamtest.Log{}, t: t, hub: stream.NewHub(stream.Settings{PageSize: 2, AuditInterval: time.Hour})}
			s.Append(2)
			for n, left := number, length; left > 0; left-- {
				kind := kinds[n%len(kinds)]
				n /= len(kinds)
				s.steps = append(s.steps, func() { kind(s) })
			}
			s.run()
			if t.Failed() {
				t.Fatalf("schedule %d", number)
			}
		})
	}
}

// run plays the schedule, the end of the stream last, and judges every record.
func (s *schedule) run() {
	s.steps = append(s.steps, s.End)
	start := time.Now()
	s.enter(0)
	for synctest.Wait(); s.step(); {
		synctest.Wait()
	}
	for _, r := range s.readers {
		<-r.subscription.Done()
		if fault := r.fault(); fault != "" {
			s.t.Errorf("%s after %d in %q", fault, r.after, r.Lines())
		}
	}
	if time.Since(start) > 0 {
		s.t.Error("a wake-up was missed")
	}
}

// fault says what is wrong with a reader's record: its events must count up by one, but for gaps
// that say where they go on, and end with the end.
func (r *reader) fault() string {
	last, ended := r.after, ""
	for _, line := range r.Lines() {
		var n int
		switch {
		case ended != "":
			return "something after the end"
		case line == "completed" || line == "gone":
			ended = line
		case scan(line, `{"kind":"lost","n":%d`, &n):
			if n <= last {
				return "a gap that leads back"
			}
			last = n
		case !scan(line, `{"n":%d`, &n) || n != last+1:
			return fmt.Sprintf("not the next event after %d", last)
		default:
			last = n
		}
	}
	switch {
	case ended == "":
		return "no end"
	case ended == "gone" && !r.left:
		return "dropped"
	default:
		return ""
	}
}

func scan(line, format string, n *int) bool {
	count, _ := fmt.Sscanf(line, format, n)
	return count == 1
}
