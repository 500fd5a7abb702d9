package main

import (
	"crypto/rand"

	"github.com/spf13/cobra"

	"github.com/taskbridge/tbgen/gen/model"
)

func runCommand(s streams) *cobra.Command {
	var (
		server          remote
		follow          = follower{streams: s}
		input, metadata string
		key             string
		detach          bool
	)
	command := &cobra.Command{
		Use:   "run TYPE",
		Short: "Create a task and follow it to its end",
		Long: `run creates a task and follows it to its end. With the same --id the same task
is found again instead of a second one being made, however often it is tried.`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			request := model.TaskCreateRequest{ClientRequestID: key, TaskType: args[0]}
			var err error
			if request.Input, err = s.readJSON("--input", input); err != nil {
				return err
			}
			if request.Metadata, err = s.readJSON("--metadata", metadata); err != nil {
				return err
			}
			if key == "" {
				request.ClientRequestID = rand.Text()
			}
			c, err := server.client()
			if err != nil {
				return err
			}
			created, err := c.CreateTask(command.Context(), request)
			if err != nil {
				return err
			}
			if detach {
				return s.writeJSON(created)
			}
			return follow.follow(command.Context(), c, created.TaskID, "")
		},
	}
	server.flags(command)
	follow.flags(command)
	command.Flags().StringVar(&input, "input", "", "the task's input: a `JSON` object, or @FILE")
	command.Flags().StringVar(&metadata, "metadata", "", "what to remember with the task: a `JSON` object, or @FILE")
	command.Flags().StringVar(&key, "id", "", "the idempotency `key`; a new one by default")
	command.Flags().BoolVar(&detach, "detach", false, "print the task and leave it to itself")
	return command
}
