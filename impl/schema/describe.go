package schema

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Property is a member that an object schema declares.
type Property struct {
	Name     string
	Type     string // as [Set.Type] has it
	Required bool
}

// Default returns the default that the named schema, or the one it refers to,
// declares.
func (s *Set) Default(name string) (json.RawMessage, bool) {
	for schema := range follow(s.document, s.defs[name]) {
		if value, ok := schema["default"]; ok {
			text, err := codec.Marshal(value)
			return text, err == nil
		}
	}
	return nil, false
}

// Type returns the JSON type of the named schema: the first that it, or a
// schema it refers to, names and that is not null; of a constant or an
// enumeration the type of its first value. It is "" when there is none.
func (s *Set) Type(name string) string {
	return typeOf(s.document, s.defs[name], 0)
}

// Items returns the JSON type of the items of the named array schema, as
// [Set.Type] has it.
func (s *Set) Items(name string) string {
	for schema := range follow(s.document, s.defs[name]) {
		if items, ok := schema["items"]; ok {
			return typeOf(s.document, items, 0)
		}
	}
	return ""
}

// Properties returns the members that the named object schema declares, with
// those of the schemas that it refers to and that all of it must match, sorted
// by name.
func (s *Set) Properties(name string) []Property {
	found := map[string]Property{}
	for schema := range follow(s.document, s.defs[name]) {
		properties, _ := schema["properties"].(map[string]any)
		for member, value := range properties {
			property := found[member]
			if property.Type == "" {
				property.Type = typeOf(s.document, value, 0)
			}
			found[member] = property
		}
	}
	for schema := range follow(s.document, s.defs[name]) {
		for _, member := range texts(schema["required"]) {
			if property, ok := found[member]; ok {
				property.Required = true
				found[member] = property
			}
		}
	}
	sorted := make([]Property, 0, len(found))
	for _, member := range slices.Sorted(maps.Keys(found)) {
		property := found[member]
		property.Name = member
		sorted = append(sorted, property)
	}
	return sorted
}

// follow yields the schema and every one that a value of it must match too:
// what it refers to and the parts of its allOf.
func follow(document map[string]any, schema any) iter.Seq[map[string]any] {
	return func(yield func(map[string]any) bool) {
		seen := map[string]bool{}
		var walk func(schema any) bool
		walk = func(schema any) bool {
			object, ok := schema.(map[string]any)
			if !ok {
				return true
			}
			if !yield(object) {
				return false
			}
			if ref, ok := object["$ref"].(string); ok && !seen[ref] {
				seen[ref] = true
				if !walk(lookup(document, ref)) {
					return false
				}
			}
			parts, _ := object["allOf"].([]any)
			for _, part := range parts {
				if !walk(part) {
					return false
				}
			}
			return true
		}
		walk(schema)
	}
}

// lookup returns what a reference within the document points at, nil if that
// is nothing.
func lookup(document map[string]any, ref string) any {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	var value any = document
	for token := range strings.SplitSeq(pointer, "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch container := value.(type) {
		case map[string]any:
			value = container[token]
		case []any:
			index, err := strconv.Atoi(token)
			if err != nil || index < 0 || index >= len(container) {
				return nil
			}
			value = container[index]
		default:
			return nil
		}
	}
	return value
}

// maxAlternatives bounds the way through unions of unions.
const maxAlternatives = 8

func typeOf(document map[string]any, schema any, depth int) string {
	if depth > maxAlternatives {
		return ""
	}
	for part := range follow(document, schema) {
		if named := declaredType(part); named != "" {
			return named
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			branches, _ := part[keyword].([]any)
			for _, branch := range branches {
				if named := typeOf(document, branch, depth+1); named != "" && named != "null" {
					return named
				}
			}
		}
	}
	return ""
}

// declaredType is the type that a schema itself names or shows.
func declaredType(schema map[string]any) string {
	names := texts(schema["type"])
	for _, name := range names {
		if name != "null" {
			return name
		}
	}
	if len(names) > 0 {
		return "null"
	}
	if value, ok := schema["const"]; ok {
		return jsonType(value)
	}
	if values, ok := schema["enum"].([]any); ok && len(values) > 0 {
		return jsonType(values[0])
	}
	return ""
}

// texts returns the strings that value is or holds.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var found []string
		for _, element := range value {
			if text, ok := element.(string); ok {
				found = append(found, text)
			}
		}
		return found
	default:
		return nil
	}
}

func jsonType(value any) string {
	switch value := value.(type) {
	case string:
		return "string"
	case json.Number:
		if _, ok := codec.Integer(string(value)); ok {
			return "integer"
		}
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	default:
		return "null"
	}
}
