package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/clients/contract"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/plan"
)

// testFlags are the flags of tbgen test.
type testFlags struct {
	documents
	options   contract.Options
	reports   []string
	printPlan bool
	list      bool
}

func testCommand(stdio stdio) *cobra.Command {
	test := &testFlags{documents: documents{stdio: stdio}}
	command := &cobra.Command{
		Use:   "test --target URL",
		Short: "Test a server against the documents, by its URL",
		Long: `test drives a server in any language by its URL and judges it by the documents:
every operation's answers against their schemas, and every stream's events over
each of its transports, resumed from every position. It touches only what it
creates itself. Each failure says what was expected, what was got and how to see
it again.`,
		Example: `  tbgen test --target http://127.0.0.1:8080 --token dev-alice
  tbgen test --target https://staging.example.org/api --token "$TOKEN" --report junit=build/contract.xml
  tbgen test --target http://127.0.0.1:8080 --token dev-alice --only 'stream.*'
  tbgen test --list`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return test.run(command.Context()) },
	}
	test.flags(command)
	flags := command.Flags()
	flags.StringVar(&test.options.Target, "target", "", "base `URL` of the server")
	flags.StringVar(&test.options.Token, "token", "", "credential of the caller; default: $TBGEN_TOKEN")
	flags.StringVar(&test.options.OtherToken, "other-token", "", "credential of somebody else; default: $TBGEN_OTHER_TOKEN")
	flags.StringSliceVar(&test.options.Only, "only", nil, "run the checks whose ids match one of these `globs`")
	flags.StringSliceVar(&test.options.Skip, "skip", nil, "leave out the checks whose ids match one of these `globs`")
	flags.DurationVar(&test.options.Patience, "patience", 10*time.Second, "longest wait for one answer or event")
	flags.IntVar(&test.options.Parallel, "parallel", 8, "checks at a time")
	flags.StringSliceVar(&test.reports, "report", nil, "write a report, `FORMAT=FILE`: json, junit, html or text")
	flags.BoolVar(&test.printPlan, "print-plan", false, "print the plan as JSON and run nothing")
	flags.BoolVar(&test.list, "list", false, "list the checks and run nothing")
	return command
}

func (t *testFlags) run(ctx context.Context) error {
	if t.list {
		return t.listChecks()
	}
	m, _, err := t.read()
	if err != nil {
		return err
	}
	p, err := plan.Build(m)
	if err != nil {
		return err
	}
	if t.printPlan {
		text, err := p.JSON()
		if err == nil {
			_, err = fmt.Fprintf(t.stdio.out, "%s\n", text)
		}
		return err
	}
	if t.options.Target == "" {
		return errors.New("--target is missing: give the base URL of the server")
	}
	return t.judge(ctx, p)
}

// judge runs the plan and tells what came of it.
func (t *testFlags) judge(ctx context.Context, p *contract.Plan) error {
	reports, err := t.parseReports()
	if err != nil {
		return err
	}
	t.options.Token = cmp.Or(t.options.Token, os.Getenv("TBGEN_TOKEN"))
	t.options.OtherToken = cmp.Or(t.options.OtherToken, os.Getenv("TBGEN_OTHER_TOKEN"))
	if t.stdio.errColor { // a person waits
		t.options.Progress = func(p contract.Progress) {
			t.stdio.sayf("\r%d of %d", p.Done, p.Total)
		}
	}
	report, err := contract.Run(ctx, p, t.options)
	if t.options.Progress != nil {
		t.stdio.sayf("\r\x1b[K")
	}
	if err != nil {
		return err
	}
	if err := report.WriteText(t.stdio.out, t.stdio.color); err != nil {
		return err
	}
	for _, r := range reports {
		if err := os.MkdirAll(filepath.Dir(r.file), 0o750); err != nil {
			return err
		}
		if err := report.Save(r.format, r.file); err != nil {
			return err
		}
	}
	if report.ExitCode() != 0 {
		return exitStatus(report.ExitCode())
	}
	return nil
}

// reportFile is one report asked for.
type reportFile struct{ format, file string }

func (t *testFlags) parseReports() ([]reportFile, error) {
	var found []reportFile
	for _, text := range t.reports {
		format, file, ok := strings.Cut(text, "=")
		switch {
		case !ok || file == "":
			return nil, fmt.Errorf("--report %q is not of the form FORMAT=FILE", text)
		case format != "json" && format != "junit" && format != "html" && format != "text":
			return nil, fmt.Errorf("--report %q: the format is json, junit, html or text", text)
		}
		found = append(found, reportFile{format, file})
	}
	return found, nil
}

// listChecks prints the catalogue, a check a line.
func (t *testFlags) listChecks() error {
	for _, check := range contract.Catalogue() {
		if _, err := fmt.Fprintf(t.stdio.out, "%-40s %-6s %s\n", check.ID, check.Level, check.Sentence); err != nil {
			return err
		}
	}
	return nil
}
