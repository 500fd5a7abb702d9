package service

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

type canceller struct{ base }

// CancelTask implements [port.TaskCancellationService].
func (s canceller) CancelTask(ctx context.Context, command port.CancelTaskCommand) (model.CancelTaskResult, error) {
	if _, err := s.access(ctx, command.Auth, command.TaskID); err != nil {
		return model.CancelTaskResult{}, err
	}
	status, err := s.request(context.WithoutCancel(ctx), command)
	if hidden(err) {
		err = errUnknown
	}
	if err != nil {
		return model.CancelTaskResult{}, err
	}
	return model.CancelTaskResult{TaskID: command.TaskID, Status: status}, nil
}

// request notes the cancellation before it tells the executor, which finds it noted whenever it
// comes to the task.
func (s canceller) request(ctx context.Context, command port.CancelTaskCommand) (model.CancelTaskStatus, error) {
	reason := command.Reason
	if reason != nil && *reason == "" {
		reason = nil
	}
	task, err := s.Tasks.RequestCancellation(ctx, command.TaskID, reason)
	if err != nil {
		return "", err
	}
	if task.Status.Terminal() {
		return model.CancelTaskStatusAlreadyTerminal, nil
	}
	s.count(ctx, "cancels_total", nil)
	return model.CancelTaskStatusCancellationRequested, s.Executor.RequestCancellation(ctx, task)
}
