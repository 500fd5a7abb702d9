package auth

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var (
	errMayNotCreate = model.NewError(model.ErrorCodeTaskOwnershipError, "the caller may not create tasks")
	errMayNotSee    = model.NewError(model.ErrorCodeTaskNotFound, "the caller may not see the task")
)

// OwnerOnly lets everybody create tasks and nobody but its owner see one.
type OwnerOnly struct{}

var _ port.OwnershipPolicy = OwnerOnly{}

// AssertTaskCreate implements [port.OwnershipPolicy].
func (OwnerOnly) AssertTaskCreate(context.Context, port.AuthContext) error { return nil }

// AssertTaskAccess implements [port.OwnershipPolicy].
func (OwnerOnly) AssertTaskAccess(_ context.Context, auth port.AuthContext, task port.TaskRecord) error {
	if auth.Subject == task.OwnerID {
		return nil
	}
	return errMayNotSee
}

// DenyAll lets nobody create or see a task.
type DenyAll struct{}

var _ port.OwnershipPolicy = DenyAll{}

// AssertTaskCreate implements [port.OwnershipPolicy].
func (DenyAll) AssertTaskCreate(context.Context, port.AuthContext) error { return errMayNotCreate }

// AssertTaskAccess implements [port.OwnershipPolicy].
func (DenyAll) AssertTaskAccess(context.Context, port.AuthContext, port.TaskRecord) error {
	return errMayNotSee
}
