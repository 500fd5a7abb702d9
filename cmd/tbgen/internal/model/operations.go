package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Operation is one HTTP operation.
type Operation struct {
	ID, GoName, Method, Path string
	Summary, Doc             string
	Place                    diag.Place
	Parameters               []*Parameter
	Bodies                   []*Body
	BodyRequired             bool
	Responses                []*Response
	// Security are the schemes of which any one admits the caller; none: public.
	Security []string
	// Errors are the codes of the catalogue that the operation may answer with.
	Errors      []string
	Idempotency *Idempotency
	// Face is set where the operation is a transport of a stream.
	Face *Face
}

// Parameter is a parameter of an operation.
type Parameter struct {
	Name, In, GoName, Doc string
	Required              bool
	Type                  *Expr
	// Default is the default's JSON, "" without.
	Default string
	// Maximum is the largest value allowed, "" for no bound.
	Maximum string
	// Schema is the parameter's name in the bundle.
	Schema  string
	Style   string
	Explode bool
	Place   diag.Place
}

// Body is one media type of a request's body.
type Body struct {
	MediaType string
	// Field is the member of the generated request that holds it.
	Field  string
	Type   *Expr
	Schema string
	// Files are the parts of a form that are files, which Type does not have.
	Files []string
	Place diag.Place
}

// Form reports whether the body is a form with parts.
func (b *Body) Form() bool { return b.MediaType == "multipart/form-data" }

// Response is one answer of an operation.
type Response struct {
	Status, Doc string
	MediaType   string
	// Type is nil where there is no body, or one that a stream writes.
	Type    *Expr
	Schema  string
	Headers []*Header
	// Error is set where the body is the error envelope.
	Error bool
	Place diag.Place
}

// Code is the status as a number, 0 for "default" and ranges.
func (r *Response) Code() int {
	code, err := strconv.Atoi(r.Status)
	if err != nil {
		return 0
	}
	return code
}

// Header is a header of a response.
type Header struct {
	Name, Schema string
	Required     bool
}

// Idempotency says that an operation can be repeated with the same key.
type Idempotency struct {
	Key, Scope, Conflict string
	ReplayStatus         int
	ReplayMember         string
	ReplayEquals         string
}

// SecurityScheme is one way to show who calls.
type SecurityScheme struct {
	Name, Type, Scheme, In, ParameterName, Doc string
}

// ParametersIn are the parameters at a location: path, query, header or cookie.
func (o *Operation) ParametersIn(location string) []*Parameter {
	return slices.DeleteFunc(slices.Clone(o.Parameters), func(p *Parameter) bool { return p.In != location })
}

// Answers are the responses that the handler gives as values: those that are
// no errors and that no stream writes.
func (o *Operation) Answers() []*Response {
	return slices.DeleteFunc(slices.Clone(o.Responses), func(r *Response) bool { return r.Error || r.Code() == 0 })
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func (b *builder) operations() {
	for name, scheme := range b.openapi.At("components", "securitySchemes").Members() {
		s := scheme.Follow()
		b.m.Security = append(b.m.Security, &SecurityScheme{
			Name: name, Type: s.Get("type").Text(), Scheme: strings.ToLower(s.Get("scheme").Text()),
			In: s.Get("in").Text(), ParameterName: s.Get("name").Text(), Doc: docOf(s),
		})
	}
	ids := map[string]load.Value{}
	for path, item := range b.openapi.Get("paths").Members() {
		item = item.Follow()
		for _, method := range methods {
			if operation := item.Get(method); operation.Exists() {
				b.operation(ids, path, method, item, operation)
			}
		}
	}
}

func (b *builder) operation(ids map[string]load.Value, path, method string, item, v load.Value) {
	id := v.Get("operationId")
	o := &Operation{
		ID: id.Text(), Method: strings.ToUpper(method), Path: path, Place: v.Place(),
		Summary: v.Get("summary").Text(), Doc: docOf(v),
	}
	if o.ID == "" {
		o.ID = method + GoName(path)
		id = v
	}
	o.GoName = GoName(o.ID)
	if first, twice := ids[o.GoName]; twice {
		b.findings.Add(diag.Finding{
			Rule: "operation-id-twice", Place: id.Place(), Related: []diag.Place{first.Place()},
			Message: "two operations are called " + o.ID, Hint: "give each operation an operationId of its own",
		})
		return
	}
	ids[o.GoName] = id
	o.Security = b.security(v)
	o.Errors = v.Get("x-tbgen-errors").Texts()
	b.knownErrors(v.Get("x-tbgen-errors"))
	o.Idempotency = idempotency(v.Get("x-tbgen-idempotency"))
	b.parameters(o, item, v)
	b.bodies(o, v.Get("requestBody").Follow())
	b.responses(o, v.Get("responses"))
	b.m.Operations = append(b.m.Operations, o)
}

// security are the schemes named by an operation, else by the document.
func (b *builder) security(v load.Value) []string {
	list := v.Get("security")
	if !list.Exists() {
		list = b.openapi.Get("security")
	}
	var names []string
	for alternative := range list.Items() {
		for name := range alternative.Members() {
			if !slices.ContainsFunc(b.m.Security, func(s *SecurityScheme) bool { return s.Name == name }) {
				alternative.Errorf("security-unknown", "security scheme %q is not declared in components/securitySchemes", name)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func idempotency(v load.Value) *Idempotency {
	if !v.Exists() {
		return nil
	}
	status, _ := v.At("replay", "status").Int()
	found := &Idempotency{
		Key: v.Get("key").Text(), Scope: v.Get("scope").Text(), Conflict: v.Get("conflict").Text(),
		ReplayStatus: status, ReplayMember: v.At("replay", "member").Text(),
	}
	if equals := v.At("replay", "equals"); equals.Exists() {
		found.ReplayEquals = string(equals.JSON())
	}
	return found
}

func (b *builder) parameters(o *Operation, item, v load.Value) {
	for _, list := range []load.Value{item.Get("parameters"), v.Get("parameters")} {
		for declared := range list.Items() {
			b.parameter(o, declared.Follow())
		}
	}
	var inPath []string
	for _, segment := range strings.Split(o.Path, "{")[1:] {
		name, _, _ := strings.Cut(segment, "}")
		inPath = append(inPath, name)
		if !slices.ContainsFunc(o.Parameters, func(p *Parameter) bool { return p.In == "path" && p.Name == name }) {
			v.Errorf("path-parameter-undeclared", "%s %s has a parameter {%s} in its path that is not declared", o.Method, o.Path, name)
		}
	}
	for _, p := range o.ParametersIn("path") {
		if !slices.Contains(inPath, p.Name) {
			b.findings.Errorf(p.Place, "path-parameter-unused", "parameter {%s} is declared for %s %s, whose path does not have it", p.Name, o.Method, o.Path)
		}
	}
}

func (b *builder) parameter(o *Operation, v load.Value) {
	if !v.Exists() {
		return
	}
	p := &Parameter{Name: v.Get("name").Text(), In: v.Get("in").Text(), Doc: docOf(v), Required: v.Get("required").True(), Place: v.Place()}
	p.GoName = GoName(p.Name)
	schema := v.Get("schema")
	if !schema.Exists() {
		v.Errorf("parameter-content", "parameter %q has no schema; parameters described by content are not supported", p.Name)
		return
	}
	p.Type = b.expr(schema, o.ID+"_"+p.Name, Documents)
	p.Schema = b.m.Schemas.add(schema, o.ID+"."+p.In+"."+p.Name)
	if value := schema.Follow().Get("default"); value.Exists() {
		p.Default = string(value.JSON())
	}
	p.Maximum = schema.Follow().Get("maximum").Text()
	if !p.Required && p.Default == "" {
		p.Type = p.Type.optional()
	}
	p.Style, p.Explode = v.Get("style").Text(), v.Get("explode").True()
	if p.Style == "" {
		p.Style = map[string]string{"query": "form", "cookie": "form"}[p.In]
		if p.Style == "" {
			p.Style = "simple"
		}
	}
	if !v.Get("explode").Exists() {
		p.Explode = p.Style == "form"
	}
	if !slices.Contains(styles[p.In], p.Style) {
		v.Errorf("parameter-style", "style %s of parameter %q in %s is not supported; use %s", p.Style, p.Name, p.In, strings.Join(styles[p.In], " or "))
	}
	o.Parameters = slices.DeleteFunc(o.Parameters, func(other *Parameter) bool { return other.Name == p.Name && other.In == p.In })
	if slices.ContainsFunc(o.Parameters, func(other *Parameter) bool { return other.GoName == p.GoName }) {
		p.GoName = GoName(p.In) + p.GoName
	}
	o.Parameters = append(o.Parameters, p)
}

// styles are the ways to write a parameter that the runtimes know, by location.
var styles = map[string][]string{
	"path": {"simple"}, "header": {"simple"}, "cookie": {"form"},
	"query": {"form", "spaceDelimited", "pipeDelimited"},
}

func (b *builder) bodies(o *Operation, v load.Value) {
	o.BodyRequired = v.Get("required").True()
	content := slices.Collect(mediaTypes(v))
	for _, mediaType := range content {
		media := v.At("content", mediaType)
		body := &Body{MediaType: mediaType, Field: "Body", Place: media.Place()}
		switch {
		case isJSON(mediaType):
			if len(content) > 1 {
				body.Field = "JSON"
			}
		case body.Form():
			body.Field = "Form"
		default:
			b.findings.Errorf(v.Get("content").KeyPlace(mediaType), "media-type-unsupported", "request bodies of type %s are not supported; use application/json or multipart/form-data", mediaType)
			continue
		}
		schema := media.Get("schema")
		body.Type = b.expr(schema, o.ID+"_"+body.Field, Documents)
		body.Schema = b.m.Schemas.add(schema, o.GoName+body.Field)
		if body.Form() {
			b.files(body, schema.Follow())
		}
		o.Bodies = append(o.Bodies, body)
	}
}

// files takes the members of a form that are files out of its type: they are
// handed over beside it, in the order they were sent.
func (b *builder) files(body *Body, schema load.Value) {
	for name, member := range schema.Get("properties").Members() {
		if target := member.Follow(); isFile(target) || isFile(target.Get("items").Follow()) {
			body.Files = append(body.Files, name)
		}
	}
	if t := body.Type.Named; t != nil {
		t.Fields = slices.DeleteFunc(t.Fields, func(f *Field) bool { return slices.Contains(body.Files, f.JSON) })
	}
}

func isFile(schema load.Value) bool {
	return schema.Get("format").Text() == "binary" || schema.Get("contentMediaType").Text() == "application/octet-stream"
}

func isJSON(mediaType string) bool {
	base, _, _ := strings.Cut(mediaType, ";")
	return base == "application/json" || strings.HasSuffix(base, "+json")
}

func mediaTypes(v load.Value) func(func(string) bool) {
	return func(yield func(string) bool) {
		for mediaType := range v.Get("content").Members() {
			if !yield(mediaType) {
				return
			}
		}
	}
}

func (b *builder) responses(o *Operation, list load.Value) {
	for status, declared := range list.Members() {
		v := declared.Follow()
		response := &Response{Status: status, Doc: docOf(v), Place: declared.Place()}
		for mediaType := range mediaTypes(v) {
			schema := v.At("content", mediaType).Get("schema")
			response.MediaType = mediaType
			if !isJSON(mediaType) || !schema.Exists() {
				continue
			}
			response.Type = b.expr(schema, o.ID+"_"+status, Documents)
			response.Schema = b.m.Schemas.add(schema, o.GoName+status)
			response.Error = b.isEnvelope(schema)
		}
		for name, header := range v.Get("headers").Members() {
			h := header.Follow()
			response.Headers = append(response.Headers, &Header{
				Name: name, Required: h.Get("required").True(),
				Schema: b.m.Schemas.add(h.Get("schema"), o.ID+"."+status+"."+name),
			})
		}
		o.Responses = append(o.Responses, response)
	}
}
