package executor

import (
	"context"
	"time"
)

// Clock tells the time and calls back later. Its time should be that of the stores, which judge
// when a suspension expires.
type Clock interface {
	// Now gives the time.
	Now() time.Time
	// AfterFunc calls f on a goroutine of its own once d has passed, unless stop is called
	// before.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// SystemClock is the clock of the system.
type SystemClock struct{}

// Now implements [Clock].
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc implements [Clock].
func (SystemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// Sleep returns nil after d, or the context's error when it ends before.
func Sleep(ctx context.Context, clock Clock, d time.Duration) error {
	over := make(chan struct{})
	stop := clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
