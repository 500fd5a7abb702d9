package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// record is what a reading of a stream gave.
type record struct {
	face   string
	events []event
	gaps   int
	// err is why the reading did not come to the last event; nil if it did.
	err error
	// end is how the stream ended; nil if nobody waited for it, or in vain, and
	// then endErr says why.
	end    *ending
	endErr error
	script string
}

// noLimit is for readings that may be as long as they like, in reason.
const noLimit = 100_000

// slack is how many events too many are read before a reading is given up.
const slack = 50

// errUnended says that a stream ended before its last event came.
var errUnended = errors.New("the stream ended without its last event")

// read opens a stream and reads up to the event that stop is true of.
func (s *session) read(ctx context.Context, on *stream, a ask, stop func(event) bool, limit int) *record {
	out := &record{face: a.face}
	reading, err := s.open(ctx, on, a)
	if err != nil {
		out.fail(err)
		return out
	}
	defer reading.drop()
	out.collect(ctx, reading, stop, limit)
	return out
}

// readWhole reads a stream of its own from the start, past its last event, to
// its end.
func (s *session) readWhole(ctx context.Context, sub subject, face string) *record {
	out := &record{face: face}
	reading, err := s.open(ctx, sub.on, sub.ask(face, nil))
	if err != nil {
		out.fail(err)
		return out
	}
	defer reading.drop()
	out.collect(ctx, reading, sub.stop, noLimit)
	if out.err != nil || !sub.whole {
		return out
	}
	last := len(out.events)
	for out.end == nil && out.endErr == nil && len(out.events) < last+slack {
		out.step(ctx, reading)
	}
	out.script = reading.script()
	return out
}

func (r *record) fail(err error) {
	r.err = err
	if refused, ok := errors.AsType[*refusal](err); ok {
		r.script = refused.script
	}
}

// collect reads until stop is true of an event, the stream ends, something
// goes wrong, or there are more events than the limit.
func (r *record) collect(ctx context.Context, reading reading, stop func(event) bool, limit int) {
	defer func() { r.script = reading.script() }()
	for {
		before := len(r.events)
		r.step(ctx, reading)
		switch {
		case r.endErr != nil:
			r.err, r.endErr = r.endErr, nil
			return
		case r.end != nil:
			r.err = fmt.Errorf("%w: %s", errUnended, r.end.how)
			return
		case len(r.events) > before && stop(r.events[before]):
			return
		case len(r.events) > limit:
			r.err = fmt.Errorf("there are more than %d events", limit)
			return
		}
	}
}

// step takes one item.
func (r *record) step(ctx context.Context, reading reading) {
	next, err := reading.next(ctx)
	switch {
	case err != nil:
		r.endErr = err
	case next.end != nil:
		r.end = next.end
	case next.gap:
		r.gaps++
	default:
		r.events = append(r.events, *next.event)
	}
}

// difference says where two sequences of events part, and whether they are the
// same events, whatever their bytes.
func difference(want, got []event) (expected, found string, same bool) {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("event %d of %d: %s", i+1, len(want), want[i].short()), "nothing more", false
		case i >= len(want):
			return fmt.Sprintf("no more than %d events", len(want)), fmt.Sprintf("one more: %s", got[i].short()), false
		case want[i].text() != got[i].text():
			return fmt.Sprintf("event %d of %d: %s", i+1, len(want), want[i].short()), got[i].short(), false
		}
	}
	for i := range want {
		if !bytes.Equal(want[i].data, got[i].data) {
			return fmt.Sprintf("event %d of %d: %s", i+1, len(want), want[i].data), string(got[i].data), true
		}
	}
	return "", "", true
}

// short is the event in a few words.
func (e event) short() string { return e.tag + " at " + e.text() }

// recordKey names the record of a subject on a face.
type recordKey struct {
	subject int
	face    string
}

// record reads the whole stream of a stream case on one face, once.
func (s *session) record(index int, face string) *record {
	return s.records.get(recordKey{index, face}, func() *record {
		sub := s.subject(index)
		if sub.err != nil {
			return &record{face: face, err: sub.err}
		}
		return s.readWhole(s.ctx, sub, face)
	})
}

// reference is what the other readings of a subject are judged by.
type reference struct {
	subject
	events []event
	face   string
	err    error
}

// reference is the record on which most faces agree.
func (s *session) reference(index int) reference {
	return s.references.get(index, func() reference {
		out := reference{subject: s.subject(index)}
		if out.err = out.subject.err; out.err != nil {
			return out
		}
		var best, votes = (*record)(nil), 0
		var failures []error
		for _, face := range out.on.faces() {
			read := s.record(index, face)
			if read.err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", face, read.err))
			} else if agree := s.agreeing(index, read); agree > votes {
				best, votes = read, agree
			}
		}
		if best == nil {
			out.err = fmt.Errorf("no face gives the whole stream: %w", errors.Join(failures...))
			return out
		}
		out.events, out.face = best.events, best.face
		return out
	})
}

// agreeing counts the faces that give the same events with the same bytes.
func (s *session) agreeing(index int, read *record) int {
	count := 0
	for _, face := range s.subject(index).on.faces() {
		other := s.record(index, face)
		if expected, _, same := difference(read.events, other.events); other.err == nil && same && expected == "" {
			count++
		}
	}
	return count
}

// position is the cursor after which event i of the reference follows; nil for
// the first one.
func (r reference) position(i int) json.RawMessage {
	if i == 0 {
		return nil
	}
	return r.events[i-1].cursor
}
