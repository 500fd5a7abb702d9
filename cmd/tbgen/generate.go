package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/emit"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/output"
)

func generateCommand(stdio stdio) *cobra.Command {
	generate := &generateFlags{documents: documents{stdio: stdio}}
	command := &cobra.Command{
		Use:   "generate",
		Short: "Generate the packages that the config names",
		Long: `generate reads the documents that the config names, builds one model of both and
writes the generated packages. Generated files that nothing generates any more
are removed; files of others are never touched. A fault in the documents is told
with its place, and nothing is written.`,
		Example: `  tbgen generate
  tbgen generate --config api/tbgen.yaml
  tbgen generate --check            # in CI: exit 1 and a diff if code is not current`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return generate.run() },
	}
	generate.flags(command)
	command.Flags().BoolVar(&generate.check, "check", false, "write nothing, show what would change, exit 1 if anything would")
	return command
}

type generateFlags struct {
	documents
	check bool
}

func (g *generateFlags) run() error {
	m, c, err := g.read()
	if err != nil {
		return err
	}
	files, err := emit.Emit(m, c)
	if err != nil {
		return err
	}
	changes, err := output.Plan(c.Root, files, c.Dirs())
	if err != nil {
		return err
	}
	if g.check {
		return g.showDrift(changes)
	}
	if err := changes.Apply(); err != nil {
		return err
	}
	return g.summary(changes, len(files))
}

// showDrift prints what is not current.
func (g *generateFlags) showDrift(changes *output.Changes) error {
	if len(changes.List()) == 0 {
		return nil
	}
	if err := changes.Diff(g.stdio.out, g.stdio.color); err != nil {
		return err
	}
	g.stdio.sayf("tbgen: %d generated files are not current; run tbgen generate\n", len(changes.List()))
	return statusFindings
}

func (g *generateFlags) summary(changes *output.Changes, total int) error {
	for _, change := range changes.List() {
		if _, err := fmt.Fprintf(g.stdio.out, "%s %s\n", change.Kind, change.Path); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(g.stdio.out, "%d files, %d changed\n", total, len(changes.List()))
	return err
}
