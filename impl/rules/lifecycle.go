package rules

import (
	"fmt"

	"github.com/taskbridge/tbgen/gen/model"
)

// EnsureTransition returns nil if the lifecycle allows the move, a move to itself included, else
// INVALID_TASK_STATE.
func EnsureTransition(current, next model.TaskStatus) error {
	if current.CanMoveTo(next) {
		return nil
	}
	return model.NewError(model.ErrorCodeInvalidTaskState, fmt.Sprintf("a task cannot move from %s to %s", current, next))
}

// EventOf gives the type of the event that a move to status writes, empty for ACCEPTED.
func EventOf(status model.TaskStatus) model.TaskEventType {
	switch status {
	case model.TaskStatusRunning:
		return model.TaskEventTypeTaskStarted
	case model.TaskStatusCompleted:
		return model.TaskEventTypeTaskCompleted
	case model.TaskStatusFailed:
		return model.TaskEventTypeTaskFailed
	case model.TaskStatusCancelled:
		return model.TaskEventTypeTaskCancelled
	default:
		return ""
	}
}

// EnsureAppend returns nil if an event of the type may be appended, by itself, to a task of the
// status, else INVALID_TASK_STATE.
func EnsureAppend(status model.TaskStatus, eventType string) error {
	switch model.TaskEventType(eventType) {
	case model.TaskEventTypeTaskProgress, model.TaskEventTypeTaskMessage:
		return EnsureRunning(status)
	default:
		return model.NewError(model.ErrorCodeInvalidTaskState, "this event is written with the change that it reports")
	}
}

// EnsureRunning returns nil if the task may be worked on, else INVALID_TASK_STATE.
func EnsureRunning(status model.TaskStatus) error {
	if status == model.TaskStatusRunning {
		return nil
	}
	return model.NewError(model.ErrorCodeInvalidTaskState, fmt.Sprintf("the task is %s, not %s", status, model.TaskStatusRunning))
}
