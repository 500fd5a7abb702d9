package contract

import (
	"errors"
	"fmt"
	"net/http"
)

func endChecks() []entry {
	return []entry{
		{Check{"stream.end.terminal-last", "A stream ends with a terminal event, and nothing follows it.", Must}, wayTrials(ended((*Stream).faces), judgeTerminal)},
		{Check{"stream.end.closes", "After the terminal event the stream ends: a socket closes with 1000, a response ends, a poll does not wait.", Must}, wayTrials(ended((*Stream).faces), judgeCloses)},
		{Check{"stream.end.at-terminal", "Who resumes after the terminal event is told at once that there is nothing: close 1000, 204, an empty page.", Must}, wayTrials(ended((*Stream).ways), judgeAtTerminal)},
	}
}

func judgeTerminal(s *session, index int, face string) verdict {
	read, sub := s.record(index, face), s.subject(index)
	if errors.Is(read.err, errUnended) {
		return fail(read.script, "the last event is one of "+fmt.Sprint(sub.on.Terminal), fmt.Sprintf("%d events, then %v", len(read.events), read.err))
	}
	if read.err != nil {
		return blocked(read.err)
	}
	for i, e := range read.events[:len(read.events)-1] {
		if sub.on.terminal(e.tag) {
			return fail(read.script, "nothing after "+e.short(), read.events[i+1].short())
		}
	}
	return pass()
}

func judgeCloses(s *session, index int, face string) verdict {
	read := s.record(index, face)
	switch {
	case read.err != nil:
		return blocked(read.err)
	case read.end == nil:
		return fail(read.script, properEnd(face)+" after "+read.events[len(read.events)-1].short(), fmt.Sprint(read.endErr))
	case !read.end.proper:
		return fail(read.script, properEnd(face), read.end.how)
	default:
		return pass()
	}
}

func properEnd(way string) string {
	switch way {
	case socketFace:
		return "close 1000"
	case pollFace:
		return "an empty page at once"
	default:
		return "the end of the response"
	}
}

func judgeAtTerminal(s *session, index int, way string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	wanted := s.emptyEnd(reference.on, way)
	reading, err := s.open(s.ctx, reference.on, reference.ask(way, reference.position(len(reference.events))))
	if err != nil {
		return notOpened(err, wanted)
	}
	defer reading.drop()
	next, err := reading.next(s.ctx)
	switch {
	case err != nil:
		return fail(reading.script(), wanted, err.Error())
	case next.event != nil:
		return fail(reading.script(), wanted, next.event.short())
	case next.gap:
		return fail(reading.script(), wanted, "a gap")
	case !next.end.proper || wanted == noContent && next.end.how != noContent:
		return fail(reading.script(), wanted, next.end.how)
	default:
		return pass()
	}
}

// emptyEnd is how a face says that nothing is left.
func (s *session) emptyEnd(on *stream, way string) string {
	if way == sseFace || way == sseQuery {
		if _, declared := s.operations[on.SSE.Operation].Responses[fmt.Sprint(http.StatusNoContent)]; declared {
			return noContent
		}
	}
	return properEnd(way)
}
