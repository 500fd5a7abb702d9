package service

import (
	"context"
	"log/slog"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

type actor struct {
	base
	resume port.TaskResumeService
}

// SubmitAction implements [port.TaskActionService].
func (s actor) SubmitAction(ctx context.Context, command port.SubmitActionCommand) (model.SubmitActionResult, error) {
	if _, err := s.access(ctx, command.Auth, command.TaskID); err != nil {
		return model.SubmitActionResult{}, err
	}
	outcome, suspension, err := s.Suspensions.AcceptActionIfOpen(ctx, s.receipt(command))
	if hidden(err) {
		err = errUnknown
	}
	if err != nil {
		return model.SubmitActionResult{}, err
	}
	s.count(ctx, "actions_total", map[string]string{"status": string(outcome)})
	if outcome == model.SubmitActionResultStatusAccepted {
		s.handOver(context.WithoutCancel(ctx), suspension)
	}
	return model.SubmitActionResult{
		TaskID: command.TaskID, SuspendID: command.SuspendID, ClientActionID: command.ClientActionID, Status: outcome,
	}, nil
}

func (s actor) receipt(command port.SubmitActionCommand) port.TaskActionReceipt {
	receipt := port.TaskActionReceipt{
		TaskID: command.TaskID, ClientActionID: command.ClientActionID, SuspendID: command.SuspendID,
		ActionType: command.ActionType, Payload: rules.Object(command.Payload), Metadata: rules.Object(command.Metadata),
		ActorID: command.Auth.Subject,
	}
	if s.ReceiptLifetime > 0 {
		receipt.ExpiresAt = new(s.Now().Add(s.ReceiptLifetime))
	}
	return receipt
}

// handOver passes an accepted action on. If that fails, reconciliation repeats it.
func (s actor) handOver(ctx context.Context, suspension port.TaskSuspensionRecord) {
	s.count(ctx, "actions_accepted_total", nil)
	err := s.resume.ResumeTask(ctx, suspension)
	if err == nil {
		return
	}
	s.count(ctx, "actions_resume_pending_total", nil)
	s.Logger.WarnContext(ctx, "an accepted action could not be handed over yet",
		slog.String("taskId", suspension.TaskID), slog.Any("details", err))
}
