package executor_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/executor"
)

func question(suspendID string, expiresIn time.Duration) model.TaskSuspendedPayload {
	payload := model.TaskSuspendedPayload{
		SuspendID: suspendID, Kind: model.TaskSuspensionKindUserActionRequired, ReasonCode: "ASK",
		AllowedActions: []string{"yes", "no"}, SchemaVersion: 1,
	}
	if expiresIn > 0 {
		payload.ExpiresAt = new(time.Now().Add(expiresIn))
	}
	return payload
}

// asking suspends once and tells the answer.
func asking(expiresIn time.Duration) workFunc {
	return func(ctx context.Context, _ port.TaskRecord, h port.TaskHandle) error {
		action, err := h.Suspend(ctx, question("s", expiresIn))
		if err != nil {
			return err
		}
		return h.Message(ctx, model.TaskMessagePayload{Message: action.ActionType})
	}
}

func (b *bench) answer(t *testing.T, taskID, suspendID string) model.SubmitActionResultStatus {
	t.Helper()
	outcome, _, err := b.store.AcceptActionIfOpen(t.Context(), port.TaskActionReceipt{
		TaskID: taskID, SuspendID: suspendID, ClientActionID: suspendID, ActionType: "yes", Payload: json.RawMessage(`{}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func TestSuspendAnswered(t *testing.T) {
	bubble(t, executor.Settings{}, asking(time.Hour), func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		b.course(t, task.TaskID, "", "TASK_STARTED", "TASK_SUSPENDED")
		b.answer(t, task.TaskID, "s")
		b.course(t, task.TaskID, `{"result":{}}`, "TASK_STARTED", "TASK_SUSPENDED", "TASK_ACTION_ACCEPTED", "TASK_MESSAGE", "TASK_COMPLETED")
	})
}

func TestSuspendExpires(t *testing.T) {
	bubble(t, executor.Settings{}, asking(time.Hour), func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		b.waitEnd(t, task.TaskID)
		b.course(t, task.TaskID, `{"code":"SUSPENSION_EXPIRED","message":"nobody answered the suspension in time","retryable":false}`,
			"TASK_STARTED", "TASK_SUSPENDED", "TASK_FAILED")
		suspension, err := b.store.GetSuspension(t.Context(), task.TaskID, "s")
		if err != nil || suspension.Status != port.TaskSuspensionStatusExpired || time.Since(suspension.CreatedAt) != time.Hour {
			t.Fatalf("%+v after %s, error %v", suspension, time.Since(suspension.CreatedAt), err)
		}
	})
}

func TestSuspendAnsweredInTimeDoesNotExpire(t *testing.T) {
	bubble(t, executor.Settings{}, asking(time.Hour), func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		time.Sleep(time.Hour - time.Millisecond)
		if outcome := b.answer(t, task.TaskID, "s"); outcome != model.SubmitActionResultStatusAccepted {
			t.Fatal(outcome)
		}
		time.Sleep(time.Hour)
		b.course(t, task.TaskID, `{"result":{}}`, "TASK_STARTED", "TASK_SUSPENDED", "TASK_ACTION_ACCEPTED", "TASK_MESSAGE", "TASK_COMPLETED")
	})
}

func TestSuspendCancelled(t *testing.T) {
	bubble(t, executor.Settings{}, asking(0), func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		synctest.Wait()
		b.cancel(t, task.TaskID, nil)
		b.course(t, task.TaskID, `{"reason":"cancelled"}`, "TASK_STARTED", "TASK_SUSPENDED", "TASK_CANCELLED")
		if outcome := b.answer(t, task.TaskID, "s"); outcome != model.SubmitActionResultStatusRejectedAlreadyResolved {
			t.Fatal(outcome)
		}
	})
}

func TestSuspendedTasksLeaveTheirSeat(t *testing.T) {
	bubble(t, executor.Settings{Workers: 1}, asking(0), func(t *testing.T, b *bench) {
		one, two := b.submit(t, "one"), b.submit(t, "two")
		b.course(t, one.TaskID, "", "TASK_STARTED", "TASK_SUSPENDED")
		b.course(t, two.TaskID, "", "TASK_STARTED", "TASK_SUSPENDED")
		b.answer(t, two.TaskID, "s")
		b.answer(t, one.TaskID, "s")
		b.waitEnd(t, one.TaskID)
		b.waitEnd(t, two.TaskID)
		if err := b.pool.SubmitTask(t.Context(), b.create(t, "three")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSuspendTwiceAtOnce(t *testing.T) {
	both := func(ctx context.Context, _ port.TaskRecord, h port.TaskHandle) error {
		first := make(chan error, 1)
		go func() {
			_, err := h.Suspend(ctx, question("s1", 0))
			first <- err
		}()
		_, err := h.Suspend(ctx, question("s2", 0))
		return errors.Join(err, <-first)
	}
	bubble(t, executor.Settings{Workers: 1}, both, func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		synctest.Wait()
		b.answer(t, task.TaskID, "s1")
		synctest.Wait()
		b.answer(t, task.TaskID, "s2")
		b.waitEnd(t, task.TaskID)
		b.course(t, task.TaskID, `{"result":{}}`, "TASK_STARTED", "TASK_SUSPENDED", "TASK_SUSPENDED", "TASK_ACTION_ACCEPTED", "TASK_ACTION_ACCEPTED", "TASK_COMPLETED")
	})
}

func TestResumeSaysWhetherTheWorkIsHere(t *testing.T) {
	bubble(t, executor.Settings{}, asking(0), func(t *testing.T, b *bench) {
		task := b.submit(t, "a")
		if err := b.pool.ResumeTask(t.Context(), task, port.TaskSuspensionRecord{}); err != nil {
			t.Fatal(err)
		}
		if err := b.pool.ResumeTask(t.Context(), b.create(t, "elsewhere"), port.TaskSuspensionRecord{}); err == nil {
			t.Fatal("a task that is not here was taken")
		}
	})
}
