package stream

import (
	"context"
	"sync"
	"time"
)

// Hub is what the streams of one process share: the settings, the end of the process, and the
// waiting for events. It is safe for concurrent use.
type Hub struct {
	settings Settings
	watches  watches

	mu       sync.Mutex
	draining bool
	members  map[Member]struct{}
	gone     chan struct{} // closed when the last member has left; nil while nobody waits for it
}

// Member is somebody who has to be gone before the process may end.
type Member interface {
	// Drain asks the member to leave soon and to send its client elsewhere, who should not
	// come back before retry is over. It does not wait, and may be called before [Hub.Join]
	// returns.
	Drain(retry time.Duration)
	// Cut makes the member leave at once. It does not wait either.
	Cut()
}

// NewHub returns a hub with the settings.
func NewHub(settings Settings) *Hub {
	return &Hub{
		settings: settings.withDefaults(), members: map[Member]struct{}{},
		watches: watches{places: map[place]*watch{}},
	}
}

// Settings returns the hub's settings, all defaults in place.
func (h *Hub) Settings() Settings { return h.settings }

// Join counts the member in until leave is called, once. One who comes while the hub drains is
// drained at once.
func (h *Hub) Join(member Member) (leave func()) {
	h.mu.Lock()
	h.members[member] = struct{}{}
	draining := h.draining
	h.mu.Unlock()
	if draining {
		member.Drain(h.settings.retry())
	}
	return func() { h.leave(member) }
}

func (h *Hub) leave(member Member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.members, member)
	if len(h.members) == 0 && h.gone != nil {
		close(h.gone)
		h.gone = nil
	}
}

// Drain tells every stream, and each one to come, to end and to have its client resume
// elsewhere, at a moment of its own, and waits until all have. If the context ends first, it
// cuts those who are left and returns the context's error.
func (h *Hub) Drain(ctx context.Context) error {
	members, gone := h.drain()
	for _, member := range members {
		member.Drain(h.settings.retry())
	}
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		h.Close()
		return ctx.Err()
	}
}

// Close ends every stream, and each one to come, without waiting for any.
func (h *Hub) Close() {
	members, _ := h.drain()
	for _, member := range members {
		member.Cut()
	}
}

// drain begins the end of the process, and returns those who are there and what is closed when
// there is nobody.
func (h *Hub) drain() ([]Member, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
	if h.gone == nil {
		h.gone = make(chan struct{})
	}
	gone := h.gone
	if len(h.members) == 0 {
		close(h.gone)
		h.gone = nil
	}
	members := make([]Member, 0, len(h.members))
	for member := range h.members {
		members = append(members, member)
	}
	return members, gone
}
