// Package diag gathers what is wrong with the documents tbgen reads. A stage
// does not stop at the first fault: it adds a Finding for each one to a List,
// and the command prints them all, in the order of the documents, as text for
// people or as JSON for tools.
package diag

import (
	"strconv"
	"strings"
)

// Severity says whether a finding stops the run.
type Severity int

const (
	// Error is a fault that leaves nothing sound to generate from.
	Error Severity = iota
	// Warning is a doubt: worth a look, and no reason to stop.
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText writes a severity by its name.
func (s Severity) MarshalText() ([]byte, error) {
	return []byte(s.String()), nil
}

// Place is a position in a document. Line and Column count from 1, columns in
// characters; 0 means that the part is not known.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String returns "file:line:column" without the parts that are not known; a
// column without a line says nothing and is left out as well.
func (p Place) String() string {
	var parts []string
	if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Line > 0 {
		parts = append(parts, strconv.Itoa(p.Line))
		if p.Column > 0 {
			parts = append(parts, strconv.Itoa(p.Column))
		}
	}
	return strings.Join(parts, ":")
}

// Finding is one thing that is wrong, where it is, and what to do about it.
type Finding struct {
	Severity Severity `json:"severity"`
	// Rule is the stable id of the rule broken, such as "ref-unresolved".
	Rule  string `json:"rule"`
	Place Place  `json:"place"`
	// Message says what is wrong, in one line.
	Message string `json:"message"`
	// Hint says how to put it right; empty when the message says it all.
	Hint string `json:"hint,omitempty"`
	// Related names the other places that take part, such as the first of two
	// operations with one id.
	Related []Place `json:"related,omitempty"`
}

// same reports whether two findings tell the reader the same thing.
func (f Finding) same(other Finding) bool {
	return f.Severity == other.Severity && f.Rule == other.Rule &&
		f.Place == other.Place && f.Message == other.Message
}
