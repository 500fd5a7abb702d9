package stream

import (
	"context"
	"fmt"
	"sync"
)

// place is a position in a stream where subscribers may wait.
type place struct {
	spec       *Spec
	key, after string
}

// waiter is somebody who waits for what comes after a cursor. It gets that, or nothing and has to
// wait again, or the error of its own source. It gets it once and does not block.
type waiter interface {
	arrived(batch Batch, err error)
}

// watches are the places at which somebody waits. All who wait at one place share one call to
// the source, and what it finds is read once for all of them.
type watches struct {
	mu     sync.Mutex
	places map[place]*watch
}

// watch is the waiting at one place. It uses the source of the one who came first, who may have
// left since; nobody else is told the errors of that source.
type watch struct {
	source  Source
	owner   waiter
	waiters map[waiter]struct{}
	cancel  context.CancelFunc
}

// join makes w wait at the place, with its own source if nobody waits there yet.
func (h *Hub) join(at place, source Source, w waiter) {
	h.watches.mu.Lock()
	defer h.watches.mu.Unlock()
	if found := h.watches.places[at]; found != nil {
		found.waiters[w] = struct{}{}
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	started := &watch{source: source, owner: w, waiters: map[waiter]struct{}{w: {}}, cancel: cancel}
	h.watches.places[at] = started
	go h.watch(ctx, at, started)
}

// quit makes w wait no longer, if it still does.
func (h *Hub) quit(at place, w waiter) {
	h.watches.mu.Lock()
	defer h.watches.mu.Unlock()
	found := h.watches.places[at]
	if found == nil {
		return
	}
	if _, ok := found.waiters[w]; !ok {
		return
	}
	delete(found.waiters, w)
	if len(found.waiters) == 0 {
		delete(h.watches.places, at)
		found.cancel()
	}
}

// watch waits at a place until there is something, and hands it to all who are there.
func (h *Hub) watch(ctx context.Context, at place, w *watch) {
	defer w.cancel()
	var batch Batch
	var err error
	for batch.Empty() && err == nil {
		batch, err = h.await(ctx, at, w.source)
		if ctx.Err() != nil {
			return
		}
	}
	for waiter := range h.disband(at, w) {
		if waiter == w.owner {
			waiter.arrived(batch, err)
		} else {
			waiter.arrived(batch, nil)
		}
	}
}

// disband ends a watch and returns who was there.
func (h *Hub) disband(at place, w *watch) map[waiter]struct{} {
	h.watches.mu.Lock()
	defer h.watches.mu.Unlock()
	if h.watches.places[at] != w {
		return nil // everybody has left
	}
	delete(h.watches.places, at)
	return w.waiters
}

// await waits for the source once, or until it is time for an audit, and reads.
func (h *Hub) await(ctx context.Context, at place, source Source) (batch Batch, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("stream: the source panicked: %v", fault)
		}
	}()
	audit, cancel := context.WithTimeout(ctx, h.settings.AuditInterval)
	defer cancel()
	if err := source.Wait(audit, at.after); err != nil && audit.Err() == nil {
		return Batch{}, err
	}
	return read(ctx, at.spec, source, at.after, min(firstPage, h.settings.PageSize))
}
