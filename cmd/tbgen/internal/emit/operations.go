package emit

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
	"github.com/taskbridge/tbgen/templates"
)

// extension is the member of an operation under which oapi-codegen carries the
// model's operation to our templates.
const extension = "x-tbgen-operation"

// oapiMutex guards oapi-codegen, whose configuration is global.
var oapiMutex sync.Mutex

// operations lets oapi-codegen render the templates, each over all operations:
// keys are the templates of oapi-codegen that ours stand in for, values are
// ours. It returns what each of ours rendered, by our name. oapi-codegen sees
// the document as the model has it: names and types are decided, and schemas
// that it could not take are not there.
func (e *emitter) operations(generate codegen.GenerateOptions, replaced map[string]string) (map[string]*bytes.Buffer, error) {
	oapiMutex.Lock()
	defer oapiMutex.Unlock()
	maps.Copy(codegen.TemplateFunctions, functions)
	maps.Copy(codegen.TemplateFunctions, clientFunctions)
	maps.Copy(codegen.TemplateFunctions, operationFunctions)
	codegen.TemplateFunctions["hasErrors"] = func() bool { return e.model.Errors != nil }

	userTemplates := map[string]string{"imports.tmpl": nothing, "constants.tmpl": nothing}
	for theirs, ours := range replaced {
		text := nothing
		if ours != "" {
			content, err := templates.FS.ReadFile(ours)
			if err != nil {
				return nil, fmt.Errorf("template fault: %w", err)
			}
			text = separator + ours + "\n" + string(content)
		}
		userTemplates[theirs] = text
	}
	text, err := codegen.Generate(e.skeleton(), codegen.Configuration{
		PackageName: "generated", Generate: generate,
		OutputOptions: codegen.OutputOptions{SkipFmt: true, SkipPrune: true, UserTemplates: userTemplates},
	})
	if err != nil {
		return nil, fmt.Errorf("oapi-codegen refused the operations: %w", err)
	}
	return split(text), nil
}

// nothing is a template that renders nothing. It has a line break, because
// oapi-codegen takes a text without one for a file's name, and an action,
// because a template without one does not replace another.
const nothing = `{{""}}` + "\n"

// separator begins a line that names the template of the lines that follow.
const separator = "//tbgen:template "

func split(text string) map[string]*bytes.Buffer {
	parts := map[string]*bytes.Buffer{}
	for _, part := range strings.Split(text, separator)[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		parts[name] = bytes.NewBufferString(rest)
	}
	return parts
}

// skeleton is the model's operations as an OpenAPI document for oapi-codegen.
func (e *emitter) skeleton() *openapi3.T {
	document := &openapi3.T{
		OpenAPI: "3.1.0", Paths: openapi3.NewPaths(),
		Info: &openapi3.Info{Title: e.model.Title, Version: e.model.Version},
	}
	for _, o := range e.model.Operations {
		item := document.Paths.Value(o.Path)
		if item == nil {
			item = &openapi3.PathItem{}
			document.Paths.Set(o.Path, item)
		}
		operation := &openapi3.Operation{
			OperationID: o.ID, Summary: o.Summary, Responses: openapi3.NewResponses(),
			Extensions: map[string]any{extension: o},
		}
		for _, p := range o.Parameters {
			operation.Parameters = append(operation.Parameters, parameter(p))
		}
		item.SetOperation(o.Method, operation)
	}
	return document
}

func parameter(p *model.Parameter) *openapi3.ParameterRef {
	schema := &openapi3.Schema{Extensions: map[string]any{"x-go-type": p.Type.Outside()}}
	return &openapi3.ParameterRef{Value: &openapi3.Parameter{
		Name: p.Name, In: p.In, Required: p.Required, Style: p.Style, Explode: &p.Explode,
		Schema:     &openapi3.SchemaRef{Value: schema},
		Extensions: map[string]any{"x-go-name": p.GoName},
	}}
}

// operationFunctions are what templates may ask about oapi-codegen's operations.
var operationFunctions = map[string]any{
	"operation": func(d codegen.OperationDefinition) (*model.Operation, error) {
		o, ok := d.Spec.Extensions[extension].(*model.Operation)
		if !ok {
			return nil, fmt.Errorf("operation %s is not the model's", d.OperationId)
		}
		return o, nil
	},
	"hasErrors":  func() bool { return false }, // bound to the model for each run
	"method":     func(method string) string { return method[:1] + strings.ToLower(method[1:]) },
	"hasInput":   func(o *model.Operation) bool { return len(o.Parameters)+len(o.Bodies) > 0 },
	"isStreamed": func(o *model.Operation) bool { return o.Face != nil && o.Face.Transport != "poll" },
	"isStyled": func(p *model.Parameter) bool {
		return p.Type.Slice != nil || p.Type.Map != nil || p.Type.Go == "json.RawMessage"
	},
}
