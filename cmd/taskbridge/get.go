package main

import "github.com/spf13/cobra"

func getCommand(s streams) *cobra.Command {
	var server remote
	command := &cobra.Command{
		Use:   "get TASK",
		Short: "Show a task as it is now",
		Args:  arguments(cobra.ExactArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			c, err := server.client()
			if err != nil {
				return err
			}
			task, err := c.GetTask(command.Context(), args[0])
			if err != nil {
				return err
			}
			return s.writeJSON(task)
		},
	}
	server.flags(command)
	return command
}
