package contract

import (
	"maps"
	"slices"
	"sync"
)

// Coverage says what the run has seen of the plan, and what it has not. Counts
// of zero are what nothing has touched.
type Coverage struct {
	// Answers by operation and declared status.
	Answers []AnswerCoverage `json:"answers"`
	// Messages by stream and tag.
	Messages []MessageCoverage `json:"messages"`
	// Faces by stream: how often each was read.
	Faces []FaceCoverage `json:"faces"`
	// Untried are the checks that nothing in the plan could be tried on.
	Untried []Check `json:"untried"`
}

// AnswerCoverage is how often an operation answered with a status. Declared is
// false for a status that the documents do not name.
type AnswerCoverage struct {
	Operation string `json:"operation"`
	Status    string `json:"status"`
	Declared  bool   `json:"declared"`
	Seen      int    `json:"seen"`
	Origin    string `json:"origin,omitempty"`
}

// MessageCoverage is how often a message of a stream was seen.
type MessageCoverage struct {
	Stream string `json:"stream"`
	Tag    string `json:"tag"`
	Seen   int    `json:"seen"`
	Origin string `json:"origin,omitempty"`
}

// FaceCoverage is how often a face of a stream was read.
type FaceCoverage struct {
	Stream string `json:"stream"`
	Face   string `json:"face"`
	Seen   int    `json:"seen"`
	Origin string `json:"origin,omitempty"`
}

// touched counts what a run sees.
type touched struct {
	plan *Plan

	mu       sync.Mutex
	answers  map[string]map[string]int
	messages map[string]map[string]int
	faces    map[string]map[string]int
}

func newTouched(plan *Plan) *touched {
	t := &touched{
		plan:     plan,
		answers:  map[string]map[string]int{},
		messages: map[string]map[string]int{},
		faces:    map[string]map[string]int{},
	}
	for i := range plan.Operations {
		t.answers[plan.Operations[i].ID] = map[string]int{}
	}
	for i := range plan.Streams {
		t.messages[plan.Streams[i].Name] = map[string]int{}
		t.faces[plan.Streams[i].Name] = map[string]int{}
	}
	return t
}

// answer counts an answer under the key that declares its status.
func (t *touched) answer(operation *Operation, status int) {
	if operation == nil {
		return
	}
	_, key, _ := operation.response(status)
	t.count(t.answers[operation.ID], key)
}

func (t *touched) message(on *stream, tag string) { t.count(t.messages[on.Name], tag) }

func (t *touched) face(on *stream, face string) { t.count(t.faces[on.Name], face) }

func (t *touched) count(counts map[string]int, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts[key]++
}

func (t *touched) coverage(untried []Check) Coverage {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := Coverage{Untried: untried}
	for i := range t.plan.Operations {
		out.Answers = append(out.Answers, t.operation(&t.plan.Operations[i])...)
	}
	for i := range t.plan.Streams {
		on := &t.plan.Streams[i]
		for _, tag := range slices.Sorted(maps.Keys(on.Messages)) {
			out.Messages = append(out.Messages, MessageCoverage{on.Name, tag, t.messages[on.Name][tag], on.Origin})
		}
		for _, face := range on.faces() {
			out.Faces = append(out.Faces, FaceCoverage{on.Name, face, t.faces[on.Name][face], on.Origin})
		}
	}
	return out
}

// operation lists the statuses an operation declares, and those it answered
// with all the same.
func (t *touched) operation(operation *Operation) []AnswerCoverage {
	seen := t.answers[operation.ID]
	statuses := map[string]bool{}
	for status := range seen {
		statuses[status] = true
	}
	for status := range operation.Responses {
		statuses[status] = true
	}
	var out []AnswerCoverage
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		response, declared := operation.Responses[status]
		out = append(out, AnswerCoverage{operation.ID, status, declared, seen[status], response.Origin})
	}
	return out
}
