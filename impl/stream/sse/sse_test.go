package sse_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/sse"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// serve starts a server of the log and returns its URL.
func serve(t *testing.T, hub *stream.Hub, source stream.Source) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sse.Serve(hub, streamtest.Spec(), source, "k", r.Header.Get("Last-Event-ID"), w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func get(t *testing.T, url, after string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Last-Event-ID", after)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReplayFromEveryPositionThenEnd(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(5)
	log.End()
	url := serve(t, stream.NewHub(stream.Settings{PageSize: 2}), &log)
	for after := range 6 {
		var want strings.Builder
		for n := after + 1; n <= 6; n++ {
			fmt.Fprintf(&want, "id: %d\ndata: {\"n\":%d}\n\n", n, n)
		}
		response := get(t, url, fmt.Sprint(after))
		if got := body(t, response); response.StatusCode != http.StatusOK || got != want.String() {
			t.Errorf("after %d: status %d\n%s\nwant\n%s", after, response.StatusCode, got, want.String())
		}
	}
	for header, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"} {
		if got := get(t, url, "").Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if response := get(t, url, "6"); response.StatusCode != http.StatusNoContent || body(t, response) != "" {
		t.Errorf("at the end: status %d, want 204", response.StatusCode)
	}
	if response := get(t, url, "x"); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a bad cursor: status %d", response.StatusCode)
	}
}

func TestGapComesFirstWithItsCursor(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(3)
	log.End()
	log.Trim(2)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	url := serve(t, stream.NewHub(stream.Settings{Now: func() time.Time { return now }}), &log)
	want := "id: 2\ndata: " + `{"kind":"lost","n":2,"order":"k","asked":1,"first":3,"why":"old","at":"2026-01-02T03:04:05.000Z"}` +
		"\n\nid: 3\ndata: {\"n\":3}\n\nid: 4\ndata: {\"n\":4}\n\n"
	if got := body(t, get(t, url, "1")); got != want {
		t.Errorf("body is\n%s\nwant\n%s", got, want)
	}
}

func TestDrainSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(1)
	hub := stream.NewHub(stream.Settings{})
	response := get(t, serve(t, hub, &log), "")
	reader := bufio.NewReader(response.Body)
	if line, err := reader.ReadString('\n'); err != nil || line != "id: 1\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := hub.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(reader)
	if err != nil || !regexp.MustCompile(`^data: \{"n":1\}\n\nretry: [0-9]+\n\n$`).Match(rest) {
		t.Errorf("the end is %q, %v", rest, err)
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	var log streamtest.Log
	log.Append(2)
	log.End()
	hub := stream.NewHub(stream.Settings{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sse.Serve(hub, streamtest.Spec(), &log, "k", "", w, r); err != nil {
			t.Error(err)
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := body(t, response); response.ProtoMajor != 2 || strings.Count(got, "data: ") != 3 {
		t.Errorf("%s: %q", response.Proto, got)
	}
}
