package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/poll"
	"github.com/taskbridge/tbgen/impl/stream/sse"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
	"github.com/taskbridge/tbgen/impl/stream/ws"
)

// readers read a stream of a server from a cursor to its end, each over another transport, and
// give the data of the events.
var readers = map[string]func(t *testing.T, url string, after int) []string{
	"ws": readSocket, "sse": readEvents, "poll": readPages,
}

// routes serves the log over all transports.
func routes(hub *stream.Hub, log *streamtest.Log) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		err := ws.Serve(hub, streamtest.Spec(), ws.Host{
			Authenticate: func(string) (context.Context, error) { return r.Context(), nil },
			Open:         func(context.Context, string) (stream.Source, error) { return log, nil },
			Reason:       func(err error) string { return err.Error() },
			Malformed:    func(message string) error { return fmt.Errorf("malformed: %s", message) },
		}, w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/sse", func(w http.ResponseWriter, r *http.Request) {
		if err := sse.Serve(hub, streamtest.Spec(), log, "k", r.Header.Get("Last-Event-ID"), w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/poll", func(w http.ResponseWriter, r *http.Request) {
		page, err := poll.Serve(r.Context(), hub, streamtest.Spec(), log, "k", r.FormValue("after"), 0, 7)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write(page)
	})
	return mux
}

func readSocket(t *testing.T, url string, after int) []string {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), strings.Replace(url, "http", "ws", 1)+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"watch":"k","since":%d}`, after)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		_, message, err := conn.ReadMessage()
		if websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			return got[1:] // the confirmation
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(message))
	}
}

func fetch(t *testing.T, url, after string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Last-Event-ID", after)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func readEvents(t *testing.T, url string, after int) []string {
	t.Helper()
	var got []string
	for line := range bytes.Lines(fetch(t, url+"/sse", fmt.Sprint(after))) {
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			got = append(got, strings.TrimSuffix(string(data), "\n"))
		}
	}
	return got
}

func readPages(t *testing.T, url string, after int) []string {
	t.Helper()
	var got []string
	next := json.RawMessage(fmt.Sprint(after))
	for {
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  json.RawMessage   `json:"next"`
			More  bool              `json:"more"`
		}
		if err := json.Unmarshal(fetch(t, url+"/poll?after="+string(next), ""), &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			got = append(got, string(item))
		}
		if next = page.Next; !page.More {
			return got
		}
	}
}

func TestEveryTransportGivesTheSameBytesFromEveryPosition(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	var want []string
	for _, data := range []string{
		`{"n": 1 , "spaced":true}`, `{"html":"<a href=\"x\">&amp;</a>"}`, `{"number":1.0e+2}`, `"text"`, `null`,
		`{"escaped":"\u2028\r\n\ud83d\ude00"}`, `{"raw":"` + "\u2028é😀" + `"}`, `{"id: 9":"data: x"}`, `[` + strings.Repeat(`0,`, 40_000) + `0]`,
	} {
		want = append(want, data)
		log.AppendData([]byte(data))
	}
	for n := range 40 {
		log.Append(1)
		want = append(want, fmt.Sprintf(`{"n":%d}`, n+10))
	}
	log.End()
	want = append(want, `{"n":50}`)
	server := httptest.NewServer(routes(stream.NewHub(stream.Settings{PageSize: 5}), log))
	t.Cleanup(server.Close)
	for transport, read := range readers {
		for after := range want {
			if got := read(t, server.URL, after); !slices.Equal(got, want[after:]) {
				t.Errorf("%s after %d: %d events differ", transport, after, len(got))
			}
		}
	}
}

func TestALongHistoryIsReplayedWhole(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.Append(20_000)
	log.End()
	server := httptest.NewServer(routes(stream.NewHub(stream.Settings{}), log))
	t.Cleanup(server.Close)
	want := events(1, 20_001)
	for _, transport := range []string{"ws", "sse"} {
		if got := readers[transport](t, server.URL, 0); !slices.Equal(got, want) {
			t.Errorf("%s: %d events", transport, len(got))
		}
	}
}
