package contract

import (
	"cmp"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/schema"
)

// maxDepth bounds the nesting of answers.
const maxDepth = 1000

func responseChecks() []entry {
	return []entry{
		{Check{"http.response.status", "A request whose answer is known is answered with the status it must have.", Must}, caseTrials(judgeStatus)},
		{Check{"http.response.header", "An answer has the headers its operation declares for its status, as their schemas want them.", Must}, caseTrials(judgeHeaders)},
		{Check{"http.response.media-type", "An answer is of a media type its operation declares for its status, and has no body where none is declared.", Must}, caseTrials(judgeMediaType)},
		{Check{"http.response.schema", "The body of an answer is valid against the schema its operation declares for its status.", Must}, caseTrials(judgeBody)},
		{Check{"http.response.value", "An answer has the values that its request makes known.", Must}, expectTrials},
		{Check{"http.error.code", "An error is told in the error envelope, with the code of its cause.", Must}, codeTrials},
	}
}

// answer is what came of a case.
type answer struct {
	*exchange
	declared Case
	err      error
}

// answer runs a case, once however many checks judge it.
func (s *session) answer(index int) answer {
	return s.answers.get(index, func() answer {
		declared := s.Scenarios.Cases[index]
		exchange, err := s.runCase(declared)
		return answer{exchange: exchange, declared: declared, err: err}
	})
}

func (s *session) runCase(declared Case) (*exchange, error) {
	vars, err := s.prepare(declared.Setup, true)
	if err != nil {
		return nil, err
	}
	c, err := s.call(declared.Request, vars)
	if err != nil {
		return nil, err
	}
	if declared.Repeat {
		if _, err := s.send(s.ctx, c); err != nil {
			return nil, fmt.Errorf("the first of two requests: %w", err)
		}
	}
	return s.send(s.ctx, c)
}

// caseTrials tries a judgement on the answer of every case.
func caseTrials(judge func(*session, answer) verdict) func(*compiled) []trial {
	return func(plan *compiled) []trial {
		return eachCase(plan, func(Case) bool { return true }, judge)
	}
}

func expectTrials(plan *compiled) []trial {
	return eachCase(plan, func(c Case) bool { return len(c.Expect) > 0 }, judgeValues)
}

func codeTrials(plan *compiled) []trial {
	return eachCase(plan, func(c Case) bool { return c.Code != "" }, judgeCode)
}

func eachCase(plan *compiled, wanted func(Case) bool, judge func(*session, answer) verdict) []trial {
	var trials []trial
	for i, declared := range plan.Scenarios.Cases {
		if !wanted(declared) {
			continue
		}
		name := strings.TrimSpace(fmt.Sprintf("%s %d %s", declared.Operation, declared.Status, cmp.Or(declared.Name, declared.Code)))
		operation := plan.operations[declared.Operation]
		response, _, _ := operation.response(declared.Status)
		origin := cmp.Or(declared.Origin, response.Origin, operation.Origin)
		trials = append(trials, trial{name, origin, func(s *session) verdict {
			answer := s.answer(i)
			if answer.err != nil {
				return blocked(answer.err)
			}
			return judge(s, answer)
		}})
	}
	return trials
}

func judgeStatus(s *session, a answer) verdict {
	if a.status == a.declared.Status {
		return pass()
	}
	return fail(s.curl(a.call), fmt.Sprintf("status %d", a.declared.Status), a.summary())
}

// asDeclared finds what the answer may look like; a verdict says that nothing
// is declared that it could be judged by.
func (s *session) asDeclared(e *exchange) (Response, *verdict) {
	response, _, declared := e.call.operation.response(e.status)
	if declared {
		return response, nil
	}
	return response, new(blocked(fmt.Errorf("operation %s does not declare the status %d it answered with", e.call.operation.ID, e.status)))
}

func judgeHeaders(s *session, a answer) verdict {
	response, undeclared := s.asDeclared(a.exchange)
	if undeclared != nil {
		return *undeclared
	}
	for _, header := range response.Headers {
		values := a.header.Values(header.Name)
		if len(values) == 0 {
			if header.Required {
				return fail(s.curl(a.call), "the header "+header.Name, fmt.Sprintf("%d without it", a.status))
			}
			continue
		}
		if violations := s.validText(header.Schema, strings.Join(values, ", ")); len(violations) > 0 {
			return fail(s.curl(a.call), "the header "+header.Name+" as its schema "+header.Schema+" wants it", fmt.Sprintf("%q: %s", values, listed(violations)))
		}
	}
	return pass()
}

// validText judges the text of a header by a schema: as a string, or as the
// number or boolean it may stand for.
func (s *session) validText(name, text string) []schema.Violation {
	if name == "" {
		return nil
	}
	violations := s.schemas.Validate(name, text)
	if len(violations) == 0 {
		return nil
	}
	if value, err := schema.Parse([]byte(text), maxDepth); err == nil && len(s.schemas.Validate(name, value)) == 0 {
		return nil
	}
	return violations
}

func judgeMediaType(s *session, a answer) verdict {
	response, undeclared := s.asDeclared(a.exchange)
	if undeclared != nil {
		return *undeclared
	}
	if len(response.Content) == 0 {
		if len(a.body) > 0 {
			return fail(s.curl(a.call), fmt.Sprintf("no body with status %d", a.status), a.summary())
		}
		return pass()
	}
	if _, ok := content(response, a.exchange); !ok {
		return fail(s.curl(a.call), "one of "+strings.Join(slices.Sorted(maps.Keys(response.Content)), ", "),
			fmt.Sprintf("Content-Type: %q", a.header.Get("Content-Type")))
	}
	return pass()
}

// content finds the declared content of the answer's media type: exactly, by
// its range ("text/*"), or for any.
func content(response Response, e *exchange) (Media, bool) {
	media := mediaType(e.header)
	major, _, _ := strings.Cut(media, "/")
	for name, declared := range response.Content {
		if base, _, err := mime.ParseMediaType(name); err == nil && base == media {
			return declared, true
		}
	}
	for _, name := range []string{major + "/*", "*/*"} {
		if declared, ok := response.Content[name]; ok {
			return declared, true
		}
	}
	return Media{}, false
}

func judgeBody(s *session, a answer) verdict {
	response, undeclared := s.asDeclared(a.exchange)
	if undeclared != nil {
		return *undeclared
	}
	declared, ok := content(response, a.exchange)
	if len(response.Content) > 0 && !ok {
		return blocked(fmt.Errorf("no schema is declared for %q", a.header.Get("Content-Type")))
	}
	if got := s.invalid(declared.Schema, a.exchange); got != "" {
		return fail(s.curl(a.call), "a body valid against "+declared.Schema, got)
	}
	return pass()
}

// invalid says how a JSON body breaks a schema; "" when it does not, or when
// there is nothing to judge.
func (s *session) invalid(name string, e *exchange) string {
	media := mediaType(e.header)
	if name == "" || e.endless || media != jsonType && !strings.HasSuffix(media, "+json") {
		return ""
	}
	return s.invalidJSON(name, e.body)
}

func (s *session) invalidJSON(name string, body []byte) string {
	value, err := schema.Parse(body, maxDepth)
	if err != nil {
		return fmt.Sprintf("%s: %v", shorten(string(body), 600), err)
	}
	if violations := s.schemas.Validate(name, value); len(violations) > 0 {
		return fmt.Sprintf("%s: %s", shorten(string(body), 600), listed(violations))
	}
	return ""
}

// listed is violations as one line.
func listed(violations []schema.Violation) string {
	texts := make([]string, len(violations))
	for i, violation := range violations {
		texts[i] = strings.TrimSpace(violation.Path + " " + violation.Message)
	}
	return strings.Join(texts, "; ")
}
