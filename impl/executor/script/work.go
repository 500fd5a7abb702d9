package script

import (
	"context"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/executor"
	"github.com/taskbridge/tbgen/impl/rules"
)

// work runs the tasks of an executor.
type work struct{ clock executor.Clock }

var (
	_ port.TaskWork           = work{}
	_ port.TaskInputValidator = work{}
)

// ValidateTask implements [port.TaskInputValidator].
func (w work) ValidateTask(_ context.Context, command port.TaskCreateCommand) ([]model.Violation, error) {
	if command.TaskType != TypeScript {
		return nil, nil
	}
	_, violations := parse(command.Input)
	return violations, nil
}

// Run implements [port.TaskWork].
func (w work) Run(ctx context.Context, task port.TaskRecord, handle port.TaskHandle) error {
	steps, err := stepsOf(task)
	if err != nil {
		return err
	}
	_, err = play{work: w, handle: handle}.steps(ctx, steps)
	return err
}

func stepsOf(task port.TaskRecord) ([]step, error) {
	if task.TaskType != TypeScript {
		return demonstration(task)
	}
	parsed, violations := parse(task.Input)
	if len(violations) > 0 {
		return nil, &executor.Failure{Code: "MALFORMED_SCRIPT", Message: violations[0].Path + " " + violations[0].Message}
	}
	return parsed.Steps, nil
}

// demonstration is the course of a task whose type means nothing: it says its input again.
func demonstration(task port.TaskRecord) ([]step, error) {
	result, err := codec.Marshal(map[string]any{"echo": task.Input})
	if err != nil {
		return nil, err
	}
	pause := step{SleepMS: new(whole(50))}
	return []step{
		{Progress: &model.TaskProgressPayload{Progress: 10, Stage: new("reading")}}, pause,
		{Progress: &model.TaskProgressPayload{Progress: 50, Stage: new("working")}}, pause,
		{Message: &model.TaskMessagePayload{Message: "half done", Level: new(model.TaskMessageLevelInfo)}}, pause,
		{Progress: &model.TaskProgressPayload{Progress: 90, Stage: new("writing")}}, pause,
		{Complete: &model.TaskCompletedPayload{Result: result}},
	}, nil
}

// play is one task's run through its steps.
type play struct {
	work
	handle port.TaskHandle
}

// steps runs steps until the last one, one that ends the task, or an error.
func (p play) steps(ctx context.Context, steps []step) (ended bool, err error) {
	for _, each := range steps {
		if ended, err = p.step(ctx, each); ended || err != nil {
			return ended, err
		}
	}
	return false, ctx.Err()
}

func (p play) step(ctx context.Context, s step) (ended bool, err error) {
	switch {
	case s.Progress != nil:
		return false, p.handle.Progress(ctx, *s.Progress)
	case s.Message != nil:
		return false, p.handle.Message(ctx, *s.Message)
	case s.SleepMS != nil:
		return false, executor.Sleep(ctx, p.clock, time.Duration(*s.SleepMS)*time.Millisecond)
	case s.Repeat != nil:
		return p.repeat(ctx, *s.Repeat)
	case s.Suspend != nil:
		return false, p.suspend(ctx, *s.Suspend)
	case s.Complete != nil:
		return true, p.handle.Complete(ctx, *s.Complete)
	case s.Fail != nil:
		return true, p.handle.Fail(ctx, *s.Fail)
	default:
		<-ctx.Done()
		return true, ctx.Err()
	}
}

func (p play) repeat(ctx context.Context, r repeat) (ended bool, err error) {
	for range r.Times {
		if ended, err = p.steps(ctx, r.Steps); ended || err != nil {
			return ended, err
		}
	}
	return false, nil
}

// suspend asks, and tells the answer.
func (p play) suspend(ctx context.Context, s suspend) error {
	payload := model.TaskSuspendedPayload{
		SuspendID: s.SuspendID, Kind: s.Kind, ReasonCode: s.ReasonCode, AllowedActions: s.AllowedActions,
		SchemaVersion: int(s.SchemaVersion), UIHints: s.UIHints, Interaction: s.Interaction,
	}
	if s.ExpiresInMS != nil {
		payload.ExpiresAt = new(rules.Instant(p.clock.Now().Add(time.Duration(*s.ExpiresInMS) * time.Millisecond)))
	}
	action, err := p.handle.Suspend(ctx, payload)
	if err != nil {
		return err
	}
	answer, err := codec.Marshal(action.Payload)
	if err != nil {
		return err
	}
	return p.handle.Message(ctx, model.TaskMessagePayload{Message: action.ActionType + " " + string(answer)})
}
