package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/rules"
	"github.com/taskbridge/tbgen/impl/service"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeExecutor notes what it is asked, and fails as it is told.
type fakeExecutor struct {
	mu         sync.Mutex
	submitted  []string
	cancelled  []string
	resumed    []string
	refusal    error
	deaf       error
	violations []model.Violation
}

func (e *fakeExecutor) SubmitTask(_ context.Context, task port.TaskRecord) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.submitted = append(e.submitted, task.TaskID)
	return e.refusal
}

func (e *fakeExecutor) RequestCancellation(_ context.Context, task port.TaskRecord) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancelled = append(e.cancelled, task.TaskID)
	return nil
}

func (e *fakeExecutor) ResumeTask(_ context.Context, task port.TaskRecord, suspension port.TaskSuspensionRecord) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.resumed = append(e.resumed, task.TaskID+" "+suspension.Action.ActionType)
	return e.deaf
}

func (e *fakeExecutor) ValidateTask(context.Context, port.TaskCreateCommand) ([]model.Violation, error) {
	return e.violations, nil
}

// counters is a sink that counts.
type counters struct {
	observe.NoMetrics
	mu     sync.Mutex
	counts map[string]int64
}

func (c *counters) IncrementCounter(_ context.Context, name string, value int64, tags map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[name+tags["status"]] += value
}

// bench is the services over a store.
type bench struct {
	*service.Services
	store    *memory.Store
	executor *fakeExecutor
	metrics  *counters
	mu       sync.Mutex
	time     time.Time
}

func newBench(t *testing.T, change func(parts *service.Parts)) *bench {
	t.Helper()
	b := &bench{executor: &fakeExecutor{}, metrics: &counters{counts: map[string]int64{}}, time: time.Unix(1_900_000_000, 0)}
	b.store = memory.New(memory.Settings{Now: b.now})
	t.Cleanup(b.store.Close)
	parts := service.Parts{
		Tasks: b.store, Events: b.store, Suspensions: b.store, Receipts: b.store, Executor: b.executor,
		Ownership: auth.OwnerOnly{}, Uploads: auth.AllowUploads{MaxBytes: 10, MaxFiles: 2}, Metrics: b.metrics,
		Logger: slog.New(slog.DiscardHandler), Now: b.now,
	}
	if change != nil {
		change(&parts)
	}
	services, err := service.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	b.Services = services
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.time
}

func (b *bench) advance(by time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time = b.time.Add(by)
}

func caller(subject string) port.AuthContext { return port.AuthContext{Subject: subject} }

func command(request string) port.TaskCreateCommand {
	return port.TaskCreateCommand{Auth: caller("ann"), ClientRequestID: request, TaskType: "work", Input: json.RawMessage(`{"a":1}`)}
}

func (b *bench) create(t *testing.T, request string) string {
	t.Helper()
	result, err := b.Creation.CreateTask(t.Context(), command(request))
	must(t, err)
	return result.TaskID
}

// suspended creates a running task that waits at the suspension "s".
func (b *bench) suspended(t *testing.T, request string) string {
	t.Helper()
	taskID := b.create(t, request)
	b.move(t, taskID, model.TaskStatusRunning)
	_, _, err := b.store.OpenSuspension(t.Context(), taskID, model.TaskSuspendedPayload{
		SuspendID: "s", Kind: model.TaskSuspensionKindUserActionRequired, AllowedActions: []string{"yes"}, SchemaVersion: 1,
	})
	must(t, err)
	return taskID
}

func (b *bench) move(t *testing.T, taskID string, status model.TaskStatus) {
	t.Helper()
	_, _, err := b.store.UpdateTaskStatus(t.Context(), taskID, status, nil)
	must(t, err)
}

func act(taskID, action string) port.SubmitActionCommand {
	return port.SubmitActionCommand{Auth: caller("ann"), TaskID: taskID, ClientActionID: action, SuspendID: "s", ActionType: "yes"}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want model.ErrorCode) *model.Error {
	t.Helper()
	coded, ok := errors.AsType[*model.Error](err)
	if !ok || coded.Code != want {
		t.Fatalf("error = %v, want %s", err, want)
	}
	return coded
}

// history gives the JSON of a task's events.
func (b *bench) history(t *testing.T, taskID string) (events []string) {
	t.Helper()
	page, err := b.store.ReadEventsAfter(t.Context(), taskID, "", 1000)
	must(t, err)
	for _, each := range page.Events {
		events = append(events, string(each.Data))
	}
	return events
}

var errBroken = errors.New("broken")

func attachment(name, content string) port.TaskAttachment {
	return port.TaskAttachment{
		Name: name, ContentType: "text/plain", Size: int64(len(content)), Digest: rules.Digest([]byte(content)), Content: []byte(content),
	}
}
