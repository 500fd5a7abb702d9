package rules

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
)

// TimeFormat is how the time of an event is written: RFC 3339 in UTC with three decimals.
const TimeFormat = "2006-01-02T15:04:05.000Z"

var emptyObject = json.RawMessage("{}")

// Instant gives t as records keep it: UTC, whole milliseconds.
func Instant(t time.Time) time.Time {
	return t.UTC().Truncate(time.Millisecond)
}

// Object gives a JSON object as it is, and {} for an empty text.
func Object(text json.RawMessage) json.RawMessage {
	if len(text) == 0 {
		return emptyObject
	}
	return text
}

// EncodeEvent gives the record of an event at its place, with its final JSON: the members type,
// taskId, eventId, createdAt and payload, in this order. The same arguments give the same bytes,
// so that a store may keep the parts and put them together again. A payload that is no JSON
// object is INVALID_REQUEST.
func EncodeEvent(taskID string, place Cursor, at time.Time, draft port.EventDraft) (port.EventRecord, error) {
	at = Instant(at)
	envelope := struct {
		Type      string          `json:"type"`
		TaskID    string          `json:"taskId"`
		EventID   string          `json:"eventId"`
		CreatedAt string          `json:"createdAt"`
		Payload   json.RawMessage `json:"payload"`
	}{draft.Type, taskID, place.String(), at.Format(TimeFormat), Object(draft.Payload)}
	data, err := codec.Marshal(envelope)
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(envelope.Payload, " \t\r\n"), []byte("{")) {
		return port.EventRecord{}, model.NewError(model.ErrorCodeInvalidRequest, "an event's payload must be a JSON object").WithCause(err)
	}
	record := port.EventRecord{TaskID: taskID, EventID: envelope.EventID, Type: draft.Type, CreatedAt: at, Data: data}
	return record, nil
}

// Draft gives the draft of an event with a typed payload.
func Draft(eventType model.TaskEventType, payload any) (port.EventDraft, error) {
	data, err := codec.Marshal(payload)
	return port.EventDraft{Type: string(eventType), Payload: data}, err
}
