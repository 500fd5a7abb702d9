package server

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoopsRunWithJitterAndNeverOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all loops
		var starts []time.Time
		busy := false
		all.start(loop{every: time.Minute, run: func(context.Context) {
			if busy {
				t.Error("a run began before the last one ended")
			}
			busy = true
			starts = append(starts, time.Now())
			time.Sleep(90 * time.Second)
			busy = false
		}})
		all.start(loop{every: time.Second, run: func(context.Context) { t.Error("loops were started twice") }})
		began := time.Now()
		time.Sleep(time.Hour)
		if err := all.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		pauses := map[time.Duration]bool{}
		for i, start := range starts {
			pause := start.Sub(began)
			if i > 0 {
				pause = start.Sub(starts[i-1]) - 90*time.Second
			}
			pauses[pause] = true
			if pause < 54*time.Second || pause > 66*time.Second {
				t.Fatalf("run %d came after a pause of %s", i+1, pause)
			}
		}
		if len(starts) < 20 || len(pauses) < 10 {
			t.Fatalf("%d runs with %d different pauses", len(starts), len(pauses))
		}
	})
}

func TestStoppedLoopsDoNotStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all loops
		if err := all.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		all.start(loop{every: time.Second, run: func(context.Context) { t.Error("a stopped loop ran") }})
		time.Sleep(time.Minute)
	})
}

func TestStopWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all loops
		all.start(loop{every: time.Second, run: func(context.Context) { time.Sleep(time.Hour) }})
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := all.stop(ctx); err == nil {
			t.Fatal("stop did not say that a run goes on")
		}
		time.Sleep(time.Hour)
	})
}
