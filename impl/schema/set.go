package schema

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Set is the schemas of a document, by name. Each is compiled when it is first
// used. A Set is safe for concurrent use.
type Set struct {
	document map[string]any // as loaded
	defs     map[string]any // its $defs
	compiled sync.Map       // name → *jsonschema.Schema

	mu       sync.Mutex // guards compiler
	compiler *jsonschema.Compiler
}

// location is the address of the document for the compiler.
const location = "mem:///schemas"

// Load reads a JSON document whose member "$defs" holds the schemas: JSON
// Schema 2020-12, formats asserted, references among them as "#/$defs/Name".
// References out of the document are never followed.
func Load(document []byte) (*Set, error) {
	value, err := Parse(document, 0)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	root, _ := value.(map[string]any)
	defs, ok := root["$defs"].(map[string]any)
	if !ok {
		return nil, errors.New(`schema: the document has no object "$defs"`)
	}
	return &Set{document: root, defs: defs}, nil
}

// Names returns the names of the schemas, sorted.
func (s *Set) Names() []string {
	return slices.Sorted(maps.Keys(s.defs))
}

// Compile compiles every schema now and returns what is wrong with any, each
// error with the name of its schema. It is for the tests of a document: to use
// a schema that does not compile is a panic.
func (s *Set) Compile() error {
	var errs []error
	for _, name := range s.Names() {
		if _, err := s.compile(name); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Validate returns everything about value, a tree as [Parse] gives it, that is
// not as the named schema wants it: nothing if it is valid, else violations
// sorted by path. Lengths count code points. Where the schema is a union whose
// branches are told apart by the constant of a member, the violations are those
// of the branch that the value names. A name that the set does not have, and a
// schema that does not compile, are faults of the program and panic.
func (s *Set) Validate(name string, value any) []Violation {
	compiled, err := s.compile(name)
	if err != nil {
		panic(err)
	}
	failure := compiled.Validate(new(numbers).in(value))
	if failure == nil {
		return nil
	}
	found, ok := errors.AsType[*jsonschema.ValidationError](failure)
	if !ok {
		panic(fmt.Errorf("schema: %s: %w", name, failure))
	}
	return flatten(found)
}

// compile returns the named schema, compiled once.
func (s *Set) compile(name string) (*jsonschema.Schema, error) {
	if compiled, ok := s.compiled.Load(name); ok {
		return compiled.(*jsonschema.Schema), nil
	}
	if _, ok := s.defs[name]; !ok {
		return nil, fmt.Errorf("schema: there is no schema %q", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.compiler == nil {
		compiler, err := newCompiler(s.document)
		if err != nil {
			return nil, fmt.Errorf("schema: %w", err)
		}
		s.compiler = compiler
	}
	compiled, err := s.compiler.Compile(location + "#/$defs/" + url.PathEscape(escape(name)))
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", name, err)
	}
	s.compiled.Store(name, compiled)
	return compiled, nil
}

func newCompiler(document map[string]any) (*jsonschema.Compiler, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for _, format := range formats {
		compiler.RegisterFormat(format)
	}
	compiler.RegisterVocabulary(memberNames)
	compiler.AssertVocabs()
	compiler.UseLoader(closed{})
	return compiler, compiler.AddResource(location, (&rewriter{root: document}).schema(document))
}

// closed loads nothing: the document is all there is.
type closed struct{}

func (closed) Load(address string) (any, error) {
	return nil, fmt.Errorf("%s is outside of the document", address)
}

// escape writes a name as a token of a JSON pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
