package main

import (
	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/gen/model"
)

func cancelCommand(s streams) *cobra.Command {
	var (
		server remote
		reason string
	)
	command := &cobra.Command{
		Use:   "cancel TASK",
		Short: "Ask for the end of a task",
		Args:  arguments(cobra.ExactArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			c, err := server.client()
			if err != nil {
				return err
			}
			request := &model.CancelTaskRequest{}
			if reason != "" {
				request.Reason = &reason
			}
			result, err := c.CancelTask(command.Context(), args[0], request)
			if err != nil {
				return err
			}
			return s.writeJSON(result)
		},
	}
	server.flags(command)
	command.Flags().StringVar(&reason, "reason", "", "why, for whoever watches the task")
	return command
}
