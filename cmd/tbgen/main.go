// Command tbgen reads an OpenAPI document and an AsyncAPI document together
// and generates a Go service from them: types, a server stub, the interfaces
// of its stores and services, and a typed client whose streams survive
// disconnects. It also tests any server against the documents by its URL.
//
// Usage:
//
//	tbgen generate [--config tbgen.yaml] [--check] [--format text|json]
//	tbgen test --target URL [--token T] [flags]
//	tbgen version
//
// # generate
//
// Reads the documents that the config names, builds one model of both and
// writes the generated packages. Generated files that nothing generates any
// more are removed; files of others are never touched. If the documents have a
// fault, every fault is told with its file, line and column, and nothing is
// written. With --check nothing is written either: what would change is shown
// as a unified diff.
//
// # test
//
// Runs the contract checks of the documents against a server in any language.
// Every failure says what was expected, what was got and how to see it again.
//
// # Exit status
//
//	0  done, nothing to complain of
//	1  generate --check: generated code is not current; test: a check failed
//	2  bad usage, bad documents, or a server that cannot be reached
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], stdio{out: os.Stdout, err: os.Stderr, color: isTerminal(os.Stdout), errColor: isTerminal(os.Stderr)})
	stop()
	os.Exit(status)
}

// run executes the command line and returns the exit status.
func run(ctx context.Context, args []string, io stdio) int {
	command := rootCommand(io)
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	if status, ok := errors.AsType[exitStatus](err); ok {
		return int(status)
	}
	if err != nil {
		io.sayf("tbgen: %v\n", err)
		return statusUnusable
	}
	return 0
}
