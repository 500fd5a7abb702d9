package codec

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Match reports whether data is what the template would render: its constants
// are equal as JSON values and its members are there, but for the optional
// ones. Other members are allowed, and of a repeated one the last counts. It
// returns what the variables stand for; one that occurs twice stands for equal
// values, and an optional one whose member is missing is not among them.
func (t *Template) Match(data []byte) (vars map[string]json.RawMessage, ok bool) {
	return t.match(data, false)
}

// MatchExact is [Template.Match] without the leniency: a member that the
// template does not name, and a repeated one anywhere, do not match.
func (t *Template) MatchExact(data []byte) (vars map[string]json.RawMessage, ok bool) {
	return t.match(data, true)
}

func (t *Template) match(data []byte, exact bool) (map[string]json.RawMessage, bool) {
	n, err := parse(data)
	if err != nil || exact && n.ambiguous() {
		return nil, false
	}
	m := matcher{exact: exact, vars: map[string]json.RawMessage{}}
	if !m.match(t.root, n) {
		return nil, false
	}
	return m.vars, true
}

type matcher struct {
	exact bool
	vars  map[string]json.RawMessage
}

func (m *matcher) match(p *part, n *node) bool {
	switch p.kind {
	case '{':
		return n.kind() == '{' && m.members(p, n)
	case '[':
		return n.kind() == '[' && m.elements(p, n)
	case '$':
		return m.capture(p, n)
	default:
		return n.kind() != '{' && n.kind() != '[' && bytes.Equal(p.form, n.canonical(nil))
	}
}

func (m *matcher) members(p *part, n *node) bool {
	found := 0
	for i, name := range p.names {
		value := n.member(name)
		if value == nil {
			if !p.parts[i].optional {
				return false
			}
			continue
		}
		found++
		if !m.match(p.parts[i], value) {
			return false
		}
	}
	return !m.exact || found == len(n.names)
}

func (m *matcher) elements(p *part, n *node) bool {
	if len(p.parts) != len(n.values) {
		return false
	}
	for i, element := range p.parts {
		if !m.match(element, &n.values[i]) {
			return false
		}
	}
	return true
}

// capture takes n as the value of a variable, unless it has another already.
func (m *matcher) capture(p *part, n *node) bool {
	value := bytes.Clone(n.raw)
	if p.prefix != "" {
		if n.kind() != '"' {
			return false
		}
		rest, ok := strings.CutPrefix(n.text(), p.prefix)
		if !ok {
			return false
		}
		value = appendString(nil, rest)
	}
	if earlier, ok := m.vars[p.variable]; ok {
		same, err := Equal(earlier, value)
		return err == nil && same
	}
	m.vars[p.variable] = value
	return true
}
