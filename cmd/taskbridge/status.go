package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/clients/go/resume"
	"github.com/taskbridge/tbgen/gen/model"
)

// The exit statuses, which the package comment promises.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusCancelled   = 3
	statusRefused     = 4
	statusUnreachable = 5
	statusInterrupted = 130
)

// exitStatus ends a command with a status, everything having been said.
type exitStatus int

// Error says the status; it is never shown.
func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError says that the command itself was wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// refusal is a request that the server took and answered with a no.
type refusal string

// Error says why.
func (r refusal) Error() string { return string(r) }

// conclude tells what went wrong, and how to put it right, and returns the exit
// status.
func conclude(ctx context.Context, s streams, command *cobra.Command, err error) int {
	if err == nil {
		return statusDone
	}
	if status, ok := errors.AsType[exitStatus](err); ok {
		return int(status)
	}
	if ctx.Err() != nil {
		return statusInterrupted
	}
	text, status := explain(command, err)
	fmt.Fprintf(s.err, "taskbridge: %s\n", text)
	return status
}

// explain puts an error into words, with advice.
func explain(command *cobra.Command, err error) (text string, status int) {
	if told, ok := errors.AsType[*model.Error](err); ok {
		return explainRefusal(told), statusRefused
	}
	if no, ok := errors.AsType[refusal](err); ok {
		return no.Error(), statusRefused
	}
	if _, ok := errors.AsType[*resume.AnswerError](err); ok {
		return err.Error() + "\nThis does not look like a TaskBridge server: check --url.", statusUnreachable
	}
	if _, ok := errors.AsType[usageError](err); ok || command.Name() == "taskbridge" {
		return err.Error() + "\nSee `" + command.CommandPath() + " --help`.", statusUsage
	}
	return err.Error() + "\nIs a server running there? `taskbridge serve` starts one; --url names another.", statusUnreachable
}

// explainRefusal tells an error of the protocol, with every violation.
func explainRefusal(told *model.Error) string {
	lines := []string{told.Error()}
	for _, v := range violations(told) {
		lines = append(lines, "  "+v.Path+": "+v.Message)
	}
	switch {
	case errors.Is(told, model.ErrAuthenticationError):
		lines = append(lines, "Give a credential with --token; a server started with --auth dev takes dev-NAME for any name.")
	case errors.Is(told, model.ErrTaskNotFound):
		lines = append(lines, "A task of another caller looks the same: check --token, and `taskbridge list`.")
	}
	return strings.Join(lines, "\n")
}

// violations returns what the details of a validation error list.
func violations(told *model.Error) []model.Violation {
	listed, err := json.Marshal(told.Details["errors"])
	if err != nil {
		return nil
	}
	var found []model.Violation
	if json.Unmarshal(listed, &found) != nil {
		return nil
	}
	return found
}
