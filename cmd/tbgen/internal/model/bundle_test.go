package model_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// build is the model of an OpenAPI document with these schemas.
func build(t *testing.T, schemas string) *model.Model {
	t.Helper()
	dir := t.TempDir()
	text := "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n" + schemas
	if err := os.WriteFile(filepath.Join(dir, "doc.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	findings := &diag.List{}
	set := load.NewSet(dir, findings)
	m := model.Build(set.Document("doc.yaml"), load.Value{}, findings)
	if findings.Len() > 0 {
		t.Fatalf("findings: %v", findings.Sorted())
	}
	return m
}

func TestSchemasAreJSONSchema2020(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{type: string, nullable: true}`:                                             `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		`{type: string, nullable: true, enum: [a, b]}`:                               `{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]}`,
		`{type: integer, minimum: 1, exclusiveMinimum: true}`:                        `{"type":"integer","exclusiveMinimum":1}`,
		`{type: integer, minimum: 1, exclusiveMinimum: false}`:                       `{"type":"integer","minimum":1}`,
		`{type: integer, exclusiveMaximum: 9}`:                                       `{"type":"integer","exclusiveMaximum":9}`,
		`{allOf: [{$ref: '#/components/schemas/B'}], nullable: true}`:                `{"anyOf":[{"allOf":[{"$ref":"#/$defs/B"}]},{"type":"null"}]}`,
		`{$ref: '#/components/schemas/B', maxLength: 3, description: d}`:             `{"$ref":"#/$defs/B","maxLength":3}`,
		`{type: object, properties: {nullable: {type: string, example: e}}, x-y: 1}`: `{"type":"object","properties":{"nullable":{"type":"string"}}}`,
	} {
		m := build(t, "    A: "+schema+"\n    B: {type: string}\n")
		if got := string(m.Schemas.All()[0].JSON); got != want {
			t.Errorf("%s is judged by\n%s, want\n%s", schema, got, want)
		}
	}
}

func TestNullableMembersArePointers(t *testing.T) {
	t.Parallel()
	m := build(t, `    A:
      type: object
      required: [s, n, o, l]
      properties:
        s: {type: string}
        n: {type: string, nullable: true}
        o: {nullable: true, allOf: [{$ref: '#/components/schemas/B'}]}
        l: {type: array, nullable: true, items: {type: string}}
    B: {type: object, properties: {x: {type: string}}}
`)
	want := []string{"string", "*string", "*B", "[]string"}
	for i, field := range m.Types[0].Fields {
		if got := field.Type.In(model.Documents); got != want[i] {
			t.Errorf("member %q is %s, want %s", field.JSON, got, want[i])
		}
	}
}
