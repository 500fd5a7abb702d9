package emit

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/config"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// modelPackage emits the types of both documents and their errors.
func (e *emitter) modelPackage() error {
	t := e.config.Targets.Model
	if err := e.types(t, model.Documents, e.model.Types, "Package "+t.Package+" holds the types of "+e.model.Title+".\n\n"+e.model.Description); err != nil {
		return err
	}
	if e.model.Errors == nil {
		return nil
	}
	f := goFile{target: t, name: "errors.go", body: &bytes.Buffer{}, imports: paths("maps", "time", runtime+"impl/codec")}
	if err := e.render(f.body, "go/model/errors.tmpl", e.model.Errors); err != nil {
		return err
	}
	return e.addGo(f)
}

// types emits named types, one file for each kind. The package's doc stands on
// the first file that there is.
func (e *emitter) types(t config.Target, home model.Home, types []*model.Type, doc string) error {
	files := []struct {
		kind     model.Kind
		name     string
		template string
	}{
		{model.Enum, "enums.go", "go/model/enum.tmpl"},
		{model.Struct, "objects.go", "go/model/struct.tmpl"},
		{model.Union, "unions.go", "go/model/union.tmpl"},
	}
	for _, file := range files {
		chosen := slices.DeleteFunc(slices.Clone(types), func(t *model.Type) bool {
			return t.Kind != file.kind || isHeader(t, types)
		})
		f := goFile{target: t, name: file.name, doc: doc, body: &bytes.Buffer{}}
		if err := renderAll(e, f.body, file.template, chosen); err != nil {
			return err
		}
		f.imports = e.importsOfTypes(home, chosen)
		if len(chosen) > 0 {
			doc = ""
		}
		if err := e.addGo(f); err != nil {
			return err
		}
	}
	return nil
}

// isHeader reports whether the type is emitted with its union.
func isHeader(t *model.Type, all []*model.Type) bool {
	return slices.ContainsFunc(all, func(u *model.Type) bool { return u.Union != nil && u.Union.Header == t })
}

func (e *emitter) importsOfTypes(home model.Home, types []*model.Type) []goImport {
	var found []goImport
	for _, t := range types {
		for _, f := range t.OwnFields() {
			found = append(found, e.typeImports(&home, f.Type)...)
		}
		if len(t.Constants) > 0 {
			found = append(found, goImport{path: runtime + "impl/codec"})
		}
		if len(unionFields(t)) > 0 {
			found = append(found, paths("encoding/json", runtime+"impl/codec")...)
		}
		if t.Union != nil {
			found = append(found, paths("bytes", "encoding/json", runtime+"impl/codec")...)
			if t.Union.Header != nil {
				for _, f := range t.Union.Header.Fields {
					found = append(found, e.typeImports(&home, f.Type)...)
				}
			}
		}
	}
	return found
}

// portPackage emits the interfaces written by hand, with their records.
func (e *emitter) portPackage() error {
	t := e.config.Targets.Port
	doc := "Package " + t.Package + " holds the interfaces that a host of " + e.model.Title + " implements, and the records they pass."
	if err := e.types(t, model.Ports, e.model.Records, doc); err != nil {
		return err
	}
	byKind := map[string][]*model.Interface{}
	for _, i := range e.model.Interfaces {
		byKind[i.Kind] = append(byKind[i.Kind], i)
	}
	home := model.Ports
	for _, kind := range slices.Sorted(keys(byKind)) {
		f := goFile{target: t, name: plural(kind) + ".go", body: &bytes.Buffer{}, imports: paths("context")}
		if err := renderAll(e, f.body, "go/port/interface.tmpl", byKind[kind]); err != nil {
			return err
		}
		for _, i := range byKind[kind] {
			for _, m := range i.Methods {
				for _, a := range slices.Concat(m.Parameters, m.Results) {
					f.imports = append(f.imports, e.typeImports(&home, a.Type)...)
				}
			}
		}
		if err := e.addGo(f); err != nil {
			return err
		}
	}
	return nil
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

func plural(kind string) string {
	if stem, found := strings.CutSuffix(kind, "y"); found {
		return stem + "ies"
	}
	return kind + "s"
}

// headerOf is the header that a struct embeds, nil for none.
func headerOf(t *model.Type) *model.Type {
	if t.ArmOf == nil {
		return nil
	}
	return t.ArmOf.Union.Union.Header
}

// unionFields are the fields that encoding/json cannot read by itself.
func unionFields(t *model.Type) []*model.Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f *model.Field) bool {
		return !f.Type.IsUnion() && (f.Type.Slice == nil || !f.Type.Slice.IsUnion())
	})
}

// unmarshalOf is the function that reads a union.
func unmarshalOf(union string) string {
	prefix, name, found := strings.Cut(union, ".")
	if !found {
		return "Unmarshal" + prefix
	}
	return prefix + ".Unmarshal" + name
}

// constantType is the Go type of a constant member.
func constantType(c *model.Constant) string {
	switch {
	case c.Tag != nil:
		return strings.TrimSuffix(c.Tag.Name, model.GoName(c.Tag.Value))
	case strings.HasPrefix(c.Value, `"`):
		return "string"
	case c.Value == "true", c.Value == "false":
		return "bool"
	default:
		return "json.Number"
	}
}

func constantValue(c *model.Constant) string {
	switch constantType(c) {
	case "string", "bool":
		return c.Value
	case "json.Number":
		return "json.Number(" + strconv.Quote(c.Value) + ")"
	default:
		return c.Tag.Name
	}
}

// statusErrors are the errors that share a status.
type statusErrors struct {
	Status int
	Errors []*model.Error
}

func byStatus(c *model.Catalogue) []statusErrors {
	var groups []statusErrors
	for _, e := range c.Errors {
		i := slices.IndexFunc(groups, func(g statusErrors) bool { return g.Status == e.Status })
		if i < 0 {
			groups = append(groups, statusErrors{Status: e.Status, Errors: []*model.Error{e}})
			continue
		}
		groups[i].Errors = append(groups[i].Errors, e)
	}
	slices.SortFunc(groups, func(a, b statusErrors) int { return cmp.Compare(a.Status, b.Status) })
	return groups
}

func retryable(c *model.Catalogue) []*model.Error {
	return slices.DeleteFunc(slices.Clone(c.Errors), func(e *model.Error) bool { return !e.Retryable })
}

// codeName is the constant of an error's code.
func codeName(c *model.Catalogue, code string) string {
	return c.Field(c.Code).Type.Named.ValueName(code)
}

// hasTime reports whether a struct has a time among its fields.
func hasTime(t *model.Type) bool {
	return slices.ContainsFunc(t.Fields, func(f *model.Field) bool { return f.Type.Go == "time.Time" })
}

// wireType is the type that a field is written as: messages have times with
// milliseconds at least, which encoding/json leaves out where they are zero.
func wireType(f *model.Field, home model.Home) string {
	if f.Type.Go != "time.Time" {
		return f.Type.In(home)
	}
	if f.Type.Pointer {
		return "*codec.Time"
	}
	return "codec.Time"
}

func wireValue(f *model.Field) string {
	switch {
	case f.Type.Go != "time.Time":
		return "v." + f.Name
	case f.Type.Pointer:
		return "(*codec.Time)(v." + f.Name + ")"
	default:
		return "codec.Time(v." + f.Name + ")"
	}
}
