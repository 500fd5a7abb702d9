package porttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

const (
	owner     = "owner"
	maxEvents = 50
	// patience bounds what must happen, and is only ever spent when it does not.
	patience = 30 * time.Second
	// blink is how long a call that must not return is watched.
	blink = 30 * time.Millisecond
)

// bench is a store under test with its clock.
type bench struct {
	Stores
	clock *clock
	keys  atomic.Int64
}

func newBench(t *testing.T, factory Factory) *bench {
	t.Helper()
	clock := &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)}
	b := &bench{clock: clock}
	b.Stores = factory(t, Settings{Now: clock.Now, MaxEvents: maxEvents})
	t.Cleanup(b.Close)
	return b
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// record gives a task that no other test data collides with.
func (b *bench) record() port.TaskRecord {
	return record(owner, fmt.Sprintf("request-%d", b.keys.Add(1)))
}

func record(ownerID, clientRequestID string) port.TaskRecord {
	return port.TaskRecord{
		TaskID: rules.TaskID(ownerID, clientRequestID), OwnerID: ownerID, ClientRequestID: clientRequestID,
		TaskType: "work", Input: json.RawMessage(`{"n":1}`), Metadata: json.RawMessage(`{"note":"<&>"}`),
		Attachments: []port.TaskAttachment{},
	}
}

// accepted creates a task.
func (b *bench) accepted(t *testing.T) port.TaskRecord {
	t.Helper()
	stored, created, err := b.Tasks.CreateTask(t.Context(), b.record())
	must(t, err)
	if !created {
		t.Fatal("a new key found an existing task")
	}
	return stored
}

// running creates a task and starts it.
func (b *bench) running(t *testing.T) string {
	t.Helper()
	taskID := b.accepted(t).TaskID
	b.move(t, taskID, model.TaskStatusRunning, `{}`)
	return taskID
}

func (b *bench) move(t *testing.T, taskID string, status model.TaskStatus, payload string) port.TaskRecord {
	t.Helper()
	moved, changed, err := b.Tasks.UpdateTaskStatus(t.Context(), taskID, status, json.RawMessage(payload))
	must(t, err)
	if !changed || moved.Status != status {
		t.Fatalf("moved = %v, status = %s, want a move to %s", changed, moved.Status, status)
	}
	return moved
}

func (b *bench) complete(t *testing.T, taskID string) port.TaskRecord {
	t.Helper()
	return b.move(t, taskID, model.TaskStatusCompleted, `{"result":{}}`)
}

// progress appends an event.
func (b *bench) progress(t *testing.T, taskID string) port.EventRecord {
	t.Helper()
	appended, err := b.Events.AppendEvent(t.Context(), taskID, draft(`{"progress":1}`))
	must(t, err)
	return appended
}

func draft(payload string) port.EventDraft {
	return port.EventDraft{Type: "TASK_PROGRESS", Payload: json.RawMessage(payload)}
}

// page reads at most limit events.
func (b *bench) page(t *testing.T, taskID, after string, limit int) port.EventPage {
	t.Helper()
	page, err := b.Events.ReadEventsAfter(t.Context(), taskID, after, limit)
	must(t, err)
	return page
}

// history reads all that is retained.
func (b *bench) history(t *testing.T, taskID string) []port.EventRecord {
	t.Helper()
	return b.page(t, taskID, "", 10_000).Events
}

// suspend opens a suspension that allows "yes" and "no", and expires if expiresIn is not 0.
func (b *bench) suspend(t *testing.T, taskID, suspendID string, expiresIn time.Duration) port.TaskSuspensionRecord {
	t.Helper()
	opened, fresh, err := b.Suspensions.OpenSuspension(t.Context(), taskID, b.suspension(suspendID, expiresIn))
	must(t, err)
	if !fresh {
		t.Fatal("a new suspension was there already")
	}
	return opened
}

func (b *bench) suspension(suspendID string, expiresIn time.Duration) model.TaskSuspendedPayload {
	payload := model.TaskSuspendedPayload{
		SuspendID: suspendID, Kind: model.TaskSuspensionKindUserActionRequired, ReasonCode: "ASK",
		AllowedActions: []string{"yes", "no"}, SchemaVersion: 1,
	}
	if expiresIn != 0 {
		payload.ExpiresAt = new(b.clock.Now().Add(expiresIn))
	}
	return payload
}

func action(taskID, suspendID, clientActionID, actionType, payload string) port.TaskActionReceipt {
	return port.TaskActionReceipt{
		TaskID: taskID, ClientActionID: clientActionID, SuspendID: suspendID, ActionType: actionType,
		Payload: json.RawMessage(payload), Metadata: json.RawMessage(`{}`), ActorID: owner,
	}
}

// act submits an action that must get an outcome.
func (b *bench) act(t *testing.T, submitted port.TaskActionReceipt, want model.SubmitActionResultStatus) port.TaskSuspensionRecord {
	t.Helper()
	outcome, suspension, err := b.Suspensions.AcceptActionIfOpen(t.Context(), submitted)
	must(t, err)
	if outcome != want {
		t.Fatalf("outcome = %s, want %s", outcome, want)
	}
	return suspension
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks an error's code.
func refused(t *testing.T, err error, want model.ErrorCode) {
	t.Helper()
	coded, ok := errors.AsType[*model.Error](err)
	if !ok || coded.Code != want {
		t.Fatalf("error = %v, want %s", err, want)
	}
}

// together runs n calls at once and waits for all.
func together(n int, call func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			call(i)
		})
	}
	ready.Done()
	done.Wait()
}

// wait waits in the background and gives the result.
func (b *bench) wait(ctx context.Context, taskID, after string) <-chan error {
	result := make(chan error, 1)
	go func() { result <- b.Events.WaitForEvents(ctx, taskID, after) }()
	return result
}

// quiet watches that a call does not return for a while.
func quiet[T any](t *testing.T, result <-chan T) {
	t.Helper()
	select {
	case value := <-result:
		t.Fatalf("the call returned %v before anything happened", value)
	case <-time.After(blink):
	}
}

// within gives what a channel yields, which must be soon.
func within[T any](t *testing.T, result <-chan T) T {
	t.Helper()
	select {
	case value := <-result:
		return value
	case <-time.After(patience):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}
