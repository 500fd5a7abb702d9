package emit

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"text/template"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// clientPackage emits the typed client: calls and observed streams.
func (e *emitter) clientPackage() error {
	t := e.config.Targets.Client
	resume := runtime + "clients/go/resume"
	parts, err := e.operations(codegen.GenerateOptions{Client: true}, map[string]string{
		"client.tmpl": "go/client/calls.tmpl", "client-with-responses.tmpl": "",
	})
	if err != nil {
		return err
	}
	client, streams := &bytes.Buffer{}, &bytes.Buffer{}
	if err := e.render(client, "go/client/client.tmpl", e.model); err != nil {
		return err
	}
	if len(e.model.Streams) > 0 {
		if err := e.render(streams, "go/client/streams.tmpl", e.model); err != nil {
			return err
		}
	}
	modelImport := []goImport{}
	if e.model.Errors != nil {
		modelImport = append(modelImport, e.modelImport())
	}
	files := []goFile{
		{name: "client.go", body: client, imports: append(paths("context", "net/http", resume), modelImport...),
			doc: "Package " + t.Package + " is a client of " + e.model.Title + "."},
		{name: "calls.go", body: parts["go/client/calls.tmpl"], imports: append(paths("context", "net/http", resume), e.callImports()...)},
		{name: "streams.go", body: streams, imports: append(paths("context", "iter", resume, runtime+"impl/codec"), e.observeImports()...)},
	}
	for _, f := range files {
		f.target = t
		if err := e.addGo(f); err != nil {
			return err
		}
	}
	return nil
}

func (e *emitter) callImports() []goImport {
	var found []goImport
	for _, o := range e.model.Operations {
		if !isCalled(o) {
			continue
		}
		for _, p := range o.Parameters {
			found = append(found, e.typeImports(nil, p.Type)...)
			if p.In == "query" {
				found = append(found, goImport{path: "net/url"})
			}
			if p.Type.Slice != nil && (p.In == "header" || p.In == "query" && !p.Explode) {
				found = append(found, goImport{path: "strings"})
			}
		}
		for _, b := range o.Bodies {
			found = append(found, e.typeImports(nil, b.Type)...)
		}
		for _, r := range bodiesOf(o) {
			found = append(found, e.typeImports(nil, r.Type)...)
		}
	}
	return found
}

func (e *emitter) observeImports() []goImport {
	found := []goImport{e.modelImport()}
	for _, s := range e.model.Streams {
		if s.Poll != nil && maximum(s.Poll.Operation, s.Poll.Wait) != "" {
			found = append(found, goImport{path: "time"})
		}
	}
	return found
}

// isCalled reports whether the client has a method for the operation: the
// faces that stay open are observed, not called.
func isCalled(o *model.Operation) bool { return o.Face == nil || o.Face.Transport == "poll" }

// isIdempotent reports whether a call may be repeated without harm.
func isIdempotent(o *model.Operation) bool {
	return o.Idempotency != nil || o.Method == http.MethodPut || o.Method == http.MethodDelete
}

// resultOf is the type that all of an operation's answers have, nil where they
// have none or differ.
func resultOf(o *model.Operation) *model.Expr {
	if answers := bodiesOf(o); len(answers) > 0 && !differ(o) {
		return answers[0].Type
	}
	return nil
}

// bodiesOf are an operation's answers with a body.
func bodiesOf(o *model.Operation) []*model.Response {
	return slices.DeleteFunc(o.Answers(), func(r *model.Response) bool { return r.Type == nil })
}

// differ reports whether an operation's answers are of several types.
func differ(o *model.Operation) bool {
	answers := bodiesOf(o)
	return slices.ContainsFunc(answers, func(r *model.Response) bool { return r.Type.Outside() != answers[0].Type.Outside() })
}

// call is one method of the client.
type call struct {
	Name string
	Body *model.Body
}

// callsOf are the methods for an operation: one for each kind of body.
func callsOf(o *model.Operation) []call {
	if len(o.Bodies) == 0 {
		return []call{{Name: o.GoName}}
	}
	var calls []call
	for _, b := range o.Bodies {
		name := o.GoName
		if b.Field == "Form" && len(o.Bodies) > 1 {
			name += "Form"
		}
		calls = append(calls, call{name, b})
	}
	return calls
}

func callDoc(o *model.Operation, c call) string {
	text := operationDoc(o)
	if c.Name != o.GoName {
		return c.Name + " is [Client." + o.GoName + "] with the body as " + c.Body.MediaType + "."
	}
	return text
}

func observeDoc(s *model.Stream) string {
	return sentence(s.Observe, s.Doc) + "\n\nIt resumes after every cut where it was: each event is handed over once and in order. " +
		"See [resume.Observe] for what ends the sequence, and for the options."
}

// clientParameters are those that a call takes besides the path's; cookies are
// the HTTP client's.
func clientParameters(o *model.Operation) []*model.Parameter {
	return slices.DeleteFunc(slices.Clone(o.Parameters), func(p *model.Parameter) bool { return p.In != "query" && p.In != "header" })
}

// clientType is the type of a parameter that a caller may leave out.
func clientType(p *model.Parameter) string {
	if p.Required || p.Type.NilIsAbsent() {
		return p.Type.Outside()
	}
	return "*" + p.Type.Outside()
}

// text is the expression of a parameter's text.
func text(p *model.Parameter, expression string) string {
	if p.Type.Go == "string" {
		return expression
	}
	if named := p.Type.Named; named != nil && named.Kind == model.Enum {
		return "string(" + expression + ")"
	}
	return "resume.Text(" + expression + ")"
}

func eventTags(s *model.Stream) []string {
	var tags []string
	for _, arm := range s.Event.Union.Arms {
		if s.Gap == nil || arm.Tag.Value != gapTag(s.Gap) {
			tags = append(tags, arm.Tag.Value)
		}
	}
	return tags
}

// gapTag is the tag of the gap message.
func gapTag(g *model.GapMessage) string {
	if g.Message == nil || g.Message.Type.Named == nil || g.Message.Type.Named.ArmOf == nil {
		return ""
	}
	return g.Message.Type.Named.ArmOf.Tag.Value
}

// isNumber reports whether a stream's cursors are JSON numbers.
func isNumber(s *model.Stream) bool {
	for _, f := range s.Event.Union.Arms[0].Type.Fields {
		if f.JSON == s.Cursor.Member {
			return f.Type.Go != "string"
		}
	}
	return false
}

// maximum is the largest value that the document allows a query parameter, ""
// for no bound.
func maximum(o *model.Operation, parameter string) string {
	for _, p := range o.Parameters {
		if p.Name == parameter && p.Maximum != "" {
			return p.Maximum
		}
	}
	return ""
}

// credential is the scheme that the client's credential is given by: the first
// that an operation asks for. It is nil where that is a bearer token, which
// the runtime knows.
func credential(m *model.Model) *model.SecurityScheme {
	for _, o := range m.Operations {
		for _, name := range o.Security {
			for _, s := range m.Security {
				if s.Name == name {
					if s.Type == "http" && s.Scheme == "bearer" || s.Type != "http" && s.Type != "apiKey" {
						return nil
					}
					return s
				}
			}
		}
	}
	return nil
}

// clientFunctions are what the templates of the client may ask.
var clientFunctions = template.FuncMap{
	"isCalled": isCalled, "isIdempotent": isIdempotent, "resultOf": resultOf, "differ": differ, "bodiesOf": bodiesOf, "callsOf": callsOf, "callDoc": callDoc,
	"observeDoc": observeDoc, "credential": credential, "clientParameters": clientParameters, "clientType": clientType, "text": text,
	"isStruct":  func(x *model.Expr) bool { return x.Named != nil && x.Named.Kind == model.Struct },
	"eventTags": eventTags, "gapTag": gapTag, "isNumber": isNumber, "maximum": maximum,
	"string":         func(raw json.RawMessage) string { return string(raw) },
	"union":          func(t *model.Type) string { return (&model.Expr{Named: t}).Outside() },
	"unmarshalUnion": func(t *model.Type) string { return unmarshalOf((&model.Expr{Named: t}).Outside()) },
}
