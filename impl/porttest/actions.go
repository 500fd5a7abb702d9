package porttest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var actionChecks = []check{
	{"accepting writes suspension, receipt and event", acceptWrites},
	{"the same action again is a duplicate, another under its key a conflict", acceptAgain},
	{"judges in order", acceptOrder},
	{"a refused action leaves nothing and does not use up its key", refusedLeavesNothing},
	{"of many simultaneous actions one is accepted", acceptOnce},
	{"of one action many times at once one is accepted", acceptRepeated},
	{"an action and the end at once agree", acceptAgainstEnd},
}

func acceptWrites(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "s", time.Minute)
	b.clock.advance(time.Second)
	given := action(taskID, "s", "a", "yes", `{"n":12345678901234567890.5}`)
	given.ExpiresAt = new(b.clock.Now().Add(time.Hour))
	given.Status, given.CreatedAt = port.TaskActionReceiptStatusRejected, time.Unix(1, 0)
	want := given
	want.Status, want.CreatedAt = port.TaskActionReceiptStatusAccepted, b.clock.Now()

	suspension := b.act(t, given, model.SubmitActionResultStatusAccepted)
	if suspension.Status != port.TaskSuspensionStatusResolved || suspension.ResumeHandoff != port.ResumeHandoffStatusPending {
		t.Fatalf("suspension = %+v", suspension)
	}
	receipt, err := b.Receipts.GetReceipt(t.Context(), taskID, "a")
	must(t, err)
	if diff := cmp.Diff(&want, receipt) + cmp.Diff(&want, suspension.Action); diff != "" {
		t.Fatalf("receipt (-want +got):\n%s", diff)
	}
	events := b.history(t, taskID)
	var envelope struct {
		Type    string
		Payload model.TaskActionAcceptedPayload
	}
	must(t, json.Unmarshal(events[len(events)-1].Data, &envelope))
	wantPayload := model.TaskActionAcceptedPayload{SuspendID: "s", ClientActionID: "a", ActionType: "yes", AcceptedAt: b.clock.Now()}
	if diff := cmp.Diff(wantPayload, envelope.Payload); diff != "" || envelope.Type != "TASK_ACTION_ACCEPTED" {
		t.Fatalf("event %s (-want +got):\n%s", envelope.Type, diff)
	}
	now := b.clock.Now()
	b.clock.advance(time.Hour)
	b.stands(t, taskID, "s", port.TaskSuspensionStatusResolved, &now)
}

func acceptAgain(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "s", time.Minute)
	b.suspend(t, taskID, "other", 0)
	b.act(t, action(taskID, "s", "a", "yes", `{"x":1,"y":[2]}`), model.SubmitActionResultStatusAccepted)
	repeat := action(taskID, "s", "a", "yes", `{ "y": [2.0], "x": 1e0 }`)
	repeat.Metadata = json.RawMessage(`{"other":true}`)
	b.act(t, repeat, model.SubmitActionResultStatusDeduplicated)
	for _, other := range []port.TaskActionReceipt{
		action(taskID, "s", "a", "no", `{"x":1,"y":[2]}`),
		action(taskID, "s", "a", "yes", `{"x":1,"y":[2],"z":null}`),
		action(taskID, "s", "a", "yes", `{}`),
		action(taskID, "other", "a", "yes", `{"x":1,"y":[2]}`),
		action(taskID, "s", "a", "unheard of", `{}`),
	} {
		_, _, err := b.Suspensions.AcceptActionIfOpen(t.Context(), other)
		refused(t, err, model.ErrorCodeIdempotencyConflict)
	}
	b.complete(t, taskID)
	b.clock.advance(time.Hour)
	b.act(t, repeat, model.SubmitActionResultStatusDeduplicated)
}

func acceptOrder(t *testing.T, b *bench) {
	taskID := b.running(t)
	for suspendID, expiresIn := range map[string]time.Duration{"answered": time.Minute, "expired": time.Minute, "open": 0} {
		b.suspend(t, taskID, suspendID, expiresIn)
	}
	b.act(t, action(taskID, "answered", "a", "yes", `{}`), model.SubmitActionResultStatusAccepted)
	b.clock.advance(time.Minute)

	// An unknown suspension comes before the receipt.
	_, _, err := b.Suspensions.AcceptActionIfOpen(t.Context(), action(taskID, "unknown", "a", "yes", `{}`))
	refused(t, err, model.ErrorCodeTaskNotFound)
	// The receipt comes before what is allowed, and before the state.
	b.act(t, action(taskID, "answered", "a", "yes", `{}`), model.SubmitActionResultStatusDeduplicated)
	// What is allowed comes before the state.
	for _, suspendID := range []string{"expired", "answered", "open"} {
		_, _, err = b.Suspensions.AcceptActionIfOpen(t.Context(), action(taskID, suspendID, "b", "maybe", `{}`))
		refused(t, err, model.ErrorCodeIdempotencyConflict)
	}
	// A suspension that was answered in time does not expire any more.
	b.act(t, action(taskID, "answered", "b", "yes", `{}`), model.SubmitActionResultStatusRejectedAlreadyResolved)
	if got := b.act(t, action(taskID, "expired", "b", "yes", `{}`), model.SubmitActionResultStatusRejectedExpired); got.Status != port.TaskSuspensionStatusExpired {
		t.Fatalf("status = %s", got.Status)
	}
	// What has expired stays so when its task ends; what is closed by the end is resolved.
	b.complete(t, taskID)
	b.act(t, action(taskID, "expired", "b", "yes", `{}`), model.SubmitActionResultStatusRejectedExpired)
	b.act(t, action(taskID, "open", "b", "yes", `{}`), model.SubmitActionResultStatusRejectedAlreadyResolved)
}

func refusedLeavesNothing(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "short", time.Second)
	b.suspend(t, taskID, "long", time.Hour)
	b.clock.advance(time.Second)
	before := len(b.history(t, taskID))
	b.act(t, action(taskID, "short", "key", "yes", `{}`), model.SubmitActionResultStatusRejectedExpired)
	_, _, err := b.Suspensions.AcceptActionIfOpen(t.Context(), action(taskID, "long", "key", "maybe", `{}`))
	refused(t, err, model.ErrorCodeIdempotencyConflict)
	receipt, err := b.Receipts.GetReceipt(t.Context(), taskID, "key")
	must(t, err)
	if receipt != nil || len(b.history(t, taskID)) != before {
		t.Fatalf("a refused action left %+v and %d events", receipt, len(b.history(t, taskID))-before)
	}
	b.act(t, action(taskID, "long", "key", "no", `{}`), model.SubmitActionResultStatusAccepted)
}

// race submits actions at once and counts their outcomes.
func (b *bench) race(t *testing.T, n int, submitted func(i int) port.TaskActionReceipt) map[model.SubmitActionResultStatus]int {
	t.Helper()
	var mu sync.Mutex
	outcomes := map[model.SubmitActionResultStatus]int{}
	together(n, func(i int) {
		outcome, _, err := b.Suspensions.AcceptActionIfOpen(t.Context(), submitted(i))
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		outcomes[outcome]++
	})
	return outcomes
}

func acceptOnce(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "s", time.Minute)
	outcomes := b.race(t, crowd, func(i int) port.TaskActionReceipt {
		return action(taskID, "s", fmt.Sprintf("a%d", i), []string{"yes", "no"}[i%2], `{}`)
	})
	want := map[model.SubmitActionResultStatus]int{
		model.SubmitActionResultStatusAccepted: 1, model.SubmitActionResultStatusRejectedAlreadyResolved: crowd - 1,
	}
	if diff := cmp.Diff(want, outcomes); diff != "" || len(b.history(t, taskID)) != 3 {
		t.Fatalf("%d events, outcomes (-want +got):\n%s", len(b.history(t, taskID)), diff)
	}
}

func acceptRepeated(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "s", time.Minute)
	outcomes := b.race(t, crowd, func(int) port.TaskActionReceipt { return action(taskID, "s", "a", "yes", `{}`) })
	want := map[model.SubmitActionResultStatus]int{
		model.SubmitActionResultStatusAccepted: 1, model.SubmitActionResultStatusDeduplicated: crowd - 1,
	}
	if diff := cmp.Diff(want, outcomes); diff != "" || len(b.history(t, taskID)) != 3 {
		t.Fatalf("%d events, outcomes (-want +got):\n%s", len(b.history(t, taskID)), diff)
	}
}

func acceptAgainstEnd(t *testing.T, b *bench) {
	for range 50 {
		taskID := b.running(t)
		b.suspend(t, taskID, "s", time.Minute)
		var outcome model.SubmitActionResultStatus
		together(2, func(i int) {
			var err error
			if i == 0 {
				_, _, err = b.Tasks.UpdateTaskStatus(t.Context(), taskID, model.TaskStatusCancelled, json.RawMessage(`{"reason":"r"}`))
			} else {
				outcome, _, err = b.Suspensions.AcceptActionIfOpen(t.Context(), action(taskID, "s", "a", "yes", `{}`))
			}
			if err != nil {
				t.Error(err)
			}
		})
		events := b.history(t, taskID)
		accepted := outcome == model.SubmitActionResultStatusAccepted
		if events[len(events)-1].Type != "TASK_CANCELLED" || accepted != (len(events) == 4) {
			t.Fatalf("outcome %s, events %+v", outcome, events)
		}
	}
}
