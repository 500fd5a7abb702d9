package porttest

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var suspensionChecks = []check{
	{"opening writes the suspension and its event", openWrites},
	{"opening again changes nothing", openAgain},
	{"of many simultaneous openings one writes", openOnce},
	{"only a running task suspends", openNotRunning},
	{"expires by the clock, on every read", expiresByClock},
	{"the sweeper writes expiry down once", sweeps},
	{"the task's end closes what is open", closedByEnd},
	{"lists what is open, in order", listsOpen},
	{"unknown suspensions are not found", unknownSuspension},
}

func openWrites(t *testing.T, b *bench) {
	taskID := b.running(t)
	payload := b.suspension("s", time.Minute)
	payload.UIHints, payload.Interaction = json.RawMessage(`{"a":1}`), json.RawMessage(`{"b":[2]}`)
	opened, fresh, err := b.Suspensions.OpenSuspension(t.Context(), taskID, payload)
	must(t, err)
	events := b.history(t, taskID)
	event := events[len(events)-1]
	want := port.TaskSuspensionRecord{
		TaskID: taskID, Payload: payload, Status: port.TaskSuspensionStatusOpen, EventID: event.EventID,
		CreatedAt: event.CreatedAt, ResumeHandoff: port.ResumeHandoffStatusNone,
	}
	if diff := cmp.Diff(want, opened); !fresh || diff != "" || event.Type != "TASK_SUSPENDED" {
		t.Fatalf("opened = %v, event %s (-want +got):\n%s", fresh, event.Type, diff)
	}
	stored, err := b.Suspensions.GetSuspension(t.Context(), taskID, "s")
	must(t, err)
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Fatal(diff)
	}
	var envelope struct{ Payload model.TaskSuspendedPayload }
	must(t, json.Unmarshal(event.Data, &envelope))
	if diff := cmp.Diff(payload, envelope.Payload); diff != "" {
		t.Fatal(diff)
	}
}

func openAgain(t *testing.T, b *bench) {
	taskID := b.running(t)
	payload := b.suspension("s", time.Minute)
	payload.UIHints = json.RawMessage(`{"a":1,"b":2}`)
	_, _, err := b.Suspensions.OpenSuspension(t.Context(), taskID, payload)
	must(t, err)
	b.act(t, action(taskID, "s", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	payload.UIHints = json.RawMessage(`{"b":2.0,"a":1}`)
	again, fresh, err := b.Suspensions.OpenSuspension(t.Context(), taskID, payload)
	must(t, err)
	if fresh || again.Status != port.TaskSuspensionStatusResolved || again.Action == nil || len(b.history(t, taskID)) != 3 {
		t.Fatalf("opened = %v, %+v", fresh, again)
	}
	payload.ReasonCode = "OTHER"
	_, _, err = b.Suspensions.OpenSuspension(t.Context(), taskID, payload)
	refused(t, err, model.ErrorCodeTaskConflict)
}

func openOnce(t *testing.T, b *bench) {
	taskID := b.running(t)
	payload := b.suspension("s", 0)
	var opened atomic.Int64
	together(crowd, func(int) {
		_, fresh, err := b.Suspensions.OpenSuspension(t.Context(), taskID, payload)
		if err != nil {
			t.Error(err)
		}
		if fresh {
			opened.Add(1)
		}
	})
	if opened.Load() != 1 || len(b.history(t, taskID)) != 2 {
		t.Fatalf("%d openings, %d events", opened.Load(), len(b.history(t, taskID)))
	}
}

func openNotRunning(t *testing.T, b *bench) {
	taskID := b.accepted(t).TaskID
	_, _, err := b.Suspensions.OpenSuspension(t.Context(), taskID, b.suspension("s", 0))
	refused(t, err, model.ErrorCodeInvalidTaskState)
	_, _, err = b.Suspensions.OpenSuspension(t.Context(), "nobody", b.suspension("s", 0))
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Suspensions.GetSuspension(t.Context(), taskID, "s")
	refused(t, err, model.ErrorCodeTaskNotFound)
}

// stands checks a suspension's status and when it was closed.
func (b *bench) stands(t *testing.T, taskID, suspendID string, want port.TaskSuspensionStatus, closedAt *time.Time) {
	t.Helper()
	got, err := b.Suspensions.GetSuspension(t.Context(), taskID, suspendID)
	must(t, err)
	if diff := cmp.Diff(closedAt, got.ClosedAt); got.Status != want || diff != "" {
		t.Fatalf("%s is %s, want %s; closedAt (-want +got):\n%s", suspendID, got.Status, want, diff)
	}
}

func expiresByClock(t *testing.T, b *bench) {
	taskID := b.running(t)
	deadline := b.suspend(t, taskID, "s", time.Minute).Payload.ExpiresAt
	b.clock.advance(time.Minute - time.Millisecond)
	b.stands(t, taskID, "s", port.TaskSuspensionStatusOpen, nil)
	b.clock.advance(time.Millisecond)
	b.stands(t, taskID, "s", port.TaskSuspensionStatusExpired, deadline)
	open, err := b.Suspensions.ListOpenSuspensions(t.Context(), []string{taskID})
	must(t, err)
	if len(open) != 0 {
		t.Fatalf("an expired suspension is listed as open: %+v", open)
	}
	b.clock.advance(time.Hour)
	b.complete(t, taskID)
	b.stands(t, taskID, "s", port.TaskSuspensionStatusExpired, deadline)
}

func sweeps(t *testing.T, b *bench) {
	one, two := b.running(t), b.running(t)
	deadline := b.suspend(t, one, "due", time.Minute).Payload.ExpiresAt
	b.suspend(t, one, "later", time.Hour)
	b.suspend(t, two, "never", 0)
	b.suspend(t, two, "due", time.Minute)
	b.suspend(t, two, "answered", time.Minute)
	b.act(t, action(two, "answered", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	b.clock.advance(time.Minute)
	for _, want := range []int{2, 0} {
		expired, err := b.Suspensions.ExpireOpenSuspensions(t.Context(), b.clock.Now())
		must(t, err)
		if expired != want {
			t.Fatalf("%d expired, want %d", expired, want)
		}
	}
	b.stands(t, one, "due", port.TaskSuspensionStatusExpired, deadline)
	b.stands(t, one, "later", port.TaskSuspensionStatusOpen, nil)
	b.stands(t, two, "never", port.TaskSuspensionStatusOpen, nil)
	if len(b.history(t, one)) != 3 {
		t.Fatal("the sweeper wrote an event")
	}
}

func closedByEnd(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "open", time.Hour)
	b.suspend(t, taskID, "answered", 0)
	b.act(t, action(taskID, "answered", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	answered := b.clock.Now()
	b.clock.advance(time.Second)
	b.complete(t, taskID)
	ended := b.clock.Now()
	b.stands(t, taskID, "open", port.TaskSuspensionStatusCancelled, &ended)
	b.stands(t, taskID, "answered", port.TaskSuspensionStatusResolved, &answered)
	b.clock.advance(2 * time.Hour)
	b.stands(t, taskID, "open", port.TaskSuspensionStatusCancelled, &ended)
	b.act(t, action(taskID, "open", "b", "yes", `{}`), model.SubmitActionResultStatusRejectedAlreadyResolved)
}

func listsOpen(t *testing.T, b *bench) {
	one, two := b.running(t), b.running(t)
	for i := range 3 {
		b.suspend(t, one, fmt.Sprintf("s%d", 9-i), 0)
		b.suspend(t, two, fmt.Sprintf("t%d", 9-i), 0)
	}
	b.act(t, action(one, "s8", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	open, err := b.Suspensions.ListOpenSuspensions(t.Context(), []string{two, "nobody", one})
	must(t, err)
	var got []string
	for _, each := range open {
		got = append(got, each.Payload.SuspendID)
	}
	if diff := cmp.Diff([]string{"t9", "t8", "t7", "s9", "s7"}, got); diff != "" {
		t.Fatal(diff)
	}
}

func unknownSuspension(t *testing.T, b *bench) {
	taskID := b.running(t)
	for _, id := range []string{taskID, "nobody"} {
		_, err := b.Suspensions.GetSuspension(t.Context(), id, "s")
		refused(t, err, model.ErrorCodeTaskNotFound)
		_, _, err = b.Suspensions.AcceptActionIfOpen(t.Context(), action(id, "s", "a", "yes", `{}`))
		refused(t, err, model.ErrorCodeTaskNotFound)
		_, err = b.Suspensions.MarkResumeDispatched(t.Context(), id, "s")
		refused(t, err, model.ErrorCodeTaskNotFound)
		_, err = b.Suspensions.PostponeResume(t.Context(), id, "s", b.clock.Now())
		refused(t, err, model.ErrorCodeTaskNotFound)
	}
}
