// Package cutproxy is a TCP proxy that cuts its connections when told to, also
// in the middle of a frame, to show and to test what a dropped connection does.
package cutproxy

import (
	"context"
	"net"
	"sync"
)

// whole is the budget of a proxy that is not about to cut.
const whole = -1

// Proxy passes bytes between clients and one server until it is told to cut.
// It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	links  map[*link]struct{}
	budget int // bytes to clients until the cut, or whole
	cuts   int
	closed bool
}

// link is one client's connection and the one to the server that serves it.
type link struct {
	client, server *net.TCPConn
}

// Listen starts a proxy to the server at target, "host:port", on a free port
// of the loopback interface. The context bounds the start alone.
func Listen(ctx context.Context, target string) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target, links: map[*link]struct{}{}, budget: whole}
	p.running.Go(func() { p.accept(context.WithoutCancel(ctx)) })
	return p, nil
}

// Addr returns the address that clients connect to, "host:port".
func (p *Proxy) Addr() string {
	return p.listener.Addr().String()
}

// CutAfter cuts every open connection, once, as soon as n more bytes have gone
// to clients: in the middle of whatever is being sent then. Zero cuts at once.
// Connections made after the cut are whole.
func (p *Proxy) CutAfter(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = n
	if n <= 0 {
		p.cut()
	}
}

// Cuts returns how often connections have been cut.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

// Close stops listening, cuts what is open and waits until all has ended.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.drop()
	p.mu.Unlock()
	p.running.Wait()
	return err
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(ctx, client.(*net.TCPConn)) })
	}
}

// serve connects a client to the server until one of them, or a cut, ends it.
func (p *Proxy) serve(ctx context.Context, client *net.TCPConn) {
	server, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	l := &link{client: client, server: server.(*net.TCPConn)}
	if !p.add(l) {
		l.reset()
		return
	}
	p.running.Go(func() { l.up() })
	p.down(l)
	p.remove(l)
}

// up passes on what the client sends, its end included.
func (l *link) up() {
	if _, err := l.server.ReadFrom(l.client); err != nil {
		l.reset()
		return
	}
	_ = l.server.CloseWrite()
}

// down passes on what the server sends, as far as the budget goes.
func (p *Proxy) down(l *link) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buffer)
		allowed := p.spend(n)
		if _, failed := l.client.Write(buffer[:allowed]); failed != nil || err != nil {
			return
		}
		if allowed < n {
			p.CutAfter(0)
			return
		}
	}
}

// spend takes n bytes from the budget and returns how many of them may pass;
// fewer than n means that the cut is due.
func (p *Proxy) spend(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.budget == whole {
		return n
	}
	allowed := min(n, p.budget)
	p.budget -= allowed
	return allowed
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.links[l] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
	_ = l.client.Close()
	_ = l.server.Close()
}

// cut drops every connection and makes the proxy whole again.
func (p *Proxy) cut() {
	p.drop()
	p.budget = whole
	p.cuts++
}

func (p *Proxy) drop() {
	for l := range p.links {
		l.reset()
	}
	clear(p.links)
}

// reset ends both connections as a broken network does: by a reset, without
// the farewell that an orderly end has.
func (l *link) reset() {
	for _, connection := range []*net.TCPConn{l.client, l.server} {
		_ = connection.SetLinger(0)
		_ = connection.Close()
	}
}
