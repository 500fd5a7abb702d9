package memory

import (
	"context"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

// MarkResumeDispatched implements [port.SuspensionStore].
func (s *Store) MarkResumeDispatched(ctx context.Context, taskID, suspendID string) (port.TaskSuspensionRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, existing, err := s.findSuspension(ctx, taskID, suspendID)
	if err != nil {
		return port.TaskSuspensionRecord{}, err
	}
	if existing.ResumeHandoff == port.ResumeHandoffStatusNone {
		return port.TaskSuspensionRecord{}, model.NewError(model.ErrorCodeInvalidTaskState, "the suspension has no accepted action")
	}
	existing.ResumeHandoff = port.ResumeHandoffStatusDispatched
	existing.ResumeAfter = nil
	s.pending = without(s.pending, existing)
	return existing.TaskSuspensionRecord, nil
}

// PostponeResume implements [port.SuspensionStore].
func (s *Store) PostponeResume(ctx context.Context, taskID, suspendID string, until time.Time) (port.TaskSuspensionRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, existing, err := s.findSuspension(ctx, taskID, suspendID)
	if err != nil {
		return port.TaskSuspensionRecord{}, err
	}
	if existing.ResumeHandoff == port.ResumeHandoffStatusPending {
		existing.ResumeAttempts++
		existing.ResumeAfter = new(rules.Instant(until))
	}
	return rules.Current(existing.TaskSuspensionRecord, s.now()), nil
}

// ListPendingResumeHandoffs implements [port.SuspensionStore].
func (s *Store) ListPendingResumeHandoffs(ctx context.Context, due time.Time, limit int) ([]port.TaskSuspensionRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var pending []port.TaskSuspensionRecord
	for _, each := range s.pending {
		if len(pending) < limit && (each.ResumeAfter == nil || !each.ResumeAfter.After(due)) {
			pending = append(pending, each.TaskSuspensionRecord)
		}
	}
	return pending, nil
}
