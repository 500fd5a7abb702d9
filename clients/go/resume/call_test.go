package resume_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

// get is a call that expects an empty answer.
func get(path string) resume.Call {
	return resume.Call{
		Operation: "GET " + path, Method: http.MethodGet, Path: path,
		Expect: map[int]resume.Answer{http.StatusOK: resume.NoBody()},
	}
}

type order struct {
	Item  string `json:"item"`
	Count int    `json:"count"`
}

func TestCallSendsAndDecodes(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.EscapedPath() != "/v2/orders/a%2Fb%20%3F/%2E%2E" || r.URL.RawQuery != "dry=yes&note=a%26b" ||
			r.Header.Get("If-Match") != "7" || r.Header.Get("Content-Type") != "application/json" ||
			r.ContentLength != int64(len(body)) || string(body) != `{"item":"<pen>","count":2}` {
			refuse(w, http.StatusBadRequest, r.Method+" "+r.URL.String()+" "+string(body))
			return
		}
		answerJSON(w, http.StatusCreated, order{Item: "pen", Count: 3})
	}))
	var got order
	err := dial(t, server.URL+"/v2/").Do(t.Context(), resume.Call{
		Operation: "createOrder", Method: http.MethodPost,
		Path: "/orders/{orderId}/{line}", PathValues: map[string]string{"orderId": "a/b ?", "line": ".."},
		Query: url.Values{"dry": {"yes"}, "note": {"a&b"}}, Header: http.Header{"if-match": {"7"}},
		Body:   resume.JSON(order{Item: "<pen>", Count: 2}),
		Expect: map[int]resume.Answer{http.StatusOK: resume.NoBody(), http.StatusCreated: resume.JSONInto(&got)},
	})
	if err != nil || got != (order{Item: "pen", Count: 3}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCallThatCannotBeSent(t *testing.T) {
	t.Parallel()
	conn := dial(t, "http://127.0.0.1:1")
	empty := get("/orders/{orderId}")
	empty.PathValues = map[string]string{"orderId": ""}
	unencodable := get("/orders")
	unencodable.Body = resume.JSON(func() {})
	for _, call := range []resume.Call{get("/orders/{orderId}"), empty, unencodable} {
		err := conn.Do(t.Context(), call)
		if err == nil || !strings.HasPrefix(err.Error(), call.Operation+": ") || strings.Contains(err.Error(), "dial") {
			t.Error(err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "shop", "ftp://shop", "http://", "http://a:b@shop", "http://shop?x=1", "http://shop#x", "http://shop:port"} {
		if _, err := resume.New(bad, resume.Config{}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// flaky answers with the statuses given, one each, then with 200.
func flaky(t *testing.T, statuses ...int) (address string, requests *atomic.Int32) {
	requests = new(atomic.Int32)
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n := int(requests.Add(1))
		if n <= len(statuses) {
			if statuses[n-1] == 0 {
				panic(http.ErrAbortHandler)
			}
			refuse(w, statuses[n-1], "NO")
			return
		}
		answerJSON(w, http.StatusOK, string(body))
	}))
	return server.URL, requests
}

func TestWhichCallsAreRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method     string
		idempotent bool
		statuses   []int // answers before the good one; 0 cuts the connection
		want       int   // requests
		ok         bool
	}{
		"reading, cut":                {http.MethodGet, false, []int{0, 0, 0}, 4, true},
		"reading, 5xx and 429":        {http.MethodGet, false, []int{500, 503, 429}, 4, true},
		"reading, too often":          {http.MethodGet, false, []int{502, 502, 502, 502}, 4, false},
		"reading, 501":                {http.MethodGet, false, []int{501}, 1, false},
		"reading, 404":                {http.MethodGet, false, []int{404}, 1, false},
		"writing, 503":                {http.MethodPost, false, []int{503}, 1, false},
		"writing, cut":                {http.MethodPost, false, []int{0}, 1, false},
		"writing, idempotent, 503":    {http.MethodPost, true, []int{503, 0}, 3, true},
		"writing, idempotent, 409":    {http.MethodPost, true, []int{409}, 1, false},
		"deleting without being told": {http.MethodDelete, false, []int{503}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, requests := flaky(t, test.statuses...)
			var got string
			call := resume.Call{
				Operation: "order", Method: test.method, Path: "/orders", Idempotent: test.idempotent,
				Expect: map[int]resume.Answer{http.StatusOK: resume.JSONInto(&got)},
			}
			if test.method == http.MethodPost {
				call.Body = resume.JSON(1)
			}
			err := dial(t, address).Do(t.Context(), call)
			if (err == nil) != test.ok {
				t.Error(err)
			}
			if test.ok && test.method == http.MethodPost && got != "1" {
				t.Errorf("the body of the last try was %q", got)
			}
			// A connection that was cut while idle is net/http's own to repeat.
			if n := int(requests.Load()); n != test.want {
				t.Errorf("%d requests, want %d", n, test.want)
			}
		})
	}
}

func TestExpectedFailureStatusIsAnAnswer(t *testing.T) {
	t.Parallel()
	address, requests := flaky(t, 503)
	call := get("/ready")
	var got struct{ Code string }
	call.Expect[http.StatusServiceUnavailable] = resume.JSONInto(&got)
	if err := dial(t, address).Do(t.Context(), call); err != nil || got.Code != "NO" || requests.Load() != 1 {
		t.Errorf("%v, %+v, %d requests", err, got, requests.Load())
	}
}

func TestErrorsOfAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status          int
		mediaType, body string
		want            string
	}{
		"coded":               {404, "application/json", `{"code":"NO_ORDER"}`, "order: NO_ORDER (404)"},
		"no envelope":         {404, "text/plain", "nothing here", `order: unexpected answer: status 404 (text/plain): "nothing here"`},
		"status":              {204, "", "", `order: unexpected answer: status 204`},
		"media type":          {200, "text/html; charset=utf-8", "<p>", `order: unexpected answer: status 200 (text/html): "<p>"`},
		"not JSON":            {200, "application/json", `{"item":`, `order: unexpected answer: status 200 (application/json): unexpected end of JSON input: "{\"item\":"`},
		"another shape":       {200, "application/problem+json", `{"item":7}`, `order: unexpected answer: status 200 (application/problem+json): json: cannot unmarshal number into Go struct field order.item of type string: "{\"item\":7}"`},
		"larger than allowed": {200, "application/json", strings.Repeat("é", 300), `order: unexpected answer: status 200 (application/json): larger than this client accepts: "` + strings.Repeat("é", 128) + `…"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.mediaType)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			conn := dial(t, server.URL, func(c *resume.Config) { c.MaxBytes = 500 })
			var got order
			err := conn.Do(t.Context(), resume.Call{
				Operation: "order", Method: http.MethodGet, Path: "/orders",
				Expect: map[int]resume.Answer{http.StatusOK: resume.JSONInto(&got)},
			})
			if err == nil || err.Error() != test.want {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

func TestEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	conn := dial(t, server.URL, func(c *resume.Config) { c.MaxBytes = 10_000 })
	if err := conn.Do(t.Context(), get("/quote")); !errors.Is(err, resume.ErrTooLarge) {
		t.Error(err)
	}
}

func TestRedirectsKeepTheBody(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusTemporaryRedirect)
			return
		}
		body, _ := io.ReadAll(r.Body)
		answerJSON(w, http.StatusOK, string(body))
	}))
	var got string
	err := dial(t, server.URL).Do(t.Context(), resume.Call{
		Method: http.MethodPost, Path: "/old", Body: resume.JSON("x"),
		Expect: map[int]resume.Answer{http.StatusOK: resume.JSONInto(&got)},
	})
	if err != nil || got != `"x"` {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWrongIdentityIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	var handshakes atomic.Int32
	secure.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			handshakes.Add(1)
		}
	}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	conn := dial(t, secure.URL)
	if err := conn.Do(t.Context(), get("/")); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	if _, err := collect(observe(t.Context(), conn)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	if n := handshakes.Load(); n != 2 {
		t.Errorf("%d attempts", n)
	}
}

func TestObserveOverTLS(t *testing.T) {
	t.Parallel()
	f := newFeed(3)
	f.finish()
	server := httptest.NewUnstartedServer(f)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	answer, err := server.Client().Get(server.URL) // which sets the client up for HTTP/2
	if err != nil || answer.ProtoMajor != 2 {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		conn := dial(t, server.URL, func(c *resume.Config) { c.HTTPClient = server.Client() })
		items, err := collect(observe(t.Context(), conn, resume.WithTransport(transport)))
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items, f.record()...)
	})
}

func TestCallsWaitAsTheServerAsks(t *testing.T) {
	t.Parallel()
	busy := 1
	handler := func(w http.ResponseWriter, _ *http.Request) {
		if busy--; busy >= 0 {
			w.Header().Set("Retry-After", "20")
			refuse(w, http.StatusTooManyRequests, "SLOW_DOWN")
		}
	}
	underFakeClock(t, handler, func(t *testing.T, conn *resume.Conn) {
		start := time.Now()
		if err := conn.Do(t.Context(), get("/quote")); err != nil || time.Since(start) != 20*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		// A pause that the deadline does not allow is not begun.
		busy = 1
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start = time.Now()
		err := conn.Do(ctx, get("/quote"))
		if told, ok := errors.AsType[*coded](err); !ok || told.Status != 429 || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestContextEndsACall(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	server := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(enough)
		<-r.Context().Done()
	}))
	if err := dial(t, server.URL).Do(ctx, get("/quote")); !errors.Is(err, enough) {
		t.Error(err)
	}
}
