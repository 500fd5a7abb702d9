package memory

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

// CreateTask implements [port.TaskRegistry].
func (s *Store) CreateTask(ctx context.Context, record port.TaskRecord) (stored port.TaskRecord, created bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return stored, false, err
	}
	fresh := s.newTask(record)
	if existing, ok := s.keys[fresh.key()]; ok {
		return existing.record, false, nil
	}
	if _, taken := s.tasks[record.TaskID]; taken {
		return stored, false, model.NewError(model.ErrorCodeTaskConflict, "the task id belongs to another task")
	}
	if err := s.insert(fresh); err != nil {
		return stored, false, err
	}
	return fresh.record, true, nil
}

func (s *Store) newTask(record port.TaskRecord) *task {
	record.Status = model.TaskStatusAccepted
	record.CreatedAt = s.now()
	record.UpdatedAt = record.CreatedAt
	record.CancellationRequested, record.CancellationReason, record.LastEventID = false, nil, nil
	record.Input, record.Metadata = rules.Object(record.Input), rules.Object(record.Metadata)
	fresh := &task{receipts: map[string]port.TaskActionReceipt{}}
	record.Attachments = slices.Clone(record.Attachments)
	for i := range record.Attachments {
		fresh.contents = append(fresh.contents, record.Attachments[i].Content)
		record.Attachments[i].Content = nil
	}
	fresh.record = record
	return fresh
}

func (s *Store) insert(fresh *task) error {
	size := taskSize(fresh)
	if !s.makeRoom(size) {
		return errFull
	}
	s.created++
	fresh.ordinal = s.created
	s.tasks[fresh.record.TaskID] = fresh
	s.keys[fresh.key()] = fresh
	s.owners[fresh.record.OwnerID] = append(s.owners[fresh.record.OwnerID], fresh)
	s.grow(fresh, size)
	return nil
}

// GetTask implements [port.TaskRegistry].
func (s *Store) GetTask(ctx context.Context, taskID string) (port.TaskRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return port.TaskRecord{}, err
	}
	return found.record, nil
}

// GetTaskByClientRequestID implements [port.TaskRegistry].
func (s *Store) GetTaskByClientRequestID(ctx context.Context, ownerID, clientRequestID string) (port.TaskRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return port.TaskRecord{}, err
	}
	if found, ok := s.keys[key{ownerID, clientRequestID}]; ok {
		return found.record, nil
	}
	return port.TaskRecord{}, errUnknown
}

// ReadAttachment implements [port.TaskRegistry].
func (s *Store) ReadAttachment(ctx context.Context, taskID string, index int) (port.TaskAttachment, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return port.TaskAttachment{}, err
	}
	if index < 0 || index >= len(found.contents) {
		return port.TaskAttachment{}, model.NewError(model.ErrorCodeTaskNotFound, "the task has no such attachment")
	}
	attachment := found.record.Attachments[index]
	attachment.Content = found.contents[index]
	return attachment, nil
}

// UpdateTaskStatus implements [port.TaskRegistry].
func (s *Store) UpdateTaskStatus(ctx context.Context, taskID string, status model.TaskStatus, payload json.RawMessage) (record port.TaskRecord, moved bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return record, false, err
	}
	if err := rules.EnsureTransition(found.record.Status, status); err != nil {
		return record, false, err
	}
	if found.record.Status == status {
		return found.record, false, nil
	}
	event, err := s.append(found, port.EventDraft{Type: string(rules.EventOf(status)), Payload: payload})
	if err != nil {
		return record, false, err
	}
	found.record.Status = status
	found.record.UpdatedAt = event.CreatedAt
	if status.Terminal() {
		s.finish(found, event.CreatedAt)
	}
	return found.record, true, nil
}

func (s *Store) finish(found *task, at time.Time) {
	found.finishedAt = at
	s.finished = append(s.finished, found)
	for _, each := range found.suspensions {
		each.TaskSuspensionRecord = rules.Closed(each.TaskSuspensionRecord, at)
	}
}

// RequestCancellation implements [port.TaskRegistry].
func (s *Store) RequestCancellation(ctx context.Context, taskID string, reason *string) (port.TaskRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return port.TaskRecord{}, err
	}
	if !found.record.CancellationRequested && !found.record.Status.Terminal() {
		found.record.CancellationRequested = true
		found.record.CancellationReason = reason
		found.record.UpdatedAt = s.now()
	}
	return found.record, nil
}

// DeleteFinishedTasks implements [port.TaskRegistry].
func (s *Store) DeleteFinishedTasks(ctx context.Context, before time.Time) (deleted int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	for len(s.finished) > 0 && s.finished[0].finishedAt.Before(before) {
		s.remove(s.finished[0])
		deleted++
	}
	return deleted, nil
}
