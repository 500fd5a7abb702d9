package resume_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

var everyTransport = []resume.Transport{resume.WebSocket, resume.SSE, resume.Poll}

// onEvery runs a test on each transport.
func onEvery(t *testing.T, test func(t *testing.T, transport resume.Transport)) {
	for _, transport := range everyTransport {
		t.Run(transport.String(), func(t *testing.T) {
			t.Parallel()
			test(t, transport)
		})
	}
}

// atOnce leaves no pause to wait for.
var atOnce = resume.Retry{Base: time.Nanosecond, Cap: time.Nanosecond}

// coded is the error answer of the server of these tests.
type coded struct {
	Status int
	Code   string `json:"code"`
}

func (e *coded) Error() string   { return fmt.Sprintf("%s (%d)", e.Code, e.Status) }
func (e *coded) HTTPStatus() int { return e.Status }

func decodeError(status int, _ http.Header, body []byte) error {
	e := &coded{Status: status}
	if json.Unmarshal(body, e) != nil || e.Code == "" {
		return nil
	}
	return e
}

func decodeClose(_ int, reason string) error {
	status := map[string]int{"UNKNOWN_SYMBOL": 404, "BAD_CREDENTIAL": 401, "BUSY": 503}[reason]
	if status == 0 {
		return nil
	}
	return &coded{Status: status, Code: reason}
}

// serve starts a server of a handler on a real socket.
func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// dial returns a way to a server that never pauses between attempts.
func dial(t *testing.T, url string, change ...func(*resume.Config)) *resume.Conn {
	t.Helper()
	config := resume.Config{Retry: atOnce, DecodeError: decodeError, DecodeClose: decodeClose}
	for _, apply := range change {
		apply(&config)
	}
	conn, err := resume.New(url, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.CloseIdleConnections)
	return conn
}

// observe starts an observation of the feed.
func observe(ctx context.Context, conn *resume.Conn, options ...resume.Option) func(func(string, error) bool) {
	return resume.Observe(ctx, conn, &ticks, "ACME", decodeTick, options...)
}

// collect ranges over a sequence to its end.
func collect(sequence func(func(string, error) bool)) (items []string, err error) {
	for item, failure := range sequence {
		if failure != nil {
			return items, failure
		}
		items = append(items, item)
	}
	return items, nil
}

func expectItems(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("handed over %v, want %v", got, want)
	}
}
