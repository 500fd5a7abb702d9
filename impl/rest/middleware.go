package rest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

const requestIDHeader = "X-Request-Id"

// state is what the runtime knows of a request from its start.
type state struct {
	id        string
	operation string // once it is known
	writer    *writer
}

type stateKey struct{}

func stateOf(ctx context.Context) *state {
	known, _ := ctx.Value(stateKey{}).(*state)
	return known
}

// RequestID returns the id of the request that the context belongs to, which
// is also in the X-Request-Id header of the response; "" for none.
func RequestID(ctx context.Context) string {
	if known := stateOf(ctx); known != nil {
		return known.id
	}
	return ""
}

// Middleware gives every response an X-Request-Id: the caller's, if it is 1 to
// 128 visible ASCII characters, else a new one. It logs a panic with its stack;
// the caller is told of an internal error if nothing was written yet, else the
// connection is cut. [http.ErrAbortHandler] passes. Handlers made by the API
// have it already; a request that is within it passes unchanged.
func (a *API) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stateOf(r.Context()) != nil {
			next.ServeHTTP(w, r)
			return
		}
		known := &state{id: requestID(r), writer: &writer{ResponseWriter: w}}
		w.Header().Set(requestIDHeader, known.id)
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, known))
		defer a.rescue(known.writer, r)
		next.ServeHTTP(known.writer, r)
	})
}

func requestID(r *http.Request) string {
	id := r.Header.Get(requestIDHeader)
	if len(id) < 1 || len(id) > 128 {
		return rand.Text()
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return rand.Text()
		}
	}
	return id
}

// rescue is deferred: it ends a request that panicked.
func (a *API) rescue(w *writer, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if known, ok := fault.(error); ok && errors.Is(known, http.ErrAbortHandler) {
		w.abort()
	}
	err := fmt.Errorf("panic: %v", fault)
	about := append(a.about(r, err), slog.String("stack", string(debug.Stack())))
	a.Settings.logger().LogAttrs(r.Context(), slog.LevelError, "request panicked", about...)
	if w.written {
		w.abort()
	}
	a.write(w, r, a.Coded(err), nil)
}
