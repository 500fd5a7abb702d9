package resume

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// page is the answer of a poll.
type page struct {
	events []json.RawMessage
	next   string // cursor of the following page
	more   bool
	gap    json.RawMessage // nil: none
}

var errNoPage = errors.New("not a page of events")

// page reads an answer by the template of pages.
func (s *Spec) page(body []byte) (page, error) {
	vars, ok := s.Poll.Page.Match(body)
	if !ok {
		return page{}, errNoPage
	}
	p := page{next: s.cursorOf(vars["next"])}
	err := codec.Unmarshal(vars["events"], &p.events)
	if err == nil {
		err = codec.Unmarshal(vars["more"], &p.more)
	}
	if told := vars["gap"]; len(told) > 0 && string(told) != "null" {
		p.gap = told
	}
	return p, err
}

// accept takes a page over: its gap first, then its events. A page that leads
// nowhere, by events that were told before, is taken for an empty one.
func (s *pollSession) accept(a answer) error {
	p, err := s.spec.page(a.body)
	if err != nil {
		return a.unexpected(err)
	}
	s.pending = nil
	for _, data := range p.events {
		m := s.spec.classify(data, nil)
		s.pending = append(s.pending, m)
		p.next = cmp.Or(p.next, m.cursor)
		s.unseen = false
	}
	if p.next == s.after {
		s.pending = nil
	}
	if err := s.acceptGap(p); err != nil {
		return a.unexpected(err)
	}
	s.more = p.more && len(s.pending) > 0
	s.after = cmp.Or(p.next, s.after)
	return nil
}

// acceptGap turns the gap of a page into the message that the other transports
// carry. Where the page does not tell its cursor, that is the next page's if
// there are no events, and else just before the first of them.
func (s *pollSession) acceptGap(p page) error {
	if p.gap == nil || s.spec.Poll.Gap == nil || string(p.gap) == s.told {
		return nil
	}
	told, ok := s.spec.Poll.Gap.Match(p.gap)
	if !ok {
		return errNoPage
	}
	cursor := s.spec.cursorOf(told["cursor"])
	switch {
	case cursor != "":
	case len(s.pending) > 0:
		cursor = s.spec.Order.before(s.pending[0].cursor)
	default:
		cursor = p.next
	}
	vars := map[string]any{"now": time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")}
	for name, value := range told {
		vars[name] = value
	}
	vars["key"] = s.key
	vars["cursor"] = s.spec.variable(cmp.Or(cursor, s.spec.Start))
	frame, err := s.spec.Gap.Render(vars)
	if err != nil {
		return err
	}
	m := message{kind: gap, tag: s.spec.GapTag, cursor: cursor, data: frame}
	s.told, s.pending = string(p.gap), slices.Insert(s.pending, 0, m)
	return nil
}
