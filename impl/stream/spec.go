package stream

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Spec is all that one kind of stream says and looks like: plain data, written by the generator
// from a document and never changed. A template that is nil is a message that the stream does
// not have, unless it is said to be required. Each may have the variables named beside it;
// $key is the stream's key, $now the time in RFC 3339 with milliseconds, in UTC, and $unique a
// text that never occurs twice.
type Spec struct {
	// Name names the kind of stream in logs.
	Name string
	// Order is the syntax of the cursors.
	Order Order
	// Number is set where cursors are JSON numbers, not strings.
	Number bool
	// Start is a cursor that means the same as none, such as 0-0. A [Source] never sees it: it
	// is asked for the empty cursor instead. Empty if there is no such cursor.
	Start string
	// Reasons are the words for the reasons of a gap. One that is missing is its own word.
	Reasons map[Reason]string
	// Gap is the gap as a message of the stream, for WebSocket and SSE: $key, $now, $cursor,
	// $requested and $first, which may be null, and $reason. Without it, readers are led across
	// a gap untold.
	Gap *codec.Template
	// Socket is the stream over WebSocket.
	Socket Socket
	// SSE is the stream as server-sent events.
	SSE SSE
	// Poll is the stream in pages.
	Poll Poll
}

// Socket is a stream over WebSocket.
type Socket struct {
	// Subscribe is the first message of a client, which has to match exactly: $key, and $after,
	// which may be null. Required.
	Subscribe *codec.Template
	// Confirm answers it: $key, and $after, null if the client named no cursor.
	Confirm *codec.Template
	// Heartbeat is sent on an idle stream: $key, $now, $unique.
	Heartbeat *codec.Template
	// BearerProtocol is the subprotocol that a client offers right before one which is its
	// credential, because it cannot set a header. Empty if there is no such way.
	BearerProtocol string
}

// SSE is a stream as server-sent events.
type SSE struct {
	// Heartbeat is sent on an idle stream: $key, $now, $unique.
	Heartbeat *codec.Template
}

// Poll is a stream in pages.
type Poll struct {
	// Page is the answer: $key; $events, an array; $next, a cursor or null; $more, a boolean;
	// and $gap, which is Gap or null. Required.
	Page *codec.Template
	// Gap is the gap as a part of the page: $requested, $first, $reason, $cursor.
	Gap *codec.Template
}

// Position returns the cursor to read after for one that a client gave, which is the empty one
// for the start. A text that is no cursor of the stream is a [*CursorError].
func (s *Spec) Position(cursor string) (string, error) {
	if cursor == s.Start {
		return "", nil
	}
	return cursor, s.Order.Check(cursor)
}

// Subscription reads a client's first message: the key and the cursor in it, which is empty if
// there is none. It reports whether the message is one.
func (s *Spec) Subscription(message []byte) (key, after string, ok bool) {
	vars, ok := s.Socket.Subscribe.MatchExact(message)
	if !ok {
		return "", "", false
	}
	key, ok = text(vars["key"])
	if !ok || key == "" {
		return "", "", false
	}
	switch cursor, given := vars["after"]; {
	case !given || string(cursor) == "null":
		return key, "", true
	case s.Number:
		return key, string(cursor), true
	default:
		after, ok = text(cursor)
		return key, after, ok
	}
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return "", false
	}
	return *value, true
}

// Confirmation is the answer to a subscription, nil if the stream has none.
func (s *Spec) Confirmation(key, after string) ([]byte, error) {
	if s.Socket.Confirm == nil {
		return nil, nil
	}
	return s.Socket.Confirm.Render(map[string]any{"key": key, "after": s.cursor(after)})
}

// Heartbeat is one of the stream's heartbeats, nil for no template.
func (s *Spec) Heartbeat(template *codec.Template, key string, now time.Time) ([]byte, error) {
	if template == nil {
		return nil, nil
	}
	return template.Render(map[string]any{"key": key, "now": timestamp(now), "unique": rand.Text()})
}

// GapMessage is the message that tells a gap, nil if the stream has none.
func (s *Spec) GapMessage(key string, gap *Gap, now time.Time) ([]byte, error) {
	if s.Gap == nil {
		return nil, nil
	}
	vars := s.gap(gap)
	vars["key"], vars["now"] = key, timestamp(now)
	return s.Gap.Render(vars)
}

// Page is the answer to a poll after the cursor.
func (s *Spec) Page(key, after string, batch Batch) ([]byte, error) {
	events, next := make([]json.RawMessage, len(batch.Events)), after
	vars := map[string]any{"key": key, "more": batch.More, "gap": nil}
	if batch.Gap != nil {
		next = batch.Gap.Cursor
		if s.Poll.Gap != nil {
			gap, err := s.Poll.Gap.Render(s.gap(batch.Gap))
			if err != nil {
				return nil, err
			}
			vars["gap"] = json.RawMessage(gap)
		}
	}
	for i, event := range batch.Events {
		events[i], next = event.Data, event.ID
	}
	vars["events"], vars["next"] = events, s.cursor(next)
	return s.Poll.Page.Render(vars)
}

// gap returns the variables of a gap.
func (s *Spec) gap(gap *Gap) map[string]any {
	reason, ok := s.Reasons[gap.Reason]
	if !ok {
		reason = string(gap.Reason)
	}
	return map[string]any{
		"requested": s.optional(gap.Requested), "first": s.optional(gap.First),
		"reason": reason, "cursor": s.cursor(gap.Cursor),
	}
}

// cursor is a cursor as the value of a variable, null for the empty one.
func (s *Spec) cursor(cursor string) any {
	switch {
	case cursor == "":
		return nil
	case s.Number:
		return json.RawMessage(cursor)
	default:
		return cursor
	}
}

func (s *Spec) optional(cursor *string) any {
	if cursor == nil {
		return nil
	}
	return s.cursor(*cursor)
}

// timestamp is RFC 3339 with milliseconds, in UTC.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
