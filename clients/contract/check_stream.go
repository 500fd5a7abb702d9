package contract

import (
	"cmp"
	"fmt"
)

// ways are the ways to read a stream of the scenarios that a check is tried in.
type ways func(*compiled, StreamCase) []string

// over are those that a stream has.
func over(choose func(*Stream) []string) ways {
	return func(plan *compiled, declared StreamCase) []string {
		return choose(plan.streams[declared.Stream].Stream)
	}
}

// ended are those that a stream has if it is judged to its end.
func ended(choose func(*Stream) []string) ways {
	return func(plan *compiled, declared StreamCase) []string {
		on := plan.streams[declared.Stream]
		until := plan.Scenarios.Setups[declared.Setup].Until
		if !declared.Live && until.Event != "" && !on.terminal(until.Event) {
			return nil
		}
		return choose(on.Stream)
	}
}

// wayTrials tries a check on every stream of the scenarios, in each of its ways.
func wayTrials(ways ways, judge func(*session, int, string) verdict) func(*compiled) []trial {
	return func(plan *compiled) []trial {
		var trials []trial
		for i, declared := range plan.Scenarios.Streams {
			for _, way := range ways(plan, declared) {
				name := fmt.Sprintf("%s %s over %s", declared.Stream, declared.Setup, way)
				origin := cmp.Or(declared.Origin, plan.streams[declared.Stream].Origin)
				trials = append(trials, trial{name, origin, func(s *session) verdict {
					return judge(s, i, way)
				}})
			}
		}
		return trials
	}
}

func eventChecks() []entry {
	return []entry{
		{Check{"stream.event.schema", "Every event of a stream is valid against the schema of its message.", Must}, wayTrials(over((*Stream).faces), judgeEvents)},
	}
}

func judgeEvents(s *session, index int, face string) verdict {
	read := s.record(index, face)
	if len(read.events) == 0 {
		return blocked(read.err)
	}
	on := s.subject(index).on
	for i, e := range read.events {
		if got := s.invalidJSON(on.Messages[e.tag], e.data); on.Messages[e.tag] != "" && got != "" {
			return fail(read.script, fmt.Sprintf("event %d valid against %s", i+1, on.Messages[e.tag]), got)
		}
	}
	return pass()
}

func transportChecks() []entry {
	return []entry{
		{Check{"stream.transport.same-events", "Every face of a stream gives the whole stream, with the same events in the same order.", Must}, wayTrials(over((*Stream).faces), judgeSameEvents)},
		{Check{"stream.transport.same-bytes", "An event has the same bytes on every face.", Must}, wayTrials(over((*Stream).faces), judgeSameBytes)},
	}
}

func judgeSameEvents(s *session, index int, face string) verdict {
	reference, read := s.reference(index), s.record(index, face)
	if reference.err != nil {
		return blocked(reference.err)
	}
	if read.err != nil {
		return fail(read.script, fmt.Sprintf("%d events, as over %s", len(reference.events), reference.face), fmt.Sprintf("%d events, then: %v", len(read.events), read.err))
	}
	if expected, got, same := difference(reference.events, read.events); !same {
		return fail(read.script, expected+", as over "+reference.face, got)
	}
	return passNote("%d events", len(read.events))
}

func judgeSameBytes(s *session, index int, face string) verdict {
	reference, read := s.reference(index), s.record(index, face)
	if reference.err != nil {
		return blocked(reference.err)
	}
	if read.err != nil {
		return blocked(read.err)
	}
	byCursor := map[string]event{}
	for _, e := range reference.events {
		byCursor[e.text()] = e
	}
	for _, e := range read.events {
		if wanted, known := byCursor[e.text()]; known && string(wanted.data) != string(e.data) {
			return fail(read.script, fmt.Sprintf("%s, as over %s", wanted.data, reference.face), string(e.data))
		}
	}
	return pass()
}
