package resume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/taskbridge/tbgen/clients/go/resume/internal/eventsource"
)

// sseTransport carries a stream as server-sent events.
type sseTransport struct{ link }

func (t sseTransport) open(ctx context.Context, from origin) (session, error) {
	ctx, cancel, watch := watchSilence(ctx, t.silence)
	s := &sseSession{link: t.link, ctx: ctx, cancel: cancel}
	if err := s.connect(watch, from); err != nil {
		cancel()
		return nil, err
	}
	return s, nil
}

// sseSession is one response of events.
type sseSession struct {
	link
	ctx    context.Context // ended by silence
	cancel context.CancelFunc
	body   io.Closer
	events *eventsource.Reader
}

func (s *sseSession) connect(watch *silenceWatch, from origin) error {
	request, err := s.request(from)
	if err != nil {
		return err
	}
	response, err := watch.send(s.conn.streams, request, 0)
	if err != nil {
		return connectionFailure(s.ctx, err)
	}
	a := answer{status: response.StatusCode, header: response.Header}
	switch {
	case a.status == http.StatusNoContent:
		response.Body.Close()
		return errEnded
	case a.status != http.StatusOK:
		if a, err = s.conn.read(s.ctx, response); err != nil {
			return err
		}
		return s.conn.refusal(a)
	case a.mediaType() != "text/event-stream":
		response.Body.Close()
		return s.conn.refusal(a)
	}
	s.body = response.Body
	s.events = eventsource.NewReader(response.Body, int(s.conn.config.MaxBytes))
	return nil
}

func (s *sseSession) request(from origin) (*http.Request, error) {
	query := url.Values{}
	if from.after != "" && s.spec.SSE.CursorQuery != "" {
		query.Set(s.spec.SSE.CursorQuery, from.after)
	}
	target, err := s.resolve(s.spec.SSE.Path, query)
	if err != nil {
		return nil, err
	}
	request, err := s.conn.request(s.ctx, http.MethodGet, target, from.token)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("Cache-Control", "no-cache")
	if from.after != "" {
		request.Header.Set("Last-Event-ID", from.after)
	}
	return request, nil
}

func (s *sseSession) next(context.Context) (message, error) {
	received, err := s.events.Next()
	if err != nil {
		return message{}, s.failure(err)
	}
	return s.spec.classify(received.Data, s.spec.SSE.Heartbeat), nil
}

// failure judges the end of the response. Its orderly end is a cut as well:
// the stream itself ends with its terminal event.
func (s *sseSession) failure(err error) error {
	if errors.Is(err, eventsource.ErrTooLarge) {
		return &failure{verdict: final, err: fmt.Errorf("server-sent event: %w", ErrTooLarge)}
	}
	if errors.Is(err, io.EOF) {
		err = errCut
	}
	f := judge(connectionFailure(s.ctx, err))
	f.asked, _ = s.events.Retry()
	return f
}

func (s *sseSession) close() {
	s.cancel()
	s.body.Close()
}
