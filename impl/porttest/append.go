package porttest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

var appendChecks = []check{
	{"numbers events from 1 without a hole, each with a tag", numbers},
	{"encodes the envelope once, members in order", encodes},
	{"stamps whole milliseconds", stamps},
	{"simultaneous appends leave no hole and lose nothing", appendTogether},
	{"an event never changes", immutable},
	{"the record names the newest event", newestEvent},
	{"a task that is not running takes no event of the work", appendNotRunning},
	{"events of a change are not appended alone", appendForeignTypes},
	{"a payload must be an object", appendPayloads},
}

func numbers(t *testing.T, b *bench) {
	taskID := b.running(t)
	for range 9 {
		b.progress(t, taskID)
	}
	tags := map[uint64]bool{}
	for i, event := range b.history(t, taskID) {
		cursor := cursorOf(t, event)
		if cursor.Seq != uint64(i+1) || cursor.Tag > 1<<32-1 {
			t.Fatalf("event %d has the id %s", i+1, event.EventID)
		}
		tags[cursor.Tag] = true
	}
	if len(tags) < 9 {
		t.Fatalf("ten events have %d tags", len(tags))
	}
}

func cursorOf(t *testing.T, event port.EventRecord) rules.Cursor {
	t.Helper()
	cursor, err := rules.ParseCursor(event.EventID)
	must(t, err)
	return cursor
}

func encodes(t *testing.T, b *bench) {
	taskID := b.running(t)
	payload := `{"progress":12.50,"stage":"<é&>","message":"line\nend"}`
	appended, err := b.Events.AppendEvent(t.Context(), taskID, draft(payload))
	must(t, err)
	want := fmt.Sprintf(`{"type":"TASK_PROGRESS","taskId":%q,"eventId":%q,"createdAt":"2030-01-02T03:04:05.678Z","payload":%s}`,
		taskID, appended.EventID, payload)
	if string(appended.Data) != want || appended.TaskID != taskID || appended.Type != "TASK_PROGRESS" {
		t.Fatalf("data = %s\nwant %s", appended.Data, want)
	}
}

func stamps(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.clock.advance(322*time.Millisecond + 999*time.Microsecond)
	appended := b.progress(t, taskID)
	var envelope struct{ CreatedAt string }
	must(t, json.Unmarshal(appended.Data, &envelope))
	if envelope.CreatedAt != "2030-01-02T03:04:06.000Z" || !appended.CreatedAt.Equal(time.Date(2030, 1, 2, 3, 4, 6, 0, time.UTC)) {
		t.Fatalf("createdAt = %s, %s", envelope.CreatedAt, appended.CreatedAt)
	}
}

func appendTogether(t *testing.T, b *bench) {
	taskID := b.running(t)
	const writers = maxEvents - 2
	together(writers, func(i int) {
		if _, err := b.Events.AppendEvent(t.Context(), taskID, draft(fmt.Sprintf(`{"progress":%d}`, i))); err != nil {
			t.Error(err)
		}
	})
	events := b.history(t, taskID)
	if len(events) != writers+1 {
		t.Fatalf("%d events of %d", len(events), writers+1)
	}
	payloads := map[string]bool{}
	for i, event := range events {
		if seq := cursorOf(t, event).Seq; seq != uint64(i+1) {
			t.Fatalf("event %d has the number %d", i+1, seq)
		}
		var envelope struct{ Payload json.RawMessage }
		must(t, json.Unmarshal(event.Data, &envelope))
		payloads[string(envelope.Payload)] = true
	}
	if len(payloads) != writers+1 {
		t.Fatalf("%d different payloads", len(payloads))
	}
}

func immutable(t *testing.T, b *bench) {
	taskID := b.running(t)
	appended := b.progress(t, taskID)
	b.clock.advance(time.Hour)
	b.suspend(t, taskID, "s", time.Minute)
	b.act(t, action(taskID, "s", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	b.complete(t, taskID)
	if again := b.history(t, taskID)[1]; again.EventID != appended.EventID || string(again.Data) != string(appended.Data) || !again.CreatedAt.Equal(appended.CreatedAt) {
		t.Fatalf("the event was %s\nand is   %s", appended.Data, again.Data)
	}
}

func newestEvent(t *testing.T, b *bench) {
	taskID := b.running(t)
	appended := b.progress(t, taskID)
	task, err := b.Tasks.GetTask(t.Context(), taskID)
	must(t, err)
	if task.LastEventID == nil || *task.LastEventID != appended.EventID {
		t.Fatalf("lastEventId = %v, want %s", task.LastEventID, appended.EventID)
	}
}

func appendNotRunning(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	_, err := b.Events.AppendEvent(t.Context(), taskID, draft(`{"progress":1}`))
	refused(t, err, model.ErrorCodeInvalidTaskState)
	b.move(t, taskID, model.TaskStatusFailed, `{"code":"X","message":"m","retryable":true}`)
	_, err = b.Events.AppendEvent(t.Context(), taskID, draft(`{"progress":1}`))
	refused(t, err, model.ErrorCodeInvalidTaskState)
	if events := b.history(t, taskID); len(events) != 1 || events[0].Type != "TASK_FAILED" {
		t.Fatalf("events = %+v", events)
	}
}

func appendForeignTypes(t *testing.T, b *bench) {
	taskID := b.running(t)
	for _, eventType := range []string{"TASK_STARTED", "TASK_SUSPENDED", "TASK_ACTION_ACCEPTED", "TASK_COMPLETED", "TASK_FAILED", "TASK_CANCELLED", "STREAM_GAP", ""} {
		_, err := b.Events.AppendEvent(t.Context(), taskID, port.EventDraft{Type: eventType, Payload: json.RawMessage(`{}`)})
		refused(t, err, model.ErrorCodeInvalidTaskState)
	}
	if events := b.history(t, taskID); len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
}

func appendPayloads(t *testing.T, b *bench) {
	taskID := b.running(t)
	for _, payload := range []string{`[]`, `1`, `"{}"`, `null`, `{`, `{} {}`} {
		_, err := b.Events.AppendEvent(t.Context(), taskID, draft(payload))
		refused(t, err, model.ErrorCodeInvalidRequest)
	}
	if event := b.progress(t, taskID); cursorOf(t, event).Seq != 2 {
		t.Fatalf("refused events took numbers: the next is %s", event.EventID)
	}
}
