package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	client "github.com/taskbridge/tbgen/clients/go"
	"github.com/taskbridge/tbgen/gen/model"
)

// largestPage is the most that the document allows on one page.
const largestPage = 100

func listCommand(s streams) *cobra.Command {
	var (
		server           remote
		status, taskType string
		limit            int
	)
	command := &cobra.Command{
		Use:   "list",
		Short: "List your tasks, newest first",
		Args:  arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if limit < 1 {
				return usageError{errors.New("--limit is at least 1")}
			}
			c, err := server.client()
			if err != nil {
				return err
			}
			params := client.ListTasksParams{}
			if status != "" {
				params.Status = new(model.TaskStatus(status))
			}
			if taskType != "" {
				params.TaskType = &taskType
			}
			tasks, err := collect(command.Context(), c, params, limit)
			if err != nil {
				return err
			}
			return s.tellTasks(tasks)
		},
	}
	server.flags(command)
	command.Flags().StringVar(&status, "status", "", "only tasks in this state, such as RUNNING")
	command.Flags().StringVar(&taskType, "type", "", "only tasks of this type")
	command.Flags().IntVar(&limit, "limit", 20, "how many tasks, at most")
	return command
}

// collect reads page after page until there are as many tasks as asked for.
func collect(ctx context.Context, c *client.Client, params client.ListTasksParams, limit int) ([]model.Task, error) {
	var tasks []model.Task
	for len(tasks) < limit {
		params.Limit = new(min(limit-len(tasks), largestPage))
		page, err := c.ListTasks(ctx, params)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, page.Tasks...)
		if page.NextPageToken == nil {
			break
		}
		params.PageToken = page.NextPageToken
	}
	return tasks, nil
}

// tellTasks writes a table for a person, and else a task a line as JSON.
func (s streams) tellTasks(tasks []model.Task) error {
	if !s.person {
		for _, task := range tasks {
			if err := s.writeJSON(task); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TASK\tTYPE\tSTATUS\tCREATED")
	for _, task := range tasks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n",
			task.TaskID, plain(task.TaskType), task.Status, task.CreatedAt.Local().Format(time.DateTime))
	}
	return table.Flush()
}

// plain quotes a text that would not stay in its cell.
func plain(text string) string {
	if quoted := strconv.QuoteToGraphic(text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}
