package resume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Call is one call of an operation.
type Call struct {
	Operation  string            // its id, at the head of every error
	Method     string            // as http.MethodPost
	Path       string            // template, as "/orders/{orderId}"
	PathValues map[string]string // values of the template, not escaped, none empty
	Query      url.Values
	Header     http.Header
	Body       *Body // nil: none
	Idempotent bool  // may be repeated after a failure; GET, HEAD and OPTIONS always may
	Anonymous  bool  // takes no credential
	// Expect holds the documented statuses that are not errors. An expected
	// status is an answer, whatever its number: an expected 503 is not retried.
	Expect map[int]Answer
}

// Do makes a call and decodes its answer. A failure that may pass (of the
// network, 429, 5xx other than 501) is tried again if the call may be
// repeated; a refused credential is fetched anew once. Every error is headed
// by the operation: the one that Config.DecodeError made of the answer, an
// *AnswerError, one of the network, or the context's.
func (c *Conn) Do(ctx context.Context, call Call) error {
	if err := c.do(ctx, call); err != nil {
		return fmt.Errorf("%s: %w", call.Operation, err)
	}
	return nil
}

func (c *Conn) do(ctx context.Context, call Call) error {
	target, err := c.resolve(call.Path, call.PathValues, call.Query)
	if err != nil {
		return err
	}
	if call.Body != nil && call.Body.err != nil {
		return fmt.Errorf("request body: %w", call.Body.err)
	}
	tries := 1
	if call.Idempotent || slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, call.Method) {
		tries = c.config.Retry.Attempts
	}
	for failures := 1; ; failures++ {
		err := c.authorized(ctx, call, target)
		if err == nil {
			return nil
		}
		f := judge(err)
		if cause := context.Cause(ctx); cause != nil {
			return interrupted(cause, f.err)
		}
		if f.verdict != passing || failures >= tries {
			return f.err
		}
		pause := c.pause(failures, f.asked)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return f.err
		}
		if !sleep(ctx, pause) {
			return interrupted(context.Cause(ctx), f.err)
		}
	}
}

// interrupted is the error of a call whose context ended: its cause, and what
// had gone wrong until then.
func interrupted(cause, last error) error {
	if errors.Is(last, cause) {
		return last
	}
	return fmt.Errorf("%w (%w)", cause, last)
}

// authorized makes one try with the credential, which is fetched anew if the
// server refuses it.
func (c *Conn) authorized(ctx context.Context, call Call, target *url.URL) error {
	if call.Anonymous {
		return c.try(ctx, call, target, "")
	}
	token, err := c.token(ctx)
	if err != nil {
		return err
	}
	refusal := c.try(ctx, call, target, token)
	if refusal == nil || judge(refusal).verdict != refused || token == "" {
		return refusal
	}
	c.tokens.refuse(token)
	fresh, err := c.token(ctx)
	if err != nil {
		return err
	}
	if fresh == token {
		return refusal
	}
	return c.try(ctx, call, target, fresh)
}

// token is the credential; that it cannot be fetched passes if the network is
// to blame.
func (c *Conn) token(ctx context.Context) (string, error) {
	token, err := c.tokens.get(ctx)
	if err == nil {
		return token, nil
	}
	if isNetwork(err) {
		return "", connectionFailure(ctx, err)
	}
	return "", err
}

// try sends the request once.
func (c *Conn) try(ctx context.Context, call Call, target *url.URL, token string) error {
	request, err := c.request(ctx, call.Method, target, token)
	if err != nil {
		return err
	}
	for name, values := range call.Header {
		request.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	body := attach(request, call.Body)
	a, err := c.exchange(ctx, c.calls, request)
	if made := body.failure(); made != nil && err != nil {
		return fmt.Errorf("request body: %w", made)
	}
	if err != nil {
		return err
	}
	expected, ok := call.Expect[a.status]
	if !ok {
		return c.refusal(a)
	}
	return expected.decode(a)
}

// attach gives a request its body.
func attach(request *http.Request, body *Body) *source {
	opened := &source{}
	if body == nil {
		return opened
	}
	opened.ReadCloser = body.open()
	request.Body = opened
	request.GetBody = func() (io.ReadCloser, error) { return body.open(), nil }
	request.ContentLength = body.length
	request.Header.Set("Content-Type", body.mediaType)
	return opened
}
