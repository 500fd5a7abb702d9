package stream

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// signal is something that has happened to a subscription.
type signal uint8

const (
	news  signal = 1 << iota // there may be something to read
	beat                     // the heartbeat is due
	drain                    // the process is about to end
	over                     // the context has ended
	gone                     // the client is gone, or the process cuts it
)

// Subscription reads one stream for one client, and pushes what it finds into a [Sink]. It has
// no goroutine of its own: one runs only while there is something to do.
type Subscription struct {
	hub       *Hub
	spec      *Spec
	source    Source
	transport string
	key       string
	sink      Sink
	interval  time.Duration // of heartbeats

	ctx    context.Context
	cancel context.CancelFunc
	unhook func() bool // stops watching ctx
	leave  func()      // the hub
	done   chan struct{}

	// What follows belongs to the goroutine that runs.
	cursor  string // the last one delivered
	limit   int    // events to read at once
	touched time.Time
	timer   *time.Timer
	waiting *place

	mu      sync.Mutex
	signals signal
	running bool
	ended   bool
	retry   time.Duration // with drain
	fetched *fetched      // with news: what has been read already
}

type fetched struct {
	batch Batch
	err   error
}

// Subscribe begins to read a source for a client, after the cursor that it gave. What comes
// first is read at once, so that an error of the source is told before anything else is. A text
// that is no cursor is a [*CursorError]. Either [Subscription.Start] or [Subscription.Stop] has
// to be called. The end of the context ends the subscription: its deadline is that of the
// client's credential, and its cancellation means that the client is gone.
func (h *Hub) Subscribe(ctx context.Context, transport string, spec *Spec, source Source, key, after string) (*Subscription, error) {
	position, err := spec.Position(after)
	if err != nil {
		return nil, err
	}
	s := &Subscription{
		hub: h, spec: spec, source: source, transport: transport, key: key,
		cursor: position, limit: min(firstPage, h.settings.PageSize), done: make(chan struct{}),
		running: true, // by the caller, until Start
	}
	batch, err := read(ctx, spec, source, position, s.limit)
	if err != nil {
		return nil, err
	}
	s.fetched = &fetched{batch: batch}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.unhook = context.AfterFunc(ctx, func() { s.raise(over) })
	return s, nil
}

// Over reports whether the client, before Start, already had the last event of a stream that
// has ended: there is nothing to start for.
func (s *Subscription) Over() bool {
	first := s.fetched.batch
	return first.Ended && first.Gap == nil && len(first.Events) == 0 && s.cursor != ""
}

// Start begins to deliver, with a heartbeat whenever the stream has been idle for the interval.
// It returns at once.
func (s *Subscription) Start(sink Sink, interval time.Duration) {
	s.sink, s.interval, s.touched = sink, interval, time.Now()
	s.hub.settings.Hooks.Active(s.transport, +1)
	s.hub.settings.Hooks.ReplayStart(s.transport, s.key, s.cursor)
	s.timer = time.AfterFunc(interval, func() { s.raise(beat) })
	s.leave = s.hub.Join(s)
	s.mu.Lock()
	s.signals |= news
	s.mu.Unlock()
	go s.run()
}

// Stop ends the subscription because its client is gone. It does not wait.
func (s *Subscription) Stop() {
	s.unhook()
	s.cancel()
	s.raise(gone)
}

// Drain implements [Member].
func (s *Subscription) Drain(retry time.Duration) {
	s.mu.Lock()
	s.retry = retry
	s.mu.Unlock()
	s.raise(drain)
}

// Cut implements [Member].
func (s *Subscription) Cut() { s.Stop() }

// Done is closed when the subscription, once started, has ended and the sink is used no more.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// arrived implements waiter.
func (s *Subscription) arrived(batch Batch, err error) {
	s.mu.Lock()
	s.fetched = &fetched{batch, err}
	s.mu.Unlock()
	s.raise(news)
}

// raise tells the subscription what has happened, and makes it run unless it does.
func (s *Subscription) raise(what signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signals |= what
	if s.running || s.ended {
		return
	}
	s.running = true
	go s.run()
}

// run does what there is to do, and returns when there is nothing.
func (s *Subscription) run() {
	defer s.rescue()
	for {
		what, ok := s.take()
		if !ok {
			return
		}
		s.step(what)
	}
}

// take returns what has happened since the last call. If that is nothing, the subscription
// stops running.
func (s *Subscription) take() (signal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := s.signals
	s.signals = 0
	if what == 0 || s.ended {
		s.running = false
		return 0, false
	}
	return what, true
}

// rescue keeps a panic of the source, or of a hook, from ending the process.
func (s *Subscription) rescue() {
	if fault := recover(); fault != nil {
		s.hub.settings.Logger.Error("stream panicked", "panic", fault, "stack", string(debug.Stack()))
		s.finish(End{Outcome: Failed, Err: fmt.Errorf("stream: panic: %v", fault)})
	}
}

// step does one thing, the most urgent first; what ends the stream makes the rest superfluous.
func (s *Subscription) step(what signal) {
	switch {
	case what&gone != 0:
		s.finish(End{Outcome: Gone})
	case what&over != 0:
		s.finish(interrupted(s.ctx))
	case what&drain != 0:
		s.mu.Lock()
		retry := s.retry
		s.mu.Unlock()
		s.finish(End{Outcome: Drained, Retry: retry})
	case what&news != 0:
		if what&beat != 0 {
			s.timer.Reset(s.interval)
		}
		s.advance()
	default:
		s.heartbeat()
	}
}
