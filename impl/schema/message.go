package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/taskbridge/tbgen/impl/codec"
)

// message says what a keyword wants.
func message(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return "must be " + oneOfTypes(k.Want)
	case *kind.Const:
		return "must be " + literal(k.Want)
	case *kind.Enum:
		return "must be one of " + literals(k.Want)
	case *kind.Format:
		return formatMessage(k.Want)
	case *kind.Pattern:
		return "must match the pattern " + k.Want
	case *kind.MinLength:
		return "must have at least " + count(k.Want, "character")
	case *kind.MaxLength:
		return "must have at most " + count(k.Want, "character")
	case *kind.Minimum:
		return "must be at least " + decimalText(k.Want)
	case *kind.Maximum:
		return "must be at most " + decimalText(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be greater than " + decimalText(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + decimalText(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + decimalText(k.Want)
	default:
		return containerMessage(k)
	}
}

// containerMessage is message for what holds for objects and arrays.
func containerMessage(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinProperties:
		return "must have at least " + count(k.Want, "member")
	case *kind.MaxProperties:
		return "must have at most " + count(k.Want, "member")
	case *kind.MinItems:
		return "must have at least " + count(k.Want, "item")
	case *kind.MaxItems:
		return "must have at most " + count(k.Want, "item")
	case *kind.UniqueItems:
		return fmt.Sprintf("must have no equal items, but %d and %d are", k.Duplicates[0], k.Duplicates[1])
	case *kind.Contains:
		return "must have an item of the wanted form"
	case *kind.MinContains:
		return "must have at least " + count(k.Want, "item") + " of the wanted form"
	case *kind.MaxContains:
		return "must have at most " + count(k.Want, "item") + " of the counted form"
	case *kind.Not:
		return "must not have this form"
	default:
		return "is not valid"
	}
}

// notAllowed words a value for which the schema is false.
func notAllowed(err *jsonschema.ValidationError) string {
	at := err.InstanceLocation
	keywords := strings.Split(err.SchemaURL, "/")
	last := len(keywords) - 1
	if len(at) > 0 && (keywords[last] == "unevaluatedProperties" || keywords[last-1] == "properties") {
		return fmt.Sprintf("member %q is not allowed", at[len(at)-1])
	}
	return "is not allowed"
}

func formatMessage(format string) string {
	switch format {
	case "int32":
		return "must be an integer of 32 bits"
	case "int64":
		return "must be an integer of 64 bits"
	case "float", "double":
		return "must be a number that is not too large"
	case "byte":
		return "must be base64"
	default:
		return "must be a valid " + format
	}
}

// oneOfTypes lists types as one would say them: a string, an array or null.
func oneOfTypes(types []string) string {
	var said []string
	if slices.Contains(types, "null") {
		types = append(slices.DeleteFunc(slices.Clone(types), isNull), "null")
	}
	for _, name := range types {
		switch name {
		case "null":
		case "array", "integer", "object":
			name = "an " + name
		default:
			name = "a " + name
		}
		if !slices.Contains(said, name) {
			said = append(said, name)
		}
	}
	last := len(said) - 1
	if last == 0 {
		return said[0]
	}
	return strings.Join(said[:last], ", ") + " or " + said[last]
}

func isNull(name string) bool { return name == "null" }

func literals(values []any) string {
	said := make([]string, len(values))
	for i, value := range values {
		said[i] = literal(value)
	}
	return strings.Join(said, ", ")
}

func literal(value any) string {
	text, err := codec.Marshal(value)
	if err != nil {
		return "the constant"
	}
	return string(text)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// decimalText writes a bound of a schema as it stands there.
func decimalText(bound *big.Rat) string {
	digits, _ := bound.FloatPrec()
	return bound.FloatString(digits)
}
