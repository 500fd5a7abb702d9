// Package emit turns a model into files: a pure function, deterministic and
// offline. It decides no name; it knows, and does not guess, what each file
// imports.
package emit

import (
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/config"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/output"
)

// runtime is the module path of the packages that generated code stands on.
const runtime = "github.com/taskbridge/tbgen/"

// Emit returns the files of all targets the config wants, paths relative to
// the config's root. An error is a fault of a template, not of the documents.
func Emit(m *model.Model, c *config.Config) ([]output.File, error) {
	e := &emitter{model: m, config: c}
	targets := []struct {
		target config.Target
		emit   func() error
	}{
		{c.Targets.Model, e.modelPackage},
		{c.Targets.Port, e.portPackage},
		{c.Targets.Server, e.serverPackage},
		{c.Targets.Client, e.clientPackage},
		{c.Targets.Contract, e.contractPackage},
	}
	for _, t := range targets {
		if !t.target.Wanted() {
			continue
		}
		if err := t.emit(); err != nil {
			return nil, err
		}
	}
	return e.files, nil
}

// emitter gathers the files; each target has a Go file of its own.
type emitter struct {
	model  *model.Model
	config *config.Config
	files  []output.File
}

// add appends a generated file of a target.
func (e *emitter) add(t config.Target, name string, content []byte) {
	e.files = append(e.files, output.File{Path: t.Dir + "/" + name, Content: content})
}

// modelImport is the import of the package of the documents' types.
func (e *emitter) modelImport() goImport {
	return named("model", e.config.Import(e.config.Targets.Model))
}
