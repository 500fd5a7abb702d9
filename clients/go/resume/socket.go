package resume

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// socketTransport carries a stream as the frames of a WebSocket.
type socketTransport struct{ link }

func (t socketTransport) open(ctx context.Context, from origin) (session, error) {
	conn, err := t.dial(ctx, from.token)
	if err != nil {
		return nil, err
	}
	s := &socketSession{
		link:   t.link,
		socket: conn,
		frames: make(chan message, readAhead),
		quit:   make(chan struct{}),
	}
	go s.pump()
	if err := s.subscribe(ctx, from); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// dial opens the socket. The context and the time of silence bound all of it,
// also the part in which only the server's answer is missing.
func (t socketTransport) dial(ctx context.Context, token string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.silence, ErrSilent)
	defer cancel()
	target, err := t.resolve(t.spec.WebSocket.Path, nil)
	if err != nil {
		return nil, err
	}
	request, err := t.conn.request(ctx, http.MethodGet, target, token)
	if err != nil {
		return nil, err
	}
	request.URL.Scheme = map[string]string{"http": "ws", "https": "wss"}[target.Scheme]
	var release func() bool
	dialer := t.dialer(ctx, &release)
	conn, response, err := dialer.DialContext(ctx, request.URL.String(), request.Header)
	if release != nil && !release() && err == nil {
		conn.Close()
		err = context.Cause(ctx)
	}
	if response != nil && errors.Is(err, websocket.ErrBadHandshake) {
		a, err := t.conn.read(ctx, response)
		if err != nil {
			return nil, err
		}
		return nil, t.conn.refusal(a)
	}
	if err != nil {
		return nil, connectionFailure(ctx, err)
	}
	conn.SetReadLimit(t.conn.config.MaxBytes)
	return conn, nil
}

// dialer is the configured one, whose connections are watched for silence and
// closed when the context ends before release is called.
func (t socketTransport) dialer(ctx context.Context, release *func() bool) *websocket.Dialer {
	watched := func(dial dialFunc) dialFunc {
		return func(dialContext context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialContext, network, address)
			if err != nil {
				return nil, err
			}
			*release = context.AfterFunc(ctx, func() { conn.Close() })
			return watchedConn{conn, t.silence}, nil
		}
	}
	dialer := t.conn.dialer
	dialer.NetDialContext = watched(plainDial(dialer))
	if dialer.NetDialTLSContext != nil {
		dialer.NetDialTLSContext = watched(dialer.NetDialTLSContext)
	}
	return &dialer
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

func plainDial(dialer websocket.Dialer) dialFunc {
	switch {
	case dialer.NetDialContext != nil:
		return dialer.NetDialContext
	case dialer.NetDial != nil:
		return func(_ context.Context, network, address string) (net.Conn, error) {
			return dialer.NetDial(network, address)
		}
	}
	return new(net.Dialer).DialContext
}

// readAhead is how many messages are read before they are asked for, so that
// pings are answered while the consumer is busy. Heartbeats beyond it are
// dropped, so that nothing but events can hold back an idle socket.
const readAhead = 16

// socketSession is one subscribed WebSocket.
type socketSession struct {
	link
	socket *websocket.Conn
	frames chan message // closed after the last, when err is set
	err    error
	quit   chan struct{}
	first  *message // read while subscribing, not yet returned
}

// pump reads frames until the socket ends.
func (s *socketSession) pump() {
	defer close(s.frames)
	for {
		_, data, err := s.socket.ReadMessage()
		if err != nil {
			s.err = err
			return
		}
		m := s.spec.classify(data, s.spec.WebSocket.Heartbeat)
		if !s.keep(m) {
			return
		}
	}
}

// keep queues a message. It is false when nobody will ask for it.
func (s *socketSession) keep(m message) bool {
	if m.kind == control || m.kind == heartbeat {
		select {
		case s.frames <- m:
		default:
		}
		return true
	}
	select {
	case s.frames <- m:
		return true
	case <-s.quit:
		return false
	}
}

// subscribe asks for the stream and waits until the server confirms. A server
// that starts with another message is understood too.
func (s *socketSession) subscribe(ctx context.Context, from origin) error {
	frame, err := s.spec.WebSocket.Subscribe.Render(map[string]any{
		"key": s.key, "after": s.spec.variable(from.after),
	})
	if err != nil {
		return err
	}
	// A socket that cannot be written to was closed: reading tells why.
	_ = s.socket.SetWriteDeadline(time.Now().Add(s.silence))
	_ = s.socket.WriteMessage(websocket.TextMessage, frame)
	if s.spec.WebSocket.Confirm == nil {
		return nil
	}
	m, err := s.receive(ctx)
	if err == nil && !matches(s.spec.WebSocket.Confirm, m.data) {
		s.first = &m
	}
	return err
}

func (s *socketSession) next(ctx context.Context) (message, error) {
	if first := s.first; first != nil {
		s.first = nil
		return *first, nil
	}
	return s.receive(ctx)
}

func (s *socketSession) receive(ctx context.Context) (message, error) {
	select {
	case m, ok := <-s.frames:
		if !ok {
			return message{}, s.failure(ctx)
		}
		return m, nil
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	}
}

// failure judges what ended the socket.
func (s *socketSession) failure(ctx context.Context) error {
	if told, ok := errors.AsType[*websocket.CloseError](s.err); ok && told.Code != websocket.CloseAbnormalClosure {
		return s.conn.closeFailure(told.Code, told.Text)
	}
	if errors.Is(s.err, websocket.ErrReadLimit) {
		return &failure{verdict: final, err: fmt.Errorf("frame: %w", ErrTooLarge)}
	}
	return connectionFailure(ctx, s.err)
}

// close says goodbye and waits for the pump.
func (s *socketSession) close() {
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = s.socket.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second))
	close(s.quit)
	s.socket.Close()
	for range s.frames { // until the pump has closed it
	}
}
