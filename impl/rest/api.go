package rest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/taskbridge/tbgen/impl/schema"
)

// API is what the operations of a document have in common. Its fields are set
// before the first operation is given to [API.Handle] and not changed later.
type API struct {
	// Schemas are the schemas that parameters and bodies refer to by name.
	Schemas *schema.Set
	// Schemes are the ways to give a credential that operations refer to.
	Schemes []SecurityScheme
	// Authenticator judges credentials. It may be nil if no operation has
	// security.
	Authenticator Authenticator
	// Problem words a problem as an error of the document. If it is nil,
	// callers get an object with the members code, message and errors.
	Problem func(*Problem) Coded
	// Settings bound requests.
	Settings Settings

	routes []route
}

// route is an operation that has a handler.
type route struct {
	operation Operation
	handler   http.Handler
}

// Settings bound requests. The zero value of a field is its default.
type Settings struct {
	// MaxBody is the largest body in bytes that is no form, default 1 MiB.
	MaxBody int64
	// MaxForm is the largest multipart body in bytes, default 32 MiB.
	MaxForm int64
	// MaxDepth is the deepest nesting of objects and arrays, default 1000.
	MaxDepth int
	// Logger gets what callers are not told, default [slog.Default].
	Logger *slog.Logger
	// Limit says whether the caller, known by the context that the
	// [Authenticator] returned, has to wait before it may call the operation.
	// Nil limits nothing.
	Limit func(ctx context.Context, operation string) (retryAfter time.Duration, limited bool)
	// Now is the clock of error envelopes, default [time.Now].
	Now func() time.Time
}

func (s Settings) maxBody() int64 { return cmp.Or(s.MaxBody, 1<<20) }
func (s Settings) maxForm() int64 { return cmp.Or(s.MaxForm, 32<<20) }
func (s Settings) maxDepth() int  { return cmp.Or(s.MaxDepth, 1000) }

func (s Settings) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}

func (s Settings) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// Operation is one operation of the document.
type Operation struct {
	// ID is its operationId.
	ID string
	// Method and Path are its route; parameters of the path are in braces.
	Method, Path string
	// Security names the schemes of which any may be used; none is public.
	Security []string
	// Parameters are all its parameters.
	Parameters []Parameter
	// Bodies are its bodies by media type; without any, a body is ignored.
	Bodies []Body
	// BodyRequired tells whether a request without a body is malformed.
	BodyRequired bool
	// Stream tells that the response has no end of its own: there is no HEAD.
	Stream bool
}

// Parameter is a parameter of an operation.
type Parameter struct {
	Name string
	// In is path, query, header or cookie.
	In       string
	Required bool
	// Schema is the name of its schema.
	Schema string
	// Style and Explode say how a list is written, as in OpenAPI: form, simple,
	// spaceDelimited or pipeDelimited. Without a style it is the default of the
	// location.
	Style   string
	Explode bool
}

// Body is a body of an operation.
type Body struct {
	MediaType string
	// Schema is the name of its schema.
	Schema string
	// Files are the names of the parts of a form that are files.
	Files []string
}

// Response is a response that can write itself. It returns an error without
// having written anything if it has no JSON.
type Response interface {
	WriteResponse(w http.ResponseWriter) error
}
