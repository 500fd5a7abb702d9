package codec

import (
	"strconv"
	"strings"
)

// Integer returns the value of a JSON number that is an integer however it is
// written: 3, 3.0 and 30e-1 alike. It is not ok for a fraction, for a number
// that does not fit 64 bits, and for text that is no JSON number.
func Integer(text string) (value int64, ok bool) {
	canonical, err := Canonical([]byte(text))
	if err != nil {
		return 0, false
	}
	digits, exponent, scaled := strings.Cut(string(canonical), "e")
	if scaled {
		zeros, err := strconv.Atoi(exponent)
		if err != nil || zeros < 0 || zeros > 18 {
			return 0, false
		}
		digits += strings.Repeat("0", zeros)
	}
	value, err = strconv.ParseInt(digits, 10, 64)
	return value, err == nil
}
