package resume

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Answer is what one of an operation's documented statuses carries.
type Answer struct {
	decode func(a answer) error
}

// JSONInto is an answer whose JSON body is decoded into the value that into
// points to.
func JSONInto(into any) Answer {
	return Answer{decode: func(a answer) error {
		if !isJSON(a.mediaType()) {
			return a.unexpected(nil)
		}
		if err := codec.Unmarshal(a.body, into); err != nil {
			return a.unexpected(err)
		}
		return nil
	}}
}

// NoBody is an answer whose status says everything.
func NoBody() Answer {
	return Answer{decode: func(answer) error { return nil }}
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) mediaType() string {
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return a.header.Get("Content-Type")
	}
	return mediaType
}

// unexpected is the error that the document does not foresee this answer.
func (a answer) unexpected(cause error) *AnswerError {
	return &AnswerError{Status: a.status, MediaType: a.mediaType(), Excerpt: excerpt(a.body), Err: cause}
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// exchange sends a request and reads its answer, whatever its status.
func (c *Conn) exchange(ctx context.Context, client *http.Client, request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, connectionFailure(ctx, err)
	}
	return c.read(ctx, response)
}

// read reads a response to its end and closes it.
func (c *Conn) read(ctx context.Context, response *http.Response) (answer, error) {
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.config.MaxBytes+1))
	if err != nil {
		return a, connectionFailure(ctx, fmt.Errorf("reading the answer of status %d: %w", a.status, err))
	}
	a.body = body
	if int64(len(body)) > c.config.MaxBytes {
		return a, a.unexpected(ErrTooLarge)
	}
	return a, nil
}
