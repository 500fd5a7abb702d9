// Package script is an executor for tests and demonstrations. A task of the type "script" runs the
// steps in its input, so that a black-box test can ask for any sequence of events; one of the type
// "unsubmittable" is refused at submission; any other runs a short demonstration.
//
// A script is {"steps": […]}, each step an object with one member:
//
//	{"progress": {"progress": 10, "stage": "a", "message": "m"}}
//	{"message": {"message": "hi", "level": "info"}}
//	{"sleepMs": 20}
//	{"repeat": {"times": 1000, "steps": […]}}
//	{"suspend": {"suspendId": "s1", "kind": "USER_ACTION_REQUIRED", "reasonCode": "CONFIRM",
//	             "allowedActions": ["approve", "reject"], "schemaVersion": 1, "expiresInMs": 60000}}
//	{"complete": {"result": {}}}
//	{"fail": {"code": "X", "message": "m", "retryable": false}}
//	{"hang": true}
//
// TASK_STARTED comes first by itself. suspend waits until an action resolves it, and then tells
// the action in a TASK_MESSAGE, its type, a blank and its payload; if it expires, the task fails
// with the code SUSPENSION_EXPIRED. complete and fail end the task; the end of the steps completes
// it with {}; hang waits for cancellation, and every step ends when the task is cancelled.
package script

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/executor"
)

// The task types that mean something to the executor.
const (
	TypeScript        = "script"
	TypeUnsubmittable = "unsubmittable"
)

// Executor runs scripts in a pool.
type Executor struct{ *executor.Pool }

// New makes an executor. The settings' Work is its own.
func New(settings executor.Settings) (*Executor, error) {
	if settings.Clock == nil {
		settings.Clock = executor.SystemClock{}
	}
	settings.Work = work{settings.Clock}
	pool, err := executor.New(settings)
	if err != nil {
		return nil, err
	}
	return &Executor{pool}, nil
}

// SubmitTask implements [port.TaskExecutor].
func (e *Executor) SubmitTask(ctx context.Context, task port.TaskRecord) error {
	if task.TaskType == TypeUnsubmittable {
		return model.NewError(model.ErrorCodeTaskSubmissionError, "tasks of this type are refused")
	}
	return e.Pool.SubmitTask(ctx, task)
}
