package service

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/rules"
)

type creator struct{ base }

// CreateTask implements [port.TaskCreationService].
func (s creator) CreateTask(ctx context.Context, command port.TaskCreateCommand) (model.TaskCreatedResult, error) {
	if err := s.judge(ctx, command); err != nil {
		return model.TaskCreatedResult{}, err
	}
	stored, created, err := s.Tasks.CreateTask(ctx, newRecord(command))
	switch {
	case err != nil:
		return model.TaskCreatedResult{}, err
	case created:
		// The task is there now: its submission no longer depends on the caller's patience.
		return s.submit(context.WithoutCancel(ctx), stored)
	default:
		return s.repeat(ctx, stored, command)
	}
}

// judge asks, in the order of judgement, all who may refuse a task.
func (s creator) judge(ctx context.Context, command port.TaskCreateCommand) error {
	if err := s.Uploads.AssertUploadAllowed(ctx, command.Auth, command.Attachments); err != nil {
		return err
	}
	if validator, ok := s.Executor.(port.TaskInputValidator); ok {
		violations, err := validator.ValidateTask(ctx, command)
		if err != nil {
			return err
		}
		if len(violations) > 0 {
			return model.NewError(model.ErrorCodeRequestValidationError, "the input is not what the task type asks for").
				WithDetail("errors", violations)
		}
	}
	return s.Ownership.AssertTaskCreate(ctx, command.Auth)
}

func newRecord(command port.TaskCreateCommand) port.TaskRecord {
	return port.TaskRecord{
		TaskID:          rules.TaskID(command.Auth.Subject, command.ClientRequestID),
		OwnerID:         command.Auth.Subject,
		ClientRequestID: command.ClientRequestID,
		TaskType:        command.TaskType,
		Input:           rules.Object(command.Input),
		Metadata:        rules.Object(command.Metadata),
		Attachments:     command.Attachments,
	}
}

// repeat answers a create whose key was used before.
func (s creator) repeat(ctx context.Context, stored port.TaskRecord, command port.TaskCreateCommand) (model.TaskCreatedResult, error) {
	same, err := rules.SameIdempotencyPayload(stored, command)
	if err != nil {
		return model.TaskCreatedResult{}, err
	}
	if !same {
		return model.TaskCreatedResult{}, model.NewError(model.ErrorCodeIdempotencyConflict, "the clientRequestId was used for another task")
	}
	s.count(ctx, "duplicates_total", nil)
	return result(stored, true), nil
}

// submit hands a task that this call has created to the executor.
func (s creator) submit(ctx context.Context, task port.TaskRecord) (model.TaskCreatedResult, error) {
	s.count(ctx, "task_starts_total", nil)
	refusal := s.Executor.SubmitTask(ctx, task)
	if refusal == nil {
		return result(task, false), nil
	}
	s.Logger.ErrorContext(ctx, "the executor refused a task",
		slog.String("taskId", task.TaskID), slog.String("clientRequestId", task.ClientRequestID),
		slog.String("userId", task.OwnerID), slog.Any("details", refusal))
	if err := s.fail(ctx, task.TaskID); err != nil {
		return model.TaskCreatedResult{}, err
	}
	return model.TaskCreatedResult{}, model.NewError(model.ErrorCodeTaskSubmissionError, "the executor refused the task").
		WithDetail("taskId", task.TaskID).WithCause(refusal)
}

// fail writes the end of a task that the executor refused.
func (s creator) fail(ctx context.Context, taskID string) error {
	payload, err := codec.Marshal(model.TaskFailedPayload{
		Code: string(model.ErrorCodeTaskSubmissionError), Message: "the executor refused the task", Retryable: true,
	})
	if err != nil {
		return err
	}
	_, _, err = s.Tasks.UpdateTaskStatus(ctx, taskID, model.TaskStatusFailed, json.RawMessage(payload))
	s.count(ctx, "task_failures_total", nil)
	return err
}

func result(task port.TaskRecord, deduplicated bool) model.TaskCreatedResult {
	return model.TaskCreatedResult{
		TaskID: task.TaskID, Status: task.Status, ClientRequestID: task.ClientRequestID, Deduplicated: deduplicated,
	}
}
