package emit

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/config"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// goImport is one import of a generated file; name is "" where the path says it.
type goImport struct{ name, path string }

func named(name, importPath string) goImport {
	if path.Base(importPath) == name {
		name = ""
	}
	return goImport{name, importPath}
}

func (i goImport) String() string {
	return strings.TrimSpace(i.name + " " + strconv.Quote(i.path))
}

// imports are those of one file in groups: the standard library's, those of
// other modules, and those of the module that the code is generated into.
type imports struct{ Groups [][]goImport }

func (e *emitter) group(all []goImport) *imports {
	slices.SortFunc(all, func(a, b goImport) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.name, b.name)) })
	all = slices.Compact(all)
	if len(all) == 0 {
		return nil
	}
	groups := make([][]goImport, 3)
	for _, i := range all {
		first, _, _ := strings.Cut(i.path, "/")
		switch {
		case !strings.Contains(first, "."):
			groups[0] = append(groups[0], i)
		case strings.HasPrefix(i.path+"/", e.config.Module+"/"):
			groups[2] = append(groups[2], i)
		default:
			groups[1] = append(groups[1], i)
		}
	}
	return &imports{slices.DeleteFunc(groups, func(group []goImport) bool { return len(group) == 0 })}
}

// paths are imports whose names their paths say.
func paths(importPaths ...string) []goImport {
	var found []goImport
	for _, p := range importPaths {
		found = append(found, goImport{path: p})
	}
	return found
}

// goFile is one Go file to be written.
type goFile struct {
	target  config.Target
	name    string
	doc     string // of the package; "" where another file has it
	imports []goImport
	body    *bytes.Buffer
}

// addGo formats the file and adds it. A file without a body is left out.
func (e *emitter) addGo(f goFile) error {
	if len(bytes.TrimSpace(f.body.Bytes())) == 0 {
		return nil
	}
	var text bytes.Buffer
	header := map[string]any{
		"Sources": e.model.Sources, "Package": f.target.Package, "Imports": e.group(f.imports), "Doc": comment(f.doc),
	}
	if err := e.render(&text, "go/header.tmpl", header); err != nil {
		return err
	}
	text.Write(f.body.Bytes())
	formatted, err := format.Source(text.Bytes())
	if err != nil {
		return fmt.Errorf("template fault: %s/%s is not Go: %w", f.target.Dir, f.name, err)
	}
	e.add(f.target, f.name, formatted)
	return nil
}

// typeImports are the imports that the expressions need in the package of home.
func (e *emitter) typeImports(home *model.Home, exprs ...*model.Expr) []goImport {
	var found []goImport
	for _, expr := range exprs {
		expr.Walk(func(x *model.Expr) {
			switch {
			case x.Go == "time.Time":
				found = append(found, goImport{path: "time"})
			case x.Go == "json.RawMessage":
				found = append(found, goImport{path: "encoding/json"})
			case x.Named != nil && x.Named.Home == model.Documents && (home == nil || *home != model.Documents):
				found = append(found, e.modelImport())
			}
		})
	}
	return found
}
