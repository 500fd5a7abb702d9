package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

var errRepeated = errors.New("codec: an object repeats a member")

// Equal reports whether a and b are the same JSON value: the order of members
// is nothing, 1 equals 1.0 and 1e0, and numbers of any size are compared
// exactly, without ever being expanded. Text that is not JSON, and an object
// that repeats a member, are errors.
func Equal(a, b json.RawMessage) (bool, error) {
	left, err := Canonical(a)
	if err != nil {
		return false, err
	}
	right, err := Canonical(b)
	if err != nil {
		return false, err
	}
	return bytes.Equal(left, right), nil
}

// Canonical returns the one form that all texts of the same JSON value share:
// no white space, members sorted by name, the least escaping, and numbers as
// their significant digits with an exponent of ten (15e-1, 1e2), which is left
// out when it is zero. It refuses what [Equal] refuses.
func Canonical(data []byte) ([]byte, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	if root.ambiguous() {
		return nil, errRepeated
	}
	return root.canonical(make([]byte, 0, len(data))), nil
}

// canonical appends the canonical form of n to b.
func (n *node) canonical(b []byte) []byte {
	switch n.kind() {
	case '{':
		return n.canonicalObject(b)
	case '[':
		b = append(b, '[')
		for i, value := range n.values {
			b = value.canonical(comma(b, i))
		}
		return append(b, ']')
	case '"':
		return appendString(b, n.text())
	case '0':
		return append(b, number(string(n.raw))...)
	default:
		return append(b, n.raw...)
	}
}

func (n *node) canonicalObject(b []byte) []byte {
	order := make([]int, len(n.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(n.names[i], n.names[j]) })
	b = append(b, '{')
	for i, at := range order {
		b = append(appendString(comma(b, i), n.names[at]), ':')
		b = n.values[at].canonical(b)
	}
	return append(b, '}')
}

// comma separates element i from the one before it.
func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

func appendString(b []byte, text string) []byte {
	if !strings.ContainsFunc(text, escaped) {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, _ := Marshal(text) // a string always has a JSON form
	return append(b, quoted...)
}

// escaped reports whether a character may be written otherwise in JSON.
func escaped(r rune) bool {
	return r < ' ' || r > '~' || r == '"' || r == '\\'
}

// number returns the canonical form of a JSON number.
func number(text string) string {
	text, negative := strings.CutPrefix(text, "-")
	mantissa, exponent := text, "0"
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		mantissa, exponent = text[:at], text[at+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	trimmed := strings.TrimRight(digits, "0")
	shift := len(digits) - len(trimmed) - len(fraction)
	trimmed = strings.TrimLeft(trimmed, "0")
	if trimmed == "" {
		return "0"
	}
	if negative {
		trimmed = "-" + trimmed
	}
	if exponent = plus(exponent, shift); exponent == "0" {
		return trimmed
	}
	return trimmed + "e" + exponent
}

// plus adds n to the exponent of a JSON number, however many digits it has.
func plus(exponent string, n int) string {
	sign, digits := "", strings.TrimPrefix(exponent, "+")
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	digits = strings.TrimLeft(digits, "0")
	if len(digits) < 18 {
		small, _ := strconv.Atoi(sign + "0" + digits)
		return strconv.Itoa(small + n)
	}
	if sign != "" {
		n = -n
	}
	return sign + addDigits(digits, n)
}

// addDigits adds n to a decimal number that is larger than n.
func addDigits(digits string, n int) string {
	sum := []byte("0" + digits)
	for i := len(sum) - 1; n != 0; i-- {
		n += int(sum[i] - '0')
		digit := (n%10 + 10) % 10
		sum[i] = byte('0' + digit)
		n = (n - digit) / 10
	}
	return strings.TrimLeft(string(sum), "0")
}
