package resume

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Config says how a server is reached. The zero value is a client without
// credentials.
type Config struct {
	// HTTPClient sends every request. Its Timeout bounds calls, never
	// streams. Nil is a client on a transport of its own.
	HTTPClient *http.Client
	// Dialer opens WebSockets. Nil is one with the proxy, TLS, dial and cookie
	// settings of HTTPClient.
	Dialer *websocket.Dialer
	// Token fetches the credential; nil means there is none. The token is kept
	// until the server refuses it. Concurrent calls share one fetch, whose
	// context ends when the last of them has given up.
	Token func(ctx context.Context) (string, error)
	// Authorize puts the token into a request: its header, query or cookies.
	// Nil sets "Authorization: Bearer <token>".
	Authorize func(request *http.Request, token string)
	// Header is sent with every request.
	Header http.Header
	// Retry paces repeated calls and reconnects.
	Retry Retry
	// MaxBytes bounds one answer, one frame and one event; 0 is 32 MiB.
	MaxBytes int64
	// DecodeError turns an error answer into a typed error. It returns nil for
	// a body that is not one of the API's, which becomes an *AnswerError.
	DecodeError func(status int, header http.Header, body []byte) error
	// DecodeClose turns the code and reason of a closed WebSocket into a typed
	// error. It returns nil for one it does not know, which becomes a
	// *CloseError. An HTTPStatus() int method of the error tells whether it is
	// a refused credential (401) or passes (429, 5xx).
	DecodeClose func(code int, reason string) error
}

const defaultMaxBytes = 32 << 20

// Conn is the way to one server: calls with Do, streams with Observe. It is
// safe for concurrent use.
type Conn struct {
	base    *url.URL
	config  Config
	calls   *http.Client
	streams *http.Client // calls without its overall timeout
	dialer  websocket.Dialer
	tokens  tokens
	jitter  func(limit time.Duration) time.Duration
}

// New returns the way to the server at baseURL, an http or https URL whose
// path is a prefix of every operation's. Nothing is sent yet.
func New(baseURL string, config Config) (*Conn, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL %q: %w", baseURL, err)
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	if config.MaxBytes == 0 {
		config.MaxBytes = defaultMaxBytes
	}
	if config.Authorize == nil {
		config.Authorize = bearer
	}
	config.Retry = config.Retry.withDefaults()
	streams := *config.HTTPClient
	streams.Timeout = 0
	return &Conn{
		base:    base,
		config:  config,
		calls:   config.HTTPClient,
		streams: &streams,
		dialer:  dialerOf(config),
		tokens:  tokens{source: config.Token},
		jitter:  fullJitter,
	}, nil
}

// CloseIdleConnections closes the connections kept for later calls.
func (c *Conn) CloseIdleConnections() {
	c.calls.CloseIdleConnections()
}

func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, errors.New("the scheme must be http or https")
	case base.Host == "":
		return nil, errors.New("the host is missing")
	case base.User != nil:
		return nil, errors.New("credentials do not belong into it")
	case base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("it must have neither query nor fragment")
	}
	return base, nil
}

func bearer(request *http.Request, token string) {
	request.Header.Set("Authorization", "Bearer "+token)
}

func fullJitter(limit time.Duration) time.Duration {
	return rand.N(limit + 1)
}

// dialerOf is the configured dialer, or one alike the HTTP client.
func dialerOf(config Config) websocket.Dialer {
	if config.Dialer != nil {
		return *config.Dialer
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, Jar: config.HTTPClient.Jar}
	transport, ok := config.HTTPClient.Transport.(*http.Transport)
	if !ok {
		return dialer
	}
	dialer.Proxy = transport.Proxy
	dialer.NetDialContext = transport.DialContext
	dialer.NetDialTLSContext = transport.DialTLSContext
	dialer.TLSClientConfig = withoutProtocols(transport.TLSClientConfig)
	return dialer
}

// withoutProtocols drops the negotiation of HTTP/2, over which a WebSocket
// cannot be opened.
func withoutProtocols(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	config = config.Clone()
	config.NextProtos = nil
	return config
}

// resolve fills an operation's path and places it under the base URL.
func (c *Conn) resolve(path string, values map[string]string, query url.Values) (*url.URL, error) {
	escaped, err := expand(path, values)
	if err != nil {
		return nil, err
	}
	escaped = strings.TrimSuffix(c.base.EscapedPath(), "/") + escaped
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", path, err)
	}
	target := *c.base
	target.Path, target.RawPath, target.RawQuery = plain, escaped, query.Encode()
	return &target, nil
}

// expand replaces each {name} of a path template by its escaped value.
func expand(template string, values map[string]string) (string, error) {
	var path strings.Builder
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "{")
		path.WriteString(before)
		if !found {
			return path.String(), nil
		}
		name, following, _ := strings.Cut(after, "}")
		if values[name] == "" {
			return "", fmt.Errorf("path %q: the value of %q is missing", template, name)
		}
		path.WriteString(escapeSegment(values[name]))
		rest = following
	}
}

// escapeSegment escapes a value so that it stays one segment: a value of dots
// alone would otherwise name the parent.
func escapeSegment(value string) string {
	if value == "." || value == ".." {
		return strings.ReplaceAll(value, ".", "%2E")
	}
	return url.PathEscape(value)
}

// request is a request with the headers that every one has, its token put in.
func (c *Conn) request(ctx context.Context, method string, target *url.URL, token string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, target.String(), nil)
	if err != nil {
		return nil, err
	}
	for name, values := range c.config.Header {
		request.Header[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}
	if token != "" {
		c.config.Authorize(request, token)
	}
	return request, nil
}
