package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// stdio is where a command writes, and whether it may do so in colour.
type stdio struct {
	out, err        io.Writer
	color, errColor bool
}

// sayf tells a person something beside the output. That nobody can be told is
// no reason to fail.
func (s stdio) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.err, format, args...)
}

// exitStatus ends the program with a status, everything having been said.
type exitStatus int

const (
	// statusFindings says that the work was done and found something wrong.
	statusFindings exitStatus = 1
	// statusUnusable says that the work could not be done.
	statusUnusable = 2
)

// Error says the status; it is never shown.
func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// isTerminal reports whether a person reads the file, who has not asked for
// no colour (https://no-color.org).
func isTerminal(file *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))
}

func rootCommand(stdio stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "tbgen",
		Short: "Generate a Go service from an OpenAPI and an AsyncAPI document, and test any server against them",
		Long: `tbgen reads an OpenAPI document (every HTTP operation) and an AsyncAPI document
(every stream message) together, as one model, and generates a Go server stub,
store and service interfaces, and a typed client whose streams survive every
disconnect. It also tests a server in any language against the documents.`,
		Example: `  tbgen generate
  tbgen generate --check
  tbgen test --target http://127.0.0.1:8080 --token dev-alice`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(stdio.out)
	root.SetErr(stdio.err)
	root.AddCommand(generateCommand(stdio), testCommand(stdio), versionCommand(stdio))
	return root
}

func versionCommand(stdio stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(stdio.out, "tbgen", version())
			return err
		},
	}
}

// version is the module's version as built, "devel" from a working copy.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
