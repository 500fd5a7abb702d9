// Package ws serves a stream over WebSocket (RFC 6455). A client's first message says which
// stream it wants and after which event; the events follow, one message each, until the stream
// ends.
package ws

import (
	"context"
	"errors"
	"net/http"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
)

// CredentialExpired is the code that closes a stream whose credential has ended in mid-stream.
// The client gets another one and resumes.
const CredentialExpired = 4401

// Host is the part of a WebSocket route that depends on the service.
type Host struct {
	// Authenticate judges the credential of the request and returns the context that the stream
	// is opened with. The token is that of the bearer subprotocol, empty if there was none. The
	// stream is read with the values of the context, and ends at its deadline, if that is
	// earlier than the request's own, with CredentialExpired.
	Authenticate func(token string) (context.Context, error)
	// Open opens the stream for the caller.
	Open stream.Open
	// Reason is the text of the close frame that tells an error to the caller.
	Reason func(err error) string
	// Status is the HTTP status of an error and says whose fault it is: 5xx closes with 1011,
	// 429 and 503 with 1013, both of which invite the client to try again, and anything else
	// with 1008. Nil takes what happens before the stream begins for the caller's fault, and
	// what happens later for the server's.
	Status func(err error) int
	// Malformed is the error for a message, or a handshake, that is not what it should be.
	Malformed func(message string) error
}

// ErrNotUpgrade says that a request to the route asks for no WebSocket.
var ErrNotUpgrade = errors.New("this route is for WebSockets")

// ErrOrigin says that a page of another origin asked for a WebSocket.
var ErrOrigin = errors.New("pages of this origin may not open a WebSocket here")

// Serve answers a request to the stream's route and returns when the stream has begun, or cannot.
// The connection lives on without anything of the request, on one goroutine while there is
// nothing to write; [stream.Hub.Drain] ends it and waits for its end.
//
// ErrNotUpgrade, ErrOrigin and the host's malformed error for a handshake that is none are
// returned before anything has been written, to be told as HTTP errors. All else is told by the
// code and the reason of a close frame, and nil is returned. The header of w goes out with the
// answer to the handshake.
func Serve(hub *stream.Hub, spec *stream.Spec, host Host, w http.ResponseWriter, r *http.Request) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return ErrNotUpgrade
	}
	settings := hub.Settings()
	if !allowed(r, settings.Origins) {
		return ErrOrigin
	}
	token, selected := bearer(r, spec.Socket.BearerProtocol)
	c := &conn{hub: hub, spec: spec, host: host, settings: settings}
	if err := c.upgrade(w, r, selected); err != nil {
		return err
	}
	if c.socket != nil {
		c.open(r.Context(), token)
	}
	return nil
}
