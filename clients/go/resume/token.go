package resume

import (
	"context"
	"fmt"
	"sync"
)

// tokens holds the credential and fetches it once for all who ask.
type tokens struct {
	source func(context.Context) (string, error)

	mu     sync.Mutex
	token  string
	held   bool
	flight *flight // the fetch under way, if any
}

// flight is one fetch that any number of callers wait for.
type flight struct {
	cancel  context.CancelFunc
	waiting int // callers still interested, guarded by tokens.mu
	done    chan struct{}
	token   string
	err     error
}

// get returns the token held, or fetches one. Without a source it is "".
func (t *tokens) get(ctx context.Context) (string, error) {
	if t.source == nil {
		return "", nil
	}
	t.mu.Lock()
	if t.held {
		defer t.mu.Unlock()
		return t.token, nil
	}
	if t.flight == nil {
		t.flight = t.fetch(ctx)
	}
	f := t.flight
	f.waiting++
	t.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		t.leave(f)
		return "", context.Cause(ctx)
	}
}

// refuse drops a token that the server did not accept. A newer one, fetched
// meanwhile for somebody else, is kept.
func (t *tokens) refuse(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.held = false
	}
}

// fetch starts a fetch that outlives the context of whoever started it.
func (t *tokens) fetch(ctx context.Context) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		token, err := t.source(ctx)
		t.land(f, token, err)
	}()
	return f
}

func (t *tokens) land(f *flight, token string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.token = token; err != nil {
		f.err = fmt.Errorf("credential: %w", err)
	}
	if t.flight == f {
		t.flight = nil
		t.token, t.held = token, err == nil
	}
	close(f.done)
}

// leave gives up on a fetch, and ends it if nobody else waits for it.
func (t *tokens) leave(f *flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	f.cancel()
	if t.flight == f {
		t.flight = nil
	}
}
