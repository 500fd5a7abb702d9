package contract

import "sync"

// memo keeps what was computed once for each key, and lets everybody who asks
// meanwhile wait for it. Its zero value is ready for use.
type memo[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]func() V
}

func (m *memo[K, V]) get(key K, compute func() V) V {
	m.mu.Lock()
	if m.calls == nil {
		m.calls = map[K]func() V{}
	}
	call, ok := m.calls[key]
	if !ok {
		call = sync.OnceValue(compute)
		m.calls[key] = call
	}
	m.mu.Unlock()
	return call()
}
