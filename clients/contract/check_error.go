package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/schema"
)

func errorChecks() []entry {
	return []entry{
		{Check{"http.error.malformed-body", "A JSON body that is cut off is refused as malformed.", Must}, malformedTrials},
		{Check{"http.error.unknown-member", "A body with a member that its schema does not allow is refused as invalid.", Must}, unknownMemberTrials},
		{Check{"http.error.wrong-type", "A body with a member of a wrong type is refused as invalid.", Must}, wrongTypeTrials},
	}
}

// roleStatuses are what RFC 9110 wants where the documents give no role.
var roleStatuses = map[string][]int{
	"malformed":        {http.StatusBadRequest},
	"invalid":          {http.StatusBadRequest, http.StatusUnprocessableEntity},
	"unauthenticated":  {http.StatusUnauthorized},
	"notFound":         {http.StatusNotFound},
	"methodNotAllowed": {http.StatusMethodNotAllowed},
}

// judgeRole judges an error that a server finds before its handlers are asked.
func (s *session) judgeRole(e *exchange, role string) verdict {
	if s.Errors != nil {
		if code, ok := s.Errors.Roles[role]; ok {
			return s.judgeError(e, []int{s.Errors.Catalogue[code].Status}, code)
		}
	}
	return s.judgeError(e, roleStatuses[role], "")
}

// model is a case that shows how a good request of an operation looks.
type model struct {
	Case
	operation *Operation
	schema    string
}

// models are the good requests with a JSON body, one for each operation.
func (c *compiled) models() []model {
	var found []model
	seen := map[string]bool{}
	for _, declared := range c.Scenarios.Cases {
		operation := c.operations[declared.Operation]
		if operation.Body == nil || declared.Status/100 != 2 || declared.MediaType != "" || declared.Raw != nil || declared.PadTo != 0 || len(declared.Body) == 0 {
			continue
		}
		media, ok := operation.Body.Content[jsonType]
		if !ok || seen[operation.ID] || declared.Credentials != "" {
			continue
		}
		seen[operation.ID] = true
		found = append(found, model{declared, operation, media.Schema})
	}
	return found
}

// variant sends the good request with another body.
func (s *session) variant(m model, change func(body json.RawMessage) (json.RawMessage, error)) (*exchange, error) {
	vars, err := s.prepare(m.Setup, true)
	if err != nil {
		return nil, err
	}
	c, err := s.call(m.Request, vars)
	if err != nil {
		return nil, err
	}
	if c.body, err = change(c.body); err != nil {
		return nil, err
	}
	return s.send(s.ctx, c)
}

func malformedTrials(plan *compiled) []trial {
	var trials []trial
	for _, m := range plan.models() {
		trials = append(trials, trial{m.operation.ID, m.operation.Origin, func(s *session) verdict {
			return s.judgeVariant(m, "malformed", func(body json.RawMessage) (json.RawMessage, error) {
				return body[:len(body)-1], nil
			})
		}})
	}
	return trials
}

func (s *session) judgeVariant(m model, role string, change func(json.RawMessage) (json.RawMessage, error)) verdict {
	answer, err := s.variant(m, change)
	if err != nil {
		return blocked(err)
	}
	return s.judgeRole(answer, role)
}

func unknownMemberTrials(plan *compiled) []trial {
	var trials []trial
	for _, m := range plan.models() {
		if !plan.breaks(m, "unexpected", json.RawMessage("true")) {
			continue
		}
		trials = append(trials, trial{m.operation.ID, m.operation.Origin, func(s *session) verdict {
			return s.judgeVariant(m, "invalid", func(body json.RawMessage) (json.RawMessage, error) {
				return with(body, "unexpected", json.RawMessage("true"))
			})
		}})
	}
	return trials
}

// wrongValues are values of each JSON type; one that breaks the schema of a
// member is of a wrong type for it.
var wrongValues = map[string]json.RawMessage{
	"array":   json.RawMessage(`[]`),
	"boolean": json.RawMessage(`true`),
	"number":  json.RawMessage(`12.5`),
	"object":  json.RawMessage(`{}`),
	"string":  json.RawMessage(`"text"`),
}

func wrongTypeTrials(plan *compiled) []trial {
	var trials []trial
	for _, m := range plan.models() {
		for _, property := range plan.schemas.Properties(m.schema) {
			value, ok := plan.wrongValue(m, property)
			if !ok {
				continue
			}
			trials = append(trials, trial{m.operation.ID + " " + property.Name, m.operation.Origin, func(s *session) verdict {
				return s.judgeVariant(m, "invalid", func(body json.RawMessage) (json.RawMessage, error) {
					return with(body, property.Name, value)
				})
			}})
		}
	}
	return trials
}

// wrongValue finds a value of another type that the schema refuses.
func (c *compiled) wrongValue(m model, property schema.Property) (json.RawMessage, bool) {
	for _, kind := range slices.Sorted(maps.Keys(wrongValues)) {
		if kind == property.Type || kind == "number" && property.Type == "integer" || property.Type == "" {
			continue
		}
		if c.breaks(m, property.Name, wrongValues[kind]) {
			return wrongValues[kind], true
		}
	}
	return nil, false
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// breaks reports whether the schema refuses a value of a member.
func (c *compiled) breaks(m model, member string, value json.RawMessage) bool {
	good, err := schema.Parse(m.Body, maxDepth)
	if err != nil || m.schema == "" {
		return false
	}
	object, ok := good.(map[string]any)
	if !ok {
		return false
	}
	changed, err := schema.Parse(value, maxDepth)
	if err != nil {
		return false
	}
	object[member] = changed
	return slices.ContainsFunc(c.schemas.Validate(m.schema, object), func(violation schema.Violation) bool {
		return violation.Path == "/"+pointerEscape.Replace(member)
	})
}

// with is an object with a member set.
func with(object json.RawMessage, member string, value json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := codec.Unmarshal(object, &members); err != nil || members == nil {
		return nil, fmt.Errorf("the body %s is no object", shorten(string(object), 300))
	}
	members[member] = value
	return codec.Marshal(members)
}
