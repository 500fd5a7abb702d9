package server

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// loop runs something over and over. One run ends before the next begins, and the pauses between
// vary by a fifth, so that the loops of many nodes do not keep step.
type loop struct {
	every time.Duration
	run   func(ctx context.Context)
}

func (l loop) live(ctx context.Context) {
	for {
		timer := time.NewTimer(jitter(l.every))
		select {
		case <-timer.C:
			l.run(ctx)
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}

// loops are those of a server.
type loops struct {
	mu      sync.Mutex
	started bool
	cancel  context.CancelFunc
	alive   sync.WaitGroup
}

func (l *loops) start(all ...loop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started {
		return
	}
	l.started = true
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	for _, each := range all {
		l.alive.Go(func() { each.live(ctx) })
	}
}

// stop ends the loops, those not yet started too, and waits for them.
func (l *loops) stop(ctx context.Context) error {
	l.mu.Lock()
	l.started = true
	if l.cancel != nil {
		l.cancel()
	}
	l.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		l.alive.Wait()
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
