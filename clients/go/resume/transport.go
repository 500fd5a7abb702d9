package resume

import (
	"context"
	"fmt"
	"net/url"
	"time"
)

// Transport is a way to carry a stream.
type Transport int

const (
	// Auto is the best transport the stream is offered on.
	Auto Transport = iota
	// WebSocket is one socket per observation, of which events are frames.
	WebSocket
	// SSE is one endless HTTP response of server-sent events.
	SSE
	// Poll is one HTTP request per page of events, held back while there are none.
	Poll
)

var transportNames = []string{"auto", "ws", "sse", "poll"}

// String returns the name: auto, ws, sse or poll.
func (t Transport) String() string {
	if t < 0 || int(t) >= len(transportNames) {
		return fmt.Sprintf("Transport(%d)", int(t))
	}
	return transportNames[t]
}

// MarshalText returns the name.
func (t Transport) MarshalText() ([]byte, error) {
	return []byte(t.String()), nil
}

// UnmarshalText accepts a name that String returns.
func (t *Transport) UnmarshalText(name []byte) error {
	for i, known := range transportNames {
		if known == string(name) {
			*t = Transport(i)
			return nil
		}
	}
	return fmt.Errorf("transport %q is none of auto, ws, sse, poll", name)
}

// transport opens sessions of one kind.
type transport interface {
	// open connects and returns once the server has accepted. Errors are
	// failures with their verdict.
	open(ctx context.Context, from origin) (session, error)
}

// session is one connection of a stream, or one chain of pages. It is used by
// one goroutine.
type session interface {
	// next returns the next message, or the failure that ended the session.
	next(ctx context.Context) (message, error)
	// close ends the session and everything it runs.
	close()
}

// origin is where a session starts, and with which credential.
type origin struct {
	after  string // cursor; "" is the start
	unseen bool   // the event at after was not handed over by this observation
	token  string
}

// link is what all sessions of an observation share.
type link struct {
	conn    *Conn
	spec    *Spec
	key     string
	silence time.Duration
}

// resolve is the URL of a path that has the stream's key as a parameter.
func (l link) resolve(path string, query url.Values) (*url.URL, error) {
	return l.conn.resolve(path, map[string]string{l.spec.Key: l.key}, query)
}

// transports are the ways to carry a stream, the one to use first. There is
// one for now: falling back means having more, and moving among them.
func (l link) transports(wanted Transport) ([]Transport, map[Transport]transport, error) {
	offered := map[Transport]transport{}
	if l.spec.WebSocket != nil {
		offered[WebSocket] = socketTransport{l}
	}
	if l.spec.SSE != nil {
		offered[SSE] = sseTransport{l}
	}
	if l.spec.Poll != nil {
		offered[Poll] = pollTransport{l}
	}
	for _, t := range []Transport{WebSocket, SSE, Poll} {
		if offered[t] != nil && (wanted == Auto || wanted == t) {
			return []Transport{t}, offered, nil
		}
	}
	return nil, nil, fmt.Errorf("the stream is not offered on transport %s", wanted)
}
