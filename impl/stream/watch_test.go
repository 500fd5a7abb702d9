package stream_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// counted is a source that counts its calls.
type counted struct {
	*streamtest.Log
	reads, waits atomic.Int64
}

func (c *counted) Read(ctx context.Context, after string, limit int) (stream.Batch, error) {
	c.reads.Add(1)
	return c.Log.Read(ctx, after, limit)
}

func (c *counted) Wait(ctx context.Context, after string) error {
	c.waits.Add(1)
	return c.Log.Wait(ctx, after)
}

func TestThoseWhoWaitShareReadsWaitsAndGoroutines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const subscribers, live = 100, 5
		source := &counted{Log: &streamtest.Log{}}
		source.Append(1)
		hub := stream.NewHub(stream.Settings{})
		var all []*streamtest.Recorder
		var last *stream.Subscription
		before := runtime.NumGoroutine()
		for range subscribers {
			s, recorder := begin(t, hub, source, "")
			all, last = append(all, recorder), s
		}
		synctest.Wait()
		if more := runtime.NumGoroutine() - before; more > 20 { // other tests run beside this one
			t.Errorf("%d idle subscribers have %d goroutines", subscribers, more)
		}
		source.reads.Store(0)
		source.waits.Store(0)
		for range live {
			source.Append(1)
			synctest.Wait()
		}
		if reads, waits := source.reads.Load(), source.waits.Load(); reads != live || waits != live {
			t.Errorf("%d subscribers, %d events: %d reads, %d waits", subscribers, live, reads, waits)
		}
		for _, recorder := range all {
			wantLines(t, recorder.Lines(), events(1, live+1)...)
		}
		source.End()
		<-last.Done()
	})
}

func TestAWatchOutlivesTheOneWhoBeganIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		hub := stream.NewHub(stream.Settings{})
		cancelled := false
		first, _ := begin(t, hub, &faulty{Log: log, wait: func(ctx context.Context, after string) error {
			err := log.Wait(ctx, after)
			cancelled = ctx.Err() != nil
			return err
		}}, "")
		synctest.Wait()
		second, recorder := begin(t, hub, log, "")
		synctest.Wait()
		first.Stop()
		<-first.Done()
		log.Append(1)
		synctest.Wait()
		wantLines(t, recorder.Lines(), events(1, 1)...)
		if cancelled {
			t.Error("the first one took the wait along")
		}
		second.Stop()
		<-second.Done()
	})
}

func TestTheFailureOfOnesSourceIsNotTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		hub := stream.NewHub(stream.Settings{})
		fail := make(chan struct{})
		_, failing := begin(t, hub, &faulty{Log: log, wait: func(context.Context, string) error {
			<-fail
			return errors.New("forbidden")
		}}, "")
		synctest.Wait()
		other, recorder := begin(t, hub, log, "")
		synctest.Wait()
		close(fail)
		synctest.Wait()
		wantLines(t, failing.Lines(), "failed")
		log.End()
		<-other.Done()
		wantLines(t, recorder.Lines(), `{"n":1}`, "completed")
	})
}

func TestAnAuditFindsWhatNobodyAnnounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		deaf := func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
		s, recorder := begin(t, stream.NewHub(stream.Settings{AuditInterval: 5 * time.Second}), &faulty{Log: log, wait: deaf}, "")
		synctest.Wait()
		log.End()
		start := time.Now()
		<-s.Done()
		wantLines(t, recorder.Lines(), `{"n":1}`, "completed")
		if time.Since(start) != 5*time.Second {
			t.Errorf("found after %v", time.Since(start))
		}
	})
}
