package endpoint

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/gen/server"
	"github.com/taskbridge/tbgen/impl/stream"
)

// Streams opens the generated server's streams.
type Streams struct {
	Subscription port.TaskSubscriptionService
}

var _ server.Streams = Streams{}

// OpenTaskEvents implements [server.Streams].
func (s Streams) OpenTaskEvents(ctx context.Context, taskID string) (stream.Source, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	subscription, err := s.Subscription.PrepareSubscription(ctx, auth, taskID)
	if err != nil {
		return nil, err
	}
	return source{subscription}, nil
}

// source shows a subscription to the stream engine.
type source struct{ port.TaskSubscription }

// Read implements [stream.Source].
func (s source) Read(ctx context.Context, after string, limit int) (stream.Batch, error) {
	page, err := s.ReadEventsAfter(ctx, after, limit)
	if err != nil {
		return stream.Batch{}, err
	}
	batch := stream.Batch{Events: make([]stream.Event, len(page.Events)), More: page.HasMore, Ended: page.Ended}
	for i, event := range page.Events {
		batch.Events[i] = stream.Event{ID: event.EventID, Data: event.Data, Last: model.TaskEventType(event.Type).Terminal()}
	}
	if page.Gap != nil {
		batch.Gap = &stream.Gap{
			Requested: page.Gap.RequestedAfterEventID, First: page.Gap.FirstAvailableEventID,
			Reason: reasons[page.Gap.Reason], Cursor: page.Gap.Cursor,
		}
	}
	return batch, nil
}

// Wait implements [stream.Source].
func (s source) Wait(ctx context.Context, after string) error { return s.WaitForEvents(ctx, after) }

var reasons = map[model.GapReason]stream.Reason{
	model.GapReasonTrimmed: stream.Trimmed,
	model.GapReasonExpired: stream.Expired,
	model.GapReasonReset:   stream.Reset,
}
