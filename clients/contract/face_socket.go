package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

// socket reads a stream over a WebSocket.
type socket struct {
	*session
	on      *stream
	conn    *websocket.Conn
	release func() bool
	lines   []string
	// received is true after the first message.
	received bool
	// confirmed is the frame that confirmed the subscription.
	confirmed []byte
}

// maxFrame bounds the frames that are read.
const maxFrame = 16 << 20

// openSocket connects, subscribes and waits for the confirmation.
func (s *session) openSocket(ctx context.Context, on *stream, a ask) (*socket, error) {
	r, err := s.dial(ctx, on, a)
	if err != nil {
		return nil, err
	}
	frame, err := on.subscribe.Render(map[string]any{"key": a.key, "after": orNil(a.after), "unique": s.unique()})
	if err != nil {
		r.drop()
		return nil, err
	}
	r.logf("> %s", frame)
	// A server that has closed already is asked in vain, but has said why.
	_ = r.conn.WriteMessage(websocket.TextMessage, frame)
	if on.confirm == nil {
		return r, nil
	}
	if err := r.confirm(ctx); err != nil {
		r.drop()
		return nil, err
	}
	return r, nil
}

// confirm waits for the confirmation.
func (r *socket) confirm(ctx context.Context) error {
	if err := r.conn.SetReadDeadline(r.deadline()); err != nil {
		return err
	}
	data, closing, err := r.receive(ctx)
	switch {
	case err != nil:
		return err
	case closing != nil:
		return r.refused(closing)
	}
	if _, ok := r.on.confirm.Match(data); !ok {
		return fmt.Errorf("the first frame %s is no confirmation of the subscription", shorten(string(data), 300))
	}
	r.confirmed = data
	return nil
}

func (r *socket) refused(closing *websocket.CloseError) *refusal {
	return &refusal{code: closing.Code, reason: closing.Text, script: r.script()}
}

// orNil is a value for a template: an absent cursor is nil, not an empty text.
func orNil(cursor json.RawMessage) any {
	if cursor == nil {
		return nil
	}
	return cursor
}

func (s *session) dial(ctx context.Context, on *stream, a ask) (*socket, error) {
	c, err := s.callFace(s.operations[on.WebSocket.Operation], on, a)
	if err != nil {
		return nil, err
	}
	r := &socket{session: s, on: on}
	shown, header, _ := s.handshake(on, c, a.protocol, "$TOKEN")
	r.logf("connect %s", strings.ReplaceAll(shown, url.QueryEscape("$TOKEN"), "$TOKEN"))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		r.logf("%s: %s", name, header.Get(name))
	}
	target, header, protocols := s.handshake(on, c, a.protocol, c.token)
	dialer := *s.dialer
	if dialer.Subprotocols = protocols; len(protocols) > 0 {
		header.Del("Sec-WebSocket-Protocol")
	}
	conn, response, err := dialer.DialContext(ctx, target, header) //nolint:bodyclose // the dialer closes it
	if response != nil {
		s.touched.answer(c.operation, response.StatusCode)
	}
	if err != nil {
		return nil, r.undialled(err, c, response)
	}
	conn.SetReadLimit(maxFrame)
	r.conn = conn
	r.release = context.AfterFunc(ctx, func() { _ = conn.Close() })
	return r, nil
}

// handshake is where to connect, and what to present. The token goes into the
// subprotocols if it cannot go into a header.
func (s *session) handshake(on *stream, c *call, protocol bool, token string) (target string, header http.Header, protocols []string) {
	header, query := c.header.Clone(), maps.Clone(c.query)
	if protocol {
		protocols = []string{on.WebSocket.BearerProtocol, token}
		header.Set("Sec-WebSocket-Protocol", strings.Join(protocols, ", "))
	} else {
		c.authorize(header, query, token)
	}
	place := s.url(c.path, query)
	place.Scheme = strings.Replace(place.Scheme, "http", "ws", 1)
	return place.String(), header, protocols
}

// undialled says why there is no socket.
func (r *socket) undialled(err error, c *call, response *http.Response) error {
	if response == nil {
		return fmt.Errorf("the WebSocket cannot be opened: %w", err)
	}
	body := make([]byte, 4096)
	n, _ := response.Body.Read(body)
	answer := &exchange{call: c, status: response.StatusCode, header: response.Header, body: body[:n]}
	return &refusal{answer: answer, script: r.script()}
}

// receive waits for a text frame or the end of the connection, until the read
// deadline.
func (r *socket) receive(ctx context.Context) ([]byte, *websocket.CloseError, error) {
	kind, data, err := r.conn.ReadMessage()
	closing, closed := errors.AsType[*websocket.CloseError](err)
	switch {
	case closed:
		r.logf("< close %d %s", closing.Code, closing.Text)
		return nil, closing, nil
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case timedOut(err):
		return nil, nil, r.silence()
	case err != nil:
		r.logf("< the connection is cut: %v", err)
		return nil, &websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: err.Error()}, nil
	case kind != websocket.TextMessage:
		return nil, nil, errors.New("a binary frame came")
	}
	r.logf("< %s", shorten(string(data), 300))
	r.received = true
	return data, nil, nil
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func (r *socket) next(ctx context.Context) (item, error) {
	if err := r.conn.SetReadDeadline(r.deadline()); err != nil {
		return item{}, err
	}
	for {
		data, closing, err := r.receive(ctx)
		if err != nil {
			return item{}, err
		}
		if closing != nil && !r.received && closing.Code != websocket.CloseNormalClosure {
			return item{}, r.refused(closing)
		}
		if closing != nil {
			return item{end: closeEnding(closing)}, nil
		}
		next, err := r.classify(r.on, data, r.on.socketBeat)
		if err != nil || next != (item{}) {
			return next, err
		}
	}
}

func closeEnding(closing *websocket.CloseError) *ending {
	if closing.Code == websocket.CloseAbnormalClosure {
		return &ending{how: "the connection was cut without a close frame"}
	}
	return &ending{
		how:    strings.TrimSpace(fmt.Sprintf("close %d %s", closing.Code, closing.Text)),
		proper: closing.Code == websocket.CloseNormalClosure,
	}
}

func (r *socket) drop() {
	r.release()
	_ = r.conn.Close()
}

// kept is how many lines of a script are kept at its start and at its end.
const kept = 10

func (r *socket) logf(format string, arguments ...any) {
	if len(r.lines) == 2*kept {
		r.lines = append(r.lines[:kept], r.lines[kept+1:]...)
		r.lines[kept] = "…"
	}
	r.lines = append(r.lines, fmt.Sprintf(format, arguments...))
}

func (r *socket) script() string { return strings.Join(r.lines, "\n") }
