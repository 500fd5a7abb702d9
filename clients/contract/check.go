package contract

import "strings"

// Level is how strongly a check binds a server.
type Level string

const (
	// Must is a promise of the documents, or of a standard they rest on.
	Must Level = "MUST"
	// Should is good practice: a failure is told, but does not fail the run.
	Should Level = "SHOULD"
)

// Check is one thing a server must or should do. Its id is stable: reports,
// configurations and documentation refer to it.
type Check struct {
	ID       string `json:"id"`
	Sentence string `json:"sentence"`
	Level    Level  `json:"level"`
}

// Family is the id without its last part: checks of one family are about the
// same thing.
func (c Check) Family() string {
	return c.ID[:max(0, strings.LastIndexByte(c.ID, '.'))]
}

// entry is a check of the catalogue together with how it is tried on a plan.
type entry struct {
	Check
	trials func(*compiled) []trial
}

// trial is a check applied to one element of a plan.
type trial struct {
	// name tells the trials of a check apart: "getOrder 404 unknown".
	name   string
	origin string
	run    func(*session) verdict
}

// Catalogue is every check, in the order in which reports list them.
func Catalogue() []Check {
	entries := catalogue()
	checks := make([]Check, len(entries))
	for i, entry := range entries {
		checks[i] = entry.Check
	}
	return checks
}

func catalogue() []entry {
	var all []entry
	for _, family := range [][]entry{
		responseChecks(), errorChecks(), authChecks(), routeChecks(),
		eventChecks(), transportChecks(), cursorChecks(), resumeChecks(), pollChecks(),
		endChecks(), liveChecks(), dropChecks(), socketChecks(), sseChecks(),
	} {
		all = append(all, family...)
	}
	return all
}
