// Package service holds the services of a TaskBridge host, one per concern, over the ports alone.
package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// Parts are what services are made of. Stores, executor and policies are required.
type Parts struct {
	Tasks       port.TaskRegistry
	Events      port.EventStore
	Suspensions port.SuspensionStore
	Receipts    port.ActionReceiptStore
	// Executor does the work. One that is a port.TaskInputValidator too is asked before a task
	// is created.
	Executor  port.TaskExecutor
	Ownership port.OwnershipPolicy
	Uploads   port.UploadPolicy
	// Metrics takes the services' measurements.
	Metrics port.MetricsSink
	// Logger gets what callers are not told; slog.Default() by default.
	Logger *slog.Logger
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// TaskLifetime is how long a finished task is kept; 24 hours by default.
	TaskLifetime time.Duration
	// ReceiptLifetime is how long the receipt of an action is kept; by default as long as its
	// task.
	ReceiptLifetime time.Duration
}

// Services are all services of a host.
type Services struct {
	Creation       port.TaskCreationService
	Query          port.TaskQueryService
	Subscription   port.TaskSubscriptionService
	Cancellation   port.TaskCancellationService
	Action         port.TaskActionService
	Resume         port.TaskResumeService
	Reconciliation port.TaskResumeReconciliationService
	Retention      port.TaskRetentionService
}

// New makes the services. A required part that is missing is an error.
func New(parts Parts) (*Services, error) {
	if err := parts.check(); err != nil {
		return nil, err
	}
	b := base{parts.withDefaults()}
	resume := resumer{b}
	return &Services{
		Creation: creator{b}, Query: reader{b}, Subscription: subscriber{b}, Cancellation: canceller{b},
		Action: actor{b, resume}, Resume: resume, Reconciliation: reconciler{b, resume}, Retention: retainer{b},
	}, nil
}

func (p Parts) check() error {
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"Tasks", p.Tasks == nil}, {"Events", p.Events == nil}, {"Suspensions", p.Suspensions == nil},
		{"Receipts", p.Receipts == nil}, {"Executor", p.Executor == nil}, {"Ownership", p.Ownership == nil},
		{"Uploads", p.Uploads == nil}, {"Metrics", p.Metrics == nil},
	} {
		if part.missing {
			return errors.New("service: Parts." + part.name + " is missing")
		}
	}
	return nil
}

func (p Parts) withDefaults() Parts {
	if p.Logger == nil {
		p.Logger = slog.Default()
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.TaskLifetime == 0 {
		p.TaskLifetime = 24 * time.Hour
	}
	return p
}

// base is what every service stands on.
type base struct{ Parts }

// errUnknown is the one answer for tasks and suspensions that are unknown, and for tasks that
// the caller may not see.
var errUnknown = model.NewError(model.ErrorCodeTaskNotFound, "there is no such task")

// access gives a task that the caller may see.
func (b base) access(ctx context.Context, auth port.AuthContext, taskID string) (port.TaskRecord, error) {
	task, err := b.Tasks.GetTask(ctx, taskID)
	if err == nil {
		err = b.Ownership.AssertTaskAccess(ctx, auth, task)
	}
	if hidden(err) {
		return port.TaskRecord{}, errUnknown
	}
	return task, err
}

// hidden tells whether an error is one of the kind that is told as errUnknown: what the store
// does not find and what the policy refuses.
func hidden(err error) bool {
	return errors.Is(err, model.ErrTaskNotFound) || errors.Is(err, model.ErrTaskOwnershipError)
}

func (b base) count(ctx context.Context, name string, tags map[string]string) {
	b.Metrics.IncrementCounter(ctx, name, 1, tags)
}
