package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// sse reads a stream of server-sent events.
type sse struct {
	*session
	on     *stream
	call   *call
	header http.Header
	// lines is nil when the answer was 204: there is nothing to read.
	lines  *bufio.Reader
	body   io.Closer
	cancel context.CancelFunc
}

func (s *session) openSSE(ctx context.Context, on *stream, a ask) (*sse, error) {
	c, err := s.callFace(s.operations[on.SSE.Operation], on, a)
	if err != nil {
		return nil, err
	}
	c.header.Set("Accept", eventStream)
	if a.after != nil && a.face == sseQuery {
		c.query.Set(on.SSE.CursorQuery, plain(a.after))
	} else if a.after != nil {
		c.header.Set("Last-Event-ID", plain(a.after))
	}
	ctx, cancel := context.WithCancel(ctx)
	request, err := s.request(ctx, c)
	if err != nil {
		cancel()
		return nil, err
	}
	r := &sse{session: s, on: on, call: c, cancel: cancel}
	watch := time.AfterFunc(s.options.Patience, cancel)
	response, err := s.client.Do(request) //nolint:bodyclose // drop closes it
	if !watch.Stop() && err != nil {
		err = fmt.Errorf("no answer within %s", s.options.Patience)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return r, r.accept(response)
}

// accept takes an answer as a stream, if it is one.
func (r *sse) accept(response *http.Response) error {
	r.touched.answer(r.call.operation, response.StatusCode)
	r.body, r.header = response.Body, response.Header
	if response.StatusCode == http.StatusNoContent {
		return nil
	}
	if response.StatusCode == http.StatusOK && mediaType(response.Header) == eventStream {
		r.lines = bufio.NewReader(response.Body)
		return nil
	}
	answer := &exchange{call: r.call, status: response.StatusCode, header: response.Header}
	watch := time.AfterFunc(r.options.Patience, r.cancel)
	defer watch.Stop()
	if mediaType(response.Header) == eventStream {
		answer.endless = true
	} else {
		answer.body, _ = io.ReadAll(io.LimitReader(response.Body, 4096))
	}
	r.drop()
	return &refusal{answer: answer, script: r.script()}
}

// noContent is how an event stream says that nothing is left.
const noContent = "204 No Content"

// block is the fields of one server-sent event.
type block struct {
	id   *string
	data []string
}

func (r *sse) next(ctx context.Context) (item, error) {
	if r.lines == nil {
		return item{end: &ending{how: noContent, proper: true}}, nil
	}
	watch := time.AfterFunc(r.options.Patience, r.cancel)
	defer watch.Stop()
	for {
		read, err := r.block()
		if err != nil {
			return r.over(ctx, err, watch)
		}
		if len(read.data) == 0 {
			continue
		}
		next, err := r.classify(r.on, []byte(strings.Join(read.data, "\n")), r.on.sseBeat)
		if err != nil {
			return item{}, err
		}
		if next.event != nil {
			next.event.id = read.id
		}
		if next != (item{}) {
			return next, nil
		}
	}
}

// over says why there is no further block.
func (r *sse) over(ctx context.Context, err error, watch *time.Timer) (item, error) {
	switch {
	case errors.Is(err, io.EOF):
		return item{end: &ending{how: "the response ended", proper: true}}, nil
	case ctx.Err() != nil:
		return item{}, ctx.Err()
	case !watch.Stop():
		return item{}, r.silence()
	default:
		return item{end: &ending{how: "the response was cut: " + err.Error()}}, nil
	}
}

// block reads up to the next empty line.
func (r *sse) block() (block, error) {
	var read block
	for {
		line, err := r.line()
		if err != nil {
			return block{}, err
		}
		if line == "" {
			return read, nil
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			read.id = new(value)
		case "data":
			read.data = append(read.data, value)
		}
	}
}

// line reads one line without its end. A line that no end follows does not count.
func (r *sse) line() (string, error) {
	line, err := r.lines.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

func (r *sse) drop() {
	r.cancel()
	_ = r.body.Close()
}

func (r *sse) script() string { return r.curl(r.call, "-N") }
