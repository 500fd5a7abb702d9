package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
)

// conn is one connection. It goes from the handshake over the subscription to the stream, and
// from each of these to its close: a close frame is written, the client has a moment to answer
// it, and the connection is cut. One goroutine reads all the time: until the stream begins it is
// that of the HTTP handler, whose buffers would be dear to keep.
type conn struct {
	hub      *stream.Hub
	spec     *stream.Spec
	host     Host
	settings stream.Settings
	link     *link
	socket   *websocket.Conn
	key      string
	leave    func() // the hub
	release  func() // the stream's context, nil before there is one

	mu           sync.Mutex
	subscription *stream.Subscription // nil before there is one
	pings        *time.Timer          // nil before there is a subscription, and at the end
	closing      bool                 // nothing is awaited any more but the answer to our close
}

// lost is an error after which nothing can be read from the connection.
type lost struct{ error }

func (l *lost) Unwrap() error { return l.error }

// tooSlow closes the connection of a client that does not keep up.
var tooSlow = &violation{websocket.CloseTryAgainLater, "the client does not keep up"}

// violation is an error that has a close code of its own.
type violation struct {
	code   int
	reason string
}

func (v *violation) Error() string { return v.reason }

// open goes from the handshake to the stream, or to the close that tells why there is none, and
// leaves the rest to a goroutine that holds on to nothing of the request.
func (c *conn) open(request context.Context, token string) {
	c.socket.SetReadLimit(c.settings.MaxFrame)
	c.socket.SetPingHandler(c.answer)
	c.socket.SetPongHandler(func(string) error { c.heard(); return nil })
	c.socket.SetCloseHandler(func(code int, _ string) error { c.close(code, ""); return nil })
	c.leave = c.hub.Join(c)
	defer func() { go c.run() }()
	defer c.rescue()
	subscription, err := c.subscribe(request, token)
	if err != nil {
		c.refuse(err)
		return
	}
	c.begin(subscription)
}

// run reads to the end of the connection.
func (c *conn) run() {
	defer c.leave()
	defer c.end()
	defer c.rescue()
	c.linger(c.listen())
}

// rescue keeps a panic of the host from reaching those who think that this is still HTTP.
func (c *conn) rescue() {
	if fault := recover(); fault != nil {
		c.settings.Logger.Error("stream panicked", "panic", fault, "stack", string(debug.Stack()))
		c.close(websocket.CloseInternalServerErr, c.host.Reason(fmt.Errorf("ws: panic: %v", fault)))
	}
}

// subscribe goes through the protocol until there is a stream to deliver.
func (c *conn) subscribe(request context.Context, token string) (*stream.Subscription, error) {
	ctx, err := c.host.Authenticate(token)
	if err != nil {
		return nil, err
	}
	key, after, err := c.first()
	if err != nil {
		return nil, err
	}
	source, err := c.host.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	ctx, c.release = life(ctx, request)
	subscription, err := c.hub.Subscribe(ctx, "ws", c.spec, source, key, after)
	if err != nil {
		return nil, err
	}
	if err := c.confirm(key, after); err != nil {
		subscription.Stop()
		return nil, err
	}
	c.key = key
	return subscription, nil
}

// life is the context of a stream, which outlives the request: what Authenticate put into its
// context, and the deadline if that is a credential's and not the request's own.
func life(ctx, request context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	end, ends := ctx.Deadline()
	own, limited := request.Deadline()
	if !ends || limited && !end.Before(own) {
		return free, func() {}
	}
	return context.WithDeadline(free, end)
}

// first reads what the client subscribes to.
func (c *conn) first() (key, after string, err error) {
	c.expect(c.settings.SubscribeTimeout)
	message, err := c.read()
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "", "", c.host.Malformed(fmt.Sprintf("no subscription came within %s", c.settings.SubscribeTimeout))
	}
	if err != nil {
		return "", "", err
	}
	key, after, ok := c.spec.Subscription(message)
	if !ok {
		return "", "", c.host.Malformed("the message is no subscription")
	}
	if after, err = c.spec.Position(after); err != nil {
		return "", "", c.host.Malformed(err.Error())
	}
	return key, after, nil
}

func (c *conn) confirm(key, after string) error {
	message, err := c.spec.Confirmation(key, after)
	if err != nil || message == nil {
		return err
	}
	switch err := c.link.send(appendFrame(nil, message)); {
	case errors.Is(err, stream.ErrTooSlow):
		return tooSlow
	case err != nil:
		return &lost{err}
	default:
		return nil
	}
}

// begin starts the stream, unless the connection is being closed by now.
func (c *conn) begin(subscription *stream.Subscription) {
	c.mu.Lock()
	if !c.closing {
		c.subscription = subscription
		c.pings = time.AfterFunc(c.settings.SocketHeartbeat, c.ping)
	}
	c.mu.Unlock()
	if c.subscription == nil {
		subscription.Stop()
		return
	}
	c.heard()
	subscription.Start(c, c.settings.SocketHeartbeat)
}

// listen reads until nothing can be read any more, and returns why. A client has nothing to say
// after its subscription, so that a message closes the connection.
func (c *conn) listen() error {
	for {
		_, err := c.read()
		if _, ok := errors.AsType[*lost](err); ok {
			return err
		}
		if err == nil {
			err = c.host.Malformed("a client sends nothing after its subscription")
		}
		c.refuse(err)
	}
}

// read returns the next text message. Control frames are dealt with on the way. Faults in the
// framing and messages that are too large have been answered when it returns.
func (c *conn) read() ([]byte, error) {
	kind, message, err := c.socket.ReadMessage()
	if errors.Is(err, websocket.ErrReadLimit) {
		c.close(websocket.CloseMessageTooBig, "") // the library answers all but one kind of these
	}
	switch {
	case err != nil:
		return nil, &lost{err}
	case kind != websocket.TextMessage:
		return nil, &violation{websocket.CloseUnsupportedData, "messages are text"}
	case !utf8.Valid(message):
		return nil, &violation{websocket.CloseInvalidFramePayloadData, "the message is not UTF-8"}
	default:
		return message, nil
	}
}

// linger lets a client read the close frame that it has been sent although it can be read from no
// more. To cut the connection while it still sends would take the frame away from it.
func (c *conn) linger(why error) {
	if _, answered := errors.AsType[*websocket.CloseError](why); answered || !c.link.told() {
		return
	}
	c.close(0, "") // it is told already; this is for the deadline
	if half, ok := c.link.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the client may be gone
	}
	_, _ = io.Copy(io.Discard, c.link.Conn) // until it goes, or time is up
}

// end cuts the connection and waits until the stream, if there was one, writes no more.
func (c *conn) end() {
	_ = c.link.Conn.Close()
	c.mu.Lock()
	c.closing = true
	subscription := c.subscription
	if c.pings != nil {
		c.pings.Stop()
		c.pings = nil
	}
	c.mu.Unlock()
	if subscription != nil {
		subscription.Stop()
		<-subscription.Done()
	}
	if c.release != nil {
		c.release()
	}
}
