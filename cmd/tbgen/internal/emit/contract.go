package emit

import (
	"bytes"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/plan"
)

// contractPackage emits the contract plan, embedded in a package that runs it
// against a handler.
func (e *emitter) contractPackage() error {
	t := e.config.Targets.Contract
	p, err := plan.Build(e.model)
	if err != nil {
		return err
	}
	text, err := plan.Embedded(*p).JSON()
	if err != nil {
		return err
	}
	body := &bytes.Buffer{}
	if err := e.render(body, "go/contract/contract.tmpl", e.model); err != nil {
		return err
	}
	e.add(t, "plan.json", generatedJSON(text))
	return e.addGo(goFile{
		target: t, name: "contract.go", body: body,
		doc:     "Package " + t.Package + " holds the contract plan of " + e.model.Title + ", and runs it.",
		imports: append(paths("context", "net/http", "net/http/httptest", runtime+"clients/contract"), goImport{name: "_", path: "embed"}),
	})
}
