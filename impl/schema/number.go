package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// The validator computes with fractions of any size: 1e999999999 is a value it
// fails on, and a list of 1e999999 keeps it busy for minutes. So it is given a
// stand-in for every number beyond these bounds, which are far outside of what
// schemas compare with. A stand-in is on the same side of every bound, is an
// integer exactly if the number is one, and two of them are equal exactly if
// the numbers are.
const (
	maxDigits = 400 // significant digits
	maxOrder  = 310 // power of ten
	quick     = 300 // characters that are within both bounds without an exponent
)

// numbers replaces numbers by their stand-ins.
type numbers struct {
	seen map[string]int // canonical form of a replaced number → its index
}

// in returns value with all numbers bounded; value itself is not changed.
func (n *numbers) in(value any) any {
	bounded, _ := n.replace(value)
	return bounded
}

func (n *numbers) replace(value any) (bounded any, changed bool) {
	switch value := value.(type) {
	case json.Number:
		return n.number(value)
	case map[string]any:
		return n.object(value)
	case []any:
		return n.array(value)
	default:
		return value, false
	}
}

func (n *numbers) object(object map[string]any) (any, bool) {
	var copied map[string]any
	for name, value := range object {
		bounded, changed := n.replace(value)
		if !changed {
			continue
		}
		if copied == nil {
			copied = maps.Clone(object)
		}
		copied[name] = bounded
	}
	if copied == nil {
		return object, false
	}
	return copied, true
}

func (n *numbers) array(array []any) (any, bool) {
	var copied []any
	for i, value := range array {
		bounded, changed := n.replace(value)
		if !changed {
			continue
		}
		if copied == nil {
			copied = slices.Clone(array)
		}
		copied[i] = bounded
	}
	if copied == nil {
		return array, false
	}
	return copied, true
}

func (n *numbers) number(number json.Number) (any, bool) {
	text := string(number)
	if len(text) <= quick && !strings.ContainsAny(text, "eE") {
		return number, false
	}
	canonical, err := codec.Canonical([]byte(text))
	if err != nil {
		return number, false
	}
	d := decimalOf(string(canonical))
	if len(d.digits) <= maxDigits && -maxOrder <= d.order && d.order <= maxOrder {
		return json.Number(canonical), true
	}
	if n.seen == nil {
		n.seen = map[string]int{}
	}
	index, ok := n.seen[string(canonical)]
	if !ok {
		index = len(n.seen) + 1
		n.seen[string(canonical)] = index
	}
	return json.Number(d.standIn(index)), true
}

// decimal is the number 0.<digits> times ten to the power of order, without
// zeros at either end of its digits.
type decimal struct {
	sign    string
	digits  string
	order   int  // clamped to what is far beyond maxOrder
	integer bool // whether it has no fraction
}

func decimalOf(canonical string) decimal {
	var d decimal
	digits, exponent, _ := strings.Cut(canonical, "e")
	d.digits = strings.TrimPrefix(digits, "-")
	d.sign = digits[:len(digits)-len(d.digits)]
	d.integer = !strings.HasPrefix(exponent, "-")
	const far = 1_000_000_000
	power, err := strconv.Atoi("0" + strings.TrimPrefix(exponent, "-"))
	if err != nil || power > far {
		power = far
	}
	if !d.integer {
		power = -power
	}
	d.order = len(d.digits) + power
	return d
}

// standIn returns a number of bounded size with the index in its digits.
func (d decimal) standIn(index int) string {
	switch {
	case d.order > maxOrder && d.integer:
		return fmt.Sprintf("%s1%0*d", d.sign, maxDigits, index)
	case d.order > maxOrder:
		return fmt.Sprintf("%s1%0*d.5", d.sign, maxDigits, index)
	case d.order < -maxOrder:
		return fmt.Sprintf("%s0.%0*d%012d", d.sign, maxDigits, 0, index)
	default:
		return fmt.Sprintf("%s0.%s%012de%d", d.sign, d.digits[:maxDigits], index, d.order)
	}
}
