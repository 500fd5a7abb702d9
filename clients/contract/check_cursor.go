package contract

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

func cursorChecks() []entry {
	return []entry{
		{Check{"stream.cursor.increasing", "The cursor of each event is newer than that of the event before it.", Must}, wayTrials(over((*Stream).faces), judgeIncreasing)},
		{Check{"stream.cursor.start", "The start cursor means from the first event, as an absent one does.", Must}, wayTrials(over(startWays), judgeStart)},
		{Check{"stream.cursor.refused", "A cursor that is none is refused as malformed; a socket closes with 1008.", Must}, wayTrials(over(orderedWays), judgeBadCursor)},
	}
}

func startWays(on *Stream) []string {
	if on.Cursor.Start == "" {
		return nil
	}
	return on.ways()
}

// orderedWays are the ways to resume when a cursor has a syntax to break.
func orderedWays(on *Stream) []string {
	if on.Cursor.Order == "opaque" {
		return nil
	}
	return on.ways()
}

func judgeIncreasing(s *session, index int, face string) verdict {
	read := s.record(index, face)
	if len(read.events) == 0 {
		return blocked(read.err)
	}
	order := s.subject(index).on.Cursor.Order
	seen := map[string]bool{}
	for i, e := range read.events {
		if _, err := compareCursors(order, e.text(), e.text()); err != nil {
			return fail(read.script, fmt.Sprintf("a cursor of the order %s", order), fmt.Sprintf("event %d: %s", i+1, e.short()))
		}
		if seen[e.text()] {
			return fail(read.script, "each cursor once", fmt.Sprintf("event %d: %s, again", i+1, e.short()))
		}
		seen[e.text()] = true
		if i == 0 || order == "opaque" {
			continue
		}
		if before := read.events[i-1]; !newer(order, e.text(), before.text()) {
			return fail(read.script, fmt.Sprintf("event %d is newer than %s", i+1, before.short()), e.short())
		}
	}
	return pass()
}

func newer(order, a, b string) bool {
	compared, err := compareCursors(order, a, b)
	return err == nil && compared > 0
}

var errNoCursor = errors.New("not a cursor")

// compareCursors compares by value: a pair as two numbers. Opaque cursors are
// only equal or not.
func compareCursors(order, a, b string) (int, error) {
	switch order {
	case "pair":
		a1, a2, okA := strings.Cut(a, "-")
		b1, b2, okB := strings.Cut(b, "-")
		if !okA || !okB || !digits(a1) || !digits(a2) || !digits(b1) || !digits(b2) {
			return 0, errNoCursor
		}
		return cmp.Or(compareDigits(a1, b1), compareDigits(a2, b2)), nil
	case "integer":
		if !digits(a) || !digits(b) {
			return 0, errNoCursor
		}
		return compareDigits(a, b), nil
	default:
		return strings.Compare(a, b), nil
	}
}

// digits reports whether text is a number without a sign or leading zeros.
func digits(text string) bool {
	return text == "0" || text != "" && text[0] != '0' && strings.Trim(text, "0123456789") == ""
}

// compareDigits compares numbers of any size.
func compareDigits(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func judgeStart(s *session, index int, way string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	start := cursorLike(reference.on.Cursor.Start, reference.events[0].cursor)
	return s.judgeRest(reference, way, start, 0)
}

func judgeBadCursor(s *session, index int, way string) verdict {
	sub := s.subject(index)
	if sub.err != nil {
		return blocked(sub.err)
	}
	wrong := cursorLike("not-a-cursor", nil)
	refused, instead := s.refused(sub.on, sub.ask(way, wrong), "the cursor not-a-cursor is refused")
	switch {
	case refused == nil:
		return *instead
	case way != socketFace:
		return s.judgeRole(refused.answer, "malformed")
	case refused.answer != nil || refused.code != 1008:
		return fail(refused.script, "close 1008", refused.Error())
	default:
		return pass()
	}
}

// refused is how a stream is refused, or else what came instead.
func (s *session) refused(on *stream, a ask, wanted string) (*refusal, *verdict) {
	script := ""
	reading, err := s.open(s.ctx, on, a)
	if err == nil {
		_, err = reading.next(s.ctx)
		script = reading.script()
		reading.drop()
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused, nil
	}
	got := "the stream is opened"
	if err != nil {
		got = err.Error()
	}
	return nil, new(fail(script, wanted, got))
}
