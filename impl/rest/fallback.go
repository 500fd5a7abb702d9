package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// methods are those that a route answers in one way or another.
var methods = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace,
}

// Fallback completes a router whose routes are the operations given to
// [API.Handle], after they have been mounted. HEAD is answered wherever GET is,
// streams excepted; OPTIONS with 204 and Allow, without credentials; any other
// method with 405 and Allow, which lists exactly what is answered; and an
// unknown route with 404. A path with a trailing slash is another path.
func (a *API) Fallback(router chi.Router) {
	f := fallback{api: a, router: router, allow: map[string]string{}}
	mounted := map[string]map[string]http.Handler{}
	for _, known := range router.Routes() {
		mounted[known.Pattern] = known.Handlers
	}
	for _, known := range a.routes {
		path := known.operation.Path
		if _, done := f.allow[path]; !done && mounted[path]["*"] == nil {
			f.complete(path, mounted[path])
		}
	}
	router.NotFound(a.Middleware(http.HandlerFunc(f.notFound)).ServeHTTP)
	router.MethodNotAllowed(a.Middleware(http.HandlerFunc(f.unknownMethod)).ServeHTTP)
}

type fallback struct {
	api    *API
	router chi.Router
	allow  map[string]string // path → methods that are answered
}

// complete mounts what is missing on a path. Every method gets a handler:
// otherwise the router would go on to a path that matches less closely.
func (f *fallback) complete(path string, mounted map[string]http.Handler) {
	allowed := []string{http.MethodOptions}
	for method := range mounted {
		allowed = append(allowed, method)
	}
	head := f.head(path, mounted)
	if head != nil {
		allowed = append(allowed, http.MethodHead)
		f.router.Method(http.MethodHead, path, head)
	}
	slices.Sort(allowed)
	allow := strings.Join(slices.Compact(allowed), ", ")
	f.allow[path] = allow
	for _, method := range methods {
		if mounted[method] != nil || method == http.MethodHead && head != nil {
			continue
		}
		answer := f.notAllowed(allow)
		if method == http.MethodOptions {
			answer = options(allow)
		}
		f.router.Method(method, path, f.api.Middleware(known(answer, f.notFound)))
	}
}

// head returns the handler of GET on a path, if it is to answer HEAD.
func (f *fallback) head(path string, mounted map[string]http.Handler) http.Handler {
	for _, known := range f.api.routes {
		op := known.operation
		if op.Path == path && op.Method == http.MethodGet && !op.Stream && mounted[http.MethodHead] == nil {
			return known.handler
		}
	}
	return nil
}

// known answers on a route, and otherwise where a parameter of the path is
// empty, which is none.
func known(answer, otherwise http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := pathValues(r); !ok {
			otherwise(w, r)
			return
		}
		answer(w, r)
	})
}

func options(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		_ = WriteEmpty(w, http.StatusNoContent)
	}
}

func (f *fallback) notAllowed(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.api.WriteError(w, r, &Problem{
			Kind: MethodNotAllowed, Message: "the method " + r.Method + " is not allowed here", Header: http.Header{"Allow": {allow}},
		})
	}
}

func (f *fallback) notFound(w http.ResponseWriter, r *http.Request) {
	f.api.WriteError(w, r, noRoute())
}

func noRoute() error {
	return &Problem{Kind: NotFound, Message: "there is no such route"}
}

// unknownMethod answers a method that the router has never heard of, on any
// path, and one that is not mounted on a route beside those of the API.
func (f *fallback) unknownMethod(w http.ResponseWriter, r *http.Request) {
	path := routePath(r)
	var allowed []string
	for _, method := range methods {
		found := chi.NewRouteContext()
		pattern := f.router.Find(found, method, path)
		if allow, ours := f.allow[pattern]; ours && !slices.Contains(found.URLParams.Values, "") {
			f.notAllowed(allow)(w, r)
			return
		} else if ours {
			break
		}
		if pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		f.notFound(w, r)
		return
	}
	f.notAllowed(strings.Join(allowed, ", "))(w, r)
}

// routePath is the path that the router goes by.
func routePath(r *http.Request) string {
	if known := chi.RouteContext(r.Context()); known != nil && known.RoutePath != "" {
		return known.RoutePath
	}
	if r.URL.RawPath != "" {
		return r.URL.RawPath
	}
	return r.URL.Path
}
