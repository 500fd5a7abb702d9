package poll_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/poll"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

func TestPages(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(4)
	log.Trim(1)
	log.End()
	hub := stream.NewHub(stream.Settings{})
	cases := []struct {
		after string
		limit int
		want  string
	}{
		{"1", 2, `{"order":"k","items":[{"n":2},{"n":3}],"next":3,"more":true}`},
		{"3", 2, `{"order":"k","items":[{"n":4},{"n":5}],"next":5,"more":false}`},
		{"5", 2, `{"order":"k","items":[],"next":5,"more":false}`},
		{"", 1, `{"order":"k","items":[{"n":2}],"next":2,"more":true,"gap":{"asked":null,"first":2,"why":"old"}}`},
		{"0", 1, `{"order":"k","items":[{"n":2}],"next":2,"more":true,"gap":{"asked":null,"first":2,"why":"old"}}`},
		{"9", 9, `{"order":"k","items":[{"n":2},{"n":3},{"n":4},{"n":5}],"next":5,"more":false,"gap":{"asked":9,"first":2,"why":"other"}}`},
	}
	for _, c := range cases {
		page, err := poll.Serve(t.Context(), hub, streamtest.Spec(), &log, "k", c.after, time.Hour, c.limit)
		if err != nil || string(page) != c.want {
			t.Errorf("after %q, limit %d:\n%s, %v\nwant\n%s", c.after, c.limit, page, err, c.want)
		}
	}
}

func TestPollWaitsForOneEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log streamtest.Log
		hub := stream.NewHub(stream.Settings{})
		start := time.Now()
		page, err := poll.Serve(t.Context(), hub, streamtest.Spec(), &log, "k", "", 3*time.Second, 10)
		if want := `{"order":"k","items":[],"next":null,"more":false}`; err != nil || string(page) != want || time.Since(start) != 3*time.Second {
			t.Errorf("after %v: %s, %v", time.Since(start), page, err)
		}
		go log.Append(1)
		page, err = poll.Serve(t.Context(), hub, streamtest.Spec(), &log, "k", "", time.Hour, 10)
		if want := `{"order":"k","items":[{"n":1}],"next":1,"more":false}`; err != nil || string(page) != want {
			t.Errorf("an event that happens: %s, %v", page, err)
		}
	})
}

func TestDrainAnswersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log streamtest.Log
		hub := stream.NewHub(stream.Settings{})
		go func() {
			if err := hub.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		start := time.Now()
		page, err := poll.Serve(t.Context(), hub, streamtest.Spec(), &log, "k", "", time.Hour, 10)
		if err != nil || time.Since(start) != 0 {
			t.Errorf("after %v: %s, %v", time.Since(start), page, err)
		}
	})
}

func TestBadCursorIsTheCallersFault(t *testing.T) {
	t.Parallel()
	_, err := poll.Serve(t.Context(), stream.NewHub(stream.Settings{}), streamtest.Spec(), &streamtest.Log{}, "k", "-1", 0, 10)
	if _, ok := errors.AsType[*stream.CursorError](err); !ok {
		t.Errorf("error is %v", err)
	}
}

func TestATerminalStreamAnswersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		hub := stream.NewHub(stream.Settings{})
		go log.End()
		start := time.Now()
		for _, after := range []string{"", "1"} {
			if _, err := poll.Serve(t.Context(), hub, streamtest.Spec(), log, "k", after, time.Hour, 10); err != nil || time.Since(start) != 0 {
				t.Errorf("after %q, %v: %v", after, time.Since(start), err)
			}
		}
	})
}

func TestAGapWithoutEventsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(3)
		log.Trim(3)
		hub := stream.NewHub(stream.Settings{})
		page, err := poll.Serve(t.Context(), hub, streamtest.Spec(), log, "k", "1", time.Hour, 10)
		if want := `{"order":"k","items":[],"next":3,"more":false,"gap":{"asked":1,"first":null,"why":"old"}}`; err != nil || string(page) != want {
			t.Errorf("%s, %v", page, err)
		}
	})
}

func TestAClientThatLeavesEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		active := 0
		hub := stream.NewHub(stream.Settings{Hooks: stream.Hooks{Active: func(_ string, change int) { active += change }}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		page, err := poll.Serve(ctx, hub, streamtest.Spec(), &streamtest.Log{}, "k", "", time.Hour, 10)
		if !errors.Is(err, context.DeadlineExceeded) || page != nil || active != 0 {
			t.Errorf("%s, %v, %d active", page, err, active)
		}
		if err := hub.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAStreamThatFailsWhileItIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		go log.Delete()
		_, err := poll.Serve(t.Context(), stream.NewHub(stream.Settings{}), streamtest.Spec(), log, "k", "", time.Hour, 10)
		if !errors.Is(err, streamtest.ErrDeleted) {
			t.Errorf("error is %v", err)
		}
	})
}
