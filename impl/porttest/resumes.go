package porttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var resumeChecks = []check{
	{"lists accepted actions until they are dispatched", listsPending},
	{"postponed hand-offs wait their time", postpones},
	{"marking is idempotent and needs an action", marks},
	{"a task's end leaves its hand-offs", pendingAfterEnd},
}

// answered gives tasks whose suspension "s" is resolved, in the order of resolution.
func (b *bench) answered(t *testing.T, n int) (ids []string) {
	t.Helper()
	for i := range n {
		taskID := b.running(t)
		b.suspend(t, taskID, "s", time.Hour)
		b.clock.advance(time.Millisecond)
		b.act(t, action(taskID, "s", fmt.Sprintf("a%d", i), "yes", `{}`), model.SubmitActionResultStatusAccepted)
		ids = append(ids, taskID)
	}
	return ids
}

func (b *bench) pending(t *testing.T, limit int) (ids []string) {
	t.Helper()
	pending, err := b.Suspensions.ListPendingResumeHandoffs(t.Context(), b.clock.Now(), limit)
	must(t, err)
	for _, each := range pending {
		if each.ResumeHandoff != port.ResumeHandoffStatusPending || each.Action == nil || each.Payload.SuspendID != "s" {
			t.Fatalf("listed %+v", each)
		}
		ids = append(ids, each.TaskID)
	}
	return ids
}

func listsPending(t *testing.T, b *bench) {
	b.suspend(t, b.running(t), "s", 0)
	ids := b.answered(t, 4)
	if diff := cmp.Diff(ids, b.pending(t, 10)) + cmp.Diff(ids[:2], b.pending(t, 2)); diff != "" {
		t.Fatal(diff)
	}
	for i, taskID := range ids {
		marked, err := b.Suspensions.MarkResumeDispatched(t.Context(), taskID, "s")
		must(t, err)
		if marked.ResumeHandoff != port.ResumeHandoffStatusDispatched || len(b.pending(t, 10)) != 3-i {
			t.Fatalf("%s, %d are pending", marked.ResumeHandoff, len(b.pending(t, 10)))
		}
	}
}

func postpones(t *testing.T, b *bench) {
	ids := b.answered(t, 2)
	put, err := b.Suspensions.PostponeResume(t.Context(), ids[0], "s", b.clock.Now().Add(time.Minute))
	must(t, err)
	if put.ResumeAttempts != 1 || put.ResumeAfter == nil || put.ResumeHandoff != port.ResumeHandoffStatusPending {
		t.Fatalf("postponed = %+v", put)
	}
	if diff := cmp.Diff(ids[1:], b.pending(t, 10)); diff != "" {
		t.Fatal(diff)
	}
	b.clock.advance(time.Minute)
	if diff := cmp.Diff(ids, b.pending(t, 10)); diff != "" {
		t.Fatal(diff)
	}
	_, err = b.Suspensions.MarkResumeDispatched(t.Context(), ids[0], "s")
	must(t, err)
	put, err = b.Suspensions.PostponeResume(t.Context(), ids[0], "s", b.clock.Now().Add(time.Minute))
	must(t, err)
	if put.ResumeAttempts != 1 || put.ResumeHandoff != port.ResumeHandoffStatusDispatched {
		t.Fatalf("a dispatched hand-off was postponed: %+v", put)
	}
}

func marks(t *testing.T, b *bench) {
	taskID := b.answered(t, 1)[0]
	for range 2 {
		marked, err := b.Suspensions.MarkResumeDispatched(t.Context(), taskID, "s")
		must(t, err)
		if marked.ResumeHandoff != port.ResumeHandoffStatusDispatched {
			t.Fatalf("marked = %+v", marked)
		}
	}
	b.suspend(t, taskID, "open", 0)
	_, err := b.Suspensions.MarkResumeDispatched(t.Context(), taskID, "open")
	refused(t, err, model.ErrorCodeInvalidTaskState)
}

func pendingAfterEnd(t *testing.T, b *bench) {
	taskID := b.answered(t, 1)[0]
	b.complete(t, taskID)
	if diff := cmp.Diff([]string{taskID}, b.pending(t, 10)); diff != "" {
		t.Fatal(diff)
	}
}
