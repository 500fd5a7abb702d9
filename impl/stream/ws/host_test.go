package ws_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
	"github.com/taskbridge/tbgen/impl/stream/ws"
)

// hosted starts a server whose host's parts are changed by the test.
func hosted(t *testing.T, source stream.Source, change func(*ws.Host)) string {
	t.Helper()
	host := ws.Host{
		Authenticate: func(string) (context.Context, error) { return t.Context(), nil },
		Open:         func(context.Context, string) (stream.Source, error) { return source, nil },
		Reason:       func(err error) string { return err.Error() },
		Malformed:    func(message string) error { return errors.New(message) },
	}
	change(&host)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub := stream.NewHub(stream.Settings{Logger: slog.New(slog.DiscardHandler)})
		if err := ws.Serve(hub, streamtest.Spec(), host, w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestTheCodeSaysWhoseFaultItIs(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]string{
		400: "close 1008 no", 401: "close 1008 no", 404: "close 1008 no",
		429: "close 1013 no", 503: "close 1013 no", 500: "close 1011 no", 504: "close 1011 no",
	} {
		address := hosted(t, nil, func(h *ws.Host) {
			h.Open = func(context.Context, string) (stream.Source, error) { return nil, errors.New("no") }
			h.Status = func(error) int { return status }
		})
		conn, _ := dial(t, address, nil)
		send(t, conn, websocket.TextMessage, subscription)
		wantFrames(t, receive(t, conn), code)
	}
}

func TestASourceThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status func(error) int
		want   string
	}{
		"later is the server's fault":      {nil, "close 1011 the stream was deleted"},
		"unless its status says otherwise": {func(error) int { return http.StatusNotFound }, "close 1008 the stream was deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &streamtest.Log{}
			conn, _ := dial(t, hosted(t, log, func(h *ws.Host) { h.Status = c.status }), nil)
			send(t, conn, websocket.TextMessage, subscription)
			if _, _, err := conn.ReadMessage(); err != nil {
				t.Fatal(err)
			}
			log.Delete()
			wantFrames(t, receive(t, conn), c.want)
			conn, _ = dial(t, hosted(t, log, func(*ws.Host) {}), nil)
			send(t, conn, websocket.TextMessage, subscription)
			wantFrames(t, receive(t, conn), "close 1008 the stream was deleted") // with no confirmation
		})
	}
}

func TestAPanicOfTheHostClosesTheConnection(t *testing.T) {
	t.Parallel()
	address := hosted(t, nil, func(h *ws.Host) {
		h.Authenticate = func(string) (context.Context, error) { panic("boom") }
		h.Reason = func(error) string { return "INTERNAL" }
	})
	conn, _ := dial(t, address, nil)
	wantFrames(t, receive(t, conn), "close 1011 INTERNAL")
}

func TestALongReasonIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	address := hosted(t, nil, func(h *ws.Host) {
		h.Open = func(context.Context, string) (stream.Source, error) {
			return nil, errors.New("x" + strings.Repeat("€", 100))
		}
	})
	conn, _ := dial(t, address, nil)
	send(t, conn, websocket.TextMessage, subscription)
	wantFrames(t, receive(t, conn), "close 1008 x"+strings.Repeat("€", 40))
}

func TestHandshakesThatAreNone(t *testing.T) {
	t.Parallel()
	address := serve(t, stream.NewHub(stream.Settings{}), &streamtest.Log{})
	good := map[string]string{
		"Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	}
	for name, want := range map[string]int{
		"Connection": http.StatusUpgradeRequired, "Upgrade": http.StatusUpgradeRequired,
		"Sec-WebSocket-Version": http.StatusBadRequest, "Sec-WebSocket-Key": http.StatusBadRequest,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		for header, value := range good {
			if header != name {
				request.Header.Set(header, value)
			}
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("without %s: status %d, want %d", name, response.StatusCode, want)
		}
	}
}

// opaque hides all that a writer can do, but may be unwrapped.
type opaque struct{ http.ResponseWriter }

func (o opaque) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// sealed hides it for good.
type sealed struct{ http.ResponseWriter }

func TestWritersThatAreWrapped(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.End()
	inner := handler(stream.NewHub(stream.Settings{}), log)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sealed" {
			inner.ServeHTTP(sealed{w}, r)
			return
		}
		inner.ServeHTTP(opaque{w}, r)
	}))
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	conn, _ := dial(t, address, nil)
	send(t, conn, websocket.TextMessage, subscription)
	wantFrames(t, receive(t, conn), welcome, `{"n":1}`, "close 1000")
	_, response := dial(t, address+"/sealed", nil)
	body := make([]byte, 100)
	n, _ := response.Body.Read(body)
	if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(body[:n]), "ws_test.sealed") {
		t.Errorf("status %d: %s", response.StatusCode, body[:n])
	}
}

func TestOneWhoIsStuckHoldsBackNobody(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	hub := stream.NewHub(stream.Settings{WriteTimeout: 100 * time.Millisecond})
	address := serve(t, hub, log)
	stuck, _ := dial(t, address, nil)
	send(t, stuck, websocket.TextMessage, subscription)
	conn, _ := dial(t, address, nil)
	send(t, conn, websocket.TextMessage, subscription)
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	large := []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
	for range 40 { // more than the buffers of a connection hold
		log.AppendData(large)
		if _, got, err := conn.ReadMessage(); err != nil || len(got) != len(large) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	log.End()
	wantFrames(t, receive(t, conn), `{"n":41}`, "close 1000")
}
