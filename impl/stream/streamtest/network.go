package streamtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Network connects clients and a server in memory, without buffers: what is written waits until
// it is read. It works in a bubble of testing/synctest.
type Network struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

var _ net.Listener = (*Network)(nil)

// Serve starts a server of the handler, which ends with the test.
func Serve(t testing.TB, handler http.Handler) *Network {
	t.Helper()
	n := &Network{accept: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler} //nolint:gosec // its clients are the test's own
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(n)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return n
}

// Dial connects a client, whatever the address.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.accept <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (n *Network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.accept:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (n *Network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr implements [net.Listener].
func (n *Network) Addr() net.Addr { return address{} }

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }
