package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says why a text is not the JSON that [Parse] accepts.
type SyntaxError struct {
	// Offset is the byte at or after which the error is.
	Offset int64
	// Err is the cause.
	Err error
}

// Error names the place and the cause.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %v", e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Parse reads one JSON value (RFC 8259) as map[string]any, []any, string,
// [json.Number] (the digits as written), bool or nil. Repeated members, invalid
// UTF-8, a byte order mark, lone surrogates, data after the value, and objects
// and arrays nested deeper than maxDepth are refused with a [*SyntaxError]. A
// maxDepth of 0 is the reader's own limit of 10,000.
func Parse(data []byte, maxDepth int) (any, error) {
	p := parser{decoder: jsontext.NewDecoder(bytes.NewBuffer(data)), maxDepth: maxDepth}
	value, err := p.value()
	if err != nil {
		return nil, p.refuse(err)
	}
	if _, err := p.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &SyntaxError{Offset: p.decoder.InputOffset(), Err: errTrailing}
	}
	return value, nil
}

var (
	errEmpty    = errors.New("no value")
	errTrailing = errors.New("data after the value")
	errRepeated = errors.New("a member is repeated")
	errShort    = errors.New("the text ends too early")
)

type parser struct {
	decoder  *jsontext.Decoder
	maxDepth int
}

// refuse words an error of the reader for whoever sent the text.
func (p *parser) refuse(err error) error {
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &SyntaxError{Offset: syntactic.ByteOffset, Err: cause(syntactic.Err)}
	}
	return &SyntaxError{Offset: p.decoder.InputOffset(), Err: cause(err)}
}

func cause(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return errEmpty
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errShort
	case errors.Is(err, jsontext.ErrDuplicateName):
		return errRepeated
	default:
		return err
	}
}

func (p *parser) value() (any, error) {
	token, err := p.decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		return p.object()
	case jsontext.KindBeginArray:
		return p.array()
	case jsontext.KindString:
		return token.String(), nil
	case jsontext.KindNumber:
		return json.Number(token.String()), nil
	case jsontext.KindNull:
		return nil, nil
	default:
		return token.Bool(), nil
	}
}

func (p *parser) object() (any, error) {
	if err := p.depth(); err != nil {
		return nil, err
	}
	object := map[string]any{}
	for p.decoder.PeekKind() != jsontext.KindEndObject {
		token, err := p.decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		if object[name], err = p.value(); err != nil {
			return nil, err
		}
	}
	_, err := p.decoder.ReadToken()
	return object, err
}

func (p *parser) array() (any, error) {
	if err := p.depth(); err != nil {
		return nil, err
	}
	array := []any{}
	for p.decoder.PeekKind() != jsontext.KindEndArray {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := p.decoder.ReadToken()
	return array, err
}

// depth judges the nesting after an object or an array has begun.
func (p *parser) depth() error {
	if p.maxDepth > 0 && p.decoder.StackDepth() > p.maxDepth {
		return fmt.Errorf("nested deeper than %d", p.maxDepth)
	}
	return nil
}
