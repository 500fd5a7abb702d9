// Package sse serves a stream as server-sent events (WHATWG HTML, section 9.2).
package sse

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
)

// burst is about how many bytes are written at once.
const burst = 32 << 10

// Serve answers the request with the stream's events after the cursor, then with those that
// happen, until the stream or the request ends. A client whose cursor is the last event of a
// stream that has ended gets 204, upon which a browser does not come back. A client of a hub
// that drains is told when to come back.
//
// An error that comes before the first byte is returned, to be told as an HTTP error: that of
// the source, a [*stream.CursorError] for a text that is no cursor, and one for a w that cannot
// flush. What goes wrong later ends the response.
func Serve(hub *stream.Hub, spec *stream.Spec, source stream.Source, key, after string, w http.ResponseWriter, r *http.Request) error {
	if err := flushable(w); err != nil {
		return err
	}
	subscription, err := hub.Subscribe(r.Context(), "sse", spec, source, key, after)
	if err != nil {
		return err
	}
	if subscription.Over() {
		subscription.Stop()
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	s := &sink{writer: w, control: http.NewResponseController(w), settings: hub.Settings(), spec: spec, key: key}
	if err := s.begin(); err != nil {
		subscription.Stop()
		return nil //nolint:nilerr // the client has gone, and there is nobody to tell
	}
	subscription.Start(s, s.settings.EventHeartbeat)
	<-subscription.Done()
	return nil
}

// flushable finds out, before anything is written, whether events can leave w one by one.
func flushable(w http.ResponseWriter) error {
	for {
		switch inner := w.(type) {
		case interface{ FlushError() error }, http.Flusher:
			return nil
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return fmt.Errorf("sse: no event would leave %T, which can neither flush nor unwrap: %w", w, http.ErrNotSupported)
		}
	}
}

// sink writes one response.
type sink struct {
	writer   http.ResponseWriter
	control  *http.ResponseController
	settings stream.Settings
	spec     *stream.Spec
	key      string
}

var _ stream.Sink = (*sink)(nil)

// begin writes the header, and the preamble if there is to be one.
func (s *sink) begin() error {
	header := s.writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("X-Accel-Buffering", "no")
	s.writer.WriteHeader(http.StatusOK)
	var preamble []byte
	if n := s.settings.Preamble; n > 0 {
		preamble = append(append([]byte{':'}, bytes.Repeat([]byte{' '}, n)...), "\n\n"...)
	}
	return s.write(preamble)
}

// buffers are those of all responses that are being written to.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Deliver implements [stream.Sink].
func (s *sink) Deliver(messages []stream.Event) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	text := (*buffer)[:0]
	defer func() {
		if cap(text) <= 2*burst { // a larger one is not kept for the sake of one large event
			*buffer = text
		}
	}()
	for i, message := range messages {
		if bytes.ContainsAny(message.Data, "\r\n") {
			return fmt.Errorf("sse: the event %s has a line break", message.ID)
		}
		text = data(append(append(text, "id: "...), message.ID...), message.Data)
		if len(text) < burst && i < len(messages)-1 {
			continue
		}
		if err := s.write(text); err != nil {
			return err
		}
		text = text[:0]
	}
	return nil
}

// data ends an event with its data.
func data(text, line []byte) []byte {
	if len(text) > 0 {
		text = append(text, '\n')
	}
	return append(append(append(text, "data: "...), line...), "\n\n"...)
}

// Heartbeat implements [stream.Sink]. It has no id, so that it moves no client's cursor.
func (s *sink) Heartbeat() error {
	message, err := s.spec.Heartbeat(s.spec.SSE.Heartbeat, s.key, s.settings.Now())
	if err != nil {
		return err
	}
	text := []byte(": heartbeat\n\n")
	if message != nil {
		text = data([]byte(": heartbeat"), message)
	}
	return s.write(text)
}

// End implements [stream.Sink]. The end of the response tells the rest.
func (s *sink) End(end stream.End) {
	if end.Outcome == stream.Drained {
		_ = s.write([]byte("retry: " + strconv.FormatInt(end.Retry.Milliseconds(), 10) + "\n\n")) // if it still listens
	}
}

// write sends text, which the client has to take in time. The deadline is lifted afterwards,
// since some servers end a response whose deadline passes although nothing is being written.
func (s *sink) write(text []byte) error {
	start := time.Now()
	if err := s.deadline(start.Add(s.settings.WriteTimeout)); err != nil {
		return err
	}
	_, err := s.writer.Write(text)
	if err == nil {
		err = s.control.Flush()
	}
	switch {
	case err == nil:
		return s.deadline(time.Time{})
	case time.Since(start) >= s.settings.WriteTimeout:
		return stream.ErrTooSlow
	default:
		return err
	}
}

func (s *sink) deadline(at time.Time) error {
	if err := s.control.SetWriteDeadline(at); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
