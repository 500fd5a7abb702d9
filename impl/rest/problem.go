package rest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/taskbridge/tbgen/impl/schema"
)

// Kind is what is wrong with a request, or with the server.
type Kind int

// The kinds of problems.
const (
	Malformed        Kind = iota + 1 // 400: the form of the request
	Invalid                          // 422: well-formed, but not to the schema
	TooLarge                         // 413
	Unauthenticated                  // 401
	NotFound                         // 404: no such route
	MethodNotAllowed                 // 405
	RateLimited                      // 429
	UpgradeRequired                  // 426: a plain request where a WebSocket is
	OriginDenied                     // 403: a browser on a page that may not call
	Internal                         // 500
)

var kinds = map[Kind]struct {
	name   string
	status int
}{
	Malformed:        {"malformed", http.StatusBadRequest},
	Invalid:          {"invalid", http.StatusUnprocessableEntity},
	TooLarge:         {"tooLarge", http.StatusRequestEntityTooLarge},
	Unauthenticated:  {"unauthenticated", http.StatusUnauthorized},
	NotFound:         {"notFound", http.StatusNotFound},
	MethodNotAllowed: {"methodNotAllowed", http.StatusMethodNotAllowed},
	RateLimited:      {"rateLimited", http.StatusTooManyRequests},
	UpgradeRequired:  {"upgradeRequired", http.StatusUpgradeRequired},
	OriginDenied:     {"originDenied", http.StatusForbidden},
	Internal:         {"internal", http.StatusInternalServerError},
}

// String is the name of the kind.
func (k Kind) String() string { return kinds[k].name }

// HTTPStatus is the status that tells the kind.
func (k Kind) HTTPStatus() int { return kinds[k].status }

// Problem is an error that the runtime found by itself.
type Problem struct {
	Kind Kind
	// Message is for the caller.
	Message string
	// Violations are all of an Invalid request.
	Violations []schema.Violation
	// Header is added to the response.
	Header http.Header
	// Err is the cause, which callers are not told; nil for none.
	Err error
}

// Error is the kind, the message and the cause.
func (p *Problem) Error() string {
	text := p.Kind.String() + ": " + p.Message
	if p.Err != nil {
		text += ": " + p.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Coded is an error as callers know it: by a code, in an envelope. The error
// type of a generated model implements it.
type Coded interface {
	error
	HTTPStatus() int
	ErrorCode() string
	Envelope(now time.Time) any
}

// Coded returns what the caller is told of an error: the outermost [Coded] or
// [Problem] in its chain, else an internal error.
func (a *API) Coded(err error) Coded {
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch e := any(e).(type) { // of e itself: the loop unwraps
		case Coded:
			return e
		case *Problem:
			return a.word(e)
		}
	}
	if coded, ok := errors.AsType[Coded](err); ok {
		return coded
	}
	if problem, ok := errors.AsType[*Problem](err); ok {
		return a.word(problem)
	}
	return a.word(&Problem{Kind: Internal, Message: "internal error", Err: err})
}

func (a *API) word(p *Problem) Coded {
	if a.Problem == nil {
		return plain{p}
	}
	return a.Problem(p)
}

// plain is a problem of a document that says nothing about errors.
type plain struct {
	*Problem
}

// HTTPStatus implements [Coded].
func (p plain) HTTPStatus() int { return p.Kind.HTTPStatus() }

// ErrorCode implements [Coded].
func (p plain) ErrorCode() string { return p.Kind.String() }

// Envelope implements [Coded].
func (p plain) Envelope(time.Time) any {
	return struct {
		Code    string             `json:"code"`
		Message string             `json:"message"`
		Errors  []schema.Violation `json:"errors,omitempty"`
	}{p.ErrorCode(), p.Message, p.Violations}
}

// Unimplemented is the error of an operation that a handler does not have yet.
func Unimplemented(operation string) error {
	return fmt.Errorf("operation %s is not implemented", operation)
}
