package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// socketProtocol is the header in which a page of a browser, which can set no
// other, gives the credential of a WebSocket.
const socketProtocol = "Sec-WebSocket-Protocol"

// HandleSocket is [API.HandleStream] for an operation that upgrades to a
// WebSocket. Credentials are not judged before: the answer to a bad one comes
// after the upgrade, since no page could read it earlier. So serve asks
// authenticate, with the token that came as a subprotocol, "" for none.
func (a *API) HandleSocket(op Operation, serve func(w http.ResponseWriter, r *http.Request, authenticate func(token string) (context.Context, error)) error) http.HandlerFunc {
	open := op
	open.Security, open.Stream = nil, true
	op.Security = slices.Clone(op.Security)
	return a.HandleStream(open, func(_ context.Context, _ *Input, w http.ResponseWriter, r *http.Request) error {
		return serve(w, r, func(token string) (context.Context, error) {
			return a.authenticateSocket(&op, r, token)
		})
	})
}

func (a *API) authenticateSocket(op *Operation, r *http.Request, token string) (context.Context, error) {
	headers := *op
	scheme := ""
	headers.Security = slices.DeleteFunc(slices.Clone(op.Security), func(name string) bool {
		inProtocol := slices.ContainsFunc(a.Schemes, func(s SecurityScheme) bool {
			return s.Name == name && strings.EqualFold(s.ParamName, socketProtocol)
		})
		if inProtocol || scheme == "" {
			scheme = name
		}
		return inProtocol
	})
	if token == "" {
		return a.authenticate(&headers, r)
	}
	return a.accept(r, Credentials{Scheme: scheme, Token: token})
}
