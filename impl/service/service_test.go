package service_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/service"
)

func TestForeignAndUnknownTasksAreAlike(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	taskID := b.suspended(t, "r")
	bob := caller("bob")
	for name, call := range map[string]func(taskID string) error{
		"get":    func(id string) error { _, err := b.Query.GetTask(t.Context(), bob, id); return err },
		"stream": func(id string) error { _, err := b.Subscription.PrepareSubscription(t.Context(), bob, id); return err },
		"cancel": func(id string) error {
			_, err := b.Cancellation.CancelTask(t.Context(), port.CancelTaskCommand{Auth: bob, TaskID: id})
			return err
		},
		"act": func(id string) error {
			foreign := act(id, "a")
			foreign.Auth = bob
			_, err := b.Action.SubmitAction(t.Context(), foreign)
			return err
		},
	} {
		foreign := refused(t, call(taskID), model.ErrorCodeTaskNotFound)
		unknown := refused(t, call("nobody"), model.ErrorCodeTaskNotFound)
		if foreign.Message != unknown.Message || len(foreign.Details)+len(unknown.Details) > 0 || foreign.Cause != nil {
			t.Fatalf("%s tells a foreign task from an unknown one: %+v, %+v", name, foreign, unknown)
		}
	}
	if task, err := b.store.GetTask(t.Context(), taskID); err != nil || task.CancellationRequested || len(b.executor.cancelled) > 0 {
		t.Fatalf("a stranger cancelled the task: %+v, %v", task, err)
	}
	unknown := act(taskID, "a")
	unknown.SuspendID = "other"
	_, err := b.Action.SubmitAction(t.Context(), unknown)
	refused(t, err, model.ErrorCodeTaskNotFound)
}

func TestGetTask(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	fresh, err := b.Query.GetTask(t.Context(), caller("ann"), b.create(t, "fresh"))
	must(t, err)
	if fresh.OpenSuspensions == nil || len(fresh.OpenSuspensions) != 0 || fresh.LastEventID != nil || string(fresh.Metadata) != "{}" {
		t.Fatalf("task = %+v", fresh)
	}
	taskID := b.suspended(t, "r")
	task, err := b.Query.GetTask(t.Context(), caller("ann"), taskID)
	must(t, err)
	if task.Status != model.TaskStatusRunning || len(task.OpenSuspensions) != 1 || task.OpenSuspensions[0].SuspendID != "s" || task.LastEventID == nil {
		t.Fatalf("task = %+v", task)
	}
	b.move(t, taskID, model.TaskStatusFailed)
	task, err = b.Query.GetTask(t.Context(), caller("ann"), taskID)
	must(t, err)
	if task.Status != model.TaskStatusFailed || len(task.OpenSuspensions) != 0 {
		t.Fatalf("task = %+v", task)
	}
}

func TestListTasks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	var want []string
	for i := range 5 {
		want = append(want, b.create(t, fmt.Sprint(i)))
	}
	slices.Reverse(want)
	list := port.TaskListCommand{Auth: caller("ann"), Limit: 2}
	var got []string
	for {
		page, err := b.Query.ListTasks(t.Context(), list)
		must(t, err)
		for _, each := range page.Tasks {
			got = append(got, each.TaskID)
		}
		if list.PageToken = page.NextPageToken; list.PageToken == nil {
			break
		}
		b.create(t, "between "+*page.NextPageToken)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	empty, err := b.Query.ListTasks(t.Context(), port.TaskListCommand{Auth: caller("bob"), Limit: 2})
	if err != nil || empty.Tasks == nil || len(empty.Tasks) != 0 {
		t.Fatalf("list = %+v, error %v", empty, err)
	}
}

func TestPageTokensBelongToTheirList(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i := range 3 {
		b.create(t, fmt.Sprint(i))
	}
	page, err := b.Query.ListTasks(t.Context(), port.TaskListCommand{Auth: caller("ann"), Limit: 1})
	must(t, err)
	token := page.NextPageToken
	for name, list := range map[string]port.TaskListCommand{
		"another status": {Auth: caller("ann"), Status: new(model.TaskStatusAccepted), PageToken: token},
		"another type":   {Auth: caller("ann"), TaskType: new("work"), PageToken: token},
		"another caller": {Auth: caller("bob"), PageToken: token},
		"no token":       {Auth: caller("ann"), PageToken: new("nonsense")},
		"an empty token": {Auth: caller("ann"), PageToken: new("")},
		"a longer token": {Auth: caller("ann"), PageToken: new(*token + "AAAA")},
		"line breaks":    {Auth: caller("ann"), PageToken: new(*token + "\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list.Limit = 1
			_, err := b.Query.ListTasks(t.Context(), list)
			refused(t, err, model.ErrorCodeInvalidRequest)
		})
	}
	if _, err := b.Query.ListTasks(t.Context(), port.TaskListCommand{Auth: caller("ann"), Limit: 2, PageToken: token}); err != nil {
		t.Fatalf("another limit is no other list: %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	taskID := b.create(t, "r")
	for _, reason := range []string{"", "enough", "more"} {
		result, err := b.Cancellation.CancelTask(t.Context(), port.CancelTaskCommand{Auth: caller("ann"), TaskID: taskID, Reason: &reason})
		must(t, err)
		if result.Status != model.CancelTaskStatusCancellationRequested || result.TaskID != taskID {
			t.Fatalf("result = %+v", result)
		}
	}
	task, err := b.store.GetTask(t.Context(), taskID)
	must(t, err)
	if !task.CancellationRequested || task.CancellationReason != nil || len(b.executor.cancelled) != 3 {
		t.Fatalf("task = %+v, cancelled %v", task, b.executor.cancelled)
	}
	b.move(t, taskID, model.TaskStatusCancelled)
	result, err := b.Cancellation.CancelTask(t.Context(), port.CancelTaskCommand{Auth: caller("ann"), TaskID: taskID})
	must(t, err)
	if result.Status != model.CancelTaskStatusAlreadyTerminal || len(b.executor.cancelled) != 3 {
		t.Fatalf("result = %+v, cancelled %v", result, b.executor.cancelled)
	}
}

func TestActionIsHandedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(parts *service.Parts) { parts.ReceiptLifetime = time.Hour })
	taskID := b.suspended(t, "r")
	for i, want := range []model.SubmitActionResultStatus{
		model.SubmitActionResultStatusAccepted, model.SubmitActionResultStatusDeduplicated, model.SubmitActionResultStatusRejectedAlreadyResolved,
	} {
		result, err := b.Action.SubmitAction(t.Context(), act(taskID, fmt.Sprint(i/2)))
		must(t, err)
		if result.Status != want || result.SuspendID != "s" || result.TaskID != taskID {
			t.Fatalf("result = %+v, want %s", result, want)
		}
	}
	suspension, err := b.store.GetSuspension(t.Context(), taskID, "s")
	must(t, err)
	if suspension.ResumeHandoff != port.ResumeHandoffStatusDispatched || !slices.Equal(b.executor.resumed, []string{taskID + " yes"}) {
		t.Fatalf("%s, resumed %v", suspension.ResumeHandoff, b.executor.resumed)
	}
	if expiry := suspension.Action.ExpiresAt; expiry == nil || !expiry.Equal(b.now().Add(time.Hour)) || suspension.Action.ActorID != "ann" {
		t.Fatalf("receipt = %+v", suspension.Action)
	}
	if b.metrics.counts["actions_totalACCEPTED"] != 1 || b.metrics.counts["actions_accepted_total"] != 1 || b.metrics.counts["actions_totalDEDUPLICATED"] != 1 {
		t.Fatalf("counts = %v", b.metrics.counts)
	}
}

func TestReconciliation(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	taskID := b.suspended(t, "r")
	b.executor.deaf = errBroken
	result, err := b.Action.SubmitAction(t.Context(), act(taskID, "a"))
	must(t, err)
	if result.Status != model.SubmitActionResultStatusAccepted || b.metrics.counts["actions_resume_pending_total"] != 1 {
		t.Fatalf("result = %+v, counts %v", result, b.metrics.counts)
	}
	reconcile := func(want, attempts int) {
		t.Helper()
		reconciled, err := b.Reconciliation.ReconcilePendingResumes(t.Context())
		must(t, err)
		if reconciled != want || len(b.executor.resumed) != attempts {
			t.Fatalf("reconciled %d, want %d; %d attempts, want %d", reconciled, want, len(b.executor.resumed), attempts)
		}
	}
	reconcile(0, 2)
	reconcile(0, 2) // put off by a second
	b.advance(time.Second)
	reconcile(0, 3)
	b.advance(time.Second)
	reconcile(0, 3) // put off by two
	b.advance(time.Second)
	b.executor.deaf = nil
	reconcile(1, 4)
	b.advance(time.Hour)
	reconcile(0, 4)
}

func TestEndedTasksNeedNoHandOff(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	taskID := b.suspended(t, "r")
	b.executor.deaf = errBroken
	_, err := b.Action.SubmitAction(t.Context(), act(taskID, "a"))
	must(t, err)
	b.move(t, taskID, model.TaskStatusFailed)
	reconciled, err := b.Reconciliation.ReconcilePendingResumes(t.Context())
	if err != nil || reconciled != 1 || len(b.executor.resumed) != 1 {
		t.Fatalf("reconciled %d, resumed %v, error %v", reconciled, b.executor.resumed, err)
	}
}

func TestReconciliationTakesManyAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.executor.deaf = errBroken
	for i := range 250 {
		_, err := b.Action.SubmitAction(t.Context(), act(b.suspended(t, fmt.Sprint(i)), "a"))
		must(t, err)
	}
	b.executor.deaf = nil
	if reconciled, err := b.Reconciliation.ReconcilePendingResumes(t.Context()); reconciled != 250 || err != nil {
		t.Fatalf("reconciled %d, error %v", reconciled, err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(parts *service.Parts) { parts.ReceiptLifetime = time.Hour })
	answered, ended := b.suspended(t, "answered"), b.create(t, "ended")
	_, err := b.Action.SubmitAction(t.Context(), act(answered, "a"))
	must(t, err)
	_, _, err = b.store.OpenSuspension(t.Context(), answered, model.TaskSuspendedPayload{SuspendID: "short", ExpiresAt: new(b.now().Add(time.Minute))})
	must(t, err)
	b.move(t, ended, model.TaskStatusFailed)
	for _, step := range []struct {
		after time.Duration
		want  port.RetentionCounts
	}{
		{0, port.RetentionCounts{}},
		{2 * time.Minute, port.RetentionCounts{ExpiredSuspensions: 1}},
		{time.Hour, port.RetentionCounts{ExpiredReceipts: 1}},
		{24 * time.Hour, port.RetentionCounts{ExpiredTasks: 1}},
		{24 * time.Hour, port.RetentionCounts{}},
	} {
		b.advance(step.after)
		counts, err := b.Retention.PruneExpiredState(t.Context(), b.now())
		if err != nil || counts != step.want {
			t.Fatalf("after %s: %+v, want %+v, error %v", step.after, counts, step.want, err)
		}
	}
}
