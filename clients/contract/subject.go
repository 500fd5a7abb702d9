package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// prepare runs a setup and the ones it builds on, and returns their variables.
// Without wait the condition of the last one is not waited for.
func (s *session) prepare(name string, wait bool) (map[string]any, error) {
	if name == "" {
		return nil, nil
	}
	setup := s.Scenarios.Setups[name]
	vars, err := s.prepare(setup.Setup, true)
	if err != nil {
		return nil, err
	}
	captured, err := s.runSetup(setup, vars)
	if err != nil {
		return nil, fmt.Errorf("setup %s: %w", name, err)
	}
	if setup.Until == nil || !wait {
		return captured, nil
	}
	if err := s.await(setup, captured); err != nil {
		return nil, fmt.Errorf("setup %s: %w", name, err)
	}
	return captured, nil
}

// runSetup sends the request of a setup and captures variables from its answer.
func (s *session) runSetup(setup Setup, vars map[string]any) (map[string]any, error) {
	c, err := s.call(setup.Request, vars)
	if err != nil {
		return nil, err
	}
	answer, err := s.send(s.ctx, c)
	if err != nil {
		return nil, err
	}
	if setup.Status != 0 && answer.status != setup.Status || setup.Status == 0 && answer.status/100 != 2 {
		return nil, fmt.Errorf("%s is answered with %s", setup.Request.Operation, s.brief(answer))
	}
	captured := map[string]any{}
	maps.Copy(captured, vars)
	for name, pointer := range setup.Capture {
		value, ok := pointed(answer.body, pointer)
		if !ok {
			return nil, fmt.Errorf("the answer %s has nothing at %s", answer.summary(), pointer)
		}
		captured[name] = value
	}
	return captured, nil
}

// brief is an answer without what differs from one to the next.
func (s *session) brief(e *exchange) string {
	if s.Errors != nil {
		if code, err := codec.Tag(e.body, s.Errors.Members.Code); err == nil && code != "" {
			return fmt.Sprintf("%d %s", e.status, code)
		}
	}
	return e.summary()
}

// await waits for the condition of a setup, on whichever face shows it.
func (s *session) await(setup Setup, vars map[string]any) error {
	on := s.streams[setup.Stream]
	var failures []error
	for _, face := range on.faces() {
		read := s.read(s.ctx, on, ask{face: face, key: key(on, vars)}, setup.Until.met(on), noLimit)
		if read.err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", face, read.err))
	}
	return fmt.Errorf("its condition is not met: %w", errors.Join(failures...))
}

// met is the condition as a question to an event.
func (u *Until) met(on *stream) func(event) bool {
	return func(e event) bool {
		return u.Event == "" && on.terminal(e.tag) || u.Event != "" && e.tag == u.Event
	}
}

// key is the captured variable that says which stream it is.
func key(on *stream, vars map[string]any) json.RawMessage {
	value, _ := vars[on.Key].(json.RawMessage)
	return value
}

// pointed is the value at a JSON pointer.
func pointed(data json.RawMessage, pointer string) (json.RawMessage, bool) {
	if pointer == "" {
		return data, len(data) > 0
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var members map[string]json.RawMessage
		var elements []json.RawMessage
		var found bool
		if codec.Unmarshal(data, &members) == nil {
			data, found = members[token]
		} else if codec.Unmarshal(data, &elements) == nil {
			index, err := strconv.Atoi(token)
			if found = err == nil && index >= 0 && index < len(elements); found {
				data = elements[index]
			}
		}
		if !found {
			return nil, false
		}
	}
	return data, true
}

// subject is a stream that the stream checks run on.
type subject struct {
	on  *stream
	key json.RawMessage
	// stop is true of the last event to judge.
	stop func(event) bool
	// whole says that the stream ends there.
	whole bool
	err   error
}

// subject makes the stream of a stream case, once.
func (s *session) subject(index int) subject {
	return s.subjects.get(index, func() subject { return s.newSubject(index) })
}

// newSubject makes a further stream of a stream case. It does not wait for
// anything: whoever reads it does.
func (s *session) newSubject(index int) subject {
	declared := s.Scenarios.Streams[index]
	setup := s.Scenarios.Setups[declared.Setup]
	out := subject{on: s.streams[declared.Stream]}
	until := setup.Until
	if declared.Live {
		until = &Until{}
	}
	out.stop, out.whole = until.met(out.on), until.Event == "" || out.on.terminal(until.Event)
	vars, err := s.prepare(declared.Setup, false)
	out.key, out.err = key(out.on, vars), err
	return out
}

// ask is a question about the subject's stream.
func (sub subject) ask(face string, after json.RawMessage) ask {
	return ask{face: face, key: sub.key, after: after}
}

// read reads the subject's stream after a cursor, up to where it is judged.
func (s *session) readSubject(ctx context.Context, sub subject, face string, after json.RawMessage, limit int) *record {
	return s.read(ctx, sub.on, sub.ask(face, after), sub.stop, limit)
}
