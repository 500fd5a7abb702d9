package main

import (
	"fmt"
	"regexp"

	"github.com/spf13/cobra"
)

// eventID is what the ids of events look like.
var eventID = regexp.MustCompile(`^[0-9]{1,20}-[0-9]{1,20}$`)

func watchCommand(s streams) *cobra.Command {
	var (
		server remote
		follow = follower{streams: s}
		after  string
	)
	command := &cobra.Command{
		Use:   "watch TASK",
		Short: "Follow a task to its end",
		Args:  arguments(cobra.ExactArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			if after != "" && !eventID.MatchString(after) {
				return usageError{fmt.Errorf("--after %q is no id of an event, such as 7-1234", after)}
			}
			c, err := server.client()
			if err != nil {
				return err
			}
			return follow.follow(command.Context(), c, args[0], after)
		},
	}
	server.flags(command)
	follow.flags(command)
	command.Flags().StringVar(&after, "after", "", "only what comes after this `event`, by its id")
	return command
}
