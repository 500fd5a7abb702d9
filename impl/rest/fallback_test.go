package rest_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/taskbridge/tbgen/impl/rest"
)

func sayID(id string) func(context.Context, *rest.Input) (rest.Response, error) {
	return func(context.Context, *rest.Input) (rest.Response, error) { return answer{200, id}, nil }
}

func streamID(id string) func(context.Context, *rest.Input, http.ResponseWriter, *http.Request) error {
	return func(_ context.Context, _ *rest.Input, w http.ResponseWriter, _ *http.Request) error {
		return rest.WriteJSON(w, http.StatusOK, id)
	}
}

// routes mounts operations that overlap in every way that matters.
func (b *bundle) routes() {
	secured := []string{"bearer"}
	b.handle(rest.Operation{ID: "list", Method: "GET", Path: "/orders", Security: secured}, sayID("list"))
	b.handle(rest.Operation{ID: "create", Method: "POST", Path: "/orders", Security: secured}, sayID("create"))
	b.handle(rest.Operation{ID: "get", Method: "GET", Path: "/orders/{orderId}", Security: secured}, sayID("get"))
	b.handle(rest.Operation{ID: "drop", Method: "DELETE", Path: "/orders/{orderId}", Security: secured}, sayID("drop"))
	b.handle(rest.Operation{ID: "cancel", Method: "POST", Path: "/orders/{orderId}/cancel"}, sayID("cancel"))
	for path, id := range map[string]string{"/orders/ws": "socket", "/orders/{orderId}/ticks/stream": "ticks"} {
		op := rest.Operation{ID: id, Method: "GET", Path: path, Stream: true}
		b.router.Get(path, b.api.HandleStream(op, streamID(id)))
	}
	poll := rest.Operation{ID: "poll", Method: "GET", Path: "/orders/{orderId}/ticks"}
	b.router.Get(poll.Path, b.api.HandleStream(poll, streamID("poll")))
}

func TestMethods(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.routes()
	b.router.Get("/own", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	b.start()
	for path, allow := range map[string]string{
		"/orders":                  "GET, HEAD, OPTIONS, POST",
		"/orders/o-1":              "DELETE, GET, HEAD, OPTIONS",
		"/orders/o%2F1":            "DELETE, GET, HEAD, OPTIONS",
		"/orders/o-1/cancel":       "OPTIONS, POST",
		"/orders/ws":               "GET, OPTIONS",
		"/orders/o-1/ticks":        "GET, HEAD, OPTIONS",
		"/orders/o-1/ticks/stream": "GET, OPTIONS",
	} {
		got := b.do("OPTIONS", path, nil)
		got.want(t, 204)
		if got.header.Get("Allow") != allow || got.body != "" || got.header.Get("X-Request-Id") == "" {
			t.Errorf("OPTIONS %s: %v %q, want Allow %q", path, got.header, got.body, allow)
		}
		for _, method := range []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "PURGE", "get"} {
			got := b.do(method, path, nil, "Authorization", "Bearer good")
			if listed := contains(allow, method); listed != (got.status == 200 || got.status == 204) {
				t.Errorf("%s %s: %d, listed %v", method, path, got.status, listed)
			}
			if contains(allow, method) {
				continue
			}
			if got.status != 405 || got.header.Get("Allow") != allow || got.header.Get("X-Request-Id") == "" {
				t.Errorf("%s %s: %d %v, want 405 with Allow %q", method, path, got.status, got.header, allow)
			}
		}
	}
	b.do("GET", "/own", nil).want(t, http.StatusTeapot)
	got := b.do("POST", "/own", nil)
	got.want(t, 405, `"X_METHODNOTALLOWED"`)
	if got.header.Get("Allow") != "GET" {
		t.Errorf("Allow of a host's own route = %q", got.header.Get("Allow"))
	}
}

func contains(allow, method string) bool {
	return slices.Contains(strings.Split(allow, ", "), method)
}

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.routes()
	b.start()
	for _, path := range []string{"/", "/order", "/orders/", "/orders/o-1/", "/orders/o-1/ticks/", "/orders//ticks", "/orders/o-1/ticks/stream/x", "/orders%2Fo-1", "/orders/a/b/c"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "PURGE"} {
			got := b.do(method, path, nil)
			if got.status != 404 || got.header.Get("X-Request-Id") == "" || (method != "HEAD" && got.header.Get("Content-Type") != "application/json") {
				t.Errorf("%s %s: %d %v, want 404", method, path, got.status, got.header)
			}
			if got.header.Get("Allow") != "" {
				t.Errorf("%s %s: Allow %q", method, path, got.header.Get("Allow"))
			}
		}
	}
	b.do("GET", "/nowhere", nil).want(t, 404, `"X_NOTFOUND"`)
}

func TestHead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.routes()
	b.start()
	for path, header := range map[string][]string{
		"/orders": {"Authorization", "Bearer good"}, "/orders/o-1": nil, "/orders/o-1/ticks": nil, "/nowhere": nil, "/orders/o-1/ticks/stream": nil,
	} {
		get, head := b.do("GET", path, nil, header...), b.do("HEAD", path, nil, header...)
		if path == "/orders/o-1/ticks/stream" {
			get = b.do("POST", path, nil)
			head.want(t, 405)
		}
		if head.body != "" || head.status != get.status {
			t.Errorf("HEAD %s: %d %q, GET has %d", path, head.status, head.body, get.status)
		}
		for _, name := range []string{"Content-Type", "WWW-Authenticate", "Allow"} {
			if head.header.Get(name) != get.header.Get(name) {
				t.Errorf("HEAD %s: %s = %q, GET has %q", path, name, head.header.Get(name), get.header.Get(name))
			}
		}
		if path != "/orders/o-1/ticks/stream" && head.header.Get("Content-Length") != get.header.Get("Content-Length") {
			t.Errorf("HEAD %s: Content-Length %q, GET has %q", path, head.header.Get("Content-Length"), get.header.Get("Content-Length"))
		}
	}
}

func TestFallbackInAHostsRouter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	host := chi.NewRouter()
	host.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Host", "seen")
			next.ServeHTTP(w, r)
		})
	})
	host.Get("/health", func(w http.ResponseWriter, _ *http.Request) { _ = rest.WriteEmpty(w, 200) })
	inner := b.router
	b.routes()
	host.Mount("/api", inner)
	b.api.Fallback(inner)
	b.router = host
	b.url = serve(t, host)
	for _, method := range []string{"GET", "HEAD"} {
		got := b.do(method, "/api/orders/o%2F1/ticks", nil)
		got.want(t, 200)
		if len(got.header.Values("X-Host")) != 1 {
			t.Errorf("%s: the host's middleware ran %d times", method, len(got.header.Values("X-Host")))
		}
	}
	b.do("PURGE", "/api/orders/o-1", nil).want(t, 405)
	b.do("POST", "/api/orders/ws", nil).want(t, 405)
	b.do("GET", "/api/nowhere", nil).want(t, 404, `"X_NOTFOUND"`)
	b.do("GET", "/health", nil).want(t, 200)
}

func TestFallbackKeepsTheRoutesOfTheHost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	teapot := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	b.router.Put("/orders", teapot)
	b.router.Head("/orders", teapot)
	b.router.Options("/orders/{orderId}", teapot)
	b.routes()
	b.router.Handle("/all", http.HandlerFunc(teapot))
	b.router.Method("GET", "/all", b.api.Handle(rest.Operation{ID: "all", Method: "GET", Path: "/all"}, sayID("all")))
	b.start()
	for _, route := range []string{"PUT /orders", "HEAD /orders", "OPTIONS /orders/o-1"} {
		method, path, _ := strings.Cut(route, " ")
		b.do(method, path, nil).want(t, http.StatusTeapot)
	}
	if allow := b.do("PATCH", "/orders", nil).header.Get("Allow"); allow != "GET, HEAD, OPTIONS, POST, PUT" {
		t.Errorf("Allow = %q", allow)
	}
}
