package executor_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/executor"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type workFunc func(ctx context.Context, task port.TaskRecord, handle port.TaskHandle) error

func (f workFunc) Run(ctx context.Context, task port.TaskRecord, handle port.TaskHandle) error {
	return f(ctx, task, handle)
}

// bench is a pool over a store, both in a bubble whose time runs by itself.
type bench struct {
	store *memory.Store
	pool  *executor.Pool
}

// bubble runs a test in a bubble with a pool that does the work.
func bubble(t *testing.T, settings executor.Settings, work workFunc, test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(memory.Settings{})
		settings.Tasks, settings.Events, settings.Suspensions = store, store, store
		settings.Work, settings.Metrics, settings.Logger = work, observe.NoMetrics{}, slog.New(slog.DiscardHandler)
		pool, err := executor.New(settings)
		if err != nil {
			t.Fatal(err)
		}
		test(t, &bench{store, pool})
		if err := pool.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func (b *bench) create(t *testing.T, name string) port.TaskRecord {
	t.Helper()
	task, _, err := b.store.CreateTask(t.Context(), port.TaskRecord{TaskID: rules.TaskID("o", name), OwnerID: "o", ClientRequestID: name})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// submit creates and submits a task.
func (b *bench) submit(t *testing.T, name string) port.TaskRecord {
	t.Helper()
	task := b.create(t, name)
	if err := b.pool.SubmitTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	return task
}

// event is what a test looks at.
type event struct {
	Type    string
	Payload json.RawMessage
}

func (b *bench) events(t *testing.T, taskID string) (types []string, last string) {
	t.Helper()
	page, err := b.store.ReadEventsAfter(t.Context(), taskID, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range page.Events {
		var e event
		if err := json.Unmarshal(each.Data, &e); err != nil {
			t.Fatal(err)
		}
		types, last = append(types, e.Type), string(e.Payload)
	}
	return types, last
}

// course checks a task's events so far and the payload of the last one.
func (b *bench) course(t *testing.T, taskID, payload string, want ...string) {
	t.Helper()
	synctest.Wait()
	types, last := b.events(t, taskID)
	if !slices.Equal(types, want) || payload != "" && last != payload {
		t.Fatalf("events %v, last payload %s\nwant   %v, %s", types, last, want, payload)
	}
}

func (b *bench) cancel(t *testing.T, taskID string, reason *string) {
	t.Helper()
	task, err := b.store.RequestCancellation(t.Context(), taskID, reason)
	if err == nil {
		err = b.pool.RequestCancellation(t.Context(), task)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func hang(ctx context.Context, _ port.TaskRecord, _ port.TaskHandle) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		work    workFunc
		types   []string
		payload string
	}{
		"by return": {
			func(context.Context, port.TaskRecord, port.TaskHandle) error { return nil },
			[]string{"TASK_STARTED", "TASK_COMPLETED"}, `{"result":{}}`,
		},
		"by complete": {
			func(ctx context.Context, _ port.TaskRecord, h port.TaskHandle) error {
				return h.Complete(ctx, model.TaskCompletedPayload{Result: json.RawMessage(`{"a":1}`)})
			},
			[]string{"TASK_STARTED", "TASK_COMPLETED"}, `{"result":{"a":1}}`,
		},
		"by fail, whatever is returned": {
			func(ctx context.Context, _ port.TaskRecord, h port.TaskHandle) error {
				return errors.Join(h.Fail(ctx, model.TaskFailedPayload{Code: "X", Message: "m", Retryable: true}), errors.New("nobody sees this"))
			},
			[]string{"TASK_STARTED", "TASK_FAILED"}, `{"code":"X","message":"m","retryable":true}`,
		},
		"by a failure": {
			func(context.Context, port.TaskRecord, port.TaskHandle) error {
				return &executor.Failure{Code: "X", Message: "m", Retryable: true}
			},
			[]string{"TASK_STARTED", "TASK_FAILED"}, `{"code":"X","message":"m","retryable":true}`,
		},
		"by an error, which stays inside": {
			func(context.Context, port.TaskRecord, port.TaskHandle) error { return errors.New("secret") },
			[]string{"TASK_STARTED", "TASK_FAILED"}, `{"code":"EXECUTION_ERROR","message":"the work of the task failed","retryable":false}`,
		},
		"by a panic, which stays inside": {
			func(context.Context, port.TaskRecord, port.TaskHandle) error { panic("secret") },
			[]string{"TASK_STARTED", "TASK_FAILED"}, `{"code":"EXECUTION_PANIC","message":"the work of the task panicked","retryable":false}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, executor.Settings{}, test.work, func(t *testing.T, b *bench) {
				task := b.submit(t, "a")
				b.course(t, task.TaskID, test.payload, test.types...)
			})
		})
	}
}

func TestNothingAfterTheEnd(t *testing.T) {
	var late []error
	var ended error
	work := func(ctx context.Context, _ port.TaskRecord, h port.TaskHandle) error {
		late = append(late, h.Fail(ctx, model.TaskFailedPayload{Code: "X"}))
		ended = ctx.Err()
		ctx = context.WithoutCancel(ctx)
		_, suspended := h.Suspend(ctx, question("s", 0))
		late = append(late, h.Fail(ctx, model.TaskFailedPayload{Code: "Y"}), h.Complete(ctx, model.TaskCompletedPayload{}),
			h.Message(ctx, model.TaskMessagePayload{}), h.Progress(ctx, model.TaskProgressPayload{}), suspended)
		return nil
	}
	bubble(t, executor.Settings{}, work, func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		b.course(t, task.TaskID, `{"code":"X","message":"","retryable":false}`, "TASK_STARTED", "TASK_FAILED")
		if ended == nil || late[0] != nil {
			t.Fatalf("the context says %v, the end %v", ended, late[0])
		}
		for i, err := range late[1:] {
			if !errors.Is(err, model.ErrInvalidTaskState) {
				t.Errorf("call %d after the end: %v", i+1, err)
			}
		}
	})
}

func TestCancelRunning(t *testing.T) {
	bubble(t, executor.Settings{}, hang, func(t *testing.T, b *bench) {
		one, two := b.submit(t, "one"), b.submit(t, "two")
		b.course(t, one.TaskID, `{}`, "TASK_STARTED")
		b.cancel(t, one.TaskID, new("enough"))
		b.course(t, one.TaskID, `{"reason":"enough"}`, "TASK_STARTED", "TASK_CANCELLED")
		b.cancel(t, one.TaskID, new("late"))
		b.cancel(t, two.TaskID, nil)
		b.course(t, two.TaskID, `{"reason":"cancelled"}`, "TASK_STARTED", "TASK_CANCELLED")
		b.course(t, one.TaskID, `{"reason":"enough"}`, "TASK_STARTED", "TASK_CANCELLED")
	})
}

func TestCancelBeforeSubmission(t *testing.T) {
	bubble(t, executor.Settings{}, hang, func(t *testing.T, b *bench) {
		task := b.create(t, "a")
		b.cancel(t, task.TaskID, nil)
		if err := b.pool.SubmitTask(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		b.course(t, task.TaskID, `{"reason":"cancelled"}`, "TASK_CANCELLED")
	})
}

func TestCancelWaiting(t *testing.T) {
	bubble(t, executor.Settings{Workers: 1}, hang, func(t *testing.T, b *bench) {
		running := b.submit(t, "running")
		synctest.Wait()
		waiting, next := b.submit(t, "waiting"), b.submit(t, "next")
		b.course(t, waiting.TaskID, "")
		b.cancel(t, waiting.TaskID, nil)
		b.course(t, waiting.TaskID, `{"reason":"cancelled"}`, "TASK_CANCELLED")
		b.course(t, next.TaskID, "")
		b.cancel(t, running.TaskID, nil)
		b.course(t, next.TaskID, `{}`, "TASK_STARTED")
	})
}

func TestCancelIgnored(t *testing.T) {
	stubborn := func(_ context.Context, _ port.TaskRecord, h port.TaskHandle) error {
		time.Sleep(time.Minute)
		return h.Progress(context.Background(), model.TaskProgressPayload{})
	}
	bubble(t, executor.Settings{Patience: 3 * time.Second}, stubborn, func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		synctest.Wait()
		b.cancel(t, task.TaskID, nil)
		before := time.Now()
		b.waitEnd(t, task.TaskID)
		if took := time.Since(before); took != 3*time.Second {
			t.Fatalf("the end came after %s", took)
		}
		b.course(t, task.TaskID, `{"reason":"cancelled"}`, "TASK_STARTED", "TASK_CANCELLED")
	})
}

// waitEnd waits until the task has ended.
func (b *bench) waitEnd(t *testing.T, taskID string) {
	t.Helper()
	cursor := ""
	for {
		page, err := b.store.ReadEventsAfter(t.Context(), taskID, cursor, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if page.Ended {
			return
		}
		if len(page.Events) > 0 {
			cursor = page.Events[len(page.Events)-1].EventID
		}
		if err := b.store.WaitForEvents(t.Context(), taskID, cursor); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLimit(t *testing.T) {
	bubble(t, executor.Settings{Limit: 2}, hang, func(t *testing.T, b *bench) {
		first := b.submit(t, "1")
		b.submit(t, "2")
		third := b.create(t, "3")
		if err := b.pool.SubmitTask(t.Context(), third); !errors.Is(err, model.ErrTaskSubmissionError) {
			t.Fatalf("error = %v", err)
		}
		report, err := b.pool.CheckReadiness(t.Context())
		if err != nil || report.Ready {
			t.Fatalf("a full pool is ready: %+v, %v", report, err)
		}
		b.cancel(t, first.TaskID, nil)
		synctest.Wait()
		if err := b.pool.SubmitTask(t.Context(), third); err != nil {
			t.Fatal(err)
		}
	})
}

func TestStop(t *testing.T) {
	bubble(t, executor.Settings{Workers: 1}, hang, func(t *testing.T, b *bench) {
		running := b.submit(t, "running")
		synctest.Wait()
		waiting := b.submit(t, "waiting")
		synctest.Wait()
		if err := b.pool.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		payload := `{"code":"EXECUTOR_STOPPED","message":"the executor was stopped","retryable":true}`
		b.course(t, running.TaskID, payload, "TASK_STARTED", "TASK_FAILED")
		b.course(t, waiting.TaskID, payload, "TASK_FAILED")
		if err := b.pool.SubmitTask(t.Context(), b.create(t, "late")); !errors.Is(err, model.ErrTaskSubmissionError) {
			t.Fatalf("error = %v", err)
		}
	})
}

func TestContextsDoNotReachTheWork(t *testing.T) {
	bubble(t, executor.Settings{}, hang, func(t *testing.T, b *bench) {
		task := b.create(t, "a")
		ctx, cancel := context.WithCancel(t.Context())
		if err := b.pool.SubmitTask(ctx, task); err != nil {
			t.Fatal(err)
		}
		cancel()
		b.course(t, task.TaskID, `{}`, "TASK_STARTED")
	})
}
