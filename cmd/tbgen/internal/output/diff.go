package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// The colours of a diff.
const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

// Diff writes the changes as a unified diff that patch and git understand:
// what is on the disk with a minus, what would be written with a plus. No
// changes write nothing.
func (c *Changes) Diff(w io.Writer, color bool) error {
	for _, change := range c.changes {
		text, err := change.unified()
		if err != nil {
			return fmt.Errorf("compare %s: %w", change.Path, err)
		}
		if color {
			text = paint(text)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

func (c Change) unified() (string, error) {
	from, to := "a/"+c.Path, "b/"+c.Path
	switch c.Kind {
	case Created:
		from = "/dev/null"
	case Removed:
		to = "/dev/null"
	case Updated:
	}
	before, after := string(c.before), string(c.after)
	return udiff.ToUnified(from, to, before, udiff.Lines(before, after), udiff.DefaultContextLines)
}

// paint colours a unified diff line by line.
func paint(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		out.WriteString(style(body) + body + reset + line[len(body):])
	}
	return out.String()
}

func style(line string) string {
	switch {
	case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return bold
	case strings.HasPrefix(line, "-"):
		return red
	case strings.HasPrefix(line, "+"):
		return green
	case strings.HasPrefix(line, "@@"):
		return cyan
	}
	return reset
}
