// Package eventsource parses the text/event-stream format of the WHATWG HTML
// standard, section "Server-sent events", from a byte stream of any chunking.
package eventsource

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"strings"
	"time"
)

// ErrTooLarge is returned by Next for a line or an event over the limit.
var ErrTooLarge = errors.New("server-sent event too large")

// Event is one dispatched message.
type Event struct {
	ID   string // the last id seen, of this event or an earlier one
	Type string // "message" unless the event names its own
	Data []byte // owned by the caller
}

// Reader reads events from a stream. It never waits for a byte it does not
// need: an event is returned as soon as the line that ends it is complete.
// A Reader is not safe for concurrent use.
type Reader struct {
	in      *bufio.Reader
	limit   int
	line    []byte
	started bool // the first line, which may carry a byte order mark, was read
	afterCR bool // the last line ended in CR, so an LF next belongs to it

	id      string
	retry   time.Duration
	retries bool
}

// NewReader returns a Reader over in that refuses lines and events of more
// than limit bytes.
func NewReader(in io.Reader, limit int) *Reader {
	return &Reader{in: bufio.NewReader(in), limit: limit}
}

// Retry returns the reconnection time the stream has asked for, if any.
func (r *Reader) Retry() (pause time.Duration, asked bool) {
	return r.retry, r.retries
}

// Next returns the next event, or the error that ended the stream: io.EOF
// where it ended orderly. An event that the end of the stream cuts off is
// dropped, as the standard demands.
func (r *Reader) Next() (Event, error) {
	event := Event{Type: "message"}
	var data []byte
	hasData := false
	for {
		line, err := r.readLine()
		if err != nil {
			return Event{}, err
		}
		if len(line) == 0 {
			if hasData {
				event.ID, event.Data = r.id, data
				return event, nil
			}
			event.Type = "message"
			continue
		}
		name, value := split(line)
		switch string(name) {
		case "data":
			if len(data)+len(value) >= r.limit {
				return Event{}, ErrTooLarge
			}
			if hasData {
				data = append(data, '\n')
			}
			data, hasData = append(data, value...), true
		case "event":
			event.Type = cmp.Or(string(value), "message")
		default:
			r.setField(string(name), value)
		}
	}
}

// setField handles the fields that outlive their event.
func (r *Reader) setField(name string, value []byte) {
	switch name {
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			r.id = string(value)
		}
	case "retry":
		if pause, ok := milliseconds(value); ok {
			r.retry, r.retries = pause, true
		}
	}
}

// readLine returns the next complete line without its end. The result is
// valid until the next call.
func (r *Reader) readLine() ([]byte, error) {
	r.line = r.line[:0]
	for {
		chunk, err := r.buffered()
		if err != nil {
			return nil, err
		}
		if r.afterCR {
			r.afterCR = false
			if chunk[0] == '\n' {
				r.discard(1)
				continue
			}
		}
		end := bytes.IndexAny(chunk, "\r\n")
		if end < 0 {
			end = len(chunk)
		}
		if len(r.line)+end > r.limit {
			return nil, ErrTooLarge
		}
		r.line = append(r.line, chunk[:end]...)
		if end == len(chunk) {
			r.discard(end)
			continue
		}
		r.afterCR = chunk[end] == '\r'
		r.discard(end + 1)
		return r.withoutMark(), nil
	}
}

// withoutMark strips a byte order mark from the first line of the stream.
func (r *Reader) withoutMark() []byte {
	if r.started {
		return r.line
	}
	r.started = true
	return bytes.TrimPrefix(r.line, []byte("\xef\xbb\xbf"))
}

// buffered returns what has arrived, waiting only if that is nothing.
func (r *Reader) buffered() ([]byte, error) {
	if _, err := r.in.Peek(1); err != nil {
		return nil, err
	}
	return r.in.Peek(r.in.Buffered())
}

// discard drops n bytes that buffered has returned, which cannot fail.
func (r *Reader) discard(n int) {
	_, _ = r.in.Discard(n)
}

// split parts a line into field and value. A comment has the empty name.
func split(line []byte) (name, value []byte) {
	name, value, _ = bytes.Cut(line, []byte(":"))
	return name, bytes.TrimPrefix(value, []byte(" "))
}

// milliseconds reads a value of digits only; a huge one is the longest time.
func milliseconds(value []byte) (time.Duration, bool) {
	if len(value) == 0 || strings.Trim(string(value), "0123456789") != "" {
		return 0, false
	}
	const longest = math.MaxInt64 / int64(time.Millisecond)
	n := int64(0)
	for _, digit := range value {
		if n = n*10 + int64(digit-'0'); n > longest {
			return math.MaxInt64, true
		}
	}
	return time.Duration(n) * time.Millisecond, true
}
