package schema

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taskbridge/tbgen/impl/codec"
)

// formats are those of OpenAPI that JSON Schema does not have. Each says what
// values of the Go type that stands for it can hold.
var formats = []*jsonschema.Format{
	{Name: "int32", Validate: integer(math.MinInt32, math.MaxInt32)},
	{Name: "int64", Validate: integer(math.MinInt64, math.MaxInt64)},
	{Name: "float", Validate: finite(32)},
	{Name: "double", Validate: finite(64)},
	{Name: "byte", Validate: base64Text},
}

var errFormat = errors.New("does not have the format")

// integer admits integers within bounds, and what is no number.
func integer(low, high int64) func(any) error {
	return func(value any) error {
		number, ok := value.(json.Number)
		if !ok {
			return nil
		}
		if n, ok := codec.Integer(string(number)); !ok || n < low || n > high {
			return errFormat
		}
		return nil
	}
}

// finite admits numbers that do not overflow, and what is no number.
func finite(bits int) func(any) error {
	return func(value any) error {
		number, ok := value.(json.Number)
		if !ok {
			return nil
		}
		_, err := strconv.ParseFloat(string(number), bits)
		return err
	}
}

func base64Text(value any) error {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	_, err := base64.StdEncoding.DecodeString(text)
	return err
}
