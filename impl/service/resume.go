package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/taskbridge/tbgen/gen/port"
)

type resumer struct{ base }

// ResumeTask implements [port.TaskResumeService].
func (s resumer) ResumeTask(ctx context.Context, suspension port.TaskSuspensionRecord) error {
	task, err := s.Tasks.GetTask(ctx, suspension.TaskID)
	if err != nil {
		return err
	}
	if !task.Status.Terminal() {
		if err := s.Executor.ResumeTask(ctx, task, suspension); err != nil {
			return err
		}
	}
	_, err = s.Suspensions.MarkResumeDispatched(ctx, suspension.TaskID, suspension.Payload.SuspendID)
	return err
}

// Hand-offs that fail are put off by a second, then twice as long each time, up to five minutes.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
	handful    = 100
)

type reconciler struct {
	base
	resume port.TaskResumeService
}

// ReconcilePendingResumes implements [port.TaskResumeReconciliationService].
func (s reconciler) ReconcilePendingResumes(ctx context.Context) (reconciled int, err error) {
	due := s.Now()
	for {
		pending, err := s.Suspensions.ListPendingResumeHandoffs(ctx, due, handful)
		if err != nil {
			return reconciled, err
		}
		for _, each := range pending {
			done, err := s.reconcile(ctx, each)
			if err != nil {
				return reconciled, err
			}
			reconciled += done
		}
		if len(pending) < handful {
			return reconciled, nil
		}
	}
}

// reconcile tries one hand-off and counts it if it went through. Every outcome but an error takes
// it off the list of those due.
func (s reconciler) reconcile(ctx context.Context, suspension port.TaskSuspensionRecord) (done int, err error) {
	failure := s.resume.ResumeTask(ctx, suspension)
	switch {
	case failure == nil:
		return 1, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case hidden(failure): // deleted meanwhile
		return 0, nil
	}
	s.Logger.WarnContext(ctx, "an accepted action could not be handed over again",
		slog.String("taskId", suspension.TaskID), slog.Any("details", failure))
	until := s.Now().Add(pause(suspension.ResumeAttempts))
	if _, err = s.Suspensions.PostponeResume(ctx, suspension.TaskID, suspension.Payload.SuspendID, until); hidden(err) {
		err = nil
	}
	return 0, err
}

func pause(attempts int) time.Duration {
	return min(firstPause<<min(attempts, 20), lastPause)
}
