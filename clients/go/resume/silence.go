package resume

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// silenceWatch cancels a request when nothing is heard for too long while
// somebody listens. A consumer that takes its time does not count.
type silenceWatch struct {
	limit time.Duration
	timer *time.Timer
}

// watchSilence derives a context that a silence ends with the cause ErrSilent.
// The watch is not listening yet.
func watchSilence(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc, *silenceWatch) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(ErrSilent) })
	timer.Stop()
	return ctx, func() { timer.Stop(); cancel(nil) }, &silenceWatch{limit: limit, timer: timer}
}

// send sends a request and listens for the head of its answer, which may take
// extra time, and then for every byte of its body.
func (w *silenceWatch) send(client *http.Client, request *http.Request, extra time.Duration) (*http.Response, error) {
	w.timer.Reset(w.limit + extra)
	defer w.timer.Stop()
	response, err := client.Do(request)
	if err == nil {
		response.Body = watchedBody{response.Body, w}
	}
	return response, err
}

type watchedBody struct {
	io.ReadCloser
	watch *silenceWatch
}

func (b watchedBody) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.limit)
	defer b.watch.timer.Stop()
	return b.ReadCloser.Read(p)
}

// watchedConn is a connection on which no read waits longer than the limit.
type watchedConn struct {
	net.Conn
	limit time.Duration
}

func (c watchedConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}
