package contract

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Report is the outcome of a run.
type Report struct {
	Title   string    `json:"title"`
	Target  string    `json:"target"`
	Started time.Time `json:"started"`
	// Duration of the whole run, in nanoseconds in JSON.
	Duration time.Duration `json:"durationNs"`
	Summary  Summary       `json:"summary"`
	// Results of all trials, in the order of the catalogue and the plan.
	Results  []Result `json:"results"`
	Coverage Coverage `json:"coverage"`
}

// Result is the outcome of one trial.
type Result struct {
	Check    string `json:"check"`
	Trial    string `json:"trial"`
	Family   string `json:"family"`
	Level    Level  `json:"level"`
	Sentence string `json:"sentence"`
	Status   Status `json:"status"`
	// Reason says why a trial was blocked or skipped.
	Reason string `json:"reason,omitempty"`
	// Note says what a reader should know of a trial that passed.
	Note    string   `json:"note,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	// Origin is the place in the documents, "file:line".
	Origin   string        `json:"origin,omitempty"`
	Duration time.Duration `json:"durationNs"`
}

// Fails reports whether the result fails the run.
func (r Result) Fails() bool {
	return r.Status == Blocked || r.Status == Failed && r.Level == Must
}

// Summary counts trials by how they ended.
type Summary struct {
	Trials int `json:"trials"`
	// Checks that at least one trial was for.
	Checks int `json:"checks"`
	Passed int `json:"passed"`
	Failed int `json:"failed"`
	// Advised are the failed trials of SHOULD checks; Failed does not count them.
	Advised int `json:"advised"`
	Blocked int `json:"blocked"`
	Skipped int `json:"skipped"`
}

func summarize(results []Result) Summary {
	summary := Summary{Trials: len(results)}
	checks := map[string]bool{}
	for _, result := range results {
		checks[result.Check] = true
		switch {
		case result.Status == Passed:
			summary.Passed++
		case result.Status == Blocked:
			summary.Blocked++
		case result.Status == Skipped:
			summary.Skipped++
		case result.Level == Should:
			summary.Advised++
		default:
			summary.Failed++
		}
	}
	summary.Checks = len(checks)
	return summary
}

// ExitCode is 0 if something passed and nothing failed or was blocked, else 1.
func (r *Report) ExitCode() int {
	if r.Summary.Passed > 0 && r.Summary.Failed == 0 && r.Summary.Blocked == 0 {
		return 0
	}
	return 1
}

// WriteJSON writes the report as indented JSON, with the tags of Report.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// Save writes the report to a file: as "json", "junit", "html" or "text".
func (r *Report) Save(format, path string) (err error) {
	write := map[string]func(io.Writer) error{
		"json":  r.WriteJSON,
		"junit": r.WriteJUnit,
		"html":  r.WriteHTML,
		"text":  func(w io.Writer) error { return r.WriteText(w, false) },
	}[format]
	if write == nil {
		return fmt.Errorf("contract: there is no report format %q; there are html, json, junit and text", format)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("contract: report: %w", err)
	}
	defer func() {
		if closing := file.Close(); err == nil && closing != nil {
			err = fmt.Errorf("contract: report: %w", closing)
		}
	}()
	return write(file)
}
