package ws

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
)

// burst is about how many bytes are written at once.
const burst = 32 << 10

// buffers are those of all connections that are being written to.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

var (
	_ stream.Sink   = (*conn)(nil)
	_ stream.Member = (*conn)(nil)
)

// Deliver implements [stream.Sink].
func (c *conn) Deliver(messages []stream.Event) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	frames := (*buffer)[:0]
	defer func() {
		if cap(frames) <= 2*burst { // a larger one is not kept for the sake of one large event
			*buffer = frames
		}
	}()
	for i, message := range messages {
		frames = appendFrame(frames, message.Data)
		if len(frames) < burst && i < len(messages)-1 {
			continue
		}
		if err := c.link.send(frames); err != nil {
			return err
		}
		frames = frames[:0]
	}
	return nil
}

// Heartbeat implements [stream.Sink].
func (c *conn) Heartbeat() error {
	message, err := c.spec.Heartbeat(c.spec.Socket.Heartbeat, c.key, c.settings.Now())
	if err != nil || message == nil {
		return err
	}
	return c.link.send(appendFrame(nil, message))
}

// End implements [stream.Sink].
func (c *conn) End(end stream.End) {
	switch end.Outcome {
	case stream.Completed:
		c.close(websocket.CloseNormalClosure, "")
	case stream.Drained:
		c.sendAway(end.Retry)
	case stream.Revoked:
		c.close(CredentialExpired, "the credential has expired")
	case stream.TooSlow:
		c.close(tooSlow.code, tooSlow.reason)
	case stream.Failed:
		c.close(c.code(end.Err, http.StatusInternalServerError), c.host.Reason(end.Err))
	case stream.Gone:
		c.drop()
	}
}

// Drain implements [stream.Member]. A stream that has begun is a member of its own.
func (c *conn) Drain(retry time.Duration) {
	c.mu.Lock()
	begun := c.subscription != nil
	c.mu.Unlock()
	if !begun {
		c.sendAway(retry)
	}
}

// Cut implements [stream.Member].
func (c *conn) Cut() { _ = c.link.Conn.Close() }

// drop cuts a connection that cannot be used, unless it is being closed in good order.
func (c *conn) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		_ = c.link.Conn.Close()
	}
}

// sendAway closes the connection of a server that is about to end.
func (c *conn) sendAway(retry time.Duration) {
	c.close(websocket.CloseGoingAway, fmt.Sprintf("retry-after-ms=%d", retry.Milliseconds()))
}

// refuse closes the connection because of an error, unless it cannot be told any more.
func (c *conn) refuse(err error) {
	if _, ok := errors.AsType[*lost](err); ok {
		return
	}
	if violation, ok := errors.AsType[*violation](err); ok {
		c.close(violation.code, violation.reason)
		return
	}
	c.close(c.code(err, http.StatusBadRequest), c.host.Reason(err))
}

// code is the close code that says whose fault an error is.
func (c *conn) code(err error, status int) int {
	if c.host.Status != nil {
		status = c.host.Status(err)
	}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return websocket.CloseTryAgainLater
	case status >= http.StatusInternalServerError:
		return websocket.CloseInternalServerErr
	default:
		return websocket.ClosePolicyViolation
	}
}

// close sends a close frame, once, and gives the client a moment to answer it.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	begun := c.closing
	c.closing = true
	c.mu.Unlock()
	if begun {
		return
	}
	if c.link.close(code, reason) != nil {
		_ = c.link.Conn.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.socket.SetReadDeadline(time.Now().Add(c.settings.CloseTimeout))
}

// expect lets the connection be silent for so long, unless it is being closed.
func (c *conn) expect(silence time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		_ = c.socket.SetReadDeadline(time.Now().Add(silence))
	}
}

// heard notes that the client of a stream is there.
func (c *conn) heard() {
	c.mu.Lock()
	begun := c.subscription != nil
	c.mu.Unlock()
	if begun {
		c.expect(2 * c.settings.SocketHeartbeat)
	}
}

// answer answers a ping.
func (c *conn) answer(payload string) error {
	c.heard()
	_, _ = c.link.Write(control(finPong, []byte(payload))) // whoever reads learns of a lost connection
	return nil
}

// ping asks the client whether it is there, again and again.
func (c *conn) ping() {
	_, _ = c.link.Write(control(finPing, nil)) // whoever reads learns of a lost connection
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pings != nil && !c.closing {
		c.pings.Reset(c.settings.SocketHeartbeat)
	}
}
