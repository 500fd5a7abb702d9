package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Render returns the template with the values of the variables, compact and
// with its members in the order written. A variable that is neither given nor
// optional is an error. A value is encoded as by [Marshal], nil as null; a
// [json.RawMessage], also one in a slice of them, is taken as it is.
func (t *Template) Render(vars map[string]any) ([]byte, error) {
	return t.root.render(nil, vars)
}

// render appends the value of p to b.
func (p *part) render(b []byte, vars map[string]any) ([]byte, error) {
	switch p.kind {
	case '{':
		return p.renderObject(b, vars)
	case '[':
		return p.renderArray(b, vars)
	case '$':
		value, err := p.value(vars)
		return append(b, value...), err
	default:
		return append(b, p.constant...), nil
	}
}

func (p *part) renderObject(b []byte, vars map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, start := 0, len(b); i < len(p.parts); i++ {
		before := len(b)
		b = append(appendString(comma(b, before-start), p.names[i]), ':')
		bare := len(b)
		var err error
		if b, err = p.parts[i].render(b, vars); err != nil {
			return nil, err
		}
		if p.parts[i].optional && string(b[bare:]) == "null" {
			b = b[:before]
		}
	}
	return append(b, '}'), nil
}

func (p *part) renderArray(b []byte, vars map[string]any) ([]byte, error) {
	b = append(b, '[')
	for i, element := range p.parts {
		var err error
		if b, err = element.render(comma(b, i), vars); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// value returns what the variable stands for as JSON.
func (p *part) value(vars map[string]any) ([]byte, error) {
	value, ok := vars[p.variable]
	if !ok && !p.optional {
		return nil, fmt.Errorf("codec: template: the variable %q has no value", p.variable)
	}
	encoded, err := encode(value)
	if err != nil {
		return nil, fmt.Errorf("codec: template: the variable %q: %w", p.variable, err)
	}
	if p.prefix == "" {
		return encoded, nil
	}
	if encoded[0] != '"' {
		return nil, fmt.Errorf("codec: template: the variable %q follows a text and is no string", p.variable)
	}
	return appendString(nil, p.prefix+unquote(encoded)), nil
}

// encode is [Marshal] but for raw JSON, which it keeps as it is.
func encode(value any) ([]byte, error) {
	switch value := value.(type) {
	case json.RawMessage:
		return appendRaw(nil, value)
	case []json.RawMessage:
		if value == nil {
			return []byte("null"), nil
		}
		b := []byte{'['}
		for i, element := range value {
			var err error
			if b, err = appendRaw(comma(b, i), element); err != nil {
				return nil, fmt.Errorf("element %d: %w", i, err)
			}
		}
		return append(b, ']'), nil
	default:
		return Marshal(value)
	}
}

func appendRaw(b []byte, raw json.RawMessage) ([]byte, error) {
	if raw == nil {
		return append(b, "null"...), nil
	}
	if err := check(raw); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimSpace(raw)...), nil
}
