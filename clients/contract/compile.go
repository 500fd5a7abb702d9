package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/schema"
)

// compiled is a plan with its names resolved and its templates parsed.
type compiled struct {
	*Plan
	schemas    *schema.Set
	operations map[string]*Operation
	schemes    map[string]*SecurityScheme
	streams    map[string]*stream
}

// stream is a Stream with its frames parsed. Templates of absent frames are nil.
type stream struct {
	*Stream
	subscribe, confirm, socketBeat, sseBeat, gap, page *codec.Template
}

// compiler gathers every inconsistency of a plan.
type compiler struct {
	out  *compiled
	errs []error
}

// compile resolves plan, or says everything that is wrong with it.
func compile(plan *Plan) (*compiled, error) {
	if plan.Version != Version {
		return nil, fmt.Errorf("contract: the plan has version %d, this runner reads version %d", plan.Version, Version)
	}
	schemas, err := schema.Load(plan.Schemas)
	if err == nil {
		err = schemas.Compile()
	}
	if err != nil {
		return nil, fmt.Errorf("contract: plan: schemas: %w", err)
	}
	c := &compiler{out: &compiled{
		Plan:       plan,
		schemas:    schemas,
		operations: map[string]*Operation{},
		schemes:    map[string]*SecurityScheme{},
		streams:    map[string]*stream{},
	}}
	c.securitySchemes()
	c.catalogue()
	c.operations()
	c.streams()
	c.lifecycles()
	c.scenarios()
	if len(c.errs) > 0 {
		return nil, fmt.Errorf("contract: the plan is inconsistent:\n%w", errors.Join(c.errs...))
	}
	return c.out, nil
}

func (c *compiler) problemf(where, format string, arguments ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, arguments...)))
}

// schema checks the name of a schema; an empty one is allowed when optional.
func (c *compiler) schema(where, name string) {
	if name == "" || slices.Contains(c.out.schemas.Names(), name) {
		return
	}
	c.problemf(where, "there is no schema %q", name)
}

func (c *compiler) template(where string, text json.RawMessage) *codec.Template {
	if len(text) == 0 {
		c.problemf(where, "the frame is missing")
		return nil
	}
	template, err := codec.ParseTemplate(string(text))
	if err != nil {
		c.problemf(where, "%v", err)
	}
	return template
}

func (c *compiler) frame(where string, frame *Frame) *codec.Template {
	if frame == nil {
		return nil
	}
	c.schema(where, frame.Schema)
	return c.template(where, frame.Frame)
}

func (c *compiler) securitySchemes() {
	for i := range c.out.SecuritySchemes {
		scheme := &c.out.SecuritySchemes[i]
		where := "securitySchemes." + scheme.Name
		if _, twice := c.out.schemes[scheme.Name]; twice || scheme.Name == "" {
			c.problemf(where, "the name is empty or used twice")
		}
		c.out.schemes[scheme.Name] = scheme
		switch {
		case scheme.Type == "http" && slices.Contains([]string{"bearer", "basic"}, scheme.Scheme):
		case scheme.Type == "apiKey" && slices.Contains([]string{"header", "query", "cookie"}, scheme.In) && scheme.Param != "":
		default:
			c.problemf(where, "type %q with scheme %q and place %q is none of http bearer, http basic and apiKey", scheme.Type, scheme.Scheme, scheme.In)
		}
	}
}

func (c *compiler) catalogue() {
	if c.out.Errors == nil {
		return
	}
	c.schema("errors", c.out.Errors.Schema)
	if c.out.Errors.Members.Code == "" {
		c.problemf("errors.members", "the member of the code is missing")
	}
	for role, code := range c.out.Errors.Roles {
		if _, known := c.out.Errors.Catalogue[code]; !known {
			c.problemf("errors.roles."+role, "the catalogue has no code %q", code)
		}
	}
}

var (
	braces        = regexp.MustCompile(`\{([^{}]*)\}`)
	statusPattern = regexp.MustCompile(`^([1-5][0-9]{2}|[1-5]XX|default)$`)
)

func (c *compiler) operations() {
	for i := range c.out.Operations {
		operation := &c.out.Operations[i]
		where := "operations." + operation.ID
		if _, twice := c.out.operations[operation.ID]; twice || operation.ID == "" {
			c.problemf(where, "the id is empty or used twice")
		}
		c.out.operations[operation.ID] = operation
		c.operation(where, operation)
	}
}

func (c *compiler) operation(where string, operation *Operation) {
	if operation.Method == "" || operation.Path == "" || operation.Path[0] != '/' {
		c.problemf(where, "method %q and path %q: want a method and a path that starts with a slash", operation.Method, operation.Path)
	}
	for _, name := range operation.Security {
		if _, known := c.out.schemes[name]; !known {
			c.problemf(where, "there is no security scheme %q", name)
		}
	}
	for _, match := range braces.FindAllStringSubmatch(operation.Path, -1) {
		if parameter := operation.parameter(match[1]); parameter == nil || parameter.In != "path" {
			c.problemf(where, "the path parameter %q is not declared", match[1])
		}
	}
	for _, parameter := range operation.Parameters {
		if !slices.Contains([]string{"path", "query", "header", "cookie"}, parameter.In) {
			c.problemf(where+".parameters."+parameter.Name, "there is no place %q", parameter.In)
		}
		c.schema(where+".parameters."+parameter.Name, parameter.Schema)
	}
	if operation.Body != nil {
		for media, content := range operation.Body.Content {
			c.schema(where+".body."+media, content.Schema)
		}
	}
	c.responses(where, operation)
	for _, code := range operation.Errors {
		if c.out.Errors == nil || c.out.Errors.Catalogue[code] == (ErrorCode{}) {
			c.problemf(where+".errors", "the catalogue has no code %q", code)
		}
	}
}

func (c *compiler) responses(where string, operation *Operation) {
	for status, response := range operation.Responses {
		if !statusPattern.MatchString(status) {
			c.problemf(where+".responses", "%q is no status", status)
		}
		for media, content := range response.Content {
			c.schema(where+".responses."+status+"."+media, content.Schema)
		}
		for _, header := range response.Headers {
			c.schema(where+".responses."+status+".headers."+header.Name, header.Schema)
		}
	}
}

func (c *compiler) lifecycles() {
	for _, lifecycle := range c.out.Lifecycles {
		where := "lifecycles." + lifecycle.Schema
		c.schema(where, lifecycle.Schema)
		if lifecycle.Stream == "" {
			continue
		}
		on, known := c.out.streams[lifecycle.Stream]
		if !known {
			c.problemf(where, "there is no stream %q", lifecycle.Stream)
			continue
		}
		for state, tag := range lifecycle.Events {
			if _, known := on.Messages[tag]; !known {
				c.problemf(where+".events."+state, "stream %s has no message %q", on.Name, tag)
			}
		}
	}
}

// parameter finds a declared parameter by name; nil when there is none.
func (o *Operation) parameter(name string) *Parameter {
	for i := range o.Parameters {
		if o.Parameters[i].Name == name {
			return &o.Parameters[i]
		}
	}
	return nil
}

// response finds what the operation declares for a status, exactly, by its
// class ("4XX") or by default, and the key it is declared under.
func (o *Operation) response(status int) (response Response, key string, declared bool) {
	text := strconv.Itoa(status)
	for _, key := range []string{text, text[:1] + "XX", "default"} {
		if response, ok := o.Responses[key]; ok {
			return response, key, true
		}
	}
	return Response{}, text, false
}
