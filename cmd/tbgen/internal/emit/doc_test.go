package emit

import (
	"strings"
	"testing"
)

func TestGodocReadsAsGo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"The state of an order.":        "// Thing is the state of an order.",
		"Finds orders.":                 "// Thing finds orders.",
		"Thing holds it.":               "// Thing holds it.",
		"The work has begun.":           "// Thing: The work has begun.",
		"What a caller sends.":          "// Thing is what a caller sends.",
		"HTTP status":                   "// Thing: HTTP status",
		"":                              "// Thing has no description in the document.",
		"An order that is placed.":      "// Thing is an order that is placed.",
		"First.\n\nSecond\nline.":       "// Thing: First.\n//\n// Second line.",
		"Kinds:\n- one thing\n- two\n":  "// Thing: Kinds:\n//   - one thing\n//   - two",
		"Status of the order.":          "// Thing: Status of the order.",
		"x " + strings.Repeat("o ", 40): "// Thing: x " + strings.Repeat("o ", 33) + "o\n// o o o o o o",
	} {
		if got := godoc("Thing", text); got != want {
			t.Errorf("godoc of %q:\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestCommentsAreInert(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a */ func init() {}", "//go:generate rm", "a\n//go:embed x\nb", "a\r\npackage evil", "\u2028package evil", "{{.}} `x`"} {
		for line := range strings.SplitSeq(comment(text), "\n") {
			if !strings.HasPrefix(line, "// ") && line != "//" {
				t.Errorf("comment of %q has the line %q", text, line)
			}
		}
	}
}
