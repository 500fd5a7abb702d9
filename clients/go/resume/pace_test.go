package resume_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

// memory is a network without sockets, for tests under a fake clock.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.once.Do(func() { close(m.closed) }); return nil }
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// slow is the pacing of these tests.
var slow = resume.Retry{Base: time.Second, Cap: 8 * time.Second}

// underFakeClock runs a test against a handler in memory. Time passes only
// while everybody waits.
func underFakeClock(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, conn *resume.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: handler}
		go server.Serve(network)
		conn := dial(t, "http://memory", func(c *resume.Config) {
			c.Retry = slow
			c.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: network.dial}}
		})
		test(t, conn)
		conn.CloseIdleConnections()
		server.Close()
	})
}

// cuts gathers what an observation tells of its cuts.
type cuts []resume.Cut

func (c *cuts) hooks() resume.Option {
	return resume.WithHooks(resume.Hooks{Cut: func(told resume.Cut) { *c = append(*c, told) }})
}

func TestBackOffGrowsToItsCapAndIsSpread(t *testing.T) {
	t.Parallel()
	handler := func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusServiceUnavailable, "BUSY") }
	underFakeClock(t, handler, func(t *testing.T, conn *resume.Conn) {
		var told cuts
		start := time.Now()
		_, err := collect(observe(t.Context(), conn, told.hooks(), resume.WithAttempts(31)))
		if err == nil {
			t.Fatal("no error")
		}
		var total time.Duration
		spread := map[time.Duration]bool{}
		for i, c := range told {
			limit := min(time.Second<<min(i, 10), 8*time.Second)
			if c.Pause > limit {
				t.Errorf("pause %d is %v, more than %v", i, c.Pause, limit)
			}
			total += c.Pause
			spread[c.Pause.Round(time.Second)] = true
		}
		if passed := time.Since(start); passed != total {
			t.Errorf("waited %v, told of %v", passed, total)
		}
		if len(spread) < 4 {
			t.Errorf("30 pauses fell on %d seconds only", len(spread))
		}
	})
}

func TestBackOffStartsAnewWithProgress(t *testing.T) {
	t.Parallel()
	f := newFeed(0)
	turn := 0
	f.gate = func(w http.ResponseWriter, _ *http.Request) bool {
		turn++
		if turn%4 != 0 {
			refuse(w, http.StatusBadGateway, "DOWN")
			return true
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: {\"kind\":\"PRICE\",\"at\":\"%d-0\"}\n\n", turn)
		return true
	}
	underFakeClock(t, f.ServeHTTP, func(t *testing.T, conn *resume.Conn) {
		var told cuts
		items := 0
		for _, err := range observe(t.Context(), conn, told.hooks(), resume.WithTransport(resume.SSE)) {
			if err != nil {
				t.Fatal(err)
			}
			if items++; items == 3 {
				break
			}
		}
		for i, c := range told {
			if want := []int{1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4}[i]; c.Attempt != want {
				t.Errorf("cut %d is attempt %d, want %d", i, c.Attempt, want)
			}
		}
	})
}

func TestServerPacesReconnects(t *testing.T) {
	t.Parallel()
	busy := func(retryAfter func() string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", retryAfter())
			refuse(w, http.StatusTooManyRequests, "SLOW_DOWN")
		}
	}
	goingAway := func(w http.ResponseWriter, r *http.Request) {
		socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer socket.Close()
		_, _, _ = socket.ReadMessage()
		closeSocket(socket, websocket.CloseGoingAway, "retry-after-ms=61500")
		_, _, _ = socket.ReadMessage()
	}
	draining := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("retry: 61500\n\n"))
	}
	for name, test := range map[string]struct {
		transport resume.Transport
		handler   http.HandlerFunc
		want      time.Duration
	}{
		"seconds":   {resume.Poll, busy(func() string { return "61" }), 61 * time.Second},
		"date":      {resume.SSE, busy(func() string { return time.Now().Add(61 * time.Second).UTC().Format(http.TimeFormat) }), 61 * time.Second},
		"bounded":   {resume.WebSocket, busy(func() string { return "1000000" }), 5 * time.Minute},
		"WebSocket": {resume.WebSocket, goingAway, 61500 * time.Millisecond},
		"SSE":       {resume.SSE, draining, 61500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underFakeClock(t, test.handler, func(t *testing.T, conn *resume.Conn) {
				var told cuts
				_, _ = collect(observe(t.Context(), conn, told.hooks(), resume.WithTransport(test.transport), resume.WithAttempts(2)))
				if len(told) != 1 || told[0].Pause != test.want {
					t.Errorf("cuts %+v, want one with a pause of %v", told, test.want)
				}
			})
		})
	}
}

func TestSilentConnectionIsACut(t *testing.T) {
	t.Parallel()
	fall := func(first func(w http.ResponseWriter, r *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			first(w, r)
			<-r.Context().Done()
		}
	}
	mute := func(http.ResponseWriter, *http.Request) {}
	events := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
	}
	socket := func(w http.ResponseWriter, r *http.Request) {
		if socket, err := new(websocket.Upgrader).Upgrade(w, r, nil); err == nil {
			defer socket.Close()
			_, _, _ = socket.ReadMessage()
			_, _, _ = socket.ReadMessage()
		}
	}
	for name, test := range map[string]struct {
		transport resume.Transport
		handler   http.HandlerFunc
	}{
		"SSE before the head":      {resume.SSE, fall(mute)},
		"SSE after the head":       {resume.SSE, fall(events)},
		"poll":                     {resume.Poll, fall(mute)},
		"WebSocket before upgrade": {resume.WebSocket, fall(mute)},
		"WebSocket not confirmed":  {resume.WebSocket, socket},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			underFakeClock(t, test.handler, func(t *testing.T, conn *resume.Conn) {
				start := time.Now()
				_, err := collect(observe(t.Context(), conn,
					resume.WithTransport(test.transport), resume.WithSilence(40*time.Second), resume.WithAttempts(1)))
				if !errors.Is(err, resume.ErrSilent) {
					t.Errorf("error %v", err)
				}
				if passed := time.Since(start); passed != 40*time.Second {
					t.Errorf("found after %v", passed)
				}
			})
		})
	}
}

// A consumer may take its time: pings are answered meanwhile, and what it
// leaves lying is not taken for a silence.
func TestSlowConsumerIsNotCut(t *testing.T) {
	t.Parallel()
	const interval = 20 * time.Second
	beating := func(w http.ResponseWriter, r *http.Request) {
		socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer socket.Close()
		_, _, _ = socket.ReadMessage()
		_ = socket.WriteMessage(websocket.TextMessage, []byte(confirmed))
		_ = socket.WriteMessage(websocket.TextMessage, []byte(`{"kind":"PRICE","at":"1-0"}`))
		gone := make(chan struct{})
		socket.SetPongHandler(func(string) error { return socket.SetReadDeadline(time.Now().Add(2 * interval)) })
		go func() {
			defer close(gone)
			_, _, _ = socket.ReadMessage()
		}()
		for range 90 {
			<-time.After(interval)
			_ = socket.WriteMessage(websocket.TextMessage, []byte(`{"kind":"BEAT"}`))
			_ = socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		}
		_ = socket.WriteMessage(websocket.TextMessage, []byte(`{"kind":"CLOSED","at":"2-0"}`))
		<-gone
	}
	trickling := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w).Flush
		_, _ = w.Write([]byte("data: {\"kind\":\"PRICE\",\"at\":\"1-0\"}\n\n"))
		for range 90 {
			_ = flush()
			<-time.After(interval)
			_, _ = w.Write([]byte(": still here\n"))
		}
		_, _ = w.Write([]byte("data: {\"kind\":\"CLOSED\",\"at\":\"2-0\"}\n\n"))
	}
	for transport, handler := range map[resume.Transport]http.HandlerFunc{resume.WebSocket: beating, resume.SSE: trickling} {
		t.Run(transport.String(), func(t *testing.T) {
			t.Parallel()
			underFakeClock(t, handler, func(t *testing.T, conn *resume.Conn) {
				var told cuts
				var items []string
				for item, err := range observe(t.Context(), conn, told.hooks(), resume.WithTransport(transport), resume.WithAttempts(1)) {
					if err != nil {
						t.Fatal(err)
					}
					items = append(items, item)
					if len(items) == 1 {
						<-time.After(25 * time.Minute)
					}
				}
				expectItems(t, items, "PRICE@1-0", "CLOSED@2-0")
			})
		})
	}
}

func TestPollsAreHeldBackByTheServerOrByPauses(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]struct{ events, gap string }{
		"server holds": {"[]", "null"}, "server answers at once": {"[]", "null"},
		"server repeats events": {`[{"kind":"PRICE","at":"1-0"}]`, "null"},
		"server repeats a gap":  {"[]", `{"asked":null,"first":null,"why":"EXPIRED"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holds := name == "server holds"
			var requests []string
			handler := func(w http.ResponseWriter, r *http.Request) {
				requests = append(requests, r.URL.RawQuery)
				if hold, err := time.ParseDuration(r.URL.Query().Get("waitMs") + "ms"); err == nil && holds {
					<-time.After(hold)
				}
				answerJSON(w, http.StatusOK, map[string]any{
					"events": json.RawMessage(page.events), "next": "1-0", "more": true, "gap": json.RawMessage(page.gap),
				})
			}
			underFakeClock(t, handler, func(t *testing.T, conn *resume.Conn) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				items, err := collect(observe(ctx, conn, resume.WithTransport(resume.Poll)))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				if told := page.events != "[]" || page.gap != "null"; told != (len(items) == 1) {
					t.Errorf("handed over %v", items)
				}
			})
			if strings.Contains(requests[0], "waitMs") || !strings.Contains(requests[3], "waitMs=25000") {
				t.Errorf("requests %v", requests[:4])
			}
			if n := len(requests); n < 20 || n > 400 {
				t.Errorf("%d requests in ten minutes", n)
			}
		})
	}
}
