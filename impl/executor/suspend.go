package executor

import (
	"context"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// recheck is how soon to look again at a suspension that is over by this process's clock and not
// yet by the store's.
const recheck = 10 * time.Millisecond

// Suspend implements [port.TaskHandle]. The answer is found in the store, whichever process
// accepted it.
func (h handle) Suspend(ctx context.Context, payload model.TaskSuspendedPayload) (port.TaskActionReceipt, error) {
	_, _, err := h.run.pool.settings.Suspensions.OpenSuspension(ctx, h.run.task.TaskID, payload)
	if err != nil {
		return port.TaskActionReceipt{}, err
	}
	h.run.seat.goAway()
	action, err := h.answer(ctx, payload.SuspendID)
	if back := h.run.seat.comeBack(ctx); err == nil {
		err = back
	}
	return action, err
}

// answer waits until the suspension is no longer open.
func (h handle) answer(ctx context.Context, suspendID string) (port.TaskActionReceipt, error) {
	for {
		// The cursor is read first, so that no change after it is missed by the wait.
		task, err := h.run.pool.settings.Tasks.GetTask(ctx, h.run.task.TaskID)
		if err != nil {
			return port.TaskActionReceipt{}, err
		}
		suspension, err := h.run.pool.settings.Suspensions.GetSuspension(ctx, task.TaskID, suspendID)
		if err != nil {
			return port.TaskActionReceipt{}, err
		}
		if suspension.Status != port.TaskSuspensionStatusOpen {
			return h.closed(suspension)
		}
		if err := h.wait(ctx, task, suspension); err != nil {
			return port.TaskActionReceipt{}, err
		}
	}
}

// closed gives the answer that a suspension got, and fails the task if it expired without one.
func (h handle) closed(suspension port.TaskSuspensionRecord) (port.TaskActionReceipt, error) {
	if suspension.Status == port.TaskSuspensionStatusResolved {
		return *suspension.Action, nil
	}
	if suspension.Status == port.TaskSuspensionStatusExpired {
		failure := Failure{Code: CodeSuspensionExpired, Message: "nobody answered the suspension in time"}
		if err := h.run.endFailed(&failure); err != nil {
			return port.TaskActionReceipt{}, err
		}
	}
	return port.TaskActionReceipt{}, model.NewError(model.ErrorCodeInvalidTaskState, "the task has ended")
}

// wait returns nil at the next event of the task, or when the suspension may have expired.
func (h handle) wait(ctx context.Context, task port.TaskRecord, suspension port.TaskSuspensionRecord) error {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	if deadline := suspension.Payload.ExpiresAt; deadline != nil {
		clock := h.run.pool.settings.Clock
		stop := clock.AfterFunc(max(deadline.Sub(clock.Now()), recheck), cancel)
		defer stop()
	}
	err := h.run.pool.settings.Events.WaitForEvents(limited, task.TaskID, *task.LastEventID)
	if limited.Err() != nil {
		return ctx.Err()
	}
	return err
}
