package contract

import (
	"encoding/json"
	"fmt"
	"slices"
)

func resumeChecks() []entry {
	return []entry{
		{Check{"stream.resume.every-position", "Who resumes after any event gets exactly the events that follow it, with the same bytes.", Must}, wayTrials(over((*Stream).ways), judgeEveryPosition)},
	}
}

// everyUpTo is the length of streams that are resumed at every position. From
// longer ones some are chosen, because the work grows with the square.
const everyUpTo = 256

// positions are where to resume a stream of n events: after so many of them.
func positions(n int) []int {
	var chosen []int
	for i := range n {
		if n <= everyUpTo || i < 8 || i >= n-8 || i%(n/24) == 0 || atBorder(i) && n <= 20*everyUpTo {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// atBorder reports whether position i is where servers like to begin a page.
func atBorder(i int) bool {
	return slices.ContainsFunc([]int{100, 128, 500, 512}, func(size int) bool {
		return i >= size-1 && (i+1)%size <= 2
	})
}

func judgeEveryPosition(s *session, index int, way string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	chosen := positions(len(reference.events))
	for _, position := range chosen {
		if s.ctx.Err() != nil {
			return blocked(s.ctx.Err())
		}
		if judged := s.judgeRest(reference, way, reference.position(position), position); judged.status != Passed {
			return judged
		}
	}
	return passNote("%d of %d positions", len(chosen), len(reference.events))
}

// judgeRest reads after a cursor, which stands before event number from, and
// wants exactly the rest.
func (s *session) judgeRest(reference reference, way string, after json.RawMessage, from int) verdict {
	rest := reference.events[from:]
	read := s.readSubject(s.ctx, reference.subject, way, after, len(rest)+slack)
	wanted := fmt.Sprintf("resumed after event %d of %d: ", from, len(reference.events))
	expected, got, same := difference(rest, read.events)
	switch {
	case read.gaps > 0 && from > 0:
		return fail(read.script, wanted+"no gap", "a gap is told")
	case !same || expected != "":
		if read.err != nil {
			got = fmt.Sprintf("%s; %v", got, read.err)
		}
		return fail(read.script, wanted+expected, got)
	case read.err != nil:
		return fail(read.script, wanted+"the rest", read.err.Error())
	default:
		return pass()
	}
}
