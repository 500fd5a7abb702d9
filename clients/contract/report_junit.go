package contract

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

// junitSuite is one check.
type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`

	took time.Duration
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML: a suite for each check, a case for
// each trial. A trial that could not run is an error; advice is no failure.
func (r *Report) WriteJUnit(w io.Writer) error {
	out := junitSuites{Name: r.Title, Time: seconds(r.Duration)}
	for _, result := range r.Results {
		if len(out.Suites) == 0 || out.Suites[len(out.Suites)-1].Name != result.Check {
			out.Suites = append(out.Suites, junitSuite{Name: result.Check})
		}
		out.Suites[len(out.Suites)-1].add(result)
	}
	for i := range out.Suites {
		suite := &out.Suites[i]
		suite.Time = seconds(suite.took)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Errors += suite.Errors
		out.Skipped += suite.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return fmt.Errorf("contract: JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(result Result) {
	entry := junitCase{Class: result.Check, Name: result.Trial, Time: seconds(result.Duration), Output: result.Note}
	switch {
	case result.Status == Skipped:
		s.Skipped++
		entry.Skipped = &junitMessage{Message: result.Reason}
	case result.Status == Blocked:
		s.Errors++
		entry.Error = &junitMessage{Message: result.Reason, Text: result.Origin}
	case result.Fails():
		s.Failures++
		entry.Failure = &junitMessage{Message: result.Sentence, Text: result.words()}
	case result.Status == Failed:
		entry.Output = "advice: " + result.words()
	}
	s.Tests++
	s.took += result.Duration
	s.Cases = append(s.Cases, entry)
}

// words is a failure as text.
func (r Result) words() string {
	return fmt.Sprintf("%s\nexpected: %s\ngot: %s\nrepeat: %s\n", r.Origin, r.Failure.Expected, r.Failure.Got, r.Failure.Reproduction)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
