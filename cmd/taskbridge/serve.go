package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/host"
)

// grace is how long a stopping server waits for what is going on.
const grace = 10 * time.Second

func serveCommand(s streams) *cobra.Command {
	var options host.Options
	command := &cobra.Command{
		Use:   "serve",
		Short: "Run the reference server",
		Long: `serve runs the reference server until it is interrupted. When it accepts
connections it says so on the standard error, in one line with its URL; port 0
takes a free one. Tasks of the type script do what their input says; the type
unsubmittable refuses every task; any other type runs a short demonstration.

With --auth dev the credential dev-NAME belongs to NAME, whoever gives it: that
is for development alone.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			options.Logger = slog.New(slog.NewTextHandler(s.err, nil))
			return serve(command.Context(), options)
		},
	}
	command.Flags().StringVar(&options.Listen, "listen", "127.0.0.1:8080", "the `address` to accept connections on")
	command.Flags().StringVar(&options.Store, "store", host.StoreMemory, "where tasks are kept: memory, until the server stops")
	command.Flags().StringVar(&options.Auth, "auth", host.AuthDev, "who may call: dev, everybody by any name")
	return command
}

// serve runs a server until the context ends.
func serve(ctx context.Context, options host.Options) error {
	h, err := host.Start(ctx, options)
	if err != nil {
		return usageError{err}
	}
	options.Logger.InfoContext(ctx, "accepting connections", slog.String("url", h.URL()))
	select {
	case <-ctx.Done():
	case <-h.Done():
		return h.Stop(ctx)
	}
	options.Logger.InfoContext(ctx, "stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return h.Stop(stopping)
}
