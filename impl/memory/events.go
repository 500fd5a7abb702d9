package memory

import (
	"context"

	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

// AppendEvent implements [port.EventStore].
func (s *Store) AppendEvent(ctx context.Context, taskID string, event port.EventDraft) (port.EventRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return port.EventRecord{}, err
	}
	if err := rules.EnsureAppend(found.record.Status, event.Type); err != nil {
		return port.EventRecord{}, err
	}
	return s.append(found, event)
}

// append gives an event its place and wakes those who wait for it. The lock is held, and is not
// released before all that goes with the event is written.
func (s *Store) append(found *task, draft port.EventDraft) (port.EventRecord, error) {
	event, err := rules.EncodeEvent(found.record.TaskID, rules.NextCursor(found.last), s.now(), draft)
	if err != nil {
		return port.EventRecord{}, err
	}
	found.last++
	found.events = append(found.events, event)
	found.record.LastEventID = &event.EventID
	s.grow(found, eventSize(event))
	s.trim(found)
	found.wake()
	return event, nil
}

// ReadEventsAfter implements [port.EventStore].
func (s *Store) ReadEventsAfter(ctx context.Context, taskID, afterEventID string, limit int) (port.EventPage, error) {
	if limit < 1 {
		return port.EventPage{}, errLimit
	}
	cursor, err := rules.ParseCursor(afterEventID)
	if err != nil {
		return port.EventPage{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return port.EventPage{}, err
	}
	return found.page(afterEventID, cursor, limit), nil
}

func (t *task) page(text string, cursor rules.Cursor, limit int) port.EventPage {
	history := t.history()
	start, gap := history.After(text, cursor)
	available := t.events[start-history.First:]
	count := min(limit, len(available))
	hasMore := count < len(available)
	return port.EventPage{
		Events:  append([]port.EventRecord{}, available[:count]...),
		Gap:     gap,
		HasMore: hasMore,
		Ended:   t.record.Status.Terminal() && !hasMore,
	}
}

func (t *task) history() rules.History {
	first := t.last + 1 - uint64(len(t.events))
	return rules.History{First: first, Last: t.last, ID: func(seq uint64) string { return t.events[seq-first].EventID }}
}

// WaitForEvents implements [port.EventStore].
func (s *Store) WaitForEvents(ctx context.Context, taskID, afterEventID string) error {
	cursor, err := rules.ParseCursor(afterEventID)
	if err != nil {
		return err
	}
	changed, err := s.watch(ctx, taskID, cursor)
	if changed == nil || err != nil {
		return err
	}
	select {
	case <-changed:
		return s.alive(ctx, taskID)
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return errClosed
	}
}

// watch gives what is closed at the task's next change, nil if there is something to read now.
func (s *Store) watch(ctx context.Context, taskID string, cursor rules.Cursor) (<-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, taskID)
	if err != nil {
		return nil, err
	}
	start, gap := found.history().After("", cursor)
	if gap != nil || start <= found.last || found.record.Status.Terminal() {
		return nil, nil
	}
	if found.changed == nil {
		found.changed = make(chan struct{})
	}
	return found.changed, nil
}

// alive tells a task that has changed from one that was deleted.
func (s *Store) alive(ctx context.Context, taskID string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, err := s.find(ctx, taskID)
	return err
}
