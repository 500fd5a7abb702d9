package codec_test

import (
	"math"
	"testing"

	"github.com/taskbridge/tbgen/impl/codec"
)

func TestInteger(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "3": 3, "3.0": 3, "30e-1": 3, "-1.2e1": -12, " 7 ": 7,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64, "1e18": 1e18, "0.0000001e7": 1,
	} {
		if got, ok := codec.Integer(text); !ok || got != want {
			t.Errorf("Integer(%s) = %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "x", "3.5", "1e-1", "9223372036854775808", "1e19", "1e999999999", "1e99999999999999999999", `"3"`, "true", "[1]", "null", "1 2", "Infinity",
	} {
		if got, ok := codec.Integer(text); ok {
			t.Errorf("Integer(%s) = %d, want none", text, got)
		}
	}
}
