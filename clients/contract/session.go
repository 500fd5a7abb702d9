package contract

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// session is one run against one server.
type session struct {
	*compiled
	ctx     context.Context
	options Options
	base    *url.URL
	client  *http.Client
	dialer  *websocket.Dialer
	idle    func()
	touched *touched

	prefix  string
	counter atomic.Int64

	answers    memo[int, answer]
	subjects   memo[int, subject]
	records    memo[recordKey, *record]
	references memo[int, reference]
}

func newSession(ctx context.Context, plan *compiled, options Options) (*session, error) {
	base, err := url.Parse(options.Target)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("contract: the target %q is not an http or https URL", options.Target)
	}
	s := &session{
		compiled: plan,
		ctx:      ctx,
		options:  options,
		base:     base,
		touched:  newTouched(plan.Plan),
		prefix:   strings.ToLower(rand.Text()[:10]),
	}
	s.connect()
	return s, nil
}

// connections is how many connections a trial may hold at once.
const connections = 3

// connect makes the HTTP client and the WebSocket dialer. What the caller's
// client knows of TLS, proxies and dialling holds for both.
func (s *session) connect() {
	s.client = &http.Client{}
	if s.options.Client != nil {
		*s.client = *s.options.Client
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client.Timeout, s.client.Jar = 0, nil
	s.dialer = &websocket.Dialer{HandshakeTimeout: s.options.Patience, Proxy: http.ProxyFromEnvironment}
	s.idle = func() {}
	if s.client.Transport == nil {
		s.client.Transport = http.DefaultTransport
	}
	own, ok := s.client.Transport.(*http.Transport)
	if !ok {
		return
	}
	own = own.Clone()
	own.DisableCompression = true
	own.MaxConnsPerHost = connections * s.options.Parallel
	own.MaxIdleConnsPerHost = s.options.Parallel
	own.ExpectContinueTimeout = time.Second
	s.dialer.TLSClientConfig = http1(own.TLSClientConfig)
	s.client.Transport = own
	s.dialer.Proxy = own.Proxy
	s.dialer.NetDialContext, s.dialer.NetDialTLSContext = own.DialContext, own.DialTLSContext
	s.idle = own.CloseIdleConnections
}

// http1 is a TLS configuration for WebSockets, which need HTTP/1.1.
func http1(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	config = config.Clone()
	config.NextProtos = []string{"http/1.1"}
	return config
}

// unique is a text that occurs once: lower-case letters and digits.
func (s *session) unique() string {
	return s.prefix + "x" + strconv.FormatInt(s.counter.Add(1), 36)
}

// url is the target with a path, which is escaped already, and a query.
func (s *session) url(path string, query url.Values) *url.URL {
	out := *s.base
	out.RawQuery = query.Encode()
	joined := strings.TrimSuffix(s.base.EscapedPath(), "/") + path
	out.Path, _ = url.PathUnescape(joined)
	out.RawPath = joined
	return &out
}

// reach finds out whether there is a server at all.
func (s *session) reach() error {
	ctx, cancel := context.WithTimeout(s.ctx, s.options.Patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("/", nil).String(), nil)
	if err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("contract: the target cannot be reached: %w", err)
	}
	return response.Body.Close()
}

// within is a context that ends when patience does.
func (s *session) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.options.Patience)
}
