// Package plan turns a model into the plan that the contract runner is driven by.
package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/taskbridge/tbgen/clients/contract"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// Build is the model as a plan. An error names what is inconsistent in the
// parts of the documents that only the plan uses, the scenarios above all.
func Build(m *model.Model) (*contract.Plan, error) {
	p := &contract.Plan{Version: contract.Version, Title: m.Title, Schemas: m.Schemas.JSON(), Errors: errorsOf(m.Errors)}
	for _, s := range m.Security {
		p.SecuritySchemes = append(p.SecuritySchemes, contract.SecurityScheme{
			Name: s.Name, Type: s.Type, Scheme: s.Scheme, In: s.In, Param: s.ParameterName,
		})
	}
	for _, o := range m.Operations {
		p.Operations = append(p.Operations, operation(o))
	}
	for _, s := range m.Streams {
		p.Streams = append(p.Streams, stream(s))
	}
	for _, l := range m.Lifecycles {
		p.Lifecycles = append(p.Lifecycles, contract.Lifecycle{
			Schema: l.Schema, Initial: l.Initial, Moves: l.Moves, Terminal: l.Terminal, Events: l.Events, Stream: l.Stream,
		})
	}
	if m.Scenarios != nil {
		decoder := json.NewDecoder(bytes.NewReader(m.Scenarios))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&p.Scenarios); err != nil {
			return nil, fmt.Errorf("x-tbgen-scenarios: %w", err)
		}
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p, nil
}

// Embedded is the plan without the places of its parts in the documents, so
// that it changes only with what the documents say.
func Embedded(p contract.Plan) *contract.Plan {
	p.Operations = slices.Clone(p.Operations)
	for i := range p.Operations {
		p.Operations[i] = withoutPlaces(p.Operations[i])
	}
	p.Streams = slices.Clone(p.Streams)
	for i := range p.Streams {
		p.Streams[i].Origin = ""
	}
	if p.Errors != nil {
		found := *p.Errors
		found.Origin, found.Catalogue = "", maps.Clone(found.Catalogue)
		for code, entry := range found.Catalogue {
			entry.Origin = ""
			found.Catalogue[code] = entry
		}
		p.Errors = &found
	}
	return &p
}

func withoutPlaces(o contract.Operation) contract.Operation {
	o.Origin = ""
	o.Parameters = slices.Clone(o.Parameters)
	for i := range o.Parameters {
		o.Parameters[i].Origin = ""
	}
	o.Responses = maps.Clone(o.Responses)
	for status, response := range o.Responses {
		response.Origin = ""
		o.Responses[status] = response
	}
	return o
}

func origin(place diag.Place) string {
	if place.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", place.File, place.Line)
}

func errorsOf(c *model.Catalogue) *contract.Errors {
	if c == nil {
		return nil
	}
	e := &contract.Errors{
		Schema: c.Envelope.Schema, Roles: c.Roles, Catalogue: map[string]contract.ErrorCode{}, Origin: origin(c.Envelope.Place),
		Members: contract.ErrorMembers{Code: c.Code, Message: c.Message, Details: c.Details, Timestamp: c.Timestamp, Violations: c.Violations},
	}
	for _, entry := range c.Errors {
		e.Catalogue[entry.Code] = contract.ErrorCode{
			Status: entry.Status, Description: entry.Doc, Retryable: entry.Retryable, Parent: entry.Parent, Origin: origin(entry.Place),
		}
	}
	return e
}

func operation(o *model.Operation) contract.Operation {
	p := contract.Operation{
		ID: o.ID, Method: o.Method, Path: o.Path, Security: o.Security, Errors: o.Errors,
		Stream: o.Face != nil, Origin: origin(o.Place), Responses: map[string]contract.Response{},
	}
	for _, parameter := range o.Parameters {
		p.Parameters = append(p.Parameters, contract.Parameter{
			Name: parameter.Name, In: parameter.In, Required: parameter.Required, Schema: parameter.Schema, Origin: origin(parameter.Place),
		})
	}
	for _, b := range o.Bodies {
		if p.Body == nil {
			p.Body = &contract.Body{Required: o.BodyRequired, Content: map[string]contract.Media{}}
		}
		p.Body.Content[b.MediaType] = contract.Media{Schema: b.Schema, Files: b.Files}
	}
	for _, r := range o.Responses {
		p.Responses[r.Status] = response(r)
	}
	if i := o.Idempotency; i != nil {
		p.Idempotency = &contract.Idempotency{
			Key: i.Key, Scope: i.Scope, Conflict: i.Conflict,
			Replay: contract.Replay{Status: i.ReplayStatus, Member: i.ReplayMember, Equals: json.RawMessage(i.ReplayEquals)},
		}
	}
	return p
}

func response(r *model.Response) contract.Response {
	p := contract.Response{Origin: origin(r.Place)}
	if r.MediaType != "" {
		p.Content = map[string]contract.Media{r.MediaType: {Schema: r.Schema}}
	}
	for _, h := range r.Headers {
		p.Headers = append(p.Headers, contract.Header{Name: h.Name, Required: h.Required, Schema: h.Schema})
	}
	return p
}
