package executor

import (
	"context"
	"encoding/json"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
)

// handle is what a run's work reports through.
type handle struct{ run *run }

var _ port.TaskHandle = handle{}

func encode(payload any) (json.RawMessage, error) { return codec.Marshal(payload) }

// Progress implements [port.TaskHandle].
func (h handle) Progress(ctx context.Context, payload model.TaskProgressPayload) error {
	return h.append(ctx, model.TaskEventTypeTaskProgress, payload)
}

// Message implements [port.TaskHandle].
func (h handle) Message(ctx context.Context, payload model.TaskMessagePayload) error {
	return h.append(ctx, model.TaskEventTypeTaskMessage, payload)
}

func (h handle) append(ctx context.Context, eventType model.TaskEventType, payload any) error {
	data, err := encode(payload)
	if err != nil {
		return err
	}
	_, err = h.run.pool.settings.Events.AppendEvent(ctx, h.run.task.TaskID, port.EventDraft{Type: string(eventType), Payload: data})
	return err
}

// Complete implements [port.TaskHandle].
func (h handle) Complete(_ context.Context, payload model.TaskCompletedPayload) error {
	return h.run.finish(model.TaskStatusCompleted, payload)
}

// Fail implements [port.TaskHandle].
func (h handle) Fail(_ context.Context, payload model.TaskFailedPayload) error {
	return h.run.finish(model.TaskStatusFailed, payload)
}

// ReadAttachment implements [port.TaskHandle].
func (h handle) ReadAttachment(ctx context.Context, index int) (port.TaskAttachment, error) {
	return h.run.pool.settings.Tasks.ReadAttachment(ctx, h.run.task.TaskID, index)
}
