package sse_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/sse"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// sealed hides what a writer can do for good, opaque until it is unwrapped.
type sealed struct{ http.ResponseWriter }

type opaque struct{ http.ResponseWriter }

func (o opaque) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func TestAWrapperThatCannotFlushIsNamed(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.End()
	serve := func(w http.ResponseWriter) error {
		return sse.Serve(stream.NewHub(stream.Settings{}), streamtest.Spec(), log, "k", "", w,
			httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	}
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"itself": func(w http.ResponseWriter) http.ResponseWriter { return sealed{w} },
		"within": func(w http.ResponseWriter) http.ResponseWriter { return opaque{sealed{w}} },
	} {
		recorder := httptest.NewRecorder()
		err := serve(wrap(recorder))
		if !errors.Is(err, http.ErrNotSupported) || !strings.Contains(err.Error(), "sse_test.sealed") {
			t.Errorf("%s: error is %v", name, err)
		}
		if recorder.Body.Len() > 0 || len(recorder.Header()) > 0 {
			t.Errorf("%s: something was written before the error", name)
		}
	}
	recorder := httptest.NewRecorder()
	if err := serve(opaque{recorder}); err != nil || recorder.Body.String() != "id: 1\ndata: {\"n\":1}\n\n" {
		t.Errorf("%v, %q", err, recorder.Body)
	}
}

// server starts a server with time limits that are shorter than its streams.
func server(t *testing.T, http2 bool, hub *stream.Hub, source stream.Source) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sse.Serve(hub, streamtest.Spec(), source, "k", "", w, r); err != nil {
			t.Error(err)
		}
	}))
	s.Config.ReadTimeout, s.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	s.EnableHTTP2 = http2
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestAStreamOutlivesTheTimeLimitsOfItsServer(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		log := &streamtest.Log{}
		// Its own deadline is short as well, and is for writing, not for being idle.
		hub := stream.NewHub(stream.Settings{EventHeartbeat: 200 * time.Millisecond, WriteTimeout: 100 * time.Millisecond})
		s := server(t, http2, hub, log)
		response, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(response.Body)
		for beats := 0; beats < 2 && lines.Scan(); {
			if lines.Text() == ": heartbeat" {
				beats++
			}
		}
		log.End()
		last := ""
		for lines.Scan() {
			last += lines.Text() + "\n"
		}
		response.Body.Close()
		if (response.ProtoMajor == 2) != http2 || lines.Err() != nil || !strings.HasSuffix(last, "id: 1\ndata: {\"n\":1}\n\n") {
			t.Errorf("%s: %v after %q", response.Proto, lines.Err(), last)
		}
	}
}

func TestAClientThatLeavesIsGone(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		gone := make(chan struct{})
		hub := stream.NewHub(stream.Settings{Hooks: stream.Hooks{Disconnect: func(string, string) { close(gone) }}})
		s := server(t, http2, hub, &streamtest.Log{})
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := s.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		response.Body.Close()
		<-gone
	}
}

func TestAClientThatIsStuckIsCutOff(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		log := &streamtest.Log{}
		for range 20 { // more than the buffers of a connection hold
			log.AppendData([]byte(`"` + strings.Repeat("x", 1<<20) + `"`))
		}
		gone := make(chan struct{})
		hub := stream.NewHub(stream.Settings{
			WriteTimeout: 50 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
			Hooks: stream.Hooks{Disconnect: func(string, string) { close(gone) }},
		})
		s := server(t, http2, hub, log)
		response, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		<-gone
		if _, err := io.Copy(io.Discard, response.Body); err == nil {
			t.Errorf("%s: a stream that was cut looks like one that ended", response.Proto)
		}
		response.Body.Close()
	}
}
