package rest

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/schema"
)

// decode decodes valid JSON into a typed value. Names of members are matched
// exactly, so that nothing slips past the schema under another case. What the
// type cannot hold although the schema allows it is a violation.
func decode(text []byte, into any) *schema.Violation {
	err := json.Unmarshal(text, into, integers)
	if err == nil {
		return nil
	}
	violation := &schema.Violation{Message: "has no value that can be used"}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		violation.Path = string(semantic.JSONPointer)
		if semantic.JSONKind == jsontext.KindNumber || errors.Is(err, errRange) {
			violation.Message = "must be a number within range"
		}
	}
	return violation
}

// integers reads integers however they are written: 3, 3.0 and 30e-1 alike.
var integers = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(integer[int]),
	json.UnmarshalFromFunc(integer[int32]),
	json.UnmarshalFromFunc(integer[int64]),
))

var errRange = errors.New("not an integer within range")

func integer[T int | int32 | int64](decoder *jsontext.Decoder, into *T) error {
	if decoder.PeekKind() != jsontext.KindNumber {
		return errors.ErrUnsupported // left to the package, which refuses it
	}
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		var ok bool
		if n, ok = codec.Integer(string(value)); !ok {
			return errRange
		}
	}
	if int64(T(n)) != n {
		return errRange
	}
	*into = T(n)
	return nil
}
