package resume

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Spec describes a resumable stream: how its messages are told apart, what its
// cursors are, and how each transport carries it. It is filled by generated
// code and never changed.
type Spec struct {
	Name     string   // of the stream, in errors
	Key      string   // name of the path parameter that selects one stream
	Tag      string   // member that tells messages apart
	Cursor   string   // member of an event that is its cursor
	Order    Order    // syntax and order of cursors
	Number   bool     // the cursor is a JSON number on the wire, not a string
	Start    string   // cursor that means the start, as none does; "" if there is none
	Events   []string // tags of all declared events
	Terminal []string // tags of the events after which nothing follows
	GapTag   string   // tag of the message that tells of lost history; "" if there is none

	// Gap is that message, of $key, $cursor, $now, $requested, $first and $reason.
	Gap *codec.Template

	// The transports that carry the stream; nil where one does not.
	WebSocket *WebSocketSpec
	SSE       *SSESpec
	Poll      *PollSpec
}

// WebSocketSpec describes how a WebSocket carries a stream. The templates are
// of $key and $after.
type WebSocketSpec struct {
	Path      string
	Subscribe *codec.Template // the client's first frame
	Confirm   *codec.Template // the server's first frame; nil if there is none
	Heartbeat *codec.Template // nil if there is none
}

// SSESpec describes how server-sent events carry a stream.
type SSESpec struct {
	Path        string          // with the parameter {Key}
	CursorQuery string          // parameter that repeats the Last-Event-ID header; "" if there is none
	Heartbeat   *codec.Template // nil if there is none
}

// PollSpec describes how pages carry a stream.
type PollSpec struct {
	Path      string          // with the parameter {Key}
	After     string          // query parameter of the cursor
	Wait      string          // query parameter of the longest wait, in milliseconds; "" if there is none
	Limit     string          // query parameter of the page size; "" if there is none
	MaxWait   time.Duration   // largest wait the document allows
	MaxEvents int             // largest page the document allows; 0 leaves it to the server
	Page      *codec.Template // the answer, of $key, $events, $next, $more and $gap
	Gap       *codec.Template // the answer's $gap, of $requested, $first and $reason; nil if there is none
}

// kind tells what is to be done with a message.
type kind int

const (
	control   kind = iota // of the transport: swallowed
	heartbeat             // control, and a sign of life
	event                 // handed over if it is new
	gap                   // handed over, and moves the position
	broken                // handed over as an error
)

// message is one message of a stream, told apart.
type message struct {
	kind   kind
	tag    string
	cursor string // "" if it has no valid one
	data   []byte
	err    error // why it is broken
}

// classify tells a message apart. It errs towards handing over: only what is
// no declared event and has no position of its own is swallowed.
func (s *Spec) classify(data []byte, beat *codec.Template) message {
	m := message{data: data}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		m.kind, m.err = broken, errors.Join(errors.New("not a JSON object"), err)
		return m
	}
	m.tag = text(members[s.Tag])
	m.cursor = s.cursorOf(members[s.Cursor])
	declared := slices.Contains(s.Events, m.tag)
	isGap := s.GapTag != "" && m.tag == s.GapTag
	switch {
	case !declared && !isGap && beat != nil && matches(beat, data):
		m.kind = heartbeat
	case m.cursor == "" && (declared || isGap):
		m.kind, m.err = broken, fmt.Errorf("member %q is no cursor: %q", s.Cursor, excerpt(members[s.Cursor]))
	case isGap:
		m.kind = gap
	case m.cursor != "":
		m.kind = event
	}
	return m
}

// cursorOf is the cursor a member's value names, or "".
func (s *Spec) cursorOf(value json.RawMessage) string {
	cursor := text(value)
	if s.Number {
		cursor = string(value)
	}
	if !s.Order.valid(cursor) {
		return ""
	}
	return cursor
}

// variable is a cursor as a template's variable; the start is null.
func (s *Spec) variable(cursor string) any {
	switch {
	case cursor == "":
		return nil
	case s.Number:
		return json.RawMessage(cursor)
	}
	return cursor
}

func (s *Spec) isTerminal(m message) bool {
	return slices.Contains(s.Terminal, m.tag)
}

func matches(template *codec.Template, data []byte) bool {
	_, ok := template.Match(data)
	return ok
}

// text is the string that a JSON value holds, "" if it is none.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
