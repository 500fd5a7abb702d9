package memory

import (
	"context"
	"slices"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

// OpenSuspension implements [port.SuspensionStore].
func (s *Store) OpenSuspension(ctx context.Context, taskID string, payload model.TaskSuspendedPayload) (record port.TaskSuspensionRecord, opened bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return record, false, err
	}
	if existing := found.suspension(payload.SuspendID); existing != nil {
		record, err = s.reopen(existing, payload)
		return record, false, err
	}
	if err := rules.EnsureRunning(found.record.Status); err != nil {
		return record, false, err
	}
	draft, err := rules.Draft(model.TaskEventTypeTaskSuspended, payload)
	if err != nil {
		return record, false, err
	}
	event, err := s.append(found, draft)
	if err != nil {
		return record, false, err
	}
	record = port.TaskSuspensionRecord{
		TaskID: taskID, Payload: payload, Status: port.TaskSuspensionStatusOpen,
		EventID: event.EventID, CreatedAt: event.CreatedAt, ResumeHandoff: port.ResumeHandoffStatusNone,
	}
	found.suspensions = append(found.suspensions, &suspension{record})
	s.grow(found, suspensionSize(record))
	return rules.Current(record, s.now()), true, nil
}

func (s *Store) reopen(existing *suspension, payload model.TaskSuspendedPayload) (port.TaskSuspensionRecord, error) {
	same, err := rules.SamePayload(existing.Payload, payload)
	if err != nil {
		return port.TaskSuspensionRecord{}, err
	}
	if !same {
		return port.TaskSuspensionRecord{}, model.NewError(model.ErrorCodeTaskConflict, "the suspendId was used for another suspension")
	}
	return rules.Current(existing.TaskSuspensionRecord, s.now()), nil
}

// GetSuspension implements [port.SuspensionStore].
func (s *Store) GetSuspension(ctx context.Context, taskID, suspendID string) (port.TaskSuspensionRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, existing, err := s.findSuspension(ctx, taskID, suspendID)
	if err != nil {
		return port.TaskSuspensionRecord{}, err
	}
	return rules.Current(existing.TaskSuspensionRecord, s.now()), nil
}

// ListOpenSuspensions implements [port.SuspensionStore].
func (s *Store) ListOpenSuspensions(ctx context.Context, taskIDs []string) ([]port.TaskSuspensionRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var open []port.TaskSuspensionRecord
	now := s.now()
	for _, taskID := range taskIDs {
		found, ok := s.tasks[taskID]
		if !ok {
			continue
		}
		for _, each := range found.suspensions {
			if rules.Current(each.TaskSuspensionRecord, now).Status == port.TaskSuspensionStatusOpen {
				open = append(open, each.TaskSuspensionRecord)
			}
		}
	}
	return open, nil
}

// AcceptActionIfOpen implements [port.SuspensionStore].
func (s *Store) AcceptActionIfOpen(ctx context.Context, action port.TaskActionReceipt) (outcome model.SubmitActionResultStatus, record port.TaskSuspensionRecord, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, existing, err := s.findSuspension(ctx, action.TaskID, action.SuspendID)
	if err != nil {
		return "", record, err
	}
	now := s.now()
	outcome, err = rules.JudgeAction(action, existing.TaskSuspensionRecord, found.receipt(action.ClientActionID), now)
	if err == nil && outcome == model.SubmitActionResultStatusAccepted {
		err = s.accept(found, existing, action, now)
	}
	if err != nil {
		return "", record, err
	}
	return outcome, rules.Current(existing.TaskSuspensionRecord, now), nil
}

func (s *Store) accept(found *task, existing *suspension, action port.TaskActionReceipt, now time.Time) error {
	receipt, draft, err := rules.Accepted(action, now)
	if err != nil {
		return err
	}
	if _, err := s.append(found, draft); err != nil {
		return err
	}
	found.receipts[receipt.ClientActionID] = receipt
	s.grow(found, receiptSize(receipt))
	existing.TaskSuspensionRecord = rules.Resolved(existing.TaskSuspensionRecord, receipt)
	s.pending = append(s.pending, existing)
	return nil
}

// ExpireOpenSuspensions implements [port.SuspensionStore].
func (s *Store) ExpireOpenSuspensions(ctx context.Context, before time.Time) (expired int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	for _, found := range s.tasks {
		for _, each := range found.suspensions {
			if each.Status == port.TaskSuspensionStatusOpen && rules.Expired(each.Payload, before) {
				each.TaskSuspensionRecord = rules.Current(each.TaskSuspensionRecord, before)
				expired++
			}
		}
	}
	return expired, nil
}

func (s *Store) findSuspension(ctx context.Context, taskID, suspendID string) (*task, *suspension, error) {
	found, err := s.find(ctx, taskID)
	if err != nil {
		return nil, nil, err
	}
	if existing := found.suspension(suspendID); existing != nil {
		return found, existing, nil
	}
	return nil, nil, model.NewError(model.ErrorCodeTaskNotFound, "the task has no such suspension")
}

func (t *task) suspension(suspendID string) *suspension {
	at := slices.IndexFunc(t.suspensions, func(each *suspension) bool { return each.Payload.SuspendID == suspendID })
	if at < 0 {
		return nil
	}
	return t.suspensions[at]
}
