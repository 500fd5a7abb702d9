package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	client "github.com/taskbridge/tbgen/clients/go"
	"github.com/taskbridge/tbgen/clients/go/resume"
	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
	"github.com/taskbridge/tbgen/gen/model"
)

// attempts is how often in a row a connection may fail before a command gives
// up: with the pauses between them, a few minutes.
const attempts = 20

// follower follows tasks as the flags of a command say.
type follower struct {
	streams
	transport resume.Transport
	json      bool
}

func (f *follower) flags(command *cobra.Command) {
	command.Flags().TextVar(&f.transport, "transport", resume.Auto, "how events come: auto, ws, sse or poll")
	command.Flags().BoolVar(&f.json, "json", false, "one JSON event a line, on a terminal as well")
}

func (f *follower) printer() show.Printer {
	if f.json || !f.person {
		return show.NewLines(f.out, f.err)
	}
	return show.NewTerminal(f.out, f.style)
}

// follow shows the events of the task after the cursor until its end. A task
// that did not complete gives an exit status.
func (f *follower) follow(ctx context.Context, c *client.Client, taskID, after string) error {
	printer := f.printer()
	cursor, end, err := f.drain(ctx, c, taskID, after, printer)
	if err = errors.Join(err, printer.Close()); err != nil {
		if ctx.Err() != nil {
			f.tellHowToGoOn(taskID, cursor)
		}
		return err
	}
	if end != "" {
		return outcome(end)
	}
	task, err := c.GetTask(ctx, taskID)
	if err != nil {
		return err
	}
	return outcome(task.Status)
}

// tellHowToGoOn tells whoever stopped watching that the task does not stop.
func (f *follower) tellHowToGoOn(taskID, cursor string) {
	command := "taskbridge watch " + taskID
	if cursor != "" {
		command += " --after " + cursor
	}
	fmt.Fprintf(f.err, "taskbridge: the task goes on; watch it from here with `%s`\n", command)
}

// drain shows the events until there are no more, and returns the last cursor
// and, if the end was among them, how the task ended.
func (f *follower) drain(
	ctx context.Context, c *client.Client, taskID, after string, printer show.Printer,
) (cursor string, end model.TaskStatus, err error) {
	cursor = after
	var failed error // of the printer, found while the sequence was being asked
	hooks := resume.Hooks{Cut: func(cut resume.Cut) {
		failed = errors.Join(failed, printer.Note(fmt.Sprintf("connection lost (%s): %v; again in %s",
			cut.Transport, cut.Err, cut.Pause.Round(time.Millisecond))))
	}}
	for event, err := range c.Observe(ctx, taskID, resume.After(after), resume.WithTransport(f.transport),
		resume.WithAttempts(attempts), resume.WithHooks(hooks)) {
		if broken, ok := errors.AsType[*resume.EventError](err); ok {
			failed = errors.Join(failed, printer.Note(broken.Error()))
			continue
		}
		if err = errors.Join(err, failed); err != nil {
			return cursor, "", err
		}
		if err := printer.Event(event); err != nil {
			return cursor, "", err
		}
		cursor, end = event.Header().EventID, ending(event)
	}
	return cursor, end, failed
}

// ending returns the status that an event ends its task with, if it does.
func ending(event model.TaskEvent) model.TaskStatus {
	switch event.(type) {
	case model.TaskCompletedEvent:
		return model.TaskStatusCompleted
	case model.TaskFailedEvent:
		return model.TaskStatusFailed
	case model.TaskCancelledEvent:
		return model.TaskStatusCancelled
	default:
		return ""
	}
}

// outcome turns the end of a task into the command's.
func outcome(status model.TaskStatus) error {
	switch status {
	case model.TaskStatusFailed:
		return exitStatus(statusFailed)
	case model.TaskStatusCancelled:
		return exitStatus(statusCancelled)
	case model.TaskStatusAccepted, model.TaskStatusRunning, model.TaskStatusCompleted:
	}
	return nil
}
