package resume

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrTooLarge is an answer, a frame or an event over Config.MaxBytes.
	ErrTooLarge = errors.New("larger than this client accepts")
	// ErrSilent is a connection on which nothing, not even a heartbeat, was
	// heard for the time of WithSilence.
	ErrSilent = errors.New("the connection has gone silent")
)

// AnswerError is an answer that the API's document does not foresee: its
// status, its media type, or a body that does not decode.
type AnswerError struct {
	Status    int
	MediaType string
	Excerpt   string // the beginning of the body
	Err       error  // what is wrong with the body; nil if it was not read
}

// Error implements error.
func (e *AnswerError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "unexpected answer: status %d", e.Status)
	if e.MediaType != "" {
		fmt.Fprintf(&text, " (%s)", e.MediaType)
	}
	if e.Err != nil {
		fmt.Fprintf(&text, ": %v", e.Err)
	}
	if e.Excerpt != "" {
		fmt.Fprintf(&text, ": %q", e.Excerpt)
	}
	return text.String()
}

// Unwrap returns what is wrong with the body.
func (e *AnswerError) Unwrap() error { return e.Err }

// CloseError is a WebSocket that the server closed for good with a reason that
// Config.DecodeClose does not know.
type CloseError struct {
	Code   int
	Reason string
}

// Error implements error.
func (e *CloseError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server closed the WebSocket: %d %s", e.Code, e.Reason))
}

// EventError is one message of a stream that could not be decoded. It is not
// final: the sequence goes on after that message if the range is continued.
type EventError struct {
	Stream string // name of the stream
	Key    string // which stream of that name
	Cursor string // the event's position; "" if it has no valid one
	Tag    string // its kind; "" if it has none
	Data   []byte // as received
	Err    error
}

// Error implements error.
func (e *EventError) Error() string {
	return fmt.Sprintf("%s %s: event %q at %q: %v", e.Stream, e.Key, e.Tag, e.Cursor, e.Err)
}

// Unwrap returns why the event could not be decoded.
func (e *EventError) Unwrap() error { return e.Err }

// excerpt is the beginning of a body, for people.
func excerpt(body []byte) string {
	const length = 256
	if len(body) <= length {
		return strings.ToValidUTF8(string(body), "�")
	}
	cut := length
	for cut > length-utf8.UTFMax && !utf8.RuneStart(body[cut]) {
		cut--
	}
	return strings.ToValidUTF8(string(body[:cut]), "�") + "…"
}
