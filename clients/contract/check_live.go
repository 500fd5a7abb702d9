package contract

import (
	"encoding/json"
	"fmt"
	"slices"
)

func liveChecks() []entry {
	return []entry{
		{Check{"stream.live.same-record", "Who reads a stream while it grows gets the same events, with the same bytes, as who reads it afterwards.", Must}, wayTrials(over((*Stream).faces), judgeLive)},
	}
}

func judgeLive(s *session, index int, face string) verdict {
	sub := s.newSubject(index)
	if sub.err != nil {
		return blocked(sub.err)
	}
	live := s.readSubject(s.ctx, sub, face, nil, noLimit)
	return s.judgeReplay(sub, face, live)
}

// judgeReplay compares what was read live with what the same face gives later.
func (s *session) judgeReplay(sub subject, face string, live *record) verdict {
	if live.err != nil {
		return fail(live.script, "the stream to its last event", fmt.Sprintf("%d events, then: %v", len(live.events), live.err))
	}
	later := s.readSubject(s.ctx, sub, face, nil, noLimit)
	if later.err != nil {
		return blocked(fmt.Errorf("the replay: %w", later.err))
	}
	if expected, got, same := difference(later.events, live.events); !same || expected != "" {
		return fail(live.script, expected+", as replayed", got)
	}
	return passNote("%d events", len(live.events))
}

func dropChecks() []entry {
	return []entry{
		{Check{"stream.drop.resume", "Who loses the connection in mid-stream and resumes after the last event misses nothing and gets nothing twice.", Must}, wayTrials(over((*Stream).ways), judgeDrop)},
		{Check{"stream.drop.live", "Who loses the connection again and again while the stream grows misses nothing and gets nothing twice.", Must}, wayTrials(over((*Stream).ways), judgeDropLive)},
		{Check{"stream.drop.other-face", "Who loses one face goes on with another.", Must}, wayTrials(over(severalFaces), judgeOtherFace)},
	}
}

func severalFaces(on *Stream) []string {
	if len(on.faces()) < 2 {
		return nil
	}
	return on.faces()
}

// judgeDrop cuts the connection once, at several positions.
func judgeDrop(s *session, index int, way string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	cuts := cuts(len(reference.events))
	for _, cut := range cuts {
		read := s.readCut(reference.subject, []string{way}, cut, 1)
		if judged := judgeSame(reference, read, fmt.Sprintf("cut after event %d", cut)); judged.status != Passed {
			return judged
		}
	}
	return passNote("cut after %v of %d events", cuts, len(reference.events))
}

// cuts are after how many of n events to cut: near both ends and between.
func cuts(n int) []int {
	chosen := []int{1, 2, n / 3, n / 2, n - 1}
	chosen = slices.DeleteFunc(chosen, func(cut int) bool { return cut < 1 || cut >= n })
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

func judgeSame(reference reference, read *record, how string) verdict {
	expected, got, same := difference(reference.events, read.events)
	if !same || expected != "" {
		if read.err != nil {
			got = fmt.Sprintf("%s; %v", got, read.err)
		}
		return fail(read.script, how+": "+expected, got)
	}
	return pass()
}

// judgeOtherFace goes from face to face with every cut.
func judgeOtherFace(s *session, index int, face string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	faces := reference.on.faces()
	first := slices.Index(faces, face)
	faces = slices.Concat(faces[first:], faces[:first])
	each := max(1, len(reference.events)/(len(faces)+1))
	read := s.readCut(reference.subject, faces, each, len(faces))
	return judgeSame(reference, read, fmt.Sprintf("a cut after every %d events, over %v", each, faces))
}

// judgeDropLive cuts a stream that grows, and compares with the replay.
func judgeDropLive(s *session, index int, way string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	sub := s.newSubject(index)
	if sub.err != nil {
		return blocked(sub.err)
	}
	each := max(1, len(reference.events)/4)
	read := s.readCut(sub, []string{way}, each, 8)
	return s.judgeReplay(sub, faceOf(way), read)
}

// readCut reads a subject to its last event on connections that are dropped
// after so many events each, a limited number of times. The faces take turns.
func (s *session) readCut(sub subject, ways []string, each, times int) *record {
	out := &record{}
	for turn := 0; ; turn++ {
		var after json.RawMessage
		if len(out.events) > 0 {
			after = out.events[len(out.events)-1].cursor
		}
		count := 0
		stop := func(e event) bool {
			count++
			return sub.stop(e) || turn < times && count >= each
		}
		read := s.read(s.ctx, sub.on, sub.ask(ways[turn%len(ways)], after), stop, noLimit)
		out.add(read)
		if read.err != nil || len(read.events) == 0 || sub.stop(read.events[len(read.events)-1]) {
			return out
		}
	}
}

// add appends a further reading.
func (r *record) add(further *record) {
	if r.script != "" {
		r.script += "\n-- the connection is dropped --\n"
	}
	r.face, r.script, r.err = further.face, r.script+further.script, further.err
	r.events = append(r.events, further.events...)
	r.gaps += further.gaps
}
