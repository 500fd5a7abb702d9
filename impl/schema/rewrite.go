package schema

import (
	"maps"
	"slices"
)

// The keywords of JSON Schema that hold schemas.
var (
	schemaKeywords = []string{
		"additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
		"propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
	}
	schemaLists = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	schemaMaps  = []string{"$defs", "dependentSchemas", "patternProperties", "properties"}
)

// rewriter prepares a document for the compiler; the document itself stays as
// it is. What it changes means the same but is judged better: tagged unions
// (union.go) and names of members (names.go).
type rewriter struct {
	root map[string]any
}

// schema returns a copy of a schema and of all schemas within it, rewritten.
func (r *rewriter) schema(value any) any {
	original, ok := value.(map[string]any)
	if !ok {
		return value
	}
	schema := maps.Clone(original)
	for _, keyword := range schemaKeywords {
		if inner, ok := schema[keyword]; ok {
			schema[keyword] = r.schema(inner)
		}
	}
	for _, keyword := range schemaLists {
		if list, ok := schema[keyword].([]any); ok {
			list = slices.Clone(list)
			for i, inner := range list {
				list[i] = r.schema(inner)
			}
			schema[keyword] = list
		}
	}
	for _, keyword := range schemaMaps {
		if named, ok := schema[keyword].(map[string]any); ok {
			named = maps.Clone(named)
			for name, inner := range named {
				named[name] = r.schema(inner)
			}
			schema[keyword] = named
		}
	}
	r.union(schema, "oneOf")
	r.union(schema, "anyOf")
	renameMemberNames(schema)
	return schema
}
