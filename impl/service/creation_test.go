package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/service"
)

func TestCreateAndRepeat(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	first, err := b.Creation.CreateTask(t.Context(), command("r"))
	must(t, err)
	if first.Status != model.TaskStatusAccepted || first.Deduplicated || first.ClientRequestID != "r" {
		t.Fatalf("result = %+v", first)
	}
	repeat := command("r")
	repeat.Input, repeat.Metadata = json.RawMessage(`{ "a": 1.0 }`), json.RawMessage(`{"other":1}`)
	second, err := b.Creation.CreateTask(t.Context(), repeat)
	must(t, err)
	if second.TaskID != first.TaskID || !second.Deduplicated {
		t.Fatalf("result = %+v", second)
	}
	for _, change := range []func(c *port.TaskCreateCommand){
		func(c *port.TaskCreateCommand) { c.Input = json.RawMessage(`{"a":2}`) },
		func(c *port.TaskCreateCommand) { c.TaskType = "other" },
		func(c *port.TaskCreateCommand) { c.Attachments = []port.TaskAttachment{attachment("a", "b")} },
	} {
		other := command("r")
		change(&other)
		_, err := b.Creation.CreateTask(t.Context(), other)
		refused(t, err, model.ErrorCodeIdempotencyConflict)
	}
	stranger := command("r")
	stranger.Auth = caller("bob")
	third, err := b.Creation.CreateTask(t.Context(), stranger)
	must(t, err)
	if third.TaskID == first.TaskID || third.Deduplicated || len(b.executor.submitted) != 2 {
		t.Fatalf("result = %+v, submitted %v", third, b.executor.submitted)
	}
}

func TestCreateSimultaneously(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	var calls sync.WaitGroup
	results := make(chan model.TaskCreatedResult, 100)
	for range 100 {
		calls.Go(func() {
			result, err := b.Creation.CreateTask(t.Context(), command("r"))
			if err != nil {
				t.Error(err)
			}
			results <- result
		})
	}
	calls.Wait()
	close(results)
	fresh := 0
	for result := range results {
		if !result.Deduplicated {
			fresh++
		}
	}
	if fresh != 1 || len(b.executor.submitted) != 1 || b.metrics.counts["duplicates_total"] != 99 {
		t.Fatalf("%d created, submitted %v, counts %v", fresh, b.executor.submitted, b.metrics.counts)
	}
}

func TestCreateRefusedByTheExecutor(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.executor.refusal = errBroken
	_, err := b.Creation.CreateTask(t.Context(), command("r"))
	coded := refused(t, err, model.ErrorCodeTaskSubmissionError)
	taskID, _ := coded.Details["taskId"].(string)
	events := b.history(t, taskID)
	if len(events) != 1 || !strings.Contains(events[0], `"payload":{"code":"TASK_SUBMISSION_ERROR"`) || strings.Contains(coded.Message+events[0], errBroken.Error()) {
		t.Fatalf("message %q, events %v", coded.Message, events)
	}
	again, err := b.Creation.CreateTask(t.Context(), command("r"))
	must(t, err)
	if again.TaskID != taskID || !again.Deduplicated || again.Status != model.TaskStatusFailed || len(b.executor.submitted) != 1 {
		t.Fatalf("result = %+v", again)
	}
}

// impatient ends its context as soon as the task is stored.
type impatient struct {
	port.TaskRegistry
	leave context.CancelFunc
}

func (r impatient) CreateTask(ctx context.Context, task port.TaskRecord) (port.TaskRecord, bool, error) {
	defer r.leave()
	return r.TaskRegistry.CreateTask(ctx, task)
}

func TestCreateOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t, func(parts *service.Parts) { parts.Tasks = impatient{parts.Tasks, cancel} })
	b.executor.refusal = errBroken
	_, err := b.Creation.CreateTask(ctx, command("r"))
	coded := refused(t, err, model.ErrorCodeTaskSubmissionError)
	if events := b.history(t, coded.Details["taskId"].(string)); len(events) != 1 || ctx.Err() == nil {
		t.Fatalf("events %v", events)
	}
}

func TestCreateOrderOfJudgement(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(parts *service.Parts) { parts.Ownership = auth.DenyAll{} })
	b.executor.violations = []model.Violation{{Path: "/input/x", Message: "is wrong"}}
	large := command("r")
	large.Attachments = []port.TaskAttachment{attachment("a", "more than ten bytes")}
	_, err := b.Creation.CreateTask(t.Context(), large)
	refused(t, err, model.ErrorCodeUploadValidationError)
	many := command("r")
	many.Attachments = []port.TaskAttachment{attachment("a", ""), attachment("b", ""), attachment("c", "")}
	_, err = b.Creation.CreateTask(t.Context(), many)
	refused(t, err, model.ErrorCodeUploadValidationError)
	_, err = b.Creation.CreateTask(t.Context(), command("r"))
	coded := refused(t, err, model.ErrorCodeRequestValidationError)
	if fmt.Sprint(coded.Details["errors"]) != "[{/input/x is wrong}]" {
		t.Fatalf("details = %v", coded.Details)
	}
	b.executor.violations = nil
	_, err = b.Creation.CreateTask(t.Context(), command("r"))
	refused(t, err, model.ErrorCodeTaskOwnershipError)
	if len(b.executor.submitted) != 0 {
		t.Fatal("a refused task was submitted")
	}
}

func TestMissingParts(t *testing.T) {
	t.Parallel()
	if _, err := service.New(service.Parts{}); err == nil || !strings.Contains(err.Error(), "Tasks") {
		t.Fatalf("error = %v", err)
	}
}
