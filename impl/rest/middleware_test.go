package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/rest"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(getOrder, echoOrder)
	b.start()
	long := strings.Repeat("x", 128)
	for _, id := range []string{"a", "!~", long} {
		got := b.do("GET", "/orders/o-1", nil, "X-Key", "good", "X-Request-Id", id)
		got.want(t, 200, `"request":"`+id+`"`)
		if got.header.Get("X-Request-Id") != id {
			t.Errorf("the id %q became %q", id, got.header.Get("X-Request-Id"))
		}
	}
	seen := map[string]bool{}
	for _, id := range []string{"", "a b", "é", "\xff", long + "x"} {
		header := []string{"X-Key", "good", "X-Request-Id", id}
		got := b.do("GET", "/orders/o-1", nil, header...)
		fresh := got.header.Get("X-Request-Id")
		if fresh == "" || fresh == id || len(fresh) > 128 || seen[fresh] {
			t.Errorf("the id %q became %q", id, fresh)
		}
		got.want(t, 200, `"request":"`+fresh+`"`)
		seen[fresh] = true
	}
	if id := rest.RequestID(t.Context()); id != "" {
		t.Errorf("the id outside of a request is %q", id)
	}
}

func TestMiddlewareWithinItselfIsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(getOrder, echoOrder)
	b.api.Fallback(b.router)
	b.url = serve(t, b.api.Middleware(b.api.Middleware(b.router)))
	got := b.do("GET", "/orders/o-1", nil, "X-Key", "good", "X-Request-Id", "one")
	got.want(t, 200, `"request":"one"`)
	if ids := got.header.Values("X-Request-Id"); len(ids) != 1 {
		t.Errorf("ids = %q", ids)
	}
}

func TestPanicBeforeTheResponse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, fault := range map[string]any{"text": "top secret", "error": errors.New("top secret")} {
		b.handle(rest.Operation{ID: name, Method: "GET", Path: "/" + name}, func(context.Context, *rest.Input) (rest.Response, error) {
			panic(fault)
		})
	}
	b.router.With(b.api.Middleware).Get("/own", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Etag", `"x"`)
		panic("top secret")
	})
	b.start()
	for _, path := range []string{"/text", "/error", "/own"} {
		got := b.do("GET", path, nil, "X-Request-Id", "rq"+path)
		got.want(t, 500, `"X_INTERNAL"`)
		if strings.Contains(got.body, "secret") || got.header.Get("Content-Encoding") != "" || got.header.Get("Etag") != "" || got.header.Get("X-Request-Id") == "" {
			t.Errorf("GET %s: %v %s", path, got.header, got.body)
		}
		if text := b.logs.String(); !strings.Contains(text, "rq"+path) || !strings.Contains(text, "top secret") || !strings.Contains(text, "middleware_test.go") {
			t.Errorf("logged: %s", text)
		}
	}
}

func TestPanicWithinTheResponseCutsTheConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  any
		logged bool
	}{"panic": {"oh", true}, "abort": {http.ErrAbortHandler, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			op := rest.Operation{ID: "half", Method: "GET", Path: "/half", Stream: true}
			b.router.Get(op.Path, b.api.HandleStream(op, func(_ context.Context, _ *rest.Input, w http.ResponseWriter, _ *http.Request) error {
				fmt.Fprint(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic(test.fault)
			}))
			b.start()
			response, err := http.Get(b.url + "/half")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err == nil || string(body) != "half" {
				t.Errorf("body %q, %v: the end cannot be told from a cut", body, err)
			}
			if logged := strings.Contains(b.logs.String(), "panicked"); logged != test.logged {
				t.Errorf("logged: %s", b.logs)
			}
		})
	}
}

func TestAbortBeforeTheResponse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "abort", Method: "GET", Path: "/abort"}, func(context.Context, *rest.Input) (rest.Response, error) {
		panic(http.ErrAbortHandler)
	})
	b.start()
	response, err := http.Get(b.url + "/abort")
	if err == nil {
		response.Body.Close()
		t.Errorf("status %d, want a cut", response.StatusCode)
	}
	if text := b.logs.String(); text != "" {
		t.Errorf("logged: %s", text)
	}
}

func TestConnectionCanBeTakenOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	op := rest.Operation{ID: "socket", Method: "GET", Path: "/socket", Stream: true}
	taken := make(chan net.Conn, 2) // kept, for a connection that nobody knows is closed anyway
	b.router.Get(op.Path, b.api.HandleStream(op, func(_ context.Context, _ *rest.Input, w http.ResponseWriter, r *http.Request) error {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return err
		}
		taken <- conn
		fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nX-Request-Id: %s\r\n\r\nhello", w.Header().Get("X-Request-Id"))
		_ = buffered.Flush()
		if r.URL.Query().Has("panic") {
			panic("oh")
		}
		_ = conn.Close()
		return errors.New("broke off")
	}))
	b.start()
	for query, logged := range map[string]string{"": "response broke off", "?panic": "request panicked"} {
		conn := dial(t, b.url)
		fmt.Fprintf(conn, "GET /socket%s HTTP/1.1\r\nHost: x\r\nX-Request-Id: sock\r\n\r\n", query)
		text, err := io.ReadAll(conn) // ends when the server closes
		if err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 101") || !strings.HasSuffix(string(text), "X-Request-Id: sock\r\n\r\nhello") {
			t.Errorf("%q: %q, %v", query, text, err)
		}
		eventually(t, func() bool { return strings.Contains(b.logs.String(), logged) })
	}
}

// dial opens a connection that fails the test when it is silent for long.
func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// eventually waits for a condition that has no signal of its own.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the condition did not come true")
		}
	}
}

func TestResponseControllerWorks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	op := rest.Operation{ID: "drip", Method: "GET", Path: "/drip", Stream: true}
	more := make(chan struct{})
	b.router.Get(op.Path, b.api.HandleStream(op, func(_ context.Context, _ *rest.Input, w http.ResponseWriter, _ *http.Request) error {
		controller := http.NewResponseController(w)
		err := errors.Join(controller.SetWriteDeadline(time.Now().Add(time.Minute)), controller.SetReadDeadline(time.Time{}), controller.EnableFullDuplex())
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "one")
		if err := controller.Flush(); err != nil {
			return err
		}
		<-more
		fmt.Fprintln(w, "two")
		w.(http.Flusher).Flush()
		return nil
	}))
	b.start()
	response, err := http.Get(b.url + "/drip")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for _, want := range []string{"one", "two"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("line %q, want %q", lines.Text(), want)
		}
		if want == "one" {
			close(more)
		}
	}
}

func TestErrorsOfStreams(t *testing.T) {
	t.Parallel()
	b := setup(t)
	op := rest.Operation{ID: "ticks", Method: "GET", Path: "/ticks", Stream: true}
	b.router.Get(op.Path, b.api.HandleStream(op, func(_ context.Context, _ *rest.Input, w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-cache")
		switch {
		case r.URL.Query().Has("early"):
			w.WriteHeader(http.StatusEarlyHints)
		case r.URL.Query().Has("late"):
			fmt.Fprint(w, "data: 1\n\n")
		}
		return &failure{code: "NO_TICKS", status: 404, cause: errors.New("why " + r.URL.RawQuery)}
	}))
	b.start()
	for _, query := range []string{"", "?early"} {
		got := b.do("GET", "/ticks"+query, nil)
		got.want(t, 404, `"NO_TICKS"`)
		if got.header.Get("Content-Type") != "application/json" || got.header.Get("Cache-Control") != "" {
			t.Errorf("headers = %v", got.header)
		}
	}
	if text := b.logs.String(); text != "" {
		t.Errorf("logged: %s", text)
	}
	got := b.do("GET", "/ticks?late", nil)
	got.want(t, 200, "data: 1")
	if strings.Contains(got.body, "NO_TICKS") {
		t.Errorf("the error was written into the response: %s", got.body)
	}
	if text := b.logs.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "operation=ticks") {
		t.Errorf("logged: %s", text)
	}
}

func TestCallersWhoLeaveAreNoErrors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	inside, done := make(chan struct{}), make(chan struct{})
	b.handle(rest.Operation{ID: "wait", Method: "GET", Path: "/wait"}, func(ctx context.Context, _ *rest.Input) (rest.Response, error) {
		defer close(done)
		close(inside)
		<-ctx.Done()
		return nil, fmt.Errorf("waiting: %w", ctx.Err())
	})
	b.start()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-inside
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, "GET", b.url+"/wait", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Error("there was a response")
	}
	<-done
	if text := b.logs.String(); text != "" {
		t.Errorf("logged: %s", text)
	}
}

func TestCancellationOfTheServersOwnIsAnError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "own", Method: "GET", Path: "/own"}, func(context.Context, *rest.Input) (rest.Response, error) {
		return nil, context.Canceled
	})
	b.start()
	b.do("GET", "/own", nil).want(t, 500)
	if text := b.logs.String(); !strings.Contains(text, "level=ERROR") {
		t.Errorf("logged: %s", text)
	}
}

func TestWriteErrorByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	recorder := httptest.NewRecorder()
	b.api.WriteError(recorder, httptest.NewRequest("HEAD", "/ws", nil), &rest.Problem{Kind: rest.UpgradeRequired, Message: "m", Header: http.Header{"x-more": {"y"}}})
	if recorder.Code != 426 || recorder.Header().Get("Upgrade") != "websocket" || recorder.Header().Get("X-More") != "y" || recorder.Body.Len() != 0 {
		t.Errorf("%d %v %q", recorder.Code, recorder.Header(), recorder.Body)
	}
}

func TestWriteEmpty(t *testing.T) {
	t.Parallel()
	for status, length := range map[int]string{204: "", 202: "0"} {
		recorder := httptest.NewRecorder()
		if err := rest.WriteEmpty(recorder, status); err != nil || recorder.Code != status || recorder.Header().Get("Content-Length") != length {
			t.Errorf("%d: %v %v", status, err, recorder.Header())
		}
	}
}
