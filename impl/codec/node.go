package codec

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// node is a JSON value: its source text, without white space around it, and
// what is in it. It is small because a document may hold millions.
type node struct {
	raw []byte
	*inside
}

// inside is what an object or an array holds, in the order of the text.
type inside struct {
	names   []string // of an object, as many as values
	values  []node
	repeats bool // this value, or one in it, repeats a member
}

// parse reads one JSON value. Nesting is bounded by encoding/json (10,000).
func parse(data []byte) (*node, error) {
	if err := check(data); err != nil {
		return nil, err
	}
	s := scanner{data: data}
	s.space()
	root := s.value()
	return &root, nil
}

// check reports why data is not one JSON value.
func check(data []byte) error {
	if json.Valid(data) {
		return nil
	}
	var value json.RawMessage
	return json.Unmarshal(data, &value)
}

// kind is the first character of the value, '0' for every number.
func (n *node) kind() byte {
	switch c := n.raw[0]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	default:
		return '0'
	}
}

// describe names the kind of the value in an error.
func (n *node) describe() string {
	switch n.kind() {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case '0':
		return "a number"
	default:
		return "a boolean"
	}
}

// member returns the value of a member of an object, the last one if it is
// repeated, nil if there is none.
func (n *node) member(name string) *node {
	for i := len(n.names) - 1; i >= 0; i-- {
		if n.names[i] == name {
			return &n.values[i]
		}
	}
	return nil
}

// ambiguous reports whether the value, or one in it, repeats a member.
func (n *node) ambiguous() bool {
	return n.inside != nil && n.repeats
}

// text is what a string stands for.
func (n *node) text() string {
	return unquote(n.raw)
}

func unquote(raw []byte) string {
	inner := string(raw[1 : len(raw)-1])
	if strings.IndexByte(inner, '\\') < 0 && utf8.ValidString(inner) {
		return inner
	}
	var text string
	_ = json.Unmarshal(raw, &text) // valid: it was scanned out of valid JSON
	return text
}

// scanner walks over text that is known to be valid JSON.
type scanner struct {
	data []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) value() node {
	var n node
	start := s.at
	switch s.data[s.at] {
	case '{':
		n.inside = s.elements(true)
	case '[':
		n.inside = s.elements(false)
	case '"':
		s.string()
	default:
		s.literal()
	}
	n.raw = s.data[start:s.at:s.at]
	return n
}

// elements reads what is between the brackets of an object or an array.
func (s *scanner) elements(named bool) *inside {
	n := new(inside)
	for s.at++; ; s.at++ {
		s.space()
		if c := s.data[s.at]; c == '}' || c == ']' {
			break
		}
		if named {
			n.names = append(n.names, s.name())
		}
		value := s.value()
		n.values = append(n.values, value)
		n.repeats = n.repeats || value.ambiguous()
		s.space()
		if s.data[s.at] != ',' {
			break
		}
	}
	s.at++
	n.repeats = n.repeats || repeated(n.names)
	return n
}

// name reads a member's name and what stands before its value.
func (s *scanner) name() string {
	start := s.at
	s.string()
	name := unquote(s.data[start:s.at])
	s.space()
	s.at++ // the colon
	s.space()
	return name
}

func (s *scanner) string() {
	for s.at++; s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

func (s *scanner) literal() {
	for s.at < len(s.data) && !strings.ContainsRune(" \t\n\r,]}", rune(s.data[s.at])) {
		s.at++
	}
}

// repeated reports whether a name occurs twice.
func repeated(names []string) bool {
	if len(names) <= 8 {
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				return true
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(names))
	for _, name := range names {
		seen[name] = struct{}{}
	}
	return len(seen) < len(names)
}
