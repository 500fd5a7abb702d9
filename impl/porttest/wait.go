package porttest

import (
	"context"
	"errors"
	"testing"

	"github.com/taskbridge/tbgen/gen/model"
)

var waitChecks = []check{
	{"returns at once when there is something to read", waitReady},
	{"blocks while there is nothing new, until its context ends", waitContext},
	{"wakes on every kind of event", waitKinds},
	{"wakes when the task ends, and does not block after it", waitEnd},
	{"wakes all of many waiters", waitMany},
	{"misses nothing between a read and a wait", waitRace},
	{"another task's events do not end it", waitOther},
	{"fails when the store is closed", waitClosed},
}

func waitReady(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 3)
	for _, cursor := range []string{"", "0-0", events[0].EventID, events[1].EventID} {
		must(t, within(t, b.wait(t.Context(), taskID, cursor)))
	}
}

// blocked checks that nothing is reported to a reader at the end of a history, and that its wait
// ends with its context.
func (b *bench) blocked(t *testing.T, taskID, cursor string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), blink)
	defer cancel()
	for {
		err := within(t, b.wait(ctx, taskID, cursor))
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		must(t, err)
		if page := b.page(t, taskID, cursor, 1); len(page.Events) > 0 || page.Gap != nil || page.Ended {
			t.Fatalf("there is something to read after %q: %+v", cursor, page)
		}
	}
}

func waitContext(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 2)
	b.blocked(t, taskID, events[1].EventID)
	b.blocked(t, b.accepted(t).TaskID, "")
	ctx, cancel := context.WithCancel(t.Context())
	result := b.next(ctx, taskID, events[1].EventID)
	quiet(t, result)
	cancel()
	if got := within(t, result); got != context.Canceled.Error() {
		t.Fatal(got)
	}
}

// next waits, as a reader does, until there is an event after the cursor, and gives its type.
func (b *bench) next(ctx context.Context, taskID, cursor string) <-chan string {
	result := make(chan string, 1)
	go func() {
		for {
			if err := b.Events.WaitForEvents(ctx, taskID, cursor); err != nil {
				result <- err.Error()
				return
			}
			page, err := b.Events.ReadEventsAfter(ctx, taskID, cursor, 1)
			if err != nil {
				result <- err.Error()
				return
			}
			if len(page.Events) > 0 {
				result <- page.Events[0].Type
				return
			}
		}
	}()
	return result
}

func waitKinds(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	cursor := ""
	for _, step := range []struct {
		want  string
		write func()
	}{
		{"TASK_STARTED", func() { b.move(t, taskID, model.TaskStatusRunning, `{}`) }},
		{"TASK_PROGRESS", func() { b.progress(t, taskID) }},
		{"TASK_SUSPENDED", func() { b.suspend(t, taskID, "s", 0) }},
		{"TASK_ACTION_ACCEPTED", func() {
			b.act(t, action(taskID, "s", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
		}},
		{"TASK_CANCELLED", func() { b.move(t, taskID, model.TaskStatusCancelled, `{"reason":"r"}`) }},
	} {
		result := b.next(t.Context(), taskID, cursor)
		quiet(t, result)
		step.write()
		if got := within(t, result); got != step.want {
			t.Fatalf("woken by %s, want %s", got, step.want)
		}
		cursor = b.page(t, taskID, cursor, 1).Events[0].EventID
	}
}

func waitEnd(t *testing.T, b *bench) {
	taskID, started := b.filled(t, 1)
	result := b.next(t.Context(), taskID, started[0].EventID)
	quiet(t, result)
	b.complete(t, taskID)
	if got := within(t, result); got != "TASK_COMPLETED" {
		t.Fatal(got)
	}
	events := b.history(t, taskID)
	for _, cursor := range []string{"", events[0].EventID, events[1].EventID} {
		must(t, within(t, b.wait(t.Context(), taskID, cursor)))
	}
}

func waitMany(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 1)
	var results []<-chan string
	for range crowd {
		results = append(results, b.next(t.Context(), taskID, events[0].EventID))
	}
	quiet(t, results[0])
	b.progress(t, taskID)
	for _, result := range results {
		if got := within(t, result); got != "TASK_PROGRESS" {
			t.Fatal(got)
		}
	}
}

func waitRace(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	const events = maxEvents - 1
	seen := make(chan int, 1)
	go func() {
		count, cursor := 0, ""
		for {
			if b.Events.WaitForEvents(t.Context(), taskID, cursor) != nil {
				break
			}
			page, err := b.Events.ReadEventsAfter(t.Context(), taskID, cursor, 3)
			if err != nil || page.Gap != nil {
				break
			}
			if count += len(page.Events); len(page.Events) > 0 {
				cursor = page.Events[len(page.Events)-1].EventID
			}
			if page.Ended {
				break
			}
		}
		seen <- count
	}()
	b.move(t, taskID, model.TaskStatusRunning, `{}`)
	for range events - 2 {
		b.progress(t, taskID)
	}
	b.complete(t, taskID)
	if count := within(t, seen); count != events {
		t.Fatalf("the reader saw %d of %d events", count, events)
	}
}

func waitOther(t *testing.T, b *bench) {
	quiet, events := b.filled(t, 1)
	loud := b.running(t)
	for range 3 {
		b.progress(t, loud)
	}
	b.blocked(t, quiet, events[0].EventID)
}

func waitClosed(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 1)
	result := b.next(t.Context(), taskID, events[0].EventID)
	quiet(t, result)
	b.Close()
	within(t, result)
	if t.Context().Err() != nil {
		t.Fatal("the wait ended with its context")
	}
	if err := within(t, b.wait(t.Context(), taskID, events[0].EventID)); err == nil {
		t.Fatal("a wait on a closed store succeeded")
	}
}
