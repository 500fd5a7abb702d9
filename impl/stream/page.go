package stream

import (
	"context"
	"sync"
	"time"
)

// Page reads at most limit events after a cursor, as [Spec.Position] gives it. If there is
// nothing to tell it waits for something, no longer than wait and not while the hub drains.
func (h *Hub) Page(ctx context.Context, spec *Spec, source Source, key, after string, wait time.Duration, limit int) (Batch, error) {
	batch, err := read(ctx, spec, source, after, limit)
	if wait <= 0 || err != nil || !batch.Empty() {
		return batch, err
	}
	p := &poller{wake: make(chan error, 1), drained: make(chan struct{})}
	defer h.Join(p)()
	at := place{spec, key, after}
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for err == nil && batch.Empty() {
		h.join(at, source, p)
		select {
		case err = <-p.wake:
			if err == nil {
				batch, err = read(ctx, spec, source, after, limit)
			}
			continue
		case <-deadline.C:
		case <-p.drained:
		case <-ctx.Done():
			err = ctx.Err()
		}
		h.quit(at, p)
		return batch, err
	}
	return batch, err
}

// poller is one who waits for a page.
type poller struct {
	wake    chan error
	once    sync.Once
	drained chan struct{}
}

func (p *poller) arrived(_ Batch, err error) { p.wake <- err }

// Drain implements [Member].
func (p *poller) Drain(time.Duration) { p.Cut() }

// Cut implements [Member].
func (p *poller) Cut() { p.once.Do(func() { close(p.drained) }) }
