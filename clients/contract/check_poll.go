package contract

import (
	"fmt"
	"slices"
)

func pollChecks() []entry {
	return []entry{
		{Check{"stream.poll.pages", "Pages of any size make up the whole stream, hold as many events as asked for, and tell exactly whether there are more and where to go on.", Must}, wayTrials(over(pollOnly), judgePages)},
	}
}

func pollOnly(on *Stream) []string {
	if on.Poll == nil {
		return nil
	}
	return []string{pollFace}
}

// judgePages reads the stream in pages of several sizes, borders included.
func judgePages(s *session, index int, _ string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	total := len(reference.events)
	limit := s.operations[reference.on.Poll.Operation].parameter(reference.on.Poll.Limit)
	sizes := pageSizes(total, s.largest(limit, total+1))
	for _, size := range sizes {
		if judged := s.judgeSize(reference, size); judged.status != Passed {
			return judged
		}
	}
	return passNote("pages of %v events", sizes)
}

// pageSizes are the sizes to try on a stream of so many events: small ones, and
// those around its length, as far as the server allows them.
func pageSizes(total, largest int) []int {
	sizes := []int{1, 2, 3, total / 2, total - 1, total, total + 1}
	sizes = slices.DeleteFunc(sizes, func(size int) bool {
		return size < 1 || size > largest || size == 1 && total > 4*everyUpTo
	})
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// judgeSize reads the stream in pages of one size. It asks for events that are
// there, so that no page has to wait.
func (s *session) judgeSize(reference reference, size int) verdict {
	next := reference.ask(pollFace, nil)
	next.limit = size
	total := len(reference.events)
	for done := 0; done < total; {
		read, err := s.page(s.ctx, reference.on, next, 0)
		script := s.curl(read.exchange.call)
		if err != nil {
			return fail(script, fmt.Sprintf("a page of %d events", size), err.Error())
		}
		wanted := reference.events[done:min(total, done+size)]
		where := fmt.Sprintf("in pages of %d, after event %d of %d: ", size, done, total)
		if expected, got, same := difference(wanted, read.events); !same || expected != "" {
			return fail(script, where+expected, got)
		}
		done += len(wanted)
		if cursor := reference.events[done-1].text(); plain(read.next) != cursor {
			return fail(script, where+"the page goes on after "+cursor, "it goes on after "+string(read.next))
		}
		if more := done < total; read.more != more && (reference.whole || more) {
			return fail(script, fmt.Sprintf("%sthat there is more is %t", where, more), fmt.Sprint(read.more))
		}
		next.after = read.next
	}
	return pass()
}
