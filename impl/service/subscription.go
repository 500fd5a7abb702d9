package service

import (
	"context"

	"github.com/taskbridge/tbgen/gen/port"
)

type subscriber struct{ base }

// PrepareSubscription implements [port.TaskSubscriptionService].
func (s subscriber) PrepareSubscription(ctx context.Context, auth port.AuthContext, taskID string) (port.TaskSubscription, error) {
	if _, err := s.access(ctx, auth, taskID); err != nil {
		return nil, err
	}
	return subscription{taskID: taskID, events: s.Events}, nil
}

type subscription struct {
	taskID string
	events port.EventStore
}

// ReadEventsAfter implements [port.TaskSubscription].
func (s subscription) ReadEventsAfter(ctx context.Context, afterEventID string, limit int) (port.EventPage, error) {
	return s.events.ReadEventsAfter(ctx, s.taskID, afterEventID, limit)
}

// WaitForEvents implements [port.TaskSubscription].
func (s subscription) WaitForEvents(ctx context.Context, afterEventID string) error {
	return s.events.WaitForEvents(ctx, s.taskID, afterEventID)
}
