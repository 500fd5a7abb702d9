package emit

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
	"github.com/taskbridge/tbgen/templates"
)

// parsed are all templates, by their path.
var parsed = sync.OnceValues(func() (map[string]*template.Template, error) {
	found := map[string]*template.Template{}
	err := fs.WalkDir(templates.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates.FS, path)
		if err != nil {
			return err
		}
		found[path], err = template.New(path).Funcs(functions).Funcs(clientFunctions).Funcs(operationFunctions).Parse(string(text))
		return err
	})
	return found, err
})

// render writes the template's text for the data.
func (e *emitter) render(out *bytes.Buffer, path string, data any) error {
	all, err := parsed()
	if err != nil {
		return fmt.Errorf("template fault: %w", err)
	}
	t, known := all[path]
	if !known {
		return fmt.Errorf("template fault: there is no %s", path)
	}
	if err := t.Execute(out, data); err != nil {
		return fmt.Errorf("template fault: %w", err)
	}
	return nil
}

// renderAll writes the template once for each of the items, a blank line between.
func renderAll[T any](e *emitter, out *bytes.Buffer, path string, items []T) error {
	for _, item := range items {
		out.WriteByte('\n')
		if err := e.render(out, path, item); err != nil {
			return err
		}
	}
	return nil
}

// functions are what templates may ask besides the model's own methods.
var functions = template.FuncMap{
	"join":          strings.Join,
	"quote":         strconv.Quote,
	"backquote":     backquote,
	"comment":       comment,
	"godoc":         godoc,
	"methodDoc":     methodDoc,
	"operationDoc":  operationDoc,
	"errorDoc":      errorDoc,
	"responseDoc":   responseDoc,
	"unionDoc":      unionDoc,
	"goName":        model.GoName,
	"varName":       model.VarName,
	"headerOf":      headerOf,
	"unionFields":   unionFields,
	"hasTime":       hasTime,
	"wireType":      wireType,
	"wireValue":     wireValue,
	"unmarshalOf":   unmarshalOf,
	"constantType":  constantType,
	"constantValue": constantValue,
	"byStatus":      byStatus,
	"retryable":     retryable,
	"codeName":      codeName,
	"violationsKey": violationsKey,
	"hasSocket":     hasSocket,
	"dict":          dict,
	"isSink":        func(i *model.Interface) bool { return i.Kind == "sink" },
}

// backquote is the text as a raw Go string, or a quoted one where it cannot be raw.
func backquote(text string) string {
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// dict is a map for the data of a nested template: names and values in turn.
func dict(pairs ...any) map[string]any {
	found := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		found[pairs[i].(string)] = pairs[i+1]
	}
	return found
}
