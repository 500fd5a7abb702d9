package schema

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// namesKeyword stands for "propertyNames" in rewritten documents, because the
// validator tells a wrong place of the violations of the latter.
const namesKeyword = "x-propertyNames"

// memberNames is the vocabulary of namesKeyword.
var memberNames = &jsonschema.Vocabulary{
	URL: "mem:///vocabulary/names",
	Subschemas: []jsonschema.SchemaPath{
		{jsonschema.Prop(namesKeyword)},
	},
	Compile: func(ctx *jsonschema.CompilerContext, schema map[string]any) (jsonschema.SchemaExt, error) {
		if _, ok := schema[namesKeyword]; !ok {
			return nil, nil
		}
		return names{ctx.Enqueue([]string{namesKeyword})}, nil
	},
}

func renameMemberNames(schema map[string]any) {
	if rule, ok := schema["propertyNames"]; ok {
		schema[namesKeyword] = rule
		delete(schema, "propertyNames")
	}
}

// names judges the names of an object's members by a schema.
type names struct {
	rule *jsonschema.Schema
}

// Validate implements [jsonschema.SchemaExt].
func (n names) Validate(ctx *jsonschema.ValidatorContext, value any) {
	object, _ := value.(map[string]any)
	for name := range object {
		err := ctx.Validate(n.rule, name, []string{name})
		if found, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
			ctx.AddErrors([]*jsonschema.ValidationError{found}, &kind.PropertyNames{Property: name})
		}
	}
}
