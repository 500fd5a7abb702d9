package model

import (
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// componentTypes declares the type of every named schema of both documents.
func (b *builder) componentTypes() {
	for _, document := range []load.Value{b.openapi, b.asyncapi} {
		for name, schema := range document.At("components", "schemas").Members() {
			b.expr(schema, name, Documents)
			b.m.Schemas.add(schema, name)
		}
	}
}

// expr is the Go type of a schema. name is what the type is called if it needs
// a name and the schema has none of its own.
func (b *builder) expr(schema load.Value, name string, home Home) *Expr {
	if ref := schema.Ref(); ref != "" {
		target := schema.Follow()
		if !target.Exists() {
			return &Expr{Go: "json.RawMessage"}
		}
		return b.expr(target, ref[strings.LastIndexByte(ref, '/')+1:], homeOf(target))
	}
	if base, null := nullableOf(schema); null {
		found := *b.expr(base, name, home)
		found.Nullable = true
		return &found
	}
	return b.plainExpr(schema, name, home)
}

// homeOf is the package of a schema by its place: what the ports declare for
// themselves is theirs.
func homeOf(schema load.Value) Home {
	if strings.HasPrefix(schema.Pointer(), "/x-tbgen-ports/") {
		return Ports
	}
	return Documents
}

// nullableOf recognises a choice between one schema and null.
func nullableOf(schema load.Value) (load.Value, bool) {
	for _, keyword := range []string{"oneOf", "anyOf"} {
		var others []load.Value
		null := false
		for branch := range schema.Get(keyword).Items() {
			if branch.Get("type").Text() == "null" {
				null = true
				continue
			}
			others = append(others, branch)
		}
		if null && len(others) == 1 {
			return others[0], true
		}
	}
	return schema, false
}

func (b *builder) plainExpr(schema load.Value, name string, home Home) *Expr {
	if known, ok := b.types.byID[schema.ID()]; ok {
		return &Expr{Named: known}
	}
	types := schema.Get("type").Texts()
	nullable := slices.Contains(types, "null") || schema.Get("nullable").True() // the latter is OpenAPI 3.0
	types = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
	found := b.typedExpr(schema, name, home, types)
	if nullable {
		copied := *found
		copied.Nullable = true
		return &copied
	}
	return found
}

func (b *builder) typedExpr(schema load.Value, name string, home Home, types []string) *Expr {
	switch {
	case schema.Get("oneOf").IsList(), schema.Get("anyOf").IsList():
		return b.unionExpr(schema, name, home)
	case schema.Get("allOf").IsList():
		return b.allOfExpr(schema, name, home)
	case len(types) > 1:
		return &Expr{Go: "json.RawMessage"}
	case len(types) == 0:
		return b.untypedExpr(schema, name, home)
	}
	switch types[0] {
	case "object":
		return b.objectExpr(schema, name, home)
	case "array":
		return &Expr{Slice: b.expr(schema.Get("items"), name+"Item", home)}
	case "string":
		return b.stringExpr(schema, name, home)
	case "integer":
		return &Expr{Go: integerType(schema.Get("format").Text())}
	case "number":
		return &Expr{Go: "float64"}
	case "boolean":
		return &Expr{Go: "bool"}
	default:
		schema.Get("type").Errorf("schema-type", "type %q is none of JSON Schema's: object, array, string, integer, number, boolean, null", types[0])
		return &Expr{Go: "json.RawMessage"}
	}
}

// untypedExpr is the type of a schema that does not say it: told by its other
// keywords, else any JSON value.
func (b *builder) untypedExpr(schema load.Value, name string, home Home) *Expr {
	switch {
	case schema.Get("properties").IsMap():
		return b.objectExpr(schema, name, home)
	case schema.Get("items").IsMap():
		return &Expr{Slice: b.expr(schema.Get("items"), name+"Item", home)}
	case lists(schema.Get("enum")) && allStrings(schema.Get("enum")):
		return b.stringExpr(schema, name, home)
	case schema.Get("const").IsString():
		return &Expr{Go: "string"}
	default:
		return &Expr{Go: "json.RawMessage"}
	}
}

// lists reports whether an enum has a value besides null.
func lists(enum load.Value) bool {
	for item := range enum.Items() {
		if !item.IsNull() {
			return true
		}
	}
	return false
}

func allStrings(list load.Value) bool {
	for item := range list.Items() {
		if !item.IsString() {
			return false
		}
	}
	return true
}

func integerType(format string) string {
	switch format {
	case "int32", "int64":
		return format
	default:
		return "int"
	}
}

func (b *builder) stringExpr(schema load.Value, name string, home Home) *Expr {
	if lists(schema.Get("enum")) {
		return &Expr{Named: b.enumType(schema, name, home)}
	}
	switch schema.Get("format").Text() {
	case "date-time":
		return &Expr{Go: "time.Time"}
	case "byte", "binary":
		return &Expr{Go: "[]byte"}
	}
	if schema.Get("contentEncoding").Text() == "base64" || schema.Get("contentMediaType").Text() == "application/octet-stream" {
		return &Expr{Go: "[]byte"}
	}
	return &Expr{Go: "string"}
}

func (b *builder) enumType(schema load.Value, name string, home Home) *Type {
	t := b.newType(schema, name, home, Enum)
	for item := range schema.Get("enum").Items() {
		if item.IsNull() {
			continue
		}
		value := &EnumValue{Name: t.Name + GoName(item.Text()), Value: item.Text()}
		if slices.ContainsFunc(t.Values, func(v *EnumValue) bool { return v.Value == value.Value }) {
			item.Errorf("enum-duplicate", "value %q stands in this enum twice", value.Value)
			continue
		}
		b.types.reserve(home, value.Name, item.Place())
		t.Values = append(t.Values, value)
	}
	t.Lifecycle = b.lifecycle(schema, t)
	return t
}

// objectExpr is a struct where members are declared, a map where only the type
// of the values is, and raw JSON where neither is.
func (b *builder) objectExpr(schema load.Value, name string, home Home) *Expr {
	extra := schema.Get("additionalProperties")
	if !schema.Get("properties").IsMap() {
		if extra.IsMap() && (extra.Get("type").Exists() || extra.Ref() != "") {
			return &Expr{Map: b.expr(extra, name+"Value", home)}
		}
		if !extra.IsScalar() || extra.True() {
			return &Expr{Go: "json.RawMessage"}
		}
	}
	t := b.newType(schema, name, home, Struct)
	b.fields(t, schema, home)
	return &Expr{Named: t}
}

// allOfExpr is the one part of a lone allOf, else a struct with the members of
// all parts.
func (b *builder) allOfExpr(schema load.Value, name string, home Home) *Expr {
	parts := slices.Collect(schema.Get("allOf").Items())
	if len(parts) == 1 && !schema.Get("properties").IsMap() {
		return b.expr(parts[0], name, home)
	}
	t := b.newType(schema, name, home, Struct)
	for _, part := range append(parts, schema) {
		target := part.Follow()
		if target.Exists() && !target.Get("properties").IsMap() && part.ID() != schema.ID() {
			part.Errorf("allof-unsupported", "allOf of something else than objects with properties is not supported here")
			continue
		}
		b.fields(t, target, home)
	}
	return &Expr{Named: t}
}

func (b *builder) newType(schema load.Value, name string, home Home, kind Kind) *Type {
	return b.types.declare(schema.ID(), &Type{
		Name: GoName(name), Home: home, Kind: kind, Schema: name,
		Doc: docOf(schema), Place: schema.Place(),
	})
}

func docOf(v load.Value) string {
	if text := v.Get("description").Text(); text != "" {
		return strings.TrimSpace(text)
	}
	return strings.TrimSpace(v.Get("title").Text())
}

func (b *builder) fields(t *Type, schema load.Value, home Home) {
	required := schema.Get("required").Texts()
	for member, value := range schema.Get("properties").Members() {
		if slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.JSON == member }) {
			continue // a later part of an allOf repeats a member of an earlier one
		}
		target := value.Follow()
		if constant := target.Get("const"); constant.Exists() {
			t.Constants = append(t.Constants, &Constant{Name: GoName(member), JSON: member, Value: string(constant.JSON())})
			continue
		}
		field := &Field{
			Name: GoName(member), JSON: member, Doc: docOf(value),
			Required: slices.Contains(required, member), Type: b.expr(value, t.Schema+"_"+member, home),
		}
		if field.Doc == "" && field.Type.Named == nil {
			field.Doc = docOf(target) // a named type says it itself
		}
		if !field.Required || field.Type.Nullable {
			field.Type = field.Type.optional()
		}
		b.clash(t, field, value)
		if field.Type.hidesUnion() {
			value.Errorf("union-place", "member %q holds a union within a map or a list of lists, which is not supported; give the inner object a schema of its own", member)
		}
		t.Fields = append(t.Fields, field)
	}
}

// clash reports a member that Go cannot have beside the others, or at all.
func (b *builder) clash(t *Type, field *Field, value load.Value) {
	if strings.ContainsAny(field.JSON, "\"\\`,") {
		value.Errorf("member-name", "member %q has a character that a Go struct tag cannot hold", field.JSON)
	}
	for _, other := range t.Fields {
		if other.Name == field.Name {
			value.Errorf("name-clash", "members %q and %q would both be called %s in Go", other.JSON, field.JSON, field.Name)
		}
	}
}
