package porttest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
)

var statusChecks = []check{
	{"follows the lifecycle and writes the event of each move", followsLifecycle},
	{"a repeated move changes nothing", repeatedMove},
	{"moves that the lifecycle forbids change nothing", forbiddenMoves},
	{"one of many simultaneous starts writes the event", startOnce},
	{"one of many simultaneous ends wins", endOnce},
	{"the first cancellation request stays", cancellation},
	{"a finished task is not cancelled", lateCancellation},
	{"nothing follows the terminal event", nothingAfterEnd},
}

func followsLifecycle(t *testing.T, b *bench) {
	for _, end := range []struct {
		status  model.TaskStatus
		event   string
		payload string
	}{
		{model.TaskStatusCompleted, "TASK_COMPLETED", `{"result":{"ok":true}}`},
		{model.TaskStatusFailed, "TASK_FAILED", `{"code":"X","message":"m","retryable":false}`},
		{model.TaskStatusCancelled, "TASK_CANCELLED", `{"reason":"r"}`},
	} {
		taskID := b.accepted(t).TaskID
		b.move(t, taskID, model.TaskStatusRunning, `{"message":"go"}`)
		b.clock.advance(time.Second)
		moved := b.move(t, taskID, end.status, end.payload)
		events := b.history(t, taskID)
		if len(events) != 2 || events[0].Type != "TASK_STARTED" || events[1].Type != end.event {
			t.Fatalf("events = %+v", events)
		}
		if moved.LastEventID == nil || *moved.LastEventID != events[1].EventID || !moved.UpdatedAt.Equal(b.clock.Now()) {
			t.Fatalf("the record does not show its end: %+v", moved)
		}
	}
}

func repeatedMove(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	for _, step := range []struct {
		status model.TaskStatus
		moves  bool
		events int
	}{
		{model.TaskStatusAccepted, false, 0},
		{model.TaskStatusRunning, true, 1},
		{model.TaskStatusRunning, false, 1},
		{model.TaskStatusCompleted, true, 2},
		{model.TaskStatusCompleted, false, 2},
	} {
		record, moved, err := b.Tasks.UpdateTaskStatus(t.Context(), taskID, step.status, nil)
		must(t, err)
		if events := b.history(t, taskID); moved != step.moves || record.Status != step.status || len(events) != step.events {
			t.Fatalf("to %s: moved = %v, status = %s, %d events", step.status, moved, record.Status, len(events))
		}
	}
}

func forbiddenMoves(t *testing.T, b *bench) {
	reach := map[model.TaskStatus]func() string{
		model.TaskStatusAccepted: func() string { return b.accepted(t).TaskID },
		model.TaskStatusRunning:  func() string { return b.running(t) },
	}
	for _, end := range []model.TaskStatus{model.TaskStatusCompleted, model.TaskStatusFailed, model.TaskStatusCancelled} {
		reach[end] = func() string {
			taskID := b.running(t)
			b.move(t, taskID, end, `{}`)
			return taskID
		}
	}
	for from, arrive := range reach {
		taskID := arrive()
		before, err := b.Tasks.GetTask(t.Context(), taskID)
		must(t, err)
		events := len(b.history(t, taskID))
		for _, to := range append(model.TaskStatusValues(), "NONSENSE") {
			if from.CanMoveTo(to) {
				continue
			}
			_, _, err := b.Tasks.UpdateTaskStatus(t.Context(), taskID, to, nil)
			refused(t, err, model.ErrorCodeInvalidTaskState)
		}
		after, err := b.Tasks.GetTask(t.Context(), taskID)
		must(t, err)
		if diff := cmp.Diff(before, after); diff != "" || len(b.history(t, taskID)) != events {
			t.Fatalf("forbidden moves from %s changed the task:\n%s", from, diff)
		}
	}
}

func startOnce(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	var moves atomic.Int64
	together(crowd, func(int) {
		_, moved, err := b.Tasks.UpdateTaskStatus(t.Context(), taskID, model.TaskStatusRunning, nil)
		if err != nil {
			t.Error(err)
		}
		if moved {
			moves.Add(1)
		}
	})
	if events := b.history(t, taskID); moves.Load() != 1 || len(events) != 1 {
		t.Fatalf("%d moves, %d events", moves.Load(), len(events))
	}
}

func endOnce(t *testing.T, b *bench) {
	taskID := b.running(t)
	ends := []model.TaskStatus{model.TaskStatusCompleted, model.TaskStatusFailed, model.TaskStatusCancelled}
	var moves atomic.Int64
	together(crowd, func(i int) {
		_, moved, err := b.Tasks.UpdateTaskStatus(t.Context(), taskID, ends[i%3], nil)
		if moved && err == nil {
			moves.Add(1)
		}
	})
	record, err := b.Tasks.GetTask(t.Context(), taskID)
	must(t, err)
	if events := b.history(t, taskID); moves.Load() != 1 || len(events) != 2 || events[1].Type != "TASK_"+string(record.Status) {
		t.Fatalf("%d moves, status %s, events %+v", moves.Load(), record.Status, events)
	}
}

func cancellation(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.clock.advance(time.Second)
	first, err := b.Tasks.RequestCancellation(t.Context(), taskID, new("enough"))
	must(t, err)
	if !first.CancellationRequested || first.CancellationReason == nil || *first.CancellationReason != "enough" || !first.UpdatedAt.Equal(b.clock.Now()) {
		t.Fatalf("record = %+v", first)
	}
	b.clock.advance(time.Second)
	second, err := b.Tasks.RequestCancellation(t.Context(), taskID, new("other"))
	must(t, err)
	if diff := cmp.Diff(first, second); diff != "" || len(b.history(t, taskID)) != 1 {
		t.Fatalf("a second request changed the task:\n%s", diff)
	}
}

func lateCancellation(t *testing.T, b *bench) {
	taskID := b.running(t)
	ended := b.complete(t, taskID)
	after, err := b.Tasks.RequestCancellation(t.Context(), taskID, new("late"))
	must(t, err)
	if diff := cmp.Diff(ended, after); diff != "" {
		t.Fatalf("a late request changed the task:\n%s", diff)
	}
}

func nothingAfterEnd(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.complete(t, taskID)
	_, err := b.Events.AppendEvent(t.Context(), taskID, draft(`{"progress":1}`))
	refused(t, err, model.ErrorCodeInvalidTaskState)
	_, _, err = b.Suspensions.OpenSuspension(t.Context(), taskID, b.suspension("s", 0))
	refused(t, err, model.ErrorCodeInvalidTaskState)
	if events := b.history(t, taskID); len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
}
