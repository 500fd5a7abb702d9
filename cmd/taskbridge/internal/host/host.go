// Package host runs the reference server: it chooses the parts by name, listens,
// serves, and stops in the order that loses nothing.
package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/executor"
	"github.com/taskbridge/tbgen/impl/executor/script"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/server"
)

// The parts that can be chosen by name.
const (
	// StoreMemory keeps tasks in the memory of the process.
	StoreMemory = "memory"
	// AuthDev lets everybody call by any name.
	AuthDev = "dev"
)

// headerPatience is how long a client may take to send the head of a request.
const headerPatience = 10 * time.Second

// Options say what to run.
type Options struct {
	// Listen is the address to accept connections on, "host:port"; port 0 takes
	// a free one.
	Listen string
	// Store and Auth name parts; empty stands for StoreMemory and AuthDev.
	Store, Auth string
	// Logger is required.
	Logger *slog.Logger
}

// Host is a running server.
type Host struct {
	server *server.Server
	http   *http.Server
	url    string
	done   chan struct{}
	failed error // of serving, to be read when done is closed
}

// Start starts a server, which accepts connections when Start returns. The
// context bounds the start alone. An error names the option that is to blame.
func Start(ctx context.Context, options Options) (*Host, error) {
	wired, err := wire(options)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.Listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot listen on %s: %w", options.Listen, err), wired.Stop(ctx))
	}
	h := &Host{
		server: wired,
		http: &http.Server{
			Handler: wired, ReadHeaderTimeout: headerPatience,
			ErrorLog: slog.NewLogLogger(options.Logger.Handler(), slog.LevelWarn),
		},
		url:  "http://" + listener.Addr().String(),
		done: make(chan struct{}),
	}
	wired.Start()
	go h.serve(listener)
	return h, nil
}

// wire makes a server of the parts that the options name.
func wire(options Options) (*server.Server, error) {
	if store := cmp.Or(options.Store, StoreMemory); store != StoreMemory {
		return nil, fmt.Errorf("there is no store %q, only %s", store, StoreMemory)
	}
	if name := cmp.Or(options.Auth, AuthDev); name != AuthDev {
		return nil, fmt.Errorf("there is no way of authentication %q, only %s", name, AuthDev)
	}
	store := memory.New(memory.Settings{})
	work, err := script.New(executor.Settings{
		Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}, Logger: options.Logger,
	})
	if err != nil {
		return nil, err
	}
	return server.New(server.Config{
		Store: store, Executor: work, Resolver: auth.Development{}, Logger: options.Logger,
	})
}

func (h *Host) serve(listener net.Listener) {
	defer close(h.done)
	if err := h.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		h.failed = err
	}
}

// URL returns the base URL of the server.
func (h *Host) URL() string { return h.url }

// Done is closed when the server accepts no more connections.
func (h *Host) Done() <-chan struct{} { return h.done }

// Stop accepts no more connections, tells streams to resume elsewhere, waits for
// what is going on, and stops the executor and the background loops. When the
// context ends first, what is left is cut off. It returns what went wrong, in
// serving as well.
func (h *Host) Stop(ctx context.Context) error {
	var closing sync.WaitGroup
	var closed error
	closing.Go(func() { closed = h.http.Shutdown(ctx) })
	err := h.server.Drain(ctx)
	closing.Wait()
	if err = errors.Join(err, closed); err != nil {
		err = errors.Join(err, h.http.Close())
	}
	err = errors.Join(err, h.server.Stop(ctx))
	<-h.done
	return errors.Join(h.failed, err)
}
