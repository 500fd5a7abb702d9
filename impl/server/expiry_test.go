package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/server"
)

// brief makes every credential end soon.
type brief struct{ auth.Development }

func (b brief) ResolveAuthContext(ctx context.Context, credentials port.Credentials) (port.AuthContext, error) {
	caller, err := b.Development.ResolveAuthContext(ctx, credentials)
	caller.ExpiresAt = new(time.Now().Add(300 * time.Millisecond))
	return caller, err
}

func TestStreamsEndWithTheCredential(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(config *server.Config) { config.Resolver = brief{} })
	taskID := h.create(t, "r", "script", `{"steps":[{"hang":true}]}`)
	events := h.sse(t, taskID, "")
	if got := typesOf(t, events); got != "STARTED" {
		t.Fatalf("the SSE stream gave %s", got)
	}
	header := http.Header{"Authorization": {"Bearer dev-ann"}}
	connection, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(h.url, "http")+"/api/v1/tasks/ws", header)
	must(t, err)
	defer response.Body.Close()
	defer connection.Close()
	must(t, connection.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","taskId":"`+taskID+`"}`)))
	for err == nil {
		_, _, err = connection.ReadMessage()
	}
	if !websocket.IsCloseError(err, 4401) {
		t.Fatalf("the WebSocket ended with %v", err)
	}
}
