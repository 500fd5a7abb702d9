// Package memory keeps tasks, their events, suspensions and receipts in the memory of one
// process. It is for tests and for small hosts that may lose everything when they stop. It is
// bounded: in events per task, where the oldest give way and readers are told, and in bytes in
// all, where finished tasks give way first.
package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

// Settings are a store's bounds. The zero value stands for the defaults.
type Settings struct {
	// MaxEvents is how many events of a task are retained; 1000 by default.
	MaxEvents int
	// MaxBytes is how many bytes all tasks may take, as far as their content goes; 256 MiB by
	// default. Beyond it the tasks that finished first are deleted, then the oldest events of
	// the tasks that write, and when no finished task is left, new ones are refused. A running
	// task can always write its next event.
	MaxBytes int64
	// Now is the clock that stamps records and judges expiry; time.Now by default.
	Now func() time.Time
}

// Store is all four stores in one. Its methods are those of the ports.
type Store struct {
	settings Settings
	done     chan struct{}

	mu       sync.RWMutex
	closed   bool
	tasks    map[string]*task
	keys     map[key]*task
	owners   map[string][]*task // oldest first
	finished []*task            // those finished first, first
	pending  []*suspension      // hand-offs, those resolved first, first
	created  uint64             // tasks there ever were
	bytes    int64
}

var (
	_ port.TaskRegistry       = (*Store)(nil)
	_ port.EventStore         = (*Store)(nil)
	_ port.SuspensionStore    = (*Store)(nil)
	_ port.ActionReceiptStore = (*Store)(nil)
)

type key struct{ ownerID, clientRequestID string }

// task is a task with all that belongs to it. It is guarded by the store's lock.
type task struct {
	record      port.TaskRecord // attachments without content
	contents    [][]byte        // of the attachments
	ordinal     uint64          // its place in the order of creation
	finishedAt  time.Time
	events      []port.EventRecord // those retained
	last        uint64             // number of the newest event
	suspensions []*suspension      // in the order in which they were opened
	receipts    map[string]port.TaskActionReceipt
	changed     chan struct{} // closed at the next change; nil while nobody waits
	bytes       int64
}

type suspension struct{ port.TaskSuspensionRecord }

// New makes an empty store.
func New(settings Settings) *Store {
	if settings.MaxEvents <= 0 {
		settings.MaxEvents = 1000
	}
	if settings.MaxBytes <= 0 {
		settings.MaxBytes = 256 << 20
	}
	if settings.Now == nil {
		settings.Now = time.Now
	}
	return &Store{
		settings: settings,
		done:     make(chan struct{}),
		tasks:    map[string]*task{},
		keys:     map[key]*task{},
		owners:   map[string][]*task{},
	}
}

// Close wakes all who wait and makes every further call fail. It may be called more than once.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
}

var (
	errClosed  = model.NewError(model.ErrorCodeTaskbridgeError, "the store is closed")
	errFull    = model.NewError(model.ErrorCodeTaskbridgeError, "the store is full")
	errUnknown = model.NewError(model.ErrorCodeTaskNotFound, "there is no such task")
	errLimit   = model.NewError(model.ErrorCodeInvalidRequest, "a limit must be at least 1")
)

// ready says why no call may go on, if so. The lock is held.
func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return errClosed
	}
	return ctx.Err()
}

// find gives a task. The lock is held.
func (s *Store) find(ctx context.Context, taskID string) (*task, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if found, ok := s.tasks[taskID]; ok {
		return found, nil
	}
	return nil, errUnknown
}

// now gives the time as records keep it.
func (s *Store) now() time.Time { return rules.Instant(s.settings.Now()) }

func (t *task) key() key { return key{t.record.OwnerID, t.record.ClientRequestID} }

func (t *task) wake() {
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// CheckReadiness implements [port.ReadinessProbe]: a store is ready until it is closed.
func (s *Store) CheckReadiness(context.Context) (port.ReadinessReport, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	details := fmt.Appendf(nil, `{"tasks":%d,"bytes":%d}`, len(s.tasks), s.bytes)
	return port.ReadinessReport{Ready: !s.closed, Details: details}, nil
}
