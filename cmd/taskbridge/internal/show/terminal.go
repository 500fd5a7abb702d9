package show

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/taskbridge/tbgen/gen/model"
)

// The styles of a terminal.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	faint  = "\x1b[2m"
	reset  = "\x1b[0m"

	// eraseLine goes to the start of the line and empties it.
	eraseLine = "\r\x1b[K"
)

// Style says what a terminal can do and how times are told.
type Style struct {
	// Color says whether colours are wanted.
	Color bool
	// Live says whether the last line can be written again: the bar moves then,
	// and else every progress has a line.
	Live bool
	// Width is the number of columns; 0 stands for 80.
	Width int
	// Location is the zone times are told in; nil stands for the local one.
	Location *time.Location
}

// terminal writes a line for every event, and the bar below the last one.
type terminal struct {
	out   io.Writer
	style Style
	bar   string // what stands in the last line now
}

// NewTerminal returns a Printer for people. What tasks say is shown without
// the control characters in it.
func NewTerminal(out io.Writer, style Style) Printer {
	if style.Width == 0 {
		style.Width = 80
	}
	if style.Location == nil {
		style.Location = time.Local
	}
	return &terminal{out: out, style: style}
}

func (t *terminal) Event(event model.TaskEvent) error {
	if progress, ok := event.(model.TaskProgressEvent); ok && t.style.Live {
		t.bar = t.progressBar(progress.Payload)
		return t.print("")
	}
	if event.Type().Terminal() {
		t.bar = ""
	}
	at := t.paint(faint, event.Header().CreatedAt.In(t.style.Location).Format(time.TimeOnly))
	return t.print(at + "  " + t.describe(event) + "\n")
}

func (t *terminal) Note(text string) error {
	return t.print(t.paint(yellow, "--------  "+clean(text)) + "\n")
}

func (t *terminal) Close() error {
	t.bar = ""
	return t.print("")
}

// print writes lines above the bar.
func (t *terminal) print(lines string) error {
	if t.style.Live {
		lines = eraseLine + lines + t.bar
	}
	_, err := io.WriteString(t.out, lines)
	return err
}

func (t *terminal) paint(style, text string) string {
	if !t.style.Color || style == "" {
		return text
	}
	return style + text + reset
}

// progressBar draws a progress in one line that does not wrap.
func (t *terminal) progressBar(p model.TaskProgressPayload) string {
	const cells = 24
	full := int(min(max(p.Progress, 0), 100) / 100 * cells)
	text := []rune(fmt.Sprintf("%3.0f%%  %s", p.Progress, remarks(p.Stage, p.Message)))
	if room := max(t.style.Width-cells-4, 0); len(text) > room {
		text = text[:room]
	}
	return t.paint(cyan, strings.Repeat("█", full)) + t.paint(faint, strings.Repeat("░", cells-full)) + " " + string(text)
}

// remarks joins the texts that are there.
func remarks(texts ...*string) string {
	var said []string
	for _, text := range texts {
		if text != nil && *text != "" {
			said = append(said, clean(*text))
		}
	}
	return strings.Join(said, ": ")
}

// clean replaces what would move the cursor, colour the screen or break the
// line.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) || r == utf8.RuneError {
			return '·'
		}
		return r
	}, text)
}
