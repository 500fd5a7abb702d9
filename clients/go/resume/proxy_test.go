package resume_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy forwards connections to a server and cuts them after a number of
// bytes, in either direction.
type proxy struct {
	target   string
	listener net.Listener

	mu       sync.Mutex
	cuts     []cut // for the connections to come, one each; none left: no cut
	open     map[net.Conn]bool
	answered int // bytes the server sent, over all connections
	asked    int // bytes the client sent
	running  sync.WaitGroup
}

// cut ends a connection after so many bytes; a negative number never does.
type cut struct {
	answer  int // bytes from the server
	request int // bytes from the client
	reset   bool
}

func answerCut(n int) cut  { return cut{answer: n, request: -1, reset: n%2 == 1} }
func requestCut(n int) cut { return cut{answer: -1, request: n, reset: n%2 == 1} }

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: target, listener: listener, open: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	for conn := range p.open {
		conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

// plan sets the cuts of the next connections.
func (p *proxy) plan(cuts ...cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts, p.answered, p.asked = cuts, 0, 0
}

func (p *proxy) next() cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.cuts) == 0 {
		return cut{answer: -1, request: -1}
	}
	c := p.cuts[0]
	p.cuts = p.cuts[1:]
	return c
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		p.running.Go(func() { p.forward(client, server, p.next()) })
	}
}

func (p *proxy) forward(client, server net.Conn, c cut) {
	p.track(client, server, true)
	defer p.track(client, server, false)
	end := sync.OnceFunc(func() {
		if c.reset {
			_ = client.(*net.TCPConn).SetLinger(0)
		}
		client.Close()
		server.Close()
	})
	var both sync.WaitGroup
	both.Go(func() { defer end(); p.copy(client, server, c.answer, &p.answered) })
	both.Go(func() { defer end(); p.copy(server, client, c.request, &p.asked) })
	both.Wait()
}

func (p *proxy) track(client, server net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range []net.Conn{client, server} {
		if open {
			p.open[conn] = true
		} else {
			delete(p.open, conn)
		}
	}
}

// copy forwards up to limit bytes, or all of them if it is negative.
func (p *proxy) copy(to io.Writer, from io.Reader, limit int, count *int) {
	if limit >= 0 {
		from = io.LimitReader(from, int64(limit))
	}
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		*count += n
		p.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) bytes() (answered, asked int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered, p.asked
}
