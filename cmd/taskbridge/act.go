package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	client "github.com/taskbridge/tbgen/clients/go"
	"github.com/taskbridge/tbgen/gen/model"
)

func actCommand(s streams) *cobra.Command {
	var (
		server          remote
		suspension, key string
		payload         string
	)
	command := &cobra.Command{
		Use:   "act TASK ACTION",
		Short: "Answer a suspended task",
		Args:  arguments(cobra.ExactArgs(2)),
		RunE: func(command *cobra.Command, args []string) error {
			ctx, taskID := command.Context(), args[0]
			request := model.SubmitActionRequest{ClientActionID: key, SuspendID: suspension, ActionType: args[1]}
			var err error
			if request.Payload, err = s.readJSON("--payload", payload); err != nil {
				return err
			}
			if key == "" {
				request.ClientActionID = rand.Text()
			}
			c, err := server.client()
			if err != nil {
				return err
			}
			if suspension == "" {
				if request.SuspendID, err = onlySuspension(ctx, c, taskID); err != nil {
					return err
				}
			}
			result, err := c.SubmitAction(ctx, taskID, request)
			if err != nil {
				return err
			}
			return s.tellAction(result)
		},
	}
	server.flags(command)
	command.Flags().StringVar(&suspension, "suspension", "", "which suspension, by its `id`; not needed when only one is open")
	command.Flags().StringVar(&payload, "payload", "", "what goes with the action: a `JSON` object, or @FILE")
	command.Flags().StringVar(&key, "id", "", "the idempotency `key`; a new one by default")
	return command
}

// onlySuspension returns the suspension of a task that has just one open.
func onlySuspension(ctx context.Context, c *client.Client, taskID string) (string, error) {
	task, err := c.GetTask(ctx, taskID)
	if err != nil {
		return "", err
	}
	switch open := task.OpenSuspensions; len(open) {
	case 0:
		return "", refusal(fmt.Sprintf("task %s is %s and waits for no answer", taskID, task.Status))
	case 1:
		return open[0].SuspendID, nil
	default:
		var choices []string
		for _, suspension := range open {
			choices = append(choices, fmt.Sprintf("  --suspension %s  (%s: %s)",
				suspension.SuspendID, suspension.ReasonCode, strings.Join(suspension.AllowedActions, ", ")))
		}
		return "", usageError{fmt.Errorf("task %s waits for several answers; say which:\n%s", taskID, strings.Join(choices, "\n"))}
	}
}

// tellAction writes the result; a rejected action is a refusal.
func (s streams) tellAction(result *model.SubmitActionResult) error {
	if err := s.writeJSON(result); err != nil {
		return err
	}
	switch result.Status {
	case model.SubmitActionResultStatusRejectedAlreadyResolved:
		return refusal("suspension " + result.SuspendID + " has been answered by another action, or its task has ended")
	case model.SubmitActionResultStatusRejectedExpired:
		return refusal("suspension " + result.SuspendID + " has expired")
	case model.SubmitActionResultStatusAccepted, model.SubmitActionResultStatusDeduplicated:
	}
	return nil
}
