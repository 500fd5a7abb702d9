package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Violation is one thing that is not as a schema wants it.
type Violation struct {
	// Path is the JSON pointer of the value, "" for the root. For a member that
	// is missing or not allowed it is the pointer of that member.
	Path string `json:"path"`
	// Message says what is wanted, for whoever made the value.
	Message string `json:"message"`
}

// maxReport bounds the text of all violations together: a value can be made
// whose violations are a thousand times as long as itself.
const maxReport = 1 << 20

// flatten returns the violations behind an error of the validator, each once,
// sorted.
func flatten(err *jsonschema.ValidationError) []Violation {
	f := &flattener{}
	f.add(err)
	slices.SortFunc(f.found, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	f.found = slices.Compact(f.found)
	if f.dropped > 0 {
		f.found = append(f.found, Violation{Message: fmt.Sprintf("%d more violations are not listed", f.dropped)})
	}
	return f.found
}

type flattener struct {
	found   []Violation
	size    int
	dropped int
}

func (f *flattener) add(err *jsonschema.ValidationError) {
	at := err.InstanceLocation
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		f.all(err.Causes)
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			f.report(at, "must match only one of the allowed forms")
			return
		}
		f.alternatives(err)
	case *kind.AnyOf:
		f.alternatives(err)
	case *kind.Required:
		f.missing(at, k.Missing)
	case *kind.DependentRequired:
		f.missing(at, k.Missing)
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			f.report(within(at, name), fmt.Sprintf("member %q is not allowed", name))
		}
	case *kind.PropertyNames:
		f.names(at, k.Property, err.Causes)
	case *kind.FalseSchema:
		f.report(at, notAllowed(err))
	default:
		f.report(at, message(k))
	}
}

func (f *flattener) all(causes []*jsonschema.ValidationError) {
	for _, cause := range causes {
		f.add(cause)
	}
}

// report notes a violation, unless there are too many already.
func (f *flattener) report(at []string, text string) {
	size := len(text)
	for _, token := range at {
		size += len(token) + 1
	}
	if f.size += size; f.size > maxReport {
		f.dropped++
		return
	}
	f.found = append(f.found, Violation{Path: pointer(at), Message: text})
}

func (f *flattener) missing(at, names []string) {
	for _, name := range names {
		f.report(within(at, name), fmt.Sprintf("member %q is missing", name))
	}
}

// names reports a member whose name is not allowed, with the reasons.
func (f *flattener) names(at []string, name string, causes []*jsonschema.ValidationError) {
	inner := &flattener{}
	inner.all(causes)
	for _, reason := range inner.found {
		f.report(within(at, name), fmt.Sprintf("the name of member %q %s", name, reason.Message))
	}
}

// alternatives reports a union of which no branch matched. If all branches but
// one want another kind of value altogether, that one was meant.
func (f *flattener) alternatives(err *jsonschema.ValidationError) {
	var meant []*jsonschema.ValidationError
	var wanted []string
	for _, branch := range err.Causes {
		switch types, other := mismatch(branch, len(err.InstanceLocation)); {
		case !other:
			meant = append(meant, branch)
		default:
			wanted = append(wanted, types...)
		}
	}
	switch {
	case len(meant) == 1:
		f.add(meant[0])
	case len(meant) == 0 && len(wanted) > 0:
		f.report(err.InstanceLocation, "must be "+oneOfTypes(wanted))
	default:
		f.report(err.InstanceLocation, "must match one of the allowed forms")
	}
}

// mismatch reports whether a branch refused the value, which is depth deep, for
// being of another type than the ones it returns, or another constant.
func mismatch(branch *jsonschema.ValidationError, depth int) (wanted []string, other bool) {
	switch k := branch.ErrorKind.(type) {
	case *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range branch.Causes {
			if wanted, other = mismatch(cause, depth); other {
				return wanted, other
			}
		}
		return nil, false
	case *kind.Type:
		return k.Want, len(branch.InstanceLocation) == depth
	case *kind.Const, *kind.Enum:
		return nil, len(branch.InstanceLocation) == depth
	default:
		return nil, false
	}
}

// within is the location of a member.
func within(at []string, name string) []string {
	return append(slices.Clip(at), name)
}

func pointer(at []string) string {
	var b strings.Builder
	for _, token := range at {
		b.WriteByte('/')
		b.WriteString(escape(token))
	}
	return b.String()
}
