package contract

import (
	"encoding/json"
	"fmt"
	"strings"
)

func socketChecks() []entry {
	return []entry{
		{Check{"stream.socket.confirm", "A socket confirms the subscription first, with the cursor it was given.", Must}, wayTrials(over(confirming), judgeConfirm)},
		{Check{"stream.socket.unauthenticated", "A socket opened without credentials is closed with 1008 and the code, after the upgrade, where a browser can read it.", Must}, socketTrials(securedSocket, judgeSocketAuth)},
		{Check{"stream.socket.bearer-protocol", "A token given as a subprotocol is accepted like one in a header.", Must}, wayTrials(over(protocolWays), judgeProtocol)},
	}
}

func confirming(on *Stream) []string {
	if on.WebSocket == nil || on.WebSocket.Confirm == nil {
		return nil
	}
	return []string{socketFace}
}

func protocolWays(on *Stream) []string {
	if on.WebSocket == nil || on.WebSocket.BearerProtocol == "" {
		return nil
	}
	return []string{socketFace}
}

// judgeConfirm subscribes from the start and from after the first event.
func judgeConfirm(s *session, index int, _ string) verdict {
	reference := s.reference(index)
	if reference.err != nil {
		return blocked(reference.err)
	}
	for i := range min(2, len(reference.events)) {
		reading, err := s.openSocket(s.ctx, reference.on, reference.ask(socketFace, reference.position(i)))
		if err != nil {
			return notOpened(err, "a confirmation")
		}
		reading.drop()
		wanted := ""
		if i > 0 {
			wanted = reference.events[i-1].text()
		}
		confirm := reference.on.WebSocket.Confirm
		if got := s.invalidJSON(confirm.Schema, reading.confirmed); confirm.Schema != "" && got != "" {
			return fail(reading.script(), "a confirmation valid against "+confirm.Schema, got)
		}
		vars, _ := reference.on.confirm.Match(reading.confirmed)
		if got, told := confirmedAfter(vars); told && got != wanted {
			return fail(reading.script(), fmt.Sprintf("a confirmation of the cursor %q", wanted), string(reading.confirmed))
		}
		if got, told := vars["key"]; told && plain(got) != plain(reference.key) {
			return fail(reading.script(), "a confirmation of the stream "+plain(reference.key), string(reading.confirmed))
		}
	}
	return pass()
}

// confirmedAfter is the cursor a confirmation names, "" for none at all.
func confirmedAfter(vars map[string]json.RawMessage) (after string, told bool) {
	value, told := vars["after"]
	if string(value) == "null" {
		return "", told
	}
	return plain(value), told
}

// socketTrials tries a check on the socket of every stream.
func socketTrials(wanted func(*compiled, *stream) bool, judge func(*session, *stream) verdict) func(*compiled) []trial {
	return func(plan *compiled) []trial {
		var trials []trial
		for i := range plan.Streams {
			on := plan.streams[plan.Streams[i].Name]
			if on.WebSocket == nil || !wanted(plan, on) {
				continue
			}
			trials = append(trials, trial{on.Name, on.Origin, func(s *session) verdict { return judge(s, on) }})
		}
		return trials
	}
}

func securedSocket(plan *compiled, on *stream) bool {
	return len(plan.operations[on.WebSocket.Operation].Security) > 0
}

func judgeSocketAuth(s *session, on *stream) verdict {
	key := cursorLike(s.unique(), nil)
	refused, instead := s.refused(on, ask{face: socketFace, key: key, credentials: "none"}, "close 1008")
	if refused == nil {
		return *instead
	}
	if refused.answer != nil || refused.code != 1008 {
		return fail(refused.script, "close 1008 after the upgrade", refused.Error())
	}
	if s.Errors == nil || s.Errors.Roles["unauthenticated"] == "" {
		return pass()
	}
	if code := s.Errors.Roles["unauthenticated"]; !strings.Contains(refused.reason, code) {
		return fail(refused.script, "close 1008 "+code, refused.Error())
	}
	return pass()
}

func judgeProtocol(s *session, index int, _ string) verdict {
	sub := s.subject(index)
	if sub.err != nil {
		return blocked(sub.err)
	}
	question := sub.ask(socketFace, nil)
	question.protocol = true
	reading, err := s.openSocket(s.ctx, sub.on, question)
	if err != nil {
		return notOpened(err, "the subscription is accepted")
	}
	defer reading.drop()
	if got := reading.conn.Subprotocol(); got != sub.on.WebSocket.BearerProtocol {
		return fail(reading.script(), "the subprotocol "+sub.on.WebSocket.BearerProtocol, fmt.Sprintf("%q", got))
	}
	return pass()
}

func sseChecks() []entry {
	return []entry{
		{Check{"stream.sse.id", "A server-sent event carries its cursor as its id, so that a browser resumes rightly.", Must}, wayTrials(over(sseOnly), judgeID)},
		{Check{"stream.sse.uncached", "An event stream forbids caches to keep or change it.", Should}, wayTrials(over(sseOnly), judgeCache)},
	}
}

func sseOnly(on *Stream) []string {
	if on.SSE == nil {
		return nil
	}
	return []string{sseFace}
}

func judgeID(s *session, index int, face string) verdict {
	read := s.record(index, face)
	if len(read.events) == 0 {
		return blocked(read.err)
	}
	for _, e := range read.events {
		if e.id == nil {
			return fail(read.script, "id: "+e.text(), "no id with "+e.short())
		}
		if *e.id != e.text() {
			return fail(read.script, "id: "+e.text(), "id: "+*e.id)
		}
	}
	return pass()
}

func judgeCache(s *session, index int, _ string) verdict {
	sub := s.subject(index)
	if sub.err != nil {
		return blocked(sub.err)
	}
	reading, err := s.openSSE(s.ctx, sub.on, sub.ask(sseFace, nil))
	if err != nil {
		return notOpened(err, "a stream")
	}
	reading.drop()
	control := strings.Join(reading.header.Values("Cache-Control"), ", ")
	if !strings.Contains(control, "no-cache") && !strings.Contains(control, "no-store") {
		return fail(reading.script(), "Cache-Control: no-cache or no-store", fmt.Sprintf("Cache-Control: %q", control))
	}
	return pass()
}
