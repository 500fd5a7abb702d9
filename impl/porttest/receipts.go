package porttest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var receiptChecks = []check{
	{"saves a receipt as given, once", savesReceipt},
	{"of many simultaneous saves one wins", saveOnce},
	{"a saved receipt counts when an action is judged", savedReceiptCounts},
	{"there is none for unknown keys", unknownReceipt},
}

func (b *bench) receipt(taskID, clientActionID string) port.TaskActionReceipt {
	given := action(taskID, "s", clientActionID, "yes", `{"a":1}`)
	given.Status, given.CreatedAt = port.TaskActionReceiptStatusRejected, b.clock.Now()
	return given
}

func savesReceipt(t *testing.T, b *bench) {
	given := b.receipt(b.running(t), "a")
	other := given
	other.ActionType = "no"
	for i, each := range []port.TaskActionReceipt{given, other} {
		stored, created, err := b.Receipts.SaveReceipt(t.Context(), each)
		must(t, err)
		if diff := cmp.Diff(given, stored); created != (i == 0) || diff != "" {
			t.Fatalf("save %d: created = %v (-want +got):\n%s", i, created, diff)
		}
	}
	read, err := b.Receipts.GetReceipt(t.Context(), given.TaskID, "a")
	must(t, err)
	if diff := cmp.Diff(&given, read); diff != "" {
		t.Fatal(diff)
	}
}

func saveOnce(t *testing.T, b *bench) {
	given := b.receipt(b.running(t), "a")
	var created atomic.Int64
	types := make([]string, crowd)
	together(crowd, func(i int) {
		mine := given
		mine.ActionType = fmt.Sprint(i)
		stored, fresh, err := b.Receipts.SaveReceipt(t.Context(), mine)
		if err != nil {
			t.Error(err)
		}
		if fresh {
			created.Add(1)
		}
		types[i] = stored.ActionType
	})
	if created.Load() != 1 {
		t.Fatalf("%d saves won", created.Load())
	}
	for _, each := range types {
		if each != types[0] {
			t.Fatalf("callers got different receipts: %v", types)
		}
	}
}

func savedReceiptCounts(t *testing.T, b *bench) {
	taskID := b.running(t)
	b.suspend(t, taskID, "s", 0)
	_, _, err := b.Receipts.SaveReceipt(t.Context(), b.receipt(taskID, "a"))
	must(t, err)
	b.act(t, action(taskID, "s", "a", "yes", `{"a":1}`), model.SubmitActionResultStatusDeduplicated)
	b.act(t, action(taskID, "s", "b", "yes", `{"a":1}`), model.SubmitActionResultStatusAccepted)
}

func unknownReceipt(t *testing.T, b *bench) {
	for _, taskID := range []string{b.running(t), "nobody"} {
		receipt, err := b.Receipts.GetReceipt(t.Context(), taskID, "a")
		must(t, err)
		if receipt != nil {
			t.Fatalf("receipt = %+v", receipt)
		}
	}
	_, _, err := b.Receipts.SaveReceipt(t.Context(), b.receipt("nobody", "a"))
	refused(t, err, model.ErrorCodeTaskNotFound)
}

var retentionChecks = []check{
	{"expired receipts are deleted, others stay", deletesReceipts},
	{"finished tasks are deleted with all that is theirs", deletesTasks},
}

func deletesReceipts(t *testing.T, b *bench) {
	taskID := b.running(t)
	for clientActionID, lifetime := range map[string]time.Duration{"short": time.Minute, "long": time.Hour, "ever": 0} {
		given := b.receipt(taskID, clientActionID)
		if lifetime > 0 {
			given.ExpiresAt = new(b.clock.Now().Add(lifetime))
		}
		_, _, err := b.Receipts.SaveReceipt(t.Context(), given)
		must(t, err)
	}
	b.clock.advance(2 * time.Minute)
	for _, want := range []int{1, 0} {
		deleted, err := b.Receipts.DeleteExpiredReceipts(t.Context(), b.clock.Now())
		must(t, err)
		if deleted != want {
			t.Fatalf("%d deleted, want %d", deleted, want)
		}
	}
	for clientActionID, want := range map[string]bool{"short": false, "long": true, "ever": true} {
		receipt, err := b.Receipts.GetReceipt(t.Context(), taskID, clientActionID)
		must(t, err)
		if (receipt != nil) != want {
			t.Fatalf("receipt %s = %+v", clientActionID, receipt)
		}
	}
}

func deletesTasks(t *testing.T, b *bench) {
	old := b.answered(t, 1)[0]
	b.complete(t, old)
	oldRecord, err := b.Tasks.GetTask(t.Context(), old)
	must(t, err)
	b.clock.advance(time.Hour)
	recent, working, waiting := b.running(t), b.running(t), b.accepted(t).TaskID
	b.complete(t, recent)
	b.clock.advance(time.Hour)
	deleted, err := b.Tasks.DeleteFinishedTasks(t.Context(), b.clock.Now().Add(-90*time.Minute))
	must(t, err)
	if deleted == 0 {
		return // this store lets its medium expire them
	}
	if _, err = b.Tasks.GetTask(t.Context(), old); deleted != 1 || err == nil {
		t.Fatalf("%d deleted, error %v", deleted, err)
	}
	refused(t, b.Events.WaitForEvents(t.Context(), old, ""), model.ErrorCodeTaskNotFound)
	if receipt, err := b.Receipts.GetReceipt(t.Context(), old, "a0"); err != nil || receipt != nil || len(b.pending(t, 10)) != 0 {
		t.Fatalf("the task left a receipt or a hand-off: %+v, %v", receipt, err)
	}
	got, _ := b.pages(t, port.TaskQuery{OwnerID: owner, Limit: 2}, func() {})
	if diff := cmp.Diff([]string{waiting, working, recent}, got); diff != "" {
		t.Fatal(diff)
	}
	_, created, err := b.Tasks.CreateTask(t.Context(), oldRecord)
	must(t, err)
	if events := b.history(t, old); !created || len(events) != 0 {
		t.Fatalf("created = %v, %d events", created, len(events))
	}
}
