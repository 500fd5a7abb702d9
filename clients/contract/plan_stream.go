package contract

import "encoding/json"

// Stream is a sequence of events that ends, can be read again, and can be
// resumed after any event, over up to three faces.
//
// Frames are JSON templates as impl/codec describes them. Their variables:
// $key (which stream), $after (the cursor asked for), $cursor, $requested,
// $first, $reason, $now, $unique, $events, $next, $more, $gap.
type Stream struct {
	Name string `json:"name"`
	// Key is the path parameter, and the captured variable of a setup, that says
	// which stream it is. Empty: there is only one.
	Key string `json:"key,omitempty"`
	// Event is the schema of the union of all messages, if the documents name one.
	Event string `json:"event,omitempty"`
	// Tag is the member that tells messages apart.
	Tag string `json:"tag"`
	// Messages gives the schema of each event by its tag; heartbeats,
	// confirmations and gaps are not events.
	Messages map[string]string `json:"messages"`
	Cursor   Cursor            `json:"cursor"`
	// Terminal are the tags of the last event. Empty: the stream has no end.
	Terminal  []string   `json:"terminal,omitempty"`
	Gap       *Gap       `json:"gap,omitempty"`
	WebSocket *WebSocket `json:"webSocket,omitempty"`
	SSE       *SSE       `json:"sse,omitempty"`
	Poll      *Poll      `json:"poll,omitempty"`
	Origin    string     `json:"origin,omitempty"`
}

// Cursor is the position of an event in its stream.
type Cursor struct {
	// Member of each event, a string or an integer. Where a frame wants a
	// cursor it is rendered as the same kind of JSON value.
	Member string `json:"member"`
	// Order is "pair" ("1-7", compared as two integers), "integer" or "opaque".
	Order string `json:"order"`
	// Start is a cursor that means "from the first event", as an absent one does.
	Start string `json:"start,omitempty"`
}

// Gap is the message that tells a reader what it can no longer have.
type Gap struct {
	Frame
	// Reasons by their meaning (trimmed, expired, reset) as written on the wire.
	Reasons map[string]string `json:"reasons"`
}

// Frame is a message with its schema (empty: none) and its template.
type Frame struct {
	Schema string          `json:"schema,omitempty"`
	Frame  json.RawMessage `json:"frame"`
}

// WebSocket is the face of a stream on a socket: the client subscribes with
// its first frame, the server confirms, sends events, and closes with 1000
// after the terminal one.
type WebSocket struct {
	// Operation that upgrades, resolved to Method and Path.
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	// BearerProtocol is the subprotocol that precedes a token where headers
	// cannot be set.
	BearerProtocol string `json:"bearerProtocol,omitempty"`
	Subscribe      Frame  `json:"subscribe"`
	Confirm        *Frame `json:"confirm,omitempty"`
	Heartbeat      *Frame `json:"heartbeat,omitempty"`
}

// SSE is the face of a stream as server-sent events. The cursor travels in the
// header Last-Event-ID and comes back in id fields. The response ends after
// the terminal event; one who resumes there gets 204 if the operation declares
// it, else an empty stream.
type SSE struct {
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	// CursorQuery is the query parameter accepted instead of the header.
	CursorQuery string `json:"cursorQuery,omitempty"`
	Heartbeat   *Frame `json:"heartbeat,omitempty"`
}

// Poll is the face of a stream as pages. A page carries $events, $next (the
// cursor to ask after next), $more (exactly whether there is more now), $gap.
type Poll struct {
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	// After, Wait (milliseconds to wait for a first event) and Limit are names
	// of query parameters.
	After string          `json:"after"`
	Wait  string          `json:"wait"`
	Limit string          `json:"limit"`
	Page  json.RawMessage `json:"page"`
	// Gap is the template of the page's $gap.
	Gap json.RawMessage `json:"gap,omitempty"`
}
