package ws

import (
	"encoding/binary"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
)

// link is the connection below a WebSocket. All that is written goes through it, in whole
// frames, and nothing after a close frame. Reading is the WebSocket library's.
type link struct {
	net.Conn
	patience time.Duration // the client may take this long for one write

	mu     sync.Mutex
	closed bool  // a close frame is out
	broken error // a write has failed, and may have left half a frame
}

const (
	finText  = 0x80 | websocket.TextMessage
	finPing  = 0x80 | websocket.PingMessage
	finPong  = 0x80 | websocket.PongMessage
	finClose = 0x80 | websocket.CloseMessage
)

// Write implements [net.Conn] for the WebSocket library, which writes its answer to the
// handshake and control frames, each with one call.
func (l *link) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, net.ErrClosed
	}
	l.closed = p[0] == finClose
	if err := l.put(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline implements [net.Conn]: every write has its own.
func (l *link) SetWriteDeadline(time.Time) error { return nil }

// send writes frames. A client that takes them, but too late, is [stream.ErrTooSlow] and can
// still be told so; one that does not take them in twice the time is lost.
func (l *link) send(frames []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	start := time.Now()
	err := l.put(frames)
	if time.Since(start) >= l.patience {
		return stream.ErrTooSlow
	}
	return err
}

// put writes p with a deadline.
func (l *link) put(p []byte) error {
	if l.broken != nil {
		return l.broken
	}
	l.broken = l.Conn.SetWriteDeadline(time.Now().Add(2 * l.patience))
	if l.broken == nil {
		_, l.broken = l.Conn.Write(p)
	}
	return l.broken
}

// told reports whether a close frame is out.
func (l *link) told() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed && l.broken == nil
}

// close sends a close frame unless one is out already. An error means that the client will get
// none.
func (l *link) close(code int, reason string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	payload := websocket.FormatCloseMessage(code, shorten(reason))
	return l.put(control(finClose, payload))
}

// control is a control frame.
func control(first byte, payload []byte) []byte {
	return append([]byte{first, byte(len(payload))}, payload...) //nolint:gosec // at most 125 bytes
}

// appendFrame appends a text message as one frame, which a server does not mask.
func appendFrame(b, message []byte) []byte {
	switch n := len(message); {
	case n < 126:
		b = append(b, finText, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, finText, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, finText, 127), uint64(n))
	}
	return append(b, message...)
}

// shorten keeps a reason within what a close frame holds (RFC 6455, 5.5).
func shorten(reason string) string {
	const limit = 123
	if len(reason) <= limit {
		return reason
	}
	reason = reason[:limit]
	for !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	return reason
}
