package contract

import (
	"errors"
	"fmt"
)

// Status is how a trial ended.
type Status string

const (
	// Passed says that the server did what the check wants.
	Passed Status = "passed"
	// Failed says that it did not.
	Failed Status = "failed"
	// Blocked says that the trial could not run, which counts as a failure.
	Blocked Status = "blocked"
	// Skipped says that the trial was left out by a named exception.
	Skipped Status = "skipped"
)

// Failure is what was expected of the server, and what came.
type Failure struct {
	Expected string `json:"expected"`
	Got      string `json:"got"`
	// Reproduction is a command for a shell, or what was sent and received.
	Reproduction string `json:"reproduction,omitempty"`
}

// verdict is the outcome of one trial.
type verdict struct {
	status  Status
	reason  string // why it is blocked or skipped
	note    string // what a reader should know of a trial that passed
	failure *Failure
}

func pass() verdict { return verdict{status: Passed} }

func passNote(format string, arguments ...any) verdict {
	return verdict{status: Passed, note: fmt.Sprintf(format, arguments...)}
}

func fail(reproduction, expected, got string) verdict {
	return verdict{status: Failed, failure: &Failure{Expected: expected, Got: got, Reproduction: reproduction}}
}

// errNoOther is why trials that need a second subject are skipped.
var errNoOther = errors.New("no second subject was given")

// blocked is the verdict on a trial that could not run because of err.
func blocked(err error) verdict {
	if errors.Is(err, errNoOther) {
		return verdict{status: Skipped, reason: err.Error()}
	}
	return verdict{status: Blocked, reason: err.Error()}
}
