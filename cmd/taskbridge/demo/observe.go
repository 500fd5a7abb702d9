package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	client "github.com/taskbridge/tbgen/clients/go"
	"github.com/taskbridge/tbgen/clients/go/resume"
	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
	"github.com/taskbridge/tbgen/gen/model"
)

// script is what the task does: it works, asks, works on and completes.
const script = `{"steps": [
	{"progress": {"progress": 10, "stage": "load"}}, {"sleepMs": 150},
	{"progress": {"progress": 30, "stage": "load"}}, {"sleepMs": 150},
	{"message": {"message": "everything is loaded", "level": "info"}}, {"sleepMs": 150},
	{"progress": {"progress": 50, "stage": "compute"}}, {"sleepMs": 150},
	{"suspend": {"suspendId": "s1", "kind": "USER_ACTION_REQUIRED", "reasonCode": "CONFIRM",
		"allowedActions": ["approve", "reject"], "schemaVersion": 1, "expiresInMs": 60000}},
	{"progress": {"progress": 80, "stage": "publish"}}, {"sleepMs": 150},
	{"progress": {"progress": 100, "stage": "publish"}},
	{"complete": {"result": {"published": true}}}
]}`

// torn is how much of the next frame passes before the first cut: enough to
// begin it, too little to end it.
const torn = 40

// observe runs the task and cuts the connection twice: in the middle of the
// frame after the second progress, and while the task waits for its answer. It
// returns the events that came.
func (d *demo) observe(ctx context.Context, s *stage) (taskID string, seen []model.TaskEvent, err error) {
	c, err := client.New(s.proxyURL, client.WithToken("dev-alice"))
	if err != nil {
		return "", nil, err
	}
	created, err := c.CreateTask(ctx, model.TaskCreateRequest{
		ClientRequestID: rand.Text(), TaskType: "script", Input: json.RawMessage(script),
	})
	if err != nil {
		return "", nil, fmt.Errorf("create the task: %w", err)
	}
	printer := show.NewTerminal(d.out, show.Style{Color: d.color})
	for event, err := range c.Observe(ctx, created.TaskID, resume.WithHooks(marks(printer))) {
		if err != nil {
			return "", nil, fmt.Errorf("observe the task: %w", err)
		}
		if err := printer.Event(event); err != nil {
			return "", nil, err
		}
		seen = append(seen, event)
		if err := d.interfere(ctx, s, c, event, printer); err != nil {
			return "", nil, err
		}
	}
	return created.TaskID, seen, printer.Close()
}

// marks shows where the connection was cut and where it went on.
func marks(printer show.Printer) resume.Hooks {
	return resume.Hooks{
		Cut: func(cut resume.Cut) {
			_ = printer.Note(fmt.Sprintf("✂ cut (%s) after event %s", cut.Transport, cut.Cursor))
		},
		Connected: func(on resume.Connected) {
			if on.After != "" {
				_ = printer.Note(fmt.Sprintf("↻ goes on (%s) after event %s", on.Transport, on.After))
			}
		},
	}
}

// interfere does what the plot asks for when the event has come.
func (d *demo) interfere(ctx context.Context, s *stage, c *client.Client, event model.TaskEvent, printer show.Printer) error {
	switch e := event.(type) {
	case model.TaskProgressEvent:
		if e.Payload.Progress == 30 {
			s.proxy.CutAfter(torn)
		}
	case model.TaskSuspendedEvent:
		s.proxy.CutAfter(0)
		if err := printer.Note("the answer goes out over a connection of its own: approve"); err != nil {
			return err
		}
		_, err := c.SubmitAction(ctx, e.TaskID, model.SubmitActionRequest{
			ClientActionID: rand.Text(), SuspendID: e.Payload.SuspendID, ActionType: "approve",
			Payload: json.RawMessage(`{"by":"alice"}`),
		})
		return err
	}
	return nil
}

// compare holds what came through the cuts against what the server has kept.
func (d *demo) compare(ctx context.Context, s *stage, taskID string, seen []model.TaskEvent) error {
	c, err := client.New(s.serverURL, client.WithToken("dev-alice"))
	if err != nil {
		return err
	}
	kept, err := c.PollEvents(ctx, taskID, client.PollEventsParams{})
	if err != nil {
		return fmt.Errorf("read the events again: %w", err)
	}
	if cuts := s.proxy.Cuts(); cuts != 2 {
		return fmt.Errorf("the connection was cut %d times, not twice", cuts)
	}
	if !slices.Equal(ids(seen), ids(kept.Events)) || kept.HasMore {
		return errors.New("what came is not what the server has: " + fmt.Sprint(ids(seen), " and ", ids(kept.Events)))
	}
	fmt.Fprintln(d.out)
	d.say(fmt.Sprintf("%d events through 2 cuts: each came once, in order, and none is missing.", len(seen)))
	return nil
}

func ids(events []model.TaskEvent) []string {
	found := make([]string, len(events))
	for i, event := range events {
		found[i] = event.Header().EventID
	}
	return found
}
