package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// exchange is a request and its answer.
type exchange struct {
	call   *call
	status int
	header http.Header
	// body is nil for an event stream and an upgraded connection, which may
	// have no end.
	body    []byte
	endless bool
}

// maxBody bounds the answers that are read.
const maxBody = 64 << 20

// expectAbove is the size of a body from which the server is asked whether it
// wants it, so that one that refuses it is not cut off in mid-request.
const expectAbove = 64 << 10

// send does a call once.
func (s *session) send(ctx context.Context, c *call) (*exchange, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	request, err := s.request(ctx, c)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, s.unanswered(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	out := &exchange{call: c, status: response.StatusCode, header: response.Header}
	s.touched.answer(c.operation, out.status)
	if out.status == http.StatusSwitchingProtocols || mediaType(response.Header) == eventStream {
		out.endless = true
		return out, nil
	}
	out.body, err = io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, s.unanswered(ctx, err)
	}
	return out, nil
}

// unanswered says why there is no answer.
func (s *session) unanswered(ctx context.Context, err error) error {
	if s.ctx.Err() == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", s.options.Patience)
	}
	return err
}

func (s *session) request(ctx context.Context, c *call) (*http.Request, error) {
	query := maps.Clone(c.query)
	header := c.header.Clone()
	c.authorize(header, query, c.token)
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, s.url(c.path, query).String(), body)
	if err != nil {
		return nil, err
	}
	request.Header = header
	if len(c.body) > expectAbove {
		request.Header.Set("Expect", "100-continue")
	}
	return request, nil
}

const eventStream = "text/event-stream"

// mediaType is the media type of a message without its parameters.
func mediaType(header http.Header) string {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return header.Get("Content-Type")
	}
	return media
}

// curl is the call as a command for a shell. The credential stands in it as
// $TOKEN, never as itself.
func (s *session) curl(c *call, flags ...string) string {
	query, header := maps.Clone(c.query), c.header.Clone()
	c.authorize(header, query, "$TOKEN")
	target := strings.ReplaceAll(s.url(c.path, query).String(), url.QueryEscape("$TOKEN"), "$TOKEN")
	words := append([]string{"curl", "-i"}, flags...)
	if c.method != http.MethodGet {
		words = append(words, "-X", c.method)
	}
	words = append(words, quote(target))
	if c.scheme != nil && c.scheme.Scheme == "basic" && header.Get("Authorization") != "" {
		header.Del("Authorization")
		words = append(words, "-u", `"$TOKEN"`)
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			words = append(words, "-H", quote(name+": "+value))
		}
	}
	if c.body != nil {
		words = append(words, "--data-binary", quote(shorten(string(c.body), 2000)))
	}
	return strings.Join(words, " ")
}

// quote quotes a word for a shell; only $TOKEN is left for it to replace.
func quote(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	quoted = strings.ReplaceAll(quoted, "$TOKEN", `'"$TOKEN"'`)
	if strings.HasSuffix(text, "$TOKEN") {
		quoted = strings.TrimSuffix(quoted, "''")
	}
	return quoted
}

// shorten cuts a long text and says so.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes in all)", strings.ToValidUTF8(text[:limit], ""), len(text))
}
