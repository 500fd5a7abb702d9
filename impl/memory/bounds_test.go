package memory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/rules"
)

func create(t *testing.T, store *memory.Store, name string, inputBytes int) (taskID string, err error) {
	t.Helper()
	task, _, err := store.CreateTask(t.Context(), port.TaskRecord{
		TaskID: rules.TaskID("o", name), OwnerID: "o", ClientRequestID: name,
		Input: json.RawMessage(`{"x":"` + strings.Repeat("x", inputBytes) + `"}`),
	})
	return task.TaskID, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, store *memory.Store, taskID string, status model.TaskStatus) {
	t.Helper()
	_, _, err := store.UpdateTaskStatus(t.Context(), taskID, status, nil)
	must(t, err)
}

func TestFinishedTasksMakeRoom(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{MaxBytes: 100_000})
	defer store.Close()
	var ids []string
	for i := range 500 {
		taskID, err := create(t, store, fmt.Sprint(i), 10_000)
		must(t, err)
		move(t, store, taskID, model.TaskStatusFailed)
		ids = append(ids, taskID)
	}
	if _, err := store.GetTask(t.Context(), ids[0]); !errors.Is(err, model.ErrTaskNotFound) {
		t.Fatalf("the first task is still there: %v", err)
	}
	_, err := store.GetTask(t.Context(), ids[499])
	must(t, err)
	page, err := store.ListTasks(t.Context(), port.TaskQuery{OwnerID: "o", Limit: 1000})
	if err != nil || len(page.Tasks) < 5 || len(page.Tasks) > 10 {
		t.Fatalf("%d tasks are left, error %v", len(page.Tasks), err)
	}
}

func TestAFullStoreRefusesTasksAndKeepsThoseThatRun(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{MaxBytes: 100_000})
	defer store.Close()
	var ids []string
	for {
		taskID, err := create(t, store, fmt.Sprint(len(ids)), 10_000)
		if err != nil {
			if !errors.Is(err, model.ErrTaskbridgeError) {
				t.Fatal(err)
			}
			break
		}
		move(t, store, taskID, model.TaskStatusRunning)
		ids = append(ids, taskID)
	}
	if len(ids) < 5 {
		t.Fatalf("the store was full after %d tasks", len(ids))
	}
	message := json.RawMessage(`{"message":"` + strings.Repeat("x", 5000) + `"}`)
	for range 100 {
		_, err := store.AppendEvent(t.Context(), ids[0], port.EventDraft{Type: "TASK_MESSAGE", Payload: message})
		must(t, err)
	}
	move(t, store, ids[0], model.TaskStatusCompleted)
	page, err := store.ReadEventsAfter(t.Context(), ids[0], "", 1000)
	must(t, err)
	last := page.Events[len(page.Events)-1]
	if page.Gap == nil || page.Gap.Reason != model.GapReasonTrimmed || last.Type != "TASK_COMPLETED" || len(page.Events) > 20 {
		t.Fatalf("gap %+v, %d events, the last %s", page.Gap, len(page.Events), last.Type)
	}
	if _, err = create(t, store, "again", 10_000); err != nil {
		t.Fatalf("a finished task makes no room: %v", err)
	}
	_, err = store.GetTask(t.Context(), ids[1])
	must(t, err)
}

func TestBytesAreCountedBack(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{MaxEvents: 3})
	defer store.Close()
	for i := range 10 {
		taskID, err := create(t, store, fmt.Sprint(i), 100)
		must(t, err)
		move(t, store, taskID, model.TaskStatusRunning)
		_, _, err = store.OpenSuspension(t.Context(), taskID, model.TaskSuspendedPayload{SuspendID: "s", AllowedActions: []string{"a"}})
		must(t, err)
		_, _, err = store.AcceptActionIfOpen(t.Context(), port.TaskActionReceipt{TaskID: taskID, SuspendID: "s", ClientActionID: "c", ActionType: "a"})
		must(t, err)
		for range 10 {
			_, err = store.AppendEvent(t.Context(), taskID, port.EventDraft{Type: "TASK_PROGRESS"})
			must(t, err)
		}
		move(t, store, taskID, model.TaskStatusCompleted)
	}
	deleted, err := store.DeleteFinishedTasks(t.Context(), time.Now().Add(time.Hour))
	must(t, err)
	report, err := store.CheckReadiness(t.Context())
	if deleted != 10 || err != nil || string(report.Details) != `{"tasks":0,"bytes":0}` {
		t.Fatalf("%d deleted, left %s, error %v", deleted, report.Details, err)
	}
}
