package ws_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
	"github.com/taskbridge/tbgen/impl/stream/ws"
)

var (
	errNobody = errors.New("WHO")
	errNone   = errors.New("NO_ORDER")
)

// handler serves an order "k" that has the log, to those who are good.
func handler(hub *stream.Hub, source stream.Source) http.Handler {
	host := ws.Host{
		Open: func(_ context.Context, key string) (stream.Source, error) {
			if key != "k" {
				return nil, errNone
			}
			return source, nil
		},
		Reason:    func(err error) string { return err.Error() },
		Malformed: func(string) error { return errors.New("BAD_FORM") },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "r1")
		if limit, err := time.ParseDuration(r.Header.Get("X-Limit")); err == nil {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			r = r.WithContext(ctx)
		}
		host := host
		host.Authenticate = func(token string) (context.Context, error) {
			if r.Header.Get("Authorization") == "Bearer good" || token == "good" {
				ctx := r.Context()
				if life, err := time.ParseDuration(r.Header.Get("X-Good-For")); err == nil {
					short, cancel := context.WithTimeout(ctx, life)
					context.AfterFunc(short, cancel)
					ctx = short
				}
				return ctx, nil
			}
			return nil, errNobody
		}
		switch err := ws.Serve(hub, streamtest.Spec(), host, w, r); {
		case errors.Is(err, ws.ErrNotUpgrade):
			w.WriteHeader(http.StatusUpgradeRequired)
		case errors.Is(err, ws.ErrOrigin):
			w.WriteHeader(http.StatusForbidden)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
}

// serve starts a server and returns its address.
func serve(t *testing.T, hub *stream.Hub, source stream.Source) string {
	t.Helper()
	server := httptest.NewServer(handler(hub, source))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func dial(t *testing.T, address string, header http.Header) (*websocket.Conn, *http.Response) {
	t.Helper()
	if header == nil {
		header = http.Header{"Authorization": {"Bearer good"}}
	}
	conn, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+address, header)
	if err != nil && response == nil {
		t.Fatal(err)
	}
	if conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		t.Cleanup(func() { conn.Close() })
	}
	return conn, response
}

func send(t *testing.T, conn *websocket.Conn, kind int, text string) {
	t.Helper()
	if err := conn.WriteMessage(kind, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// receive reads frames up to the close and returns them, the close last.
func receive(t *testing.T, conn *websocket.Conn) []string {
	t.Helper()
	var lines []string
	for {
		_, frame, err := conn.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return append(lines, strings.TrimSpace(fmt.Sprintf("close %d %s", closed.Code, closed.Text)))
		}
		if err != nil {
			t.Fatalf("%v after %q", err, lines)
		}
		lines = append(lines, string(frame))
	}
}

func wantFrames(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("frames are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReplayFromEveryPositionThenEnd(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(4)
	log.End()
	address := serve(t, stream.NewHub(stream.Settings{PageSize: 2}), &log)
	for after := range 6 {
		conn, _ := dial(t, address, nil)
		send(t, conn, websocket.TextMessage, fmt.Sprintf(`{"watch":"k","since":%d}`, after))
		since := fmt.Sprint(after)
		if after == 0 {
			since = "null"
		}
		want := []string{`{"kind":"welcome","watch":"k","since":` + since + `}`}
		for n := after + 1; n <= 5; n++ {
			want = append(want, fmt.Sprintf(`{"n":%d}`, n))
		}
		wantFrames(t, receive(t, conn), append(want, "close 1000")...)
	}
}

func TestGapThenLiveEvents(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(3)
	log.Trim(2)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	address := serve(t, stream.NewHub(stream.Settings{Now: func() time.Time { return now }}), &log)
	conn, _ := dial(t, address, nil)
	send(t, conn, websocket.TextMessage, `{"watch":"k"}`)
	for range 3 {
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
	log.Append(1)
	log.End()
	wantFrames(t, receive(t, conn), `{"n":4}`, `{"n":5}`, "close 1000")

	conn, _ = dial(t, address, nil)
	send(t, conn, websocket.TextMessage, `{"watch":"k","since":null}`)
	wantFrames(t, receive(t, conn), `{"kind":"welcome","watch":"k","since":null}`,
		`{"kind":"lost","n":2,"order":"k","asked":null,"first":3,"why":"old","at":"2026-01-02T03:04:05.000Z"}`,
		`{"n":3}`, `{"n":4}`, `{"n":5}`, "close 1000")
}

func TestBadFramesCloseWithTheirCode(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	address := serve(t, stream.NewHub(stream.Settings{}), &log)
	cases := []struct {
		name, frame string
		kind        int
		want        string
	}{
		{"no JSON", "hello", websocket.TextMessage, "close 1008 BAD_FORM"},
		{"unknown member", `{"watch":"k","more":1}`, websocket.TextMessage, "close 1008 BAD_FORM"},
		{"no key", `{"since":1}`, websocket.TextMessage, "close 1008 BAD_FORM"},
		{"key of another type", `{"watch":1}`, websocket.TextMessage, "close 1008 BAD_FORM"},
		{"cursor of another type", `{"watch":"k","since":"1"}`, websocket.TextMessage, "close 1008 BAD_FORM"},
		{"bad cursor", `{"watch":"k","since":-1}`, websocket.TextMessage, "close 1008 BAD_FORM"},
		{"unknown order", `{"watch":"x"}`, websocket.TextMessage, "close 1008 NO_ORDER"},
		{"binary", `{"watch":"k"}`, websocket.BinaryMessage, "close 1003 messages are text"},
		{"not UTF-8", "{\"watch\":\"\xff\"}", websocket.TextMessage, "close 1007 the message is not UTF-8"},
		{"too large", `{"watch":"` + strings.Repeat("k", 64<<10) + `"}`, websocket.TextMessage, "close 1009"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, _ := dial(t, address, nil)
			send(t, conn, c.kind, c.frame)
			wantFrames(t, receive(t, conn), c.want)
		})
	}
}

func TestALateFrameCloses(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	address := serve(t, stream.NewHub(stream.Settings{}), &log)
	conn, _ := dial(t, address, nil)
	send(t, conn, websocket.TextMessage, `{"watch":"k"}`)
	send(t, conn, websocket.TextMessage, `{"watch":"k"}`)
	got := receive(t, conn)
	if last := got[len(got)-1]; last != "close 1008 BAD_FORM" {
		t.Errorf("frames are %q", got)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	address := serve(t, stream.NewHub(stream.Settings{}), &streamtest.Log{})
	conn, response := dial(t, address, http.Header{})
	if response.Header.Get("X-Request-Id") != "r1" {
		t.Error("the upgrade lacks the headers that were set before")
	}
	wantFrames(t, receive(t, conn), "close 1008 WHO")
	conn, _ = dial(t, address, http.Header{"Sec-Websocket-Protocol": {"orders.bearer, good"}})
	if conn.Subprotocol() != "orders.bearer" {
		t.Errorf("subprotocol is %q", conn.Subprotocol())
	}
	send(t, conn, websocket.TextMessage, `{"watch":"x"}`)
	wantFrames(t, receive(t, conn), "close 1008 NO_ORDER")
}

func TestRequestsThatAreRefusedBeforeTheUpgrade(t *testing.T) {
	t.Parallel()
	address := serve(t, stream.NewHub(stream.Settings{Origins: []string{"https://app.example.org"}}), &streamtest.Log{})
	response, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("a plain request: status %d", response.StatusCode)
	}
	for origin, want := range map[string]int{
		"": 101, "http://" + address: 101, "https://app.example.org": 101, "HTTPS://APP.example.org:443": 101,
		"https://" + address: 403, "http://evil.example.org": 403, "null": 403, "http://127.0.0.1": 403,
		"http://app.example.org": 403, "https://app.example.org.evil.org": 403, "https://app.example.org:8443": 403,
		"://": 403, "https://app.example.org, https://evil.org": 403,
	} {
		header := http.Header{"Authorization": {"Bearer good"}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		if _, response := dial(t, address, header); response.StatusCode != want {
			t.Errorf("origin %q: status %d, want %d", origin, response.StatusCode, want)
		}
	}
	twice := http.Header{"Authorization": {"Bearer good"}, "Origin": {"https://app.example.org", "http://evil.example.org"}}
	if _, response := dial(t, address, twice); response.StatusCode != http.StatusForbidden {
		t.Errorf("two origins: status %d", response.StatusCode)
	}
}

func TestDrainSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	hub := stream.NewHub(stream.Settings{})
	conn, _ := dial(t, serve(t, hub, &streamtest.Log{}), nil)
	send(t, conn, websocket.TextMessage, `{"watch":"k"}`)
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() { drained <- hub.Drain(t.Context()) }()
	got := receive(t, conn)
	if len(got) != 1 || !regexp.MustCompile(`^close 1001 retry-after-ms=[0-9]+$`).MatchString(got[0]) {
		t.Errorf("frames are %q", got)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
}
