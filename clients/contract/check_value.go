package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

func judgeValues(s *session, a answer) verdict {
	for _, place := range slices.Sorted(maps.Keys(a.declared.Expect)) {
		wanted, err := render(a.declared.Expect[place], a.call.vars)
		if err != nil {
			return blocked(err)
		}
		if got, ok := a.value(place, wanted); !ok {
			return fail(s.curl(a.call), fmt.Sprintf("%s is %s", place, wanted), fmt.Sprintf("%s, in %s", got, a.summary()))
		}
	}
	return pass()
}

// value compares what stands at a place with what should.
func (a answer) value(place string, wanted json.RawMessage) (got string, ok bool) {
	if name, isHeader := strings.CutPrefix(place, "header."); isHeader {
		got = strings.Join(a.header.Values(name), ", ")
		return fmt.Sprintf("%q", got), got == plain(wanted)
	}
	value, found := pointed(a.body, place)
	if !found {
		return "nothing is there", false
	}
	same, err := codec.Equal(value, wanted)
	return string(value), err == nil && same
}

func judgeCode(s *session, a answer) verdict {
	return s.judgeError(a.exchange, []int{a.declared.Status}, a.declared.Code)
}

// judgeError judges an error: its status, and the code in its envelope. Without
// a code the status alone.
func (s *session) judgeError(e *exchange, statuses []int, code string) verdict {
	expected := make([]string, len(statuses))
	for i, status := range statuses {
		expected[i] = fmt.Sprint(status)
	}
	wanted := "status " + strings.Join(expected, " or ")
	if code != "" {
		wanted += ", " + s.Errors.Members.Code + " " + code
	}
	if !slices.Contains(statuses, e.status) {
		return fail(s.curl(e.call), wanted, e.summary())
	}
	if code == "" {
		return pass()
	}
	if got, err := codec.Tag(e.body, s.Errors.Members.Code); err != nil || got != code {
		return fail(s.curl(e.call), wanted, e.summary())
	}
	if got := s.invalidJSON(s.Errors.Schema, e.body); s.Errors.Schema != "" && got != "" {
		return fail(s.curl(e.call), "an error valid against "+s.Errors.Schema, got)
	}
	return pass()
}
