package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/config"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/lint"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// documents are the flags of every command that reads the documents.
type documents struct {
	stdio  stdio
	config string
	format string
}

func (d *documents) flags(command *cobra.Command) {
	command.Flags().StringVarP(&d.config, "config", "c", config.DefaultFile, "the config `file`")
	command.Flags().StringVar(&d.format, "format", "text", "how findings are told: text or json")
}

// read reads config and documents into a model. Findings are told here; if one
// is an error, read returns the exit status.
func (d *documents) read() (*model.Model, *config.Config, error) {
	if d.format != "text" && d.format != "json" {
		return nil, nil, fmt.Errorf("--format is text or json, not %q", d.format)
	}
	c, err := config.Read(d.config)
	if err != nil {
		return nil, nil, err
	}
	findings := &diag.List{}
	set := load.NewSet(c.Root, findings)
	m := d.build(set, c, findings)
	if err := d.tell(set, findings); err != nil {
		return nil, nil, err
	}
	if findings.HasErrors() {
		return nil, nil, exitStatus(statusUnusable)
	}
	return m, c, nil
}

// build goes on from stage to stage while there is something to go on with.
func (d *documents) build(set *load.Set, c *config.Config, findings *diag.List) *model.Model {
	var openapi, asyncapi load.Value
	if c.OpenAPI != "" {
		openapi = set.Document(c.OpenAPI)
	}
	if c.AsyncAPI != "" {
		asyncapi = set.Document(c.AsyncAPI)
	}
	if findings.HasErrors() {
		return nil
	}
	lint.Check(openapi, asyncapi)
	return model.Build(openapi, asyncapi, findings)
}

func (d *documents) tell(set *load.Set, findings *diag.List) error {
	if d.format == "json" {
		return findings.WriteJSON(d.stdio.out)
	}
	return findings.WriteText(d.stdio.err, set.Source, d.stdio.errColor)
}
