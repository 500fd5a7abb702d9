package ws

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// bearer finds the token among the subprotocols that a client offers, which comes right after
// the name, and the subprotocol to select.
func bearer(r *http.Request, protocol string) (token, selected string) {
	var offered []string
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			offered = append(offered, strings.TrimSpace(name))
		}
	}
	i := slices.Index(offered, protocol)
	if protocol == "" || i < 0 {
		return "", ""
	}
	if i+1 < len(offered) {
		token = offered[i+1]
	}
	return token, protocol
}

// allowed reports whether the request's origin may open a WebSocket: none at all, which no
// browser sends, the server's own, or one of the listed.
func allowed(r *http.Request, origins []string) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 || slices.Contains(origins, "*") {
		return true
	}
	if len(values) > 1 {
		return false
	}
	origin, ok := normal(values[0])
	if !ok {
		return false
	}
	own := "http://"
	if r.TLS != nil {
		own = "https://"
	}
	return slices.ContainsFunc(append([]string{own + r.Host}, origins...), func(candidate string) bool {
		listed, ok := normal(candidate)
		return ok && listed == origin
	})
}

// normal is an origin in one form: in lower case, and with its port.
func normal(origin string) (string, bool) {
	parsed, err := url.Parse(strings.ToLower(origin))
	if err != nil || parsed.Scheme == "" || parsed.Hostname() == "" || strings.Trim(parsed.Path, "/") != "" {
		return "", false
	}
	port := parsed.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[parsed.Scheme]
	}
	return parsed.Scheme + "://" + net.JoinHostPort(parsed.Hostname(), port), true
}

// readBuffer is enough for what a client has to say: a subscription, and control frames.
const readBuffer = 256

// noBuffers is a pool that is never used, since all frames are written without it; but for it,
// every connection would have a buffer of its own.
var noBuffers sync.Pool

// upgrade makes a WebSocket of the request. An error is for the caller to tell. If the
// connection is lost on the way there is neither an error nor a socket.
func (c *conn) upgrade(w http.ResponseWriter, r *http.Request, protocol string) error {
	header := maps.Clone(w.Header()) // the upgrade bypasses w
	for _, name := range []string{"Upgrade", "Connection", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
		delete(header, name)
	}
	if protocol != "" {
		header.Set("Sec-WebSocket-Protocol", protocol)
	}
	h := &hijacker{ResponseWriter: w, conn: c}
	upgrader := websocket.Upgrader{
		ReadBufferSize:  readBuffer,
		WriteBufferPool: &noBuffers,
		CheckOrigin:     func(*http.Request) bool { return true },                // judged before
		Error:           func(http.ResponseWriter, *http.Request, int, error) {}, // the caller answers
	}
	socket, err := upgrader.Upgrade(h, r, header)
	switch _, refused := errors.AsType[websocket.HandshakeError](err); {
	case h.err != nil:
		return fmt.Errorf("ws: %T cannot be taken over: %w", w, h.err)
	case refused:
		return c.host.Malformed(strings.TrimPrefix(err.Error(), "websocket: "))
	case err == nil:
		c.socket = socket
	}
	return nil
}

// hijacker takes over the connection from any writer that can be unwrapped, and puts a link in
// its place.
type hijacker struct {
	http.ResponseWriter
	conn *conn
	err  error
}

// Hijack implements [http.Hijacker].
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		h.err = err
		return nil, nil, err
	}
	h.conn.link = &link{Conn: raw, patience: h.conn.settings.WriteTimeout}
	return h.conn.link, buffers, nil
}
