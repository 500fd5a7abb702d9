// Package executor does the work of tasks in this process: a bounded pool that runs a
// [port.TaskWork] for each, writes the start and, whatever the work does, an end.
//
// A task that is submitted waits for one of the pool's seats, is started, and holds the seat until
// it ends, except while it is suspended. A request for cancellation ends the context of the work,
// which should then return; if it has not by the end of the settings' patience, the task is
// cancelled without it.
package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// Settings are what a pool is made of. The stores, Work and Metrics are required.
type Settings struct {
	Tasks       port.TaskRegistry
	Events      port.EventStore
	Suspensions port.SuspensionStore
	// Work does the tasks. If it is a port.TaskInputValidator too, it judges their input.
	Work    port.TaskWork
	Metrics port.MetricsSink
	// Logger gets what the tasks' owners are not told; slog.Default() by default.
	Logger *slog.Logger
	// Clock is the system's by default.
	Clock Clock
	// Workers is how many tasks run at once, suspended ones not counted; 1024 by default.
	Workers int
	// Limit is how many tasks the pool takes at once, waiting and suspended ones included;
	// further ones are refused. 100,000 by default.
	Limit int
	// Patience is how long cancelled work may take to return; 5 s by default.
	Patience time.Duration
}

// Pool is an executor in this process.
type Pool struct {
	settings Settings
	seats    chan struct{}
	alive    sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	runs    map[string]*run
}

var (
	_ port.TaskExecutor       = (*Pool)(nil)
	_ port.TaskInputValidator = (*Pool)(nil)
)

// Why the context of a piece of work ends.
var (
	errCancelled = errors.New("the task was cancelled")
	errEnded     = errors.New("the task has ended")
	errStopped   = errors.New("the executor was stopped")
)

// New makes a pool. A required part that is missing is an error.
func New(settings Settings) (*Pool, error) {
	if settings.Tasks == nil || settings.Events == nil || settings.Suspensions == nil || settings.Work == nil || settings.Metrics == nil {
		return nil, errors.New("executor: Tasks, Events, Suspensions, Work and Metrics are required")
	}
	settings = settings.withDefaults()
	return &Pool{settings: settings, seats: make(chan struct{}, settings.Workers), runs: map[string]*run{}}, nil
}

func (s Settings) withDefaults() Settings {
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	if s.Clock == nil {
		s.Clock = SystemClock{}
	}
	if s.Workers <= 0 {
		s.Workers = 1024
	}
	if s.Limit <= 0 {
		s.Limit = 100_000
	}
	if s.Patience <= 0 {
		s.Patience = 5 * time.Second
	}
	return s
}

// ValidateTask implements [port.TaskInputValidator].
func (p *Pool) ValidateTask(ctx context.Context, command port.TaskCreateCommand) ([]model.Violation, error) {
	if validator, ok := p.settings.Work.(port.TaskInputValidator); ok {
		return validator.ValidateTask(ctx, command)
	}
	return nil, nil
}

// SubmitTask implements [port.TaskExecutor].
func (p *Pool) SubmitTask(ctx context.Context, task port.TaskRecord) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		return model.NewError(model.ErrorCodeTaskSubmissionError, "the executor has stopped")
	case len(p.runs) >= p.settings.Limit:
		return model.NewError(model.ErrorCodeTaskSubmissionError, "the executor is full")
	}
	if _, taken := p.runs[task.TaskID]; taken {
		return nil
	}
	started := newRun(context.WithoutCancel(ctx), p, task)
	p.runs[task.TaskID] = started
	p.alive.Go(started.live)
	return nil
}

// RequestCancellation implements [port.TaskExecutor].
func (p *Pool) RequestCancellation(_ context.Context, task port.TaskRecord) error {
	if found := p.find(task.TaskID); found != nil {
		found.cancel(errCancelled)
	}
	return nil
}

// ResumeTask implements [port.TaskExecutor]. The work finds the action in the store; here it is
// only said whether the work is here to find it.
func (p *Pool) ResumeTask(_ context.Context, task port.TaskRecord, _ port.TaskSuspensionRecord) error {
	if p.find(task.TaskID) == nil {
		return model.NewError(model.ErrorCodeTaskbridgeError, "the task does not run in this process")
	}
	return nil
}

// Stop refuses further tasks, fails those that have not ended, as retryable, and waits until all
// work has returned or the context ends, whose error it then returns.
func (p *Pool) Stop(ctx context.Context) error {
	p.mu.Lock()
	p.stopped = true
	for _, each := range p.runs {
		each.cancel(errStopped)
	}
	p.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		p.alive.Wait()
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pool) find(taskID string) *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.runs[taskID]
}

func (p *Pool) forget(taskID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.runs, taskID)
}

// CheckReadiness implements [port.ReadinessProbe]: a pool is ready while it takes tasks.
func (p *Pool) CheckReadiness(context.Context) (port.ReadinessReport, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	details := fmt.Appendf(nil, `{"tasks":%d,"limit":%d}`, len(p.runs), p.settings.Limit)
	return port.ReadinessReport{Ready: !p.stopped && len(p.runs) < p.settings.Limit, Details: details}, nil
}
