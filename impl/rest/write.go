package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

// WriteJSON writes a response with a JSON body. If body has no JSON, nothing
// is written and the error says so.
func WriteJSON(w http.ResponseWriter, status int, body any) error {
	data, err := codec.Marshal(body)
	if err != nil {
		return fmt.Errorf("response: %w", err)
	}
	describe(w, data)
	w.WriteHeader(status)
	_, err = w.Write(data)
	return err
}

func describe(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
}

// WriteEmpty writes a response without a body.
func WriteEmpty(w http.ResponseWriter, status int) error {
	if status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set("Content-Length", "0")
	}
	w.WriteHeader(status)
	return nil
}

// WriteError tells the caller of an error, by [API.Coded], and logs what the
// caller is not told: the cause of an error with a status of 500 or more. That
// a caller went away is no error of the server.
func (a *API) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	coded := a.Coded(err)
	if coded.HTTPStatus() >= http.StatusInternalServerError {
		a.Settings.logger().LogAttrs(r.Context(), level(r, err, slog.LevelError), "request failed", a.about(r, err)...)
	}
	var header http.Header
	if problem, ok := errors.AsType[*Problem](err); ok {
		header = problem.Header
	}
	a.write(w, r, coded, header)
}

// level lowers the level of an error that is due to the caller's leaving.
func level(r *http.Request, err error, otherwise slog.Level) slog.Level {
	if left(r, err) {
		return slog.LevelDebug
	}
	return otherwise
}

// left reports whether an error is due to the caller's leaving.
func left(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}

// about is what is logged of a request that failed.
func (a *API) about(r *http.Request, err error) []slog.Attr {
	attributes := []slog.Attr{slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err)}
	if known := stateOf(r.Context()); known != nil {
		attributes = append(attributes, slog.String("requestId", known.id), slog.String("operation", known.operation))
	}
	return attributes
}

// write writes an error, in place of whatever a handler prepared.
func (a *API) write(w http.ResponseWriter, r *http.Request, coded Coded, header http.Header) {
	status := coded.HTTPStatus()
	if status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	data, err := codec.Marshal(coded.Envelope(a.Settings.now()))
	if err != nil {
		about := append(a.about(r, err), slog.String("code", coded.ErrorCode()))
		a.Settings.logger().LogAttrs(r.Context(), slog.LevelError, "error has no JSON", about...)
		coded, status = a.word(&Problem{Kind: Internal, Message: "internal error"}), http.StatusInternalServerError
		data, _ = codec.Marshal(coded.Envelope(a.Settings.now()))
	}
	for _, name := range []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Etag", "Last-Modified"} {
		w.Header().Del(name)
	}
	for name, values := range header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	a.explain(w.Header(), status)
	describe(w, data)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // the caller is gone if this fails
	}
	if status == http.StatusRequestEntityTooLarge {
		linger(w, r)
	}
}

// Bounds of how long a caller may go on sending a body that is too large.
const (
	lingerTime  = time.Second
	lingerBytes = 64 << 20
)

// linger lets a caller that is still sending find the response, which is lost
// to many if the connection is reset under them. The response is on its way by
// then; what the caller sends is thrown away.
func linger(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "" {
		return // it has not begun to send
	}
	controller := http.NewResponseController(w)
	if controller.Flush() != nil || controller.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, r.Body, lingerBytes)
}

// explain adds the headers that belong to a status.
func (a *API) explain(header http.Header, status int) {
	switch status {
	case http.StatusUnauthorized:
		header["Www-Authenticate"] = a.challenges()
	case http.StatusUpgradeRequired:
		header.Set("Upgrade", "websocket")
		header.Set("Connection", "Upgrade")
	case http.StatusRequestEntityTooLarge:
		// The rest of the body is not read, so nothing can follow it.
		header.Set("Connection", "close")
	}
}
