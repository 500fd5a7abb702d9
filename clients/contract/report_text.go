package contract

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// painter writes text, in colour if it may.
type painter struct {
	*bufio.Writer
	color bool
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (p *painter) paint(code, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *painter) linef(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p, format+"\n", arguments...) // Flush reports the error
}

// WriteText writes the report for a terminal: failures first, then what could
// not run, what was left out, the summary and the coverage.
func (r *Report) WriteText(w io.Writer, color bool) error {
	p := &painter{bufio.NewWriter(w), color}
	for _, result := range r.Results {
		if result.Status == Failed {
			p.failure(result)
		}
	}
	p.reasons(red, "could not run", Blocked, r.Results)
	p.reasons(yellow, "left out", Skipped, r.Results)
	p.summary(r)
	p.coverage(r.Coverage)
	return p.Flush()
}

func (p *painter) failure(result Result) {
	word := p.paint(red, "FAILED")
	if result.Level == Should {
		word = p.paint(yellow, "ADVICE")
	}
	p.linef("%s %s · %s", word, p.paint(bold, result.Check), result.Trial)
	p.linef("  %s %s", result.Level, result.Sentence)
	if result.Origin != "" {
		p.linef("  %s", result.Origin)
	}
	p.field("expected", result.Failure.Expected)
	p.field("got", result.Failure.Got)
	if result.Failure.Reproduction != "" {
		p.field("repeat", result.Failure.Reproduction)
	}
	p.linef("")
}

// field writes a label and a text of any number of lines, aligned.
func (p *painter) field(label, text string) {
	p.linef("  %-9s %s", label, strings.ReplaceAll(text, "\n", "\n            "))
}

// listedTrials is how many trials with one reason are listed.
const listedTrials = 6

// reasons lists trials with the same reason together.
func (p *painter) reasons(color, title string, status Status, results []Result) {
	var order []string
	trials := map[string][]string{}
	for _, result := range results {
		if result.Status != status {
			continue
		}
		if trials[result.Reason] == nil {
			order = append(order, result.Reason)
		}
		trials[result.Reason] = append(trials[result.Reason], result.Check+" · "+result.Trial)
	}
	for _, reason := range order {
		p.linef("%s %s", p.paint(color, strings.ToUpper(title)), reason)
		for i, trial := range trials[reason] {
			if i == listedTrials {
				p.linef("  and %d more", len(trials[reason])-i)
				break
			}
			p.linef("  %s", trial)
		}
		p.linef("")
	}
}

func (p *painter) summary(r *Report) {
	word := p.paint(green, "PASSED")
	if r.ExitCode() != 0 {
		word = p.paint(red, "FAILED")
	}
	p.linef("%s %s at %s: %s", word, r.Title, r.Target, r.Summary)
	p.linef("in %s", r.Duration.Round(time.Millisecond))
}

// String is the counts in one line.
func (s Summary) String() string {
	text := fmt.Sprintf("%d trials of %d checks: %d passed, %d failed, %d could not run, %d left out", s.Trials, s.Checks, s.Passed, s.Failed, s.Blocked, s.Skipped)
	if s.Advised > 0 {
		text += fmt.Sprintf(", %d with advice", s.Advised)
	}
	return text
}

func (p *painter) coverage(coverage Coverage) {
	lines := coverage.lines()
	p.linef("\nseen: %s", lines.totals)
	for _, line := range lines.missing {
		p.linef("  not seen: %s", line)
	}
	for _, line := range lines.undeclared {
		p.linef("  seen, but not declared: %s", line)
	}
	for _, check := range coverage.Untried {
		p.linef("  nothing to try on: %s", check.ID)
	}
}

// coverageLines is coverage in words.
type coverageLines struct {
	totals              string
	missing, undeclared []string
}

func (c Coverage) lines() coverageLines {
	var out coverageLines
	var answers, messages, faces, declared int
	for _, answer := range c.Answers {
		name := answer.Operation + " " + answer.Status
		switch {
		case !answer.Declared:
			out.undeclared = append(out.undeclared, name)
			continue
		case answer.Seen == 0:
			out.missing = append(out.missing, "answer "+name)
		default:
			answers++
		}
		declared++
	}
	for _, message := range c.Messages {
		if message.Seen > 0 {
			messages++
		} else {
			out.missing = append(out.missing, "message "+message.Stream+" "+message.Tag)
		}
	}
	for _, face := range c.Faces {
		if face.Seen > 0 {
			faces++
		} else {
			out.missing = append(out.missing, "face "+face.Stream+" "+face.Face)
		}
	}
	out.totals = fmt.Sprintf("%d of %d answers, %d of %d messages, %d of %d faces of streams",
		answers, declared, messages, len(c.Messages), faces, len(c.Faces))
	return out
}
