package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// List gathers findings. The zero List is empty and ready to use; it is not
// safe for concurrent use.
type List struct {
	findings []Finding
}

// Add puts a finding on the list. Repeating one is harmless: it is told once.
func (l *List) Add(f Finding) {
	l.findings = append(l.findings, f)
}

// Errorf adds an error.
func (l *List) Errorf(place Place, rule, format string, args ...any) {
	l.Add(Finding{Severity: Error, Rule: rule, Place: place, Message: fmt.Sprintf(format, args...)})
}

// Warnf adds a warning.
func (l *List) Warnf(place Place, rule, format string, args ...any) {
	l.Add(Finding{Severity: Warning, Rule: rule, Place: place, Message: fmt.Sprintf(format, args...)})
}

// HasErrors reports whether any finding is an error.
func (l *List) HasErrors() bool {
	return slices.ContainsFunc(l.findings, func(f Finding) bool { return f.Severity == Error })
}

// Len returns the number of distinct findings.
func (l *List) Len() int {
	return len(l.Sorted())
}

// Sorted returns the distinct findings by file, line and column; those of one
// place keep the order in which they were added.
func (l *List) Sorted() []Finding {
	sorted := slices.Clone(l.findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.Place.File, b.Place.File),
			cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(a.Place.Column, b.Place.Column),
		)
	})
	var distinct []Finding
	for _, f := range sorted {
		if !slices.ContainsFunc(atPlace(distinct, f.Place), f.same) {
			distinct = append(distinct, f)
		}
	}
	return distinct
}

// atPlace returns the tail of sorted findings that are at the place.
func atPlace(sorted []Finding, place Place) []Finding {
	start := len(sorted)
	for start > 0 && sorted[start-1].Place == place {
		start--
	}
	return sorted[start:]
}
