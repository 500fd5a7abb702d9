package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// The faces of a stream, and the two ways to give a cursor to an event stream.
const (
	socketFace = "webSocket"
	sseFace    = "sse"
	sseQuery   = "sse (cursor in the query)"
	pollFace   = "poll"
)

// faces are those the stream has.
func (s *Stream) faces() []string {
	var faces []string
	if s.Poll != nil {
		faces = append(faces, pollFace)
	}
	if s.SSE != nil {
		faces = append(faces, sseFace)
	}
	if s.WebSocket != nil {
		faces = append(faces, socketFace)
	}
	return faces
}

// ways are the faces, with every way to resume on one.
func (s *Stream) ways() []string {
	ways := s.faces()
	if s.SSE != nil && s.SSE.CursorQuery != "" {
		ways = append(ways, sseQuery)
	}
	return ways
}

// event is an event as it came.
type event struct {
	data   []byte
	tag    string
	cursor json.RawMessage
	// id is the id field that came with it; nil but for event streams.
	id *string
}

// text is the cursor of the event as it stands in URLs and headers.
func (e event) text() string { return plain(e.cursor) }

// ending is how a reading ended. Only a proper end tells that nothing follows.
type ending struct {
	how    string
	proper bool
}

// item is what a reading gives next: an event, a gap (its cursor) or the end.
type item struct {
	event *event
	gap   bool
	end   *ending
}

// reading is one connection to a stream. A polled stream counts as one, too.
type reading interface {
	// next waits for the next item, as long as patience lasts.
	next(ctx context.Context) (item, error)
	// drop lets go of the connection, as a network that fails would.
	drop()
	// script is what was done, for somebody who wants to do it again.
	script() string
}

// ask is what to read.
type ask struct {
	face string
	key  json.RawMessage
	// after is the cursor to resume after; nil: from the start.
	after json.RawMessage
	// limit is the size of a page; 0: as the server likes.
	limit       int
	credentials string
	// protocol presents the credential as a subprotocol.
	protocol bool
}

// refusal is a stream that was not opened: an answer that is no stream, or a
// socket that was closed before it was confirmed.
type refusal struct {
	answer *exchange // nil for a closed socket
	code   int       // of the close frame
	reason string
	script string
}

func (r *refusal) Error() string {
	if r.answer != nil {
		return "the stream is not opened: " + r.answer.summary()
	}
	return fmt.Sprintf("the stream is not opened: close %d %q", r.code, r.reason)
}

// open starts to read.
func (s *session) open(ctx context.Context, on *stream, a ask) (reading, error) {
	s.touched.face(on, faceOf(a.face))
	switch a.face {
	case socketFace:
		return s.openSocket(ctx, on, a)
	case pollFace:
		return s.openPoll(on, a), nil
	default:
		return s.openSSE(ctx, on, a)
	}
}

func faceOf(way string) string {
	if way == sseQuery {
		return sseFace
	}
	return way
}

// callFace is the call that opens a face of a stream.
func (s *session) callFace(operation *Operation, on *stream, a ask) (*call, error) {
	c := s.bare(operation, operation.Method)
	if on.Key != "" && operation.parameter(on.Key) != nil {
		c.set(operation.parameter(on.Key), []string{plain(a.key)})
	}
	return c, s.present(c, a.credentials)
}

// classify says what a message of a stream is. The zero item is a heartbeat.
func (s *session) classify(on *stream, data []byte, beat *codec.Template) (item, error) {
	tag, err := codec.Tag(data, on.Tag)
	if err != nil {
		return item{}, fmt.Errorf("the message %s is no JSON object", shorten(string(data), 300))
	}
	if _, known := on.Messages[tag]; known {
		var members map[string]json.RawMessage
		if err := codec.Unmarshal(data, &members); err != nil {
			return item{}, err
		}
		cursor := members[on.Cursor.Member]
		if len(cursor) == 0 || cursor[0] != '"' && (cursor[0] < '0' || cursor[0] > '9') {
			return item{}, fmt.Errorf("the event %s has no cursor", shorten(string(data), 300))
		}
		s.touched.message(on, tag)
		return item{event: &event{data: data, tag: tag, cursor: cursor}}, nil
	}
	if on.gap != nil {
		if _, ok := on.gap.Match(data); ok {
			return item{gap: true}, nil
		}
	}
	if beat != nil {
		if _, ok := beat.Match(data); ok {
			return item{}, nil
		}
	}
	return item{}, fmt.Errorf("the message %s is none of the stream", shorten(string(data), 300))
}

// silence says that nothing came in time.
func (s *session) silence() error {
	return fmt.Errorf("nothing came within %s", s.options.Patience)
}

// deadline is when patience ends for one thing.
func (s *session) deadline() time.Time { return time.Now().Add(s.options.Patience) }

// cursor is a cursor as JSON, of the same kind as one of the stream's events.
func cursorLike(text string, like json.RawMessage) json.RawMessage {
	if len(like) > 0 && like[0] != '"' {
		return json.RawMessage(text)
	}
	quoted, err := codec.Marshal(text)
	if err != nil {
		return nil
	}
	return quoted
}

// summary is the answer in a few words.
func (e *exchange) summary() string {
	text := fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	if e.endless {
		return text + ", " + mediaType(e.header)
	}
	if len(e.body) == 0 {
		return text + ", no body"
	}
	return text + ", " + shorten(string(e.body), 600)
}

// scriptOf is what was done before a stream was refused.
func scriptOf(err error) string {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.script
	}
	return ""
}

// notOpened is the verdict on a stream that ought to be opened and was not.
func notOpened(err error, wanted string) verdict {
	if _, refused := errors.AsType[*refusal](err); refused {
		return fail(scriptOf(err), wanted, err.Error())
	}
	return blocked(err)
}
