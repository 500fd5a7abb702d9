// Package model is the one picture of both documents that everything emitted
// is drawn from: types, operations, streams, messages, errors and ports, with
// every Go name decided and every clash of names found.
//
// A Model is built once by [Build] and not changed afterwards.
package model

import (
	"encoding/json"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Model is both documents as one service.
type Model struct {
	Title, Version, Description string
	// Sources are the paths of the documents the model was built from.
	Sources []string
	// Types are the named types of both documents, in the order of their places.
	Types []*Type
	// Records are the named types that only the ports use.
	Records    []*Type
	Interfaces []*Interface
	Operations []*Operation
	Security   []*SecurityScheme
	Streams    []*Stream
	Messages   []*Message
	// Errors is nil where the documents declare no catalogue.
	Errors *Catalogue
	// Schemas is the JSON Schema of every body, parameter and message by name.
	Schemas *Bundle
	// Lifecycles are the states that a schema declares, with their moves.
	Lifecycles []*Lifecycle
	// Scenarios is x-tbgen-scenarios as written, nil without.
	Scenarios json.RawMessage
}

// Build reads the model out of the documents, either of which may be missing
// (a value that does not exist). Whatever it cannot mean is a finding in the
// list; the model is of use only if the list has no errors.
func Build(openapi, asyncapi load.Value, findings *diag.List) *Model {
	b := newBuilder(openapi, asyncapi, findings)
	b.info()
	b.errors()
	b.componentTypes()
	b.operations()
	b.channels()
	b.ports()
	b.finishUnions()
	b.m.Types, b.m.Records = b.types.sorted(Documents), b.types.sorted(Ports)
	return b.m
}

// builder gathers a Model; its parts live in the files named after them.
type builder struct {
	m                 *Model
	openapi, asyncapi load.Value
	findings          *diag.List
	types             *typeTable
}

func newBuilder(openapi, asyncapi load.Value, findings *diag.List) *builder {
	b := &builder{m: &Model{}, openapi: openapi, asyncapi: asyncapi, findings: findings}
	b.types = newTypeTable(findings)
	b.m.Schemas = newBundle(findings)
	return b
}

func (b *builder) info() {
	for _, document := range []load.Value{b.openapi, b.asyncapi} {
		if !document.Exists() {
			continue
		}
		b.m.Sources = append(b.m.Sources, document.File())
		info := document.At("info")
		if b.m.Title == "" {
			b.m.Title, b.m.Version = info.Get("title").Text(), info.Get("version").Text()
			b.m.Description = info.Get("description").Text()
		}
	}
	b.m.Scenarios = nil
	if scenarios := b.openapi.Get("x-tbgen-scenarios"); scenarios.Exists() {
		b.m.Scenarios = scenarios.JSON()
	}
}

// Stream returns the stream of that name, nil if there is none.
func (m *Model) Stream(name string) *Stream {
	for _, s := range m.Streams {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Operation returns the operation of that id, nil if there is none.
func (m *Model) Operation(id string) *Operation {
	for _, o := range m.Operations {
		if o.ID == id {
			return o
		}
	}
	return nil
}
