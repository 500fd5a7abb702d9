package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// page is one page of a polled stream.
type page struct {
	exchange *exchange
	events   []event
	next     json.RawMessage
	more     bool
	gap      bool
	took     time.Duration
}

// poll reads a stream page by page.
type poll struct {
	*session
	on     *stream
	ask    ask
	buffer []event
	last   *page
}

func (s *session) openPoll(on *stream, a ask) *poll { return &poll{session: s, on: on, ask: a} }

// longWait is how long a poll asks the server to wait: longer than patience, if
// the server allows it, so that an answer in time is one that did not wait.
func (s *session) longWait(on *stream) time.Duration {
	operation := s.operations[on.Poll.Operation]
	wanted := int((2 * s.options.Patience).Milliseconds())
	return time.Duration(s.largest(operation.parameter(on.Poll.Wait), wanted)) * time.Millisecond
}

// largest is the largest number up to a limit that a parameter may have.
func (s *session) largest(parameter *Parameter, limit int) int {
	if parameter.Schema == "" {
		return limit
	}
	return sort.Search(limit, func(n int) bool {
		return len(s.schemas.Validate(parameter.Schema, json.Number(strconv.Itoa(n+1)))) > 0
	})
}

// page asks for one page after a cursor.
func (s *session) page(ctx context.Context, on *stream, a ask, wait time.Duration) (*page, error) {
	c, err := s.callFace(s.operations[on.Poll.Operation], on, a)
	if err != nil {
		return nil, err
	}
	if a.after != nil {
		c.query.Set(on.Poll.After, plain(a.after))
	}
	if a.limit > 0 {
		c.query.Set(on.Poll.Limit, strconv.Itoa(a.limit))
	}
	if wait > 0 {
		c.query.Set(on.Poll.Wait, strconv.FormatInt(wait.Milliseconds(), 10))
	}
	started := time.Now()
	answer, err := s.send(ctx, c)
	if err != nil {
		return &page{exchange: &exchange{call: c}}, err
	}
	out := &page{exchange: answer, took: time.Since(started)}
	if answer.status != http.StatusOK || answer.endless {
		return out, &refusal{answer: answer, script: s.curl(c)}
	}
	return out, s.readPage(on, out)
}

// readPage takes a page apart.
func (s *session) readPage(on *stream, out *page) error {
	vars, ok := on.page.Match(out.exchange.body)
	if !ok {
		return fmt.Errorf("the answer %s is no page", out.exchange.summary())
	}
	var events []json.RawMessage
	if codec.Unmarshal(vars["events"], &events) != nil || codec.Unmarshal(vars["more"], &out.more) != nil {
		return fmt.Errorf("the answer %s is no page", out.exchange.summary())
	}
	for _, data := range events {
		next, err := s.classify(on, data, nil)
		if err != nil {
			return err
		}
		if next.event == nil {
			return fmt.Errorf("the message %s is no event", shorten(string(data), 300))
		}
		out.events = append(out.events, *next.event)
	}
	if next := vars["next"]; string(next) != "null" {
		out.next = next
	}
	out.gap = vars["gap"] != nil && string(vars["gap"]) != "null"
	return nil
}

func (p *poll) next(ctx context.Context) (item, error) {
	deadline := p.deadline()
	for len(p.buffer) == 0 {
		wait := p.longWait(p.on)
		read, err := p.page(ctx, p.on, p.ask, wait)
		p.last = read
		if err != nil {
			return item{}, err
		}
		if read.next != nil {
			p.ask.after = read.next
		}
		p.buffer = read.events
		switch {
		case read.gap:
			return item{gap: true}, nil
		case len(read.events) > 0:
		case read.more:
			return item{}, errors.New("an empty page says that there is more")
		case read.took < wait/2:
			return item{end: &ending{how: "an empty page at once", proper: true}}, nil
		case time.Now().After(deadline):
			return item{}, p.silence()
		}
	}
	first := p.buffer[0]
	p.buffer = p.buffer[1:]
	return item{event: &first}, nil
}

func (p *poll) drop() {}

func (p *poll) script() string {
	if p.last == nil {
		return ""
	}
	return p.curl(p.last.exchange.call)
}
