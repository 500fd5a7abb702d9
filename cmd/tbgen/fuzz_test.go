package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/config"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/emit"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// FuzzGenerate gives the generator any document: it either has findings, or
// the files that it emits are Go.
func FuzzGenerate(f *testing.F) {
	for _, seed := range []string{"orders/openapi.yaml", "findings/unions/openapi.yaml", "findings/errors/openapi.yaml", "findings/operation-id-twice/openapi.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("openapi: 3.1.0\npaths: {/a/{b}: {get: {parameters: [{}], requestBody: {content: {application/json: true}}, responses: {'200': true}}}}")
	f.Add("openapi: 3.1.0\ncomponents: {schemas: {A: true, B: {type: [object, string]}, C: {allOf: [true]}, D: {oneOf: []}, E: {properties: {x: {$ref: '#/components/schemas/E'}}}}}")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "openapi.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := &config.Config{OpenAPI: "openapi.yaml", Module: "example.org/m", Root: dir, Targets: config.Targets{
			Model:  config.Target{Dir: "gen/model", Package: "model"},
			Port:   config.Target{Dir: "gen/port", Package: "port"},
			Server: config.Target{Dir: "gen/server", Package: "server"},
			Client: config.Target{Dir: "gen/client", Package: "client"},
		}}
		findings := &diag.List{}
		m := new(documents).build(load.NewSet(dir, findings), c, findings)
		if findings.HasErrors() {
			return
		}
		if _, err := emit.Emit(m, c); err != nil {
			t.Error(err)
		}
	})
}
