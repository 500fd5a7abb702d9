package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// Failure is what work returns to fail its task with a code of its own. Any other error fails it
// as EXECUTION_ERROR, and is told to the log alone.
type Failure struct {
	Code      string
	Message   string
	Retryable bool
}

// Error gives code and message.
func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Codes of failures that the executor itself finds.
const (
	CodeExecutionError    = "EXECUTION_ERROR"
	CodeExecutionPanic    = "EXECUTION_PANIC"
	CodeExecutorStopped   = "EXECUTOR_STOPPED"
	CodeSuspensionExpired = "SUSPENSION_EXPIRED"
)

// run is a task in the pool.
type run struct {
	pool   *Pool
	task   port.TaskRecord
	ctx    context.Context // ends with the reason why the work should
	write  context.Context // for writes that must happen all the same
	cancel context.CancelCauseFunc
	seat   seat
}

func newRun(ctx context.Context, pool *Pool, task port.TaskRecord) *run {
	r := &run{pool: pool, task: task, write: ctx, seat: seat{seats: pool.seats}}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	return r
}

// live takes the task from its submission to its end.
func (r *run) live() {
	defer r.pool.forget(r.task.TaskID)
	defer r.cancel(errEnded)
	if err := r.start(); err != nil {
		r.conclude(err)
		return
	}
	done := make(chan error, 1)
	r.pool.alive.Go(func() {
		defer r.seat.leave()
		done <- r.work()
	})
	r.conclude(r.await(done))
}

// start waits for a seat and writes the start. A cancellation that was noted before the pool had
// the task is found here.
func (r *run) start() error {
	current, err := r.pool.settings.Tasks.GetTask(r.ctx, r.task.TaskID)
	if err != nil {
		return err
	}
	if current.CancellationRequested {
		r.cancel(errCancelled)
	}
	if err := r.seat.take(r.ctx); err != nil {
		return err
	}
	r.task, _, err = r.pool.settings.Tasks.UpdateTaskStatus(r.write, r.task.TaskID, model.TaskStatusRunning, nil)
	if err != nil {
		r.seat.leave()
	}
	return err
}

// work runs the work and turns its panic into an error.
func (r *run) work() (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			r.pool.settings.Logger.ErrorContext(r.write, "the work of a task panicked", slog.String("taskId", r.task.TaskID),
				slog.Any("details", reason), slog.String("stack", string(debug.Stack())))
			err = &Failure{Code: CodeExecutionPanic, Message: "the work of the task panicked"}
		}
	}()
	return r.pool.settings.Work.Run(r.ctx, r.task, handle{r})
}

// await gives what the work returns, or, once its context has ended, gives it up after a while.
func (r *run) await(done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-r.ctx.Done():
	}
	late := make(chan struct{})
	stop := r.pool.settings.Clock.AfterFunc(r.pool.settings.Patience, func() { close(late) })
	defer stop()
	select {
	case err := <-done:
		return err
	case <-late:
		return context.Cause(r.ctx)
	}
}

// conclude writes the end of a task that has not written its own.
func (r *run) conclude(outcome error) {
	err := r.end(outcome)
	if err != nil && !errors.Is(err, model.ErrInvalidTaskState) {
		r.pool.settings.Logger.ErrorContext(r.write, "the end of a task could not be written",
			slog.String("taskId", r.task.TaskID), slog.Any("details", err))
	}
}

func (r *run) end(outcome error) error {
	switch cause := context.Cause(r.ctx); {
	case errors.Is(cause, errEnded):
		return nil
	case errors.Is(cause, errCancelled):
		return r.endCancelled()
	case errors.Is(cause, errStopped):
		return r.endFailed(&Failure{Code: CodeExecutorStopped, Message: "the executor was stopped", Retryable: true})
	case outcome == nil:
		return r.finish(model.TaskStatusCompleted, model.TaskCompletedPayload{Result: []byte("{}")})
	}
	if failure, ok := errors.AsType[*Failure](outcome); ok {
		return r.endFailed(failure)
	}
	r.pool.settings.Logger.ErrorContext(r.write, "the work of a task failed",
		slog.String("taskId", r.task.TaskID), slog.Any("details", outcome))
	return r.endFailed(&Failure{Code: CodeExecutionError, Message: "the work of the task failed"})
}

func (r *run) endCancelled() error {
	current, err := r.pool.settings.Tasks.GetTask(r.write, r.task.TaskID)
	if err != nil {
		return err
	}
	reason := "cancelled"
	if current.CancellationReason != nil {
		reason = cmp.Or(*current.CancellationReason, reason)
	}
	return r.finish(model.TaskStatusCancelled, model.TaskCancelledPayload{Reason: reason})
}

func (r *run) endFailed(failure *Failure) error {
	return r.finish(model.TaskStatusFailed, model.TaskFailedPayload{
		Code: failure.Code, Message: failure.Message, Retryable: failure.Retryable,
	})
}

// finish writes an end. It is INVALID_TASK_STATE if the task has one.
func (r *run) finish(status model.TaskStatus, payload any) error {
	data, err := encode(payload)
	if err != nil {
		return err
	}
	_, moved, err := r.pool.settings.Tasks.UpdateTaskStatus(r.write, r.task.TaskID, status, data)
	switch {
	case err != nil:
		return err
	case !moved:
		return model.NewError(model.ErrorCodeInvalidTaskState, fmt.Sprintf("the task is %s already", status))
	}
	r.cancel(errEnded)
	if status == model.TaskStatusFailed {
		r.pool.settings.Metrics.IncrementCounter(r.write, "task_failures_total", 1, nil)
	}
	return nil
}
