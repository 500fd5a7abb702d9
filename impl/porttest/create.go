package porttest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

const crowd = 200

var createChecks = []check{
	{"stores the task as given and stamps it", storesTask},
	{"finds the task by either key", findsTask},
	{"one of many simultaneous creates stores", createOnce},
	{"one of many conflicting creates stores, and the others see it", createConflicting},
	{"keys of different owners do not collide", ownersApart},
	{"an id of another key is a conflict", foreignID},
	{"attachments keep their order and bytes", keepsAttachments},
	{"unknown tasks are not found", unknownTask},
	{"a cancelled context stores nothing", cancelledCreate},
}

func storesTask(t *testing.T, b *bench) {
	given := b.record()
	given.Status = model.TaskStatusCompleted
	given.CancellationRequested = true
	given.CancellationReason = new("because")
	given.LastEventID = new("9-9")
	given.CreatedAt = time.Unix(1, 0)
	want := given
	want.Status = model.TaskStatusAccepted
	want.CancellationRequested, want.CancellationReason, want.LastEventID = false, nil, nil
	want.CreatedAt, want.UpdatedAt = b.clock.Now(), b.clock.Now()

	stored, created, err := b.Tasks.CreateTask(t.Context(), given)
	must(t, err)
	if diff := cmp.Diff(want, stored); !created || diff != "" {
		t.Fatalf("created = %v, stored (-want +got):\n%s", created, diff)
	}
	if events := b.history(t, given.TaskID); len(events) != 0 {
		t.Fatalf("a new task has %d events", len(events))
	}
}

func findsTask(t *testing.T, b *bench) {
	stored := b.accepted(t)
	byID, err := b.Tasks.GetTask(t.Context(), stored.TaskID)
	must(t, err)
	byKey, err := b.Tasks.GetTaskByClientRequestID(t.Context(), stored.OwnerID, stored.ClientRequestID)
	must(t, err)
	if diff := cmp.Diff(stored, byID) + cmp.Diff(stored, byKey); diff != "" {
		t.Fatalf("found another task than stored:\n%s", diff)
	}
}

func createOnce(t *testing.T, b *bench) {
	given := b.record()
	var created atomic.Int64
	ids := make([]string, crowd)
	together(crowd, func(i int) {
		stored, fresh, err := b.Tasks.CreateTask(t.Context(), given)
		if err != nil {
			t.Error(err)
		}
		if fresh {
			created.Add(1)
		}
		ids[i] = stored.TaskID
	})
	if created.Load() != 1 || len(slices.Compact(ids)) != 1 {
		t.Fatalf("%d creates stored, ids %v", created.Load(), slices.Compact(ids))
	}
}

func createConflicting(t *testing.T, b *bench) {
	given := b.record()
	winners := make(chan string, crowd)
	inputs := make([]string, crowd)
	together(crowd, func(i int) {
		mine := given
		mine.Input = json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))
		stored, fresh, err := b.Tasks.CreateTask(t.Context(), mine)
		if err != nil {
			t.Error(err)
		}
		if fresh {
			winners <- string(mine.Input)
		}
		inputs[i] = string(stored.Input)
	})
	if len(winners) != 1 {
		t.Fatalf("%d creates stored", len(winners))
	}
	if winner := <-winners; slices.ContainsFunc(inputs, func(input string) bool { return input != winner }) {
		t.Fatalf("not every caller got the stored input %s: %v", winner, inputs)
	}
}

func ownersApart(t *testing.T, b *bench) {
	for _, ownerID := range []string{"a", "b"} {
		stored, created, err := b.Tasks.CreateTask(t.Context(), record(ownerID, "same"))
		must(t, err)
		if !created || stored.OwnerID != ownerID {
			t.Fatalf("created = %v for owner %s, got owner %s", created, ownerID, stored.OwnerID)
		}
	}
	_, err := b.Tasks.GetTaskByClientRequestID(t.Context(), "c", "same")
	refused(t, err, model.ErrorCodeTaskNotFound)
}

func foreignID(t *testing.T, b *bench) {
	first := b.accepted(t)
	second := b.record()
	second.TaskID = first.TaskID
	_, _, err := b.Tasks.CreateTask(t.Context(), second)
	refused(t, err, model.ErrorCodeTaskConflict)
}

func keepsAttachments(t *testing.T, b *bench) {
	given := b.record()
	given.Attachments = []port.TaskAttachment{
		{Name: "b.bin", ContentType: "application/octet-stream", Size: 3, Digest: "x", Content: []byte{0, 255, 10}},
		{Name: "a.txt", ContentType: "text/plain", Size: 0, Digest: "y", Content: []byte{}},
	}
	stored, _, err := b.Tasks.CreateTask(t.Context(), given)
	must(t, err)
	for i, want := range given.Attachments {
		got, err := b.Tasks.ReadAttachment(t.Context(), given.TaskID, i)
		must(t, err)
		if got.Name != want.Name || string(got.Content) != string(want.Content) {
			t.Fatalf("attachment %d = %+v, want %+v", i, got, want)
		}
		if stored.Attachments[i].Content != nil || stored.Attachments[i].Name != want.Name {
			t.Fatalf("attachment %d of the record = %+v", i, stored.Attachments[i])
		}
	}
	for _, index := range []int{-1, 2} {
		_, err = b.Tasks.ReadAttachment(t.Context(), given.TaskID, index)
		refused(t, err, model.ErrorCodeTaskNotFound)
	}
}

func unknownTask(t *testing.T, b *bench) {
	ctx := t.Context()
	_, err := b.Tasks.GetTask(ctx, "nobody")
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Tasks.GetTaskByClientRequestID(ctx, owner, "nobody")
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Tasks.ReadAttachment(ctx, "nobody", 0)
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, _, err = b.Tasks.UpdateTaskStatus(ctx, "nobody", model.TaskStatusRunning, nil)
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Tasks.RequestCancellation(ctx, "nobody", nil)
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Events.AppendEvent(ctx, "nobody", draft(`{}`))
	refused(t, err, model.ErrorCodeTaskNotFound)
	_, err = b.Events.ReadEventsAfter(ctx, "nobody", "", 1)
	refused(t, err, model.ErrorCodeTaskNotFound)
	refused(t, b.Events.WaitForEvents(ctx, "nobody", ""), model.ErrorCodeTaskNotFound)
}

func cancelledCreate(t *testing.T, b *bench) {
	given := b.record()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.Tasks.CreateTask(ctx, given); err == nil {
		t.Fatal("a create under an ended context succeeded")
	}
	_, err := b.Tasks.GetTask(t.Context(), given.TaskID)
	refused(t, err, model.ErrorCodeTaskNotFound)
}
