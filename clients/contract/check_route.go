package contract

import (
	"net/http"
	"slices"
	"strings"
)

func routeChecks() []entry {
	return []entry{
		{Check{"http.route.unknown", "A path that no operation has is not found.", Must}, unknownRouteTrials},
		{Check{"http.route.method", "A method that a path does not have is refused, and Allow lists the ones it has.", Must}, methodTrials},
	}
}

func unknownRouteTrials(plan *compiled) []trial {
	if len(plan.Operations) == 0 {
		return nil
	}
	return []trial{{"a path of its own", "", func(s *session) verdict {
		c := s.bare(nil, http.MethodGet)
		c.path = "/unknown-" + s.unique()
		answer, err := s.send(s.ctx, c)
		if err != nil {
			return blocked(err)
		}
		return s.judgeRole(answer, "notFound")
	}}}
}

// methodTrials ask each path for a method that no path that looks like it has.
func methodTrials(plan *compiled) []trial {
	var trials []trial
	seen := map[string]bool{}
	for i := range plan.Operations {
		operation := &plan.Operations[i]
		if seen[operation.Path] {
			continue
		}
		seen[operation.Path] = true
		if method := plan.otherMethod(operation.Path); method != "" {
			trials = append(trials, trial{method + " " + operation.Path, operation.Origin, func(s *session) verdict {
				return s.judgeMethod(operation, method)
			}})
		}
	}
	return trials
}

// otherMethod is a method that neither the path nor one that could be taken for
// it has.
func (c *compiled) otherMethod(path string) string {
	for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodGet} {
		if !slices.ContainsFunc(c.Operations, func(o Operation) bool { return o.Method == method && alike(o.Path, path) }) {
			return method
		}
	}
	return ""
}

// alike reports whether some path fits both templates.
func alike(a, b string) bool {
	left, right := strings.Split(a, "/"), strings.Split(b, "/")
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		if left[i] != right[i] && !strings.Contains(left[i], "{") && !strings.Contains(right[i], "{") {
			return false
		}
	}
	return true
}

func (s *session) judgeMethod(operation *Operation, method string) verdict {
	c := s.placeholder(operation, method)
	c.operation = nil
	answer, err := s.send(s.ctx, c)
	if err != nil {
		return blocked(err)
	}
	if judged := s.judgeRole(answer, "methodNotAllowed"); judged.status != Passed {
		return judged
	}
	allowed := strings.FieldsFunc(strings.Join(answer.header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	var wanted []string
	for _, other := range s.Operations {
		if other.Path == operation.Path {
			wanted = append(wanted, other.Method)
		}
	}
	for _, method := range wanted {
		if !slices.Contains(allowed, method) {
			return fail(s.curl(c), "the header Allow with "+strings.Join(wanted, ", "), "Allow: "+strings.Join(allowed, ", "))
		}
	}
	return pass()
}
