package model

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Bundle is the JSON Schemas of a service in one document: every schema a
// definition of its own, references between them by "#/$defs/NAME".
type Bundle struct {
	findings *diag.List
	names    map[string]string // by the schema's ID
	bodies   map[string]json.RawMessage
	order    []string
}

func newBundle(findings *diag.List) *Bundle {
	return &Bundle{findings: findings, names: map[string]string{}, bodies: map[string]json.RawMessage{}}
}

// Schema is one definition of a bundle.
type Schema struct {
	Name string
	JSON json.RawMessage
}

// All are the bundle's definitions by name.
func (b *Bundle) All() []Schema {
	var all []Schema
	for _, name := range slices.Sorted(slices.Values(b.order)) {
		all = append(all, Schema{name, b.bodies[name]})
	}
	return all
}

// JSON is the bundle as a document with the one member $defs.
func (b *Bundle) JSON() json.RawMessage {
	var out bytes.Buffer
	out.WriteString(`{"$defs":{`)
	for i, schema := range b.All() {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(load.Quote(schema.Name))
		out.WriteByte(':')
		out.Write(schema.JSON)
	}
	out.WriteString("}}")
	return out.Bytes()
}

// add puts the schema and all it refers to into the bundle, and returns its
// name there: that of what it refers to, else the one given.
func (b *Bundle) add(schema load.Value, name string) string {
	if ref := schema.Ref(); ref != "" && !narrows(schema) {
		name = ref[strings.LastIndexByte(ref, '/')+1:]
		if schema = schema.Follow(); !schema.Exists() {
			return name
		}
	}
	if known, done := b.names[schema.ID()]; done {
		return known
	}
	if _, taken := b.bodies[name]; taken {
		schema.Errorf("schema-declared-twice", "schema %q is declared in two places; declare it in one document and refer to it from the other", name)
		return name
	}
	b.names[schema.ID()] = name
	b.bodies[name] = nil
	b.order = append(b.order, name)
	b.bodies[name] = b.rewrite(schema)
	return name
}

// schemaMaps, schemaLists and schemaValues are the keywords of JSON Schema
// 2020-12 that hold schemas: by name, in a list, alone.
var (
	schemaMaps   = []string{"properties", "patternProperties", "$defs", "dependentSchemas"}
	schemaLists  = []string{"oneOf", "anyOf", "allOf", "prefixItems"}
	schemaValues = []string{"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
	annotations  = []string{"description", "title", "example", "examples", "discriminator", "externalDocs", "deprecated", "xml", "$comment"}
)

// rewrite is a schema's JSON with references turned into the bundle and
// everything left out that judges nothing.
func (b *Bundle) rewrite(schema load.Value) json.RawMessage {
	if !schema.IsMap() {
		return schema.JSON()
	}
	members := object{}
	for keyword, value := range schema.Members() {
		switch {
		case keyword == "$ref":
			members.put(keyword, b.reference(schema))
		case slices.Contains(annotations, keyword), strings.HasPrefix(keyword, "x-"), draft4(schema, keyword):
		case slices.Contains(schemaMaps, keyword):
			inner := object{}
			for name, member := range value.Members() {
				inner.put(name, b.rewrite(member))
			}
			members.put(keyword, inner.json())
		case slices.Contains(schemaLists, keyword):
			members.put(keyword, b.rewriteList(value))
		case slices.Contains(schemaValues, keyword):
			members.put(keyword, b.rewrite(value))
		default:
			members.put(keyword, value.JSON())
		}
	}
	return modern(schema, members)
}

// draft4 reports whether a keyword means in OpenAPI 3.0, which has the
// keywords of an older JSON Schema, what modern puts in another way.
func draft4(schema load.Value, keyword string) bool {
	switch keyword {
	case "nullable":
		return true
	case "minimum":
		return schema.Get("exclusiveMinimum").True()
	case "maximum":
		return schema.Get("exclusiveMaximum").True()
	case "exclusiveMinimum", "exclusiveMaximum":
		return schema.Get(keyword).IsBool()
	default:
		return false
	}
}

// modern is the schema with what OpenAPI 3.0 says in its own way.
func modern(schema load.Value, members object) json.RawMessage {
	for _, bound := range []string{"Minimum", "Maximum"} {
		exclusive, value := "exclusive"+bound, schema.Get(strings.ToLower(bound))
		if schema.Get(exclusive).True() && value.Exists() {
			members.put(exclusive, value.JSON())
		}
	}
	if !schema.Get("nullable").True() {
		return members.json()
	}
	var choice object
	choice.put("anyOf", json.RawMessage("["+string(members.json())+`,{"type":"null"}]`))
	return choice.json()
}

// narrows reports whether a schema has keywords beside its reference that
// judge, which OpenAPI 3.1 and JSON Schema 2020-12 allow.
func narrows(schema load.Value) bool {
	for keyword := range schema.Members() {
		if keyword != "$ref" && !slices.Contains(annotations, keyword) && !strings.HasPrefix(keyword, "x-") {
			return true
		}
	}
	return false
}

// reference is the place in the bundle of what the schema refers to.
func (b *Bundle) reference(schema load.Value) json.RawMessage {
	ref := schema.Ref()
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	if target := schema.Follow(); target.Exists() {
		name = b.add(target, name)
	}
	return load.Quote("#/$defs/" + name)
}

func (b *Bundle) rewriteList(list load.Value) json.RawMessage {
	out := []byte{'['}
	for item := range list.Items() {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, b.rewrite(item)...)
	}
	return append(out, ']')
}

// object writes a JSON object member by member, in the order given.
type object struct{ out bytes.Buffer }

func (o *object) put(name string, value json.RawMessage) {
	if o.out.Len() > 0 {
		o.out.WriteByte(',')
	}
	o.out.Write(load.Quote(name))
	o.out.WriteByte(':')
	o.out.Write(value)
}

func (o *object) json() json.RawMessage {
	return json.RawMessage("{" + o.out.String() + "}")
}
