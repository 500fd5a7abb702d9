package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
)

// Handle returns the handler of an operation: it judges a request, has it
// served, and writes the response or the error. The operation is remembered for
// [API.Fallback]; so all operations are given to Handle or [API.HandleStream]
// first, and not concurrently. An operation that the API cannot serve (security
// without an [Authenticator], a scheme that is not among the Schemes, a schema
// that is not in the Set) is a fault of the program and panics.
func (a *API) Handle(op Operation, serve func(ctx context.Context, in *Input) (Response, error)) http.HandlerFunc {
	return a.HandleStream(op, func(ctx context.Context, in *Input, w http.ResponseWriter, _ *http.Request) error {
		response, err := serve(ctx, in)
		switch {
		case err != nil:
			return err
		case response == nil:
			return errors.New("the handler returned no response")
		default:
			return response.WriteResponse(w)
		}
	})
}

// HandleStream is [API.Handle] for an operation that writes its response
// itself. An error that serve returns before anything was written becomes an
// ordinary error response, a later one is logged.
func (a *API) HandleStream(op Operation, serve func(ctx context.Context, in *Input, w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	a.check(op)
	handler := a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := stateOf(r.Context())
		known.operation = op.ID
		err := a.judge(&op, w, r, serve)
		switch {
		case err == nil:
		case known.writer.written:
			a.Settings.logger().LogAttrs(r.Context(), level(r, err, slog.LevelWarn), "response broke off", a.about(r, err)...)
		default:
			a.WriteError(w, r, err)
		}
	}))
	a.routes = append(a.routes, route{op, handler})
	return handler.ServeHTTP
}

// check panics if the API cannot serve the operation.
func (a *API) check(op Operation) {
	fail := func(format string, args ...any) {
		panic(fmt.Sprintf("rest: operation %s: %s", op.ID, fmt.Sprintf(format, args...)))
	}
	if len(op.Security) > 0 && a.Authenticator == nil {
		fail("it has security, but there is no Authenticator")
	}
	for _, name := range op.Security {
		if !slices.ContainsFunc(a.Schemes, func(s SecurityScheme) bool { return s.Name == name }) {
			fail("there is no security scheme %q", name)
		}
	}
	var schemas []string
	for _, p := range op.Parameters {
		schemas = append(schemas, p.Schema)
		if !p.supported() {
			fail("parameter %q in %s: style %q is not supported", p.Name, p.In, p.Style)
		}
	}
	for _, b := range op.Bodies {
		schemas = append(schemas, b.Schema)
	}
	for _, name := range schemas {
		if !slices.Contains(a.Schemas.Names(), name) {
			fail("there is no schema %q", name)
		}
	}
}

// judge does everything that comes before the form of a request, then serves.
func (a *API) judge(op *Operation, w http.ResponseWriter, r *http.Request, serve func(context.Context, *Input, http.ResponseWriter, *http.Request) error) error {
	path, ok := pathValues(r)
	if !ok {
		return noRoute()
	}
	ctx, err := a.authenticate(op, r)
	if err != nil {
		return err
	}
	if err := a.limit(ctx, op); err != nil {
		return err
	}
	r = r.WithContext(ctx)
	return serve(ctx, &Input{api: a, op: op, w: w, r: r, path: path}, w, r)
}

func (a *API) authenticate(op *Operation, r *http.Request) (context.Context, error) {
	if len(op.Security) == 0 {
		return r.Context(), nil
	}
	return a.accept(r, a.Credentials(r, op.Security))
}

// accept asks the Authenticator.
func (a *API) accept(r *http.Request, credentials Credentials) (context.Context, error) {
	ctx, err := a.Authenticator.Authenticate(r.Context(), credentials)
	if err == nil {
		return ctx, nil
	}
	_, coded := errors.AsType[Coded](err)
	_, problem := errors.AsType[*Problem](err)
	if coded || problem || left(r, err) {
		return nil, err
	}
	return nil, &Problem{Kind: Unauthenticated, Message: "the credentials are missing or not accepted", Err: err}
}

func (a *API) limit(ctx context.Context, op *Operation) error {
	if a.Settings.Limit == nil {
		return nil
	}
	wait, limited := a.Settings.Limit(ctx, op.ID)
	if !limited {
		return nil
	}
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return &Problem{
		Kind:    RateLimited,
		Message: fmt.Sprintf("too many requests, try again in %v", time.Duration(seconds)*time.Second),
		Header:  http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	}
}

// pathValues returns the parameters in the path of a request. An empty one is
// no route.
func pathValues(r *http.Request) (map[string]string, bool) {
	known := chi.RouteContext(r.Context())
	if known == nil {
		return nil, true
	}
	values := map[string]string{}
	for i, name := range known.URLParams.Keys {
		value := known.URLParams.Values[i]
		if name == "*" {
			continue
		}
		if r.URL.RawPath != "" { // then the router went by the escaped path
			value = unescape(value)
		}
		if value == "" {
			return nil, false
		}
		values[name] = value
	}
	return values, true
}
