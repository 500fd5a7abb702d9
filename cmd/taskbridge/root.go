package main

import (
	"cmp"
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	client "github.com/taskbridge/tbgen/clients/go"
	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// person says that out is a terminal, and style what it can do.
	person bool
	style  show.Style
}

// execute runs the command that the arguments name and returns the exit status.
func execute(ctx context.Context, args []string, s streams) int {
	root := &cobra.Command{
		Use:   "taskbridge",
		Short: "Serve, run and watch long-running tasks",
		Long: `taskbridge is the reference server of the TaskBridge protocol and its client on
the command line. A task is created once and then observed as a sequence of
events until it ends; a connection may drop at any byte, and nothing is lost.`,
		Example: `  taskbridge serve &
  taskbridge run greeting --input '{"name":"you"}'
  taskbridge run script --input '{"steps":[{"progress":{"progress":50}},{"complete":{"result":{}}}]}'`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		serveCommand(s), runCommand(s), watchCommand(s), actCommand(s), cancelCommand(s), getCommand(s), listCommand(s),
	)
	called, err := root.ExecuteContextC(ctx)
	return conclude(ctx, s, called, err)
}

// remote is the server that a command calls, as its flags say.
type remote struct {
	url, token string
}

func (r *remote) flags(command *cobra.Command) {
	command.Flags().StringVar(&r.url, "url", cmp.Or(os.Getenv("TASKBRIDGE_URL"), "http://127.0.0.1:8080"),
		"the `URL` of the server, also TASKBRIDGE_URL")
	command.Flags().StringVar(&r.token, "token", cmp.Or(os.Getenv("TASKBRIDGE_TOKEN"), "dev-local"),
		"the credential, also TASKBRIDGE_TOKEN")
	// A credential from the environment is nobody's business in a help text.
	command.Flag("token").DefValue = "dev-local"
}

// client returns a client of the server.
func (r *remote) client() (*client.Client, error) {
	c, err := client.New(r.url, client.WithToken(r.token))
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// arguments turns a complaint about the arguments into a usageError.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
