package resume_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

// mint gives out token 1, token 2, and so on.
type mint struct{ count atomic.Int32 }

func (m *mint) token(context.Context) (string, error) {
	return fmt.Sprintf("token-%d", m.count.Add(1)), nil
}

func (m *mint) use(c *resume.Config) { c.Token = m.token }

// accepting serves only requests with one of the tokens.
func accepting(next http.Handler, tokens ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, token := range tokens {
			if r.Header.Get("Authorization") == "Bearer "+token {
				next.ServeHTTP(w, r)
				return
			}
		}
		refuse(w, http.StatusUnauthorized, "BAD_CREDENTIAL")
	}
}

func expectRefused(t *testing.T, err error) {
	t.Helper()
	if told, ok := errors.AsType[*coded](err); !ok || told.Status != http.StatusUnauthorized {
		t.Errorf("error %v, want the refusal", err)
	}
}

func TestRefusedCredentialIsFetchedAnewOnce(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(2)
		f.finish()
		var good, bad mint
		items, err := collect(observe(t.Context(), dial(t, serve(t, accepting(f, "token-2")).URL, good.use), resume.WithTransport(transport)))
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items, f.record()...)

		_, err = collect(observe(t.Context(), dial(t, serve(t, accepting(f)).URL, bad.use), resume.WithTransport(transport)))
		expectRefused(t, err)
		if n := bad.count.Load(); n != 2 {
			t.Errorf("fetched %d tokens", n)
		}
	})
}

func TestTokenThatStaysTheSameIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		refuse(w, http.StatusUnauthorized, "BAD_CREDENTIAL")
	}))
	conn := dial(t, server.URL, func(c *resume.Config) {
		c.Token = func(context.Context) (string, error) { return "only", nil }
	})
	expectRefused(t, conn.Do(t.Context(), resume.Call{Operation: "quote", Method: http.MethodGet, Path: "/quote"}))
	_, err := collect(observe(t.Context(), conn))
	expectRefused(t, err)
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// Where the refusal is told after the upgrade, a browser's only way to learn
// of it, it is a refusal all the same; and so is a credential that expires.
func TestCredentialRefusedByCloseCode(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		code   int
		reason string
	}{"refused": {websocket.ClosePolicyViolation, "BAD_CREDENTIAL"}, "expired": {4401, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFeed(2)
			f.finish()
			f.gate = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Authorization") == "Bearer token-2" {
					return false
				}
				socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
				if err != nil {
					return true
				}
				defer socket.Close()
				closeSocket(socket, refusal.code, refusal.reason)
				_, _, _ = socket.ReadMessage()
				return true
			}
			var m mint
			items, err := collect(observe(t.Context(), dial(t, serve(t, f).URL, m.use)))
			if err != nil {
				t.Fatal(err)
			}
			expectItems(t, items, f.record()...)
		})
	}
}

func TestConcurrentCallsShareOneFetch(t *testing.T) {
	t.Parallel()
	const calls = 20
	var m mint
	var refused sync.WaitGroup
	refused.Add(calls)
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			refused.Done()
			refused.Wait() // all calls hold the token that has expired
			refuse(w, http.StatusUnauthorized, "BAD_CREDENTIAL")
		}
	}))
	conn := dial(t, server.URL, m.use)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if err := conn.Do(t.Context(), get("/quote")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := m.count.Load(); n != 2 {
		t.Errorf("fetched %d tokens, want 2", n)
	}
}

// A fetch goes on while one of those who share it still waits, and ends when
// nobody does.
func TestSharedFetchOutlivesWhoeverStartedIt(t *testing.T) {
	t.Parallel()
	fetching, proceed, ended := make(chan struct{}, 1), make(chan struct{}), make(chan error, 1)
	server := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	conn := dial(t, server.URL, func(c *resume.Config) {
		c.Token = func(ctx context.Context) (string, error) {
			fetching <- struct{}{}
			select {
			case <-proceed:
				return "token", nil
			case <-ctx.Done():
				ended <- ctx.Err()
				return "", ctx.Err()
			}
		}
	})
	impatient, give := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- conn.Do(impatient, get("/quote")) }()
	<-fetching
	give()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	impatient, give = context.WithCancel(t.Context())
	defer give()
	go func() { first <- conn.Do(impatient, get("/quote")) }()
	<-fetching
	joined := joining(t.Context())
	go func() { second <- conn.Do(joined, get("/quote")) }()
	<-joined.waiting
	give()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(proceed)
	if err := <-second; err != nil {
		t.Error(err)
	}
}

// waiter is a context that tells when somebody waits for its end.
type waiter struct {
	context.Context
	once    sync.Once
	waiting chan struct{}
}

func joining(ctx context.Context) *waiter {
	return &waiter{Context: ctx, waiting: make(chan struct{})}
}

func (w *waiter) Done() <-chan struct{} {
	w.once.Do(func() { close(w.waiting) })
	return w.Context.Done()
}

func TestTokenThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	server := serve(t, http.NotFoundHandler())
	locked := errors.New("the vault is locked")
	conn := dial(t, server.URL, func(c *resume.Config) {
		c.Token = func(context.Context) (string, error) { return "", locked }
	})
	err := conn.Do(t.Context(), get("/quote"))
	if !errors.Is(err, locked) || !strings.HasPrefix(err.Error(), "GET /quote: credential: ") {
		t.Error(err)
	}
	if _, err := collect(observe(t.Context(), conn)); !errors.Is(err, locked) {
		t.Error(err)
	}
	err = conn.Do(t.Context(), resume.Call{Method: http.MethodGet, Path: "/", Anonymous: true})
	if answer, ok := errors.AsType[*resume.AnswerError](err); !ok || answer.Status != http.StatusNotFound {
		t.Error("a call that takes no credential:", err)
	}
}

func TestTokenIsPutWhereTheAPIWantsIt(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(1)
		f.finish()
		handler := func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("key") != "s3 cret" || r.Header.Get("X-Client") != "test" {
				refuse(w, http.StatusForbidden, "NO_KEY")
				return
			}
			f.ServeHTTP(w, r)
		}
		conn := dial(t, serve(t, http.HandlerFunc(handler)).URL, func(c *resume.Config) {
			c.Header = http.Header{"x-client": {"test"}}
			c.Token = func(context.Context) (string, error) { return "s3 cret", nil }
			c.Authorize = func(r *http.Request, token string) {
				query := r.URL.Query()
				query.Set("key", token)
				r.URL.RawQuery = query.Encode()
			}
		})
		if _, err := collect(observe(t.Context(), conn, resume.WithTransport(transport))); err != nil {
			t.Error(err)
		}
	})
}
