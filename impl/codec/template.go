package codec

import (
	"errors"
	"fmt"
	"strings"
)

// Template is a JSON value with variables, written as JSON whose strings may
// refer to them:
//
//   - "$name" stands for the value of the variable;
//   - "$name?", as the value of a member, does so too, and the member is left
//     out when the variable is absent or null;
//   - "text-$name" is the text followed by the variable, which is a string;
//   - "$$" anywhere is a literal dollar sign.
//
// A name is letters, digits and underscores. A Template is safe for concurrent
// use.
type Template struct {
	root *part
}

// part is a value of a template: an object (names and parts), an array (parts),
// a variable (variable, with prefix or optional), or a constant.
type part struct {
	kind     byte // '{', '[', '$' for a variable, 'c' for a constant
	names    []string
	parts    []*part
	variable string
	prefix   string
	optional bool
	constant []byte // as rendered
	form     []byte // the canonical form of the constant
}

// ParseTemplate reads a template. Text that is not JSON, an object that repeats
// a member, and a dollar sign that starts no variable are errors.
func ParseTemplate(text string) (*Template, error) {
	root, err := parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("codec: template: %w", err)
	}
	if root.ambiguous() {
		return nil, fmt.Errorf("codec: template: %w", errRepeated)
	}
	compiled, err := compile(root)
	if err != nil {
		return nil, fmt.Errorf("codec: template: %w", err)
	}
	if compiled.optional {
		return nil, errOptional(compiled)
	}
	return &Template{root: compiled}, nil
}

// MustTemplate is [ParseTemplate] for templates that are known to be right: it
// panics on one that is not.
func MustTemplate(text string) *Template {
	t, err := ParseTemplate(text)
	if err != nil {
		panic(err)
	}
	return t
}

func errOptional(p *part) error {
	return fmt.Errorf("codec: template: %q: only the value of a member can be left out", "$"+p.variable+"?")
}

func compile(n *node) (*part, error) {
	switch n.kind() {
	case '{', '[':
		return compileElements(n)
	case '"':
		return compileString(n.text())
	default:
		return &part{kind: 'c', constant: n.raw, form: n.canonical(nil)}, nil
	}
}

func compileElements(n *node) (*part, error) {
	p := &part{kind: n.kind(), names: n.names}
	for i := range n.values {
		element, err := compile(&n.values[i])
		if err != nil {
			return nil, err
		}
		if element.optional && p.kind == '[' {
			return nil, errOptional(element)
		}
		p.parts = append(p.parts, element)
	}
	return p, nil
}

// compileString reads a string of a template: literal text, then at most one
// variable at its end.
func compileString(text string) (*part, error) {
	var literal strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "$")
		literal.WriteString(before)
		if !found {
			constant := appendString(nil, literal.String())
			return &part{kind: 'c', constant: constant, form: constant}, nil
		}
		if escaped, ok := strings.CutPrefix(after, "$"); ok {
			literal.WriteByte('$')
			rest = escaped
			continue
		}
		p := &part{kind: '$', prefix: literal.String()}
		p.variable, p.optional = strings.CutSuffix(after, "?")
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		return p, nil
	}
}

func (p *part) check() error {
	switch {
	case p.variable == "" || strings.ContainsFunc(p.variable, notName):
		return errors.New("a dollar sign starts a variable that ends the text; a literal one is written $$")
	case p.optional && p.prefix != "":
		return errors.New("a text with a variable in it cannot be left out")
	default:
		return nil
	}
}

func notName(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
