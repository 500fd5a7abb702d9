package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// The colours of the text form.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	reset  = "\x1b[0m"
)

// WriteText writes the findings for a reader: place, message and rule, the line
// of the document with a caret under the column, and the hint; last, how many
// there are. Sources gives a document by the name used in its places; it may be
// nil, and a document it cannot give is shown without its line. An empty list
// writes nothing.
func (l *List) WriteText(w io.Writer, sources func(file string) ([]byte, error), color bool) error {
	findings := l.Sorted()
	if len(findings) == 0 {
		return nil
	}
	p := &printer{color: color, sources: sources, lines: map[string][]string{}}
	for _, f := range findings {
		p.finding(f)
	}
	p.tally(findings)
	_, err := w.Write(p.out.Bytes())
	return err
}

// WriteJSON writes the findings as one JSON document, {"findings": […]}, which
// is there and empty when nothing was found.
func (l *List) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Findings []Finding `json:"findings"`
	}{append([]Finding{}, l.Sorted()...)})
}

// printer lays findings out as text and keeps the documents it has split.
type printer struct {
	out     bytes.Buffer
	color   bool
	sources func(file string) ([]byte, error)
	lines   map[string][]string
}

func (p *printer) paint(style, text string) string {
	if !p.color {
		return text
	}
	return style + text + reset
}

func (p *printer) finding(f Finding) {
	if place := f.Place.String(); place != "" {
		p.out.WriteString(p.paint(bold, place+":") + " ")
	}
	style := red
	if f.Severity == Warning {
		style = yellow
	}
	fmt.Fprintf(&p.out, "%s %s %s\n", p.paint(style, f.Severity.String()+":"), f.Message, p.paint(faint, "["+f.Rule+"]"))
	p.excerpt(f.Place, style)
	if f.Hint != "" {
		fmt.Fprintf(&p.out, "   hint: %s\n", f.Hint)
	}
	for _, place := range f.Related {
		fmt.Fprintf(&p.out, "   see also %s\n", place)
	}
}

// excerpt shows the line of the document, with a caret under the column.
func (p *printer) excerpt(place Place, style string) {
	line, ok := p.line(place)
	if !ok || strings.TrimSpace(line) == "" {
		return
	}
	fmt.Fprintf(&p.out, "%s %s\n", p.paint(faint, fmt.Sprintf("%5d |", place.Line)), line)
	if place.Column > 0 {
		fmt.Fprintf(&p.out, "%s %s%s\n", p.paint(faint, "      |"), indent(line, place.Column), p.paint(style, "^"))
	}
}

func (p *printer) line(place Place) (string, bool) {
	if p.sources == nil || place.File == "" || place.Line < 1 {
		return "", false
	}
	lines, ok := p.lines[place.File]
	if !ok {
		if source, err := p.sources(place.File); err == nil {
			lines = strings.Split(string(source), "\n")
		}
		p.lines[place.File] = lines
	}
	if place.Line > len(lines) {
		return "", false
	}
	return strings.TrimSuffix(lines[place.Line-1], "\r"), true
}

// indent returns the blanks that put a caret under a column of the line: tabs
// stay tabs, so that both are as wide on any terminal.
func indent(line string, column int) string {
	blanks := make([]rune, 0, column)
	for _, r := range line {
		if len(blanks) == column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		blanks = append(blanks, r)
	}
	return string(blanks)
}

func (p *printer) tally(findings []Finding) {
	var errors, warnings int
	for _, f := range findings {
		if f.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	var parts []string
	if errors > 0 {
		parts = append(parts, count(errors, "error"))
	}
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	fmt.Fprintln(&p.out, strings.Join(parts, ", "))
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
