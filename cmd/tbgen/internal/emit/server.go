package emit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// serverPackage emits the server stub: handler interface, requests and
// responses, routes, stream mounts, and the schemas that requests are judged by.
func (e *emitter) serverPackage() error {
	t := e.config.Targets.Server
	parts, err := e.operations(codegen.GenerateOptions{ChiServer: true}, map[string]string{
		"chi/chi-interface.tmpl":  "go/server/handler.tmpl",
		"chi/chi-middleware.tmpl": "go/server/messages.tmpl",
		"chi/chi-handler.tmpl":    "go/server/routes.tmpl",
	})
	if err != nil {
		return err
	}
	server := &bytes.Buffer{}
	if err := e.render(server, "go/server/server.tmpl", e.model); err != nil {
		return err
	}
	streams := &bytes.Buffer{}
	if len(e.model.Streams) > 0 {
		if err := e.render(streams, "go/server/streams.tmpl", e.model); err != nil {
			return err
		}
	}
	chi := "github.com/go-chi/chi/v5"
	rest, stream := runtime+"impl/rest", runtime+"impl/stream"
	files := []goFile{
		{name: "server.go", body: server, imports: append(paths("errors", "net/http", chi, rest, runtime+"impl/schema"), e.serverImports()...),
			doc: "Package " + t.Package + " serves " + e.model.Title + " over HTTP."},
		{name: "handler.go", body: parts["go/server/handler.tmpl"], imports: paths("context", rest)},
		{name: "messages.go", body: parts["go/server/messages.tmpl"], imports: append(paths("net/http", rest), e.messageImports()...)},
		{name: "routes.go", body: parts["go/server/routes.tmpl"], imports: append(paths("context", "net/http", chi, rest), e.bodyImports()...)},
		{name: "streams.go", body: streams, imports: append(paths("context", stream), e.streamImports()...)},
	}
	for _, f := range files {
		f.target = t
		if err := e.addGo(f); err != nil {
			return err
		}
	}
	e.add(t, "schemas.json", e.schemas())
	return nil
}

// schemas is the bundle as a generated file.
func (e *emitter) schemas() []byte { return generatedJSON(e.model.Schemas.JSON()) }

// messageImports are those of the types in requests and responses.
func (e *emitter) messageImports() []goImport {
	var found []goImport
	for _, o := range e.model.Operations {
		if o.Face != nil {
			continue
		}
		for _, p := range o.Parameters {
			found = append(found, e.typeImports(nil, p.Type)...)
		}
		for _, b := range o.Bodies {
			found = append(found, e.typeImports(nil, b.Type)...)
		}
		for _, r := range o.Answers() {
			if r.Type != nil {
				found = append(found, e.typeImports(nil, r.Type)...)
			}
		}
	}
	return found
}

// bodyImports are those of the bodies that the routes allocate.
func (e *emitter) bodyImports() []goImport {
	var found []goImport
	for _, o := range e.model.Operations {
		if o.Face == nil && (len(o.Bodies) > 1 || !o.BodyRequired) {
			for _, b := range o.Bodies {
				found = append(found, e.typeImports(nil, b.Type)...)
			}
		}
	}
	return found
}

func (e *emitter) serverImports() []goImport {
	found := []goImport{{name: "_", path: "embed"}}
	if e.model.Errors != nil {
		found = append(found, e.modelImport())
	}
	if len(e.model.Streams) > 0 {
		found = append(found, goImport{path: runtime + "impl/stream"})
	}
	return found
}

func (e *emitter) streamImports() []goImport {
	found := paths(runtime+"impl/codec", "net/http", runtime+"impl/rest")
	if hasSocket(e.model) {
		found = append(found, paths("errors", runtime+"impl/stream/ws")...)
	}
	for _, s := range e.model.Streams {
		if s.SSE != nil {
			found = append(found, goImport{path: runtime + "impl/stream/sse"})
		}
		if s.Poll != nil {
			found = append(found, paths("encoding/json", "time", runtime+"impl/stream/poll")...)
		}
	}
	return found
}

func hasSocket(m *model.Model) bool {
	return slices.ContainsFunc(m.Streams, func(s *model.Stream) bool { return s.Socket != nil })
}

// violationsKey is the key of the details that lists violations, "" for none.
func violationsKey(c *model.Catalogue) string {
	key, found := strings.CutPrefix(c.Violations, "/"+c.Details+"/")
	if !found || strings.Contains(key, "/") {
		return ""
	}
	return key
}
