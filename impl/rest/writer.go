package rest

import (
	"bufio"
	"net"
	"net/http"
)

// writer notes whether a response has begun. [http.ResponseController] works
// through it, and so does taking over the connection.
type writer struct {
	http.ResponseWriter
	written bool
	taken   net.Conn // once it has been taken over
}

// Unwrap is for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w *writer) WriteHeader(status int) {
	w.written = w.written || status >= 200 || status == http.StatusSwitchingProtocols
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *writer) Write(data []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(data)
}

// FlushError is for [http.ResponseController].
func (w *writer) FlushError() error {
	w.written = true
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush implements [http.Flusher].
func (w *writer) Flush() { _ = w.FlushError() }

// Hijack implements [http.Hijacker].
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.written, w.taken = true, conn
	}
	return conn, buffered, err
}

// abort cuts the connection.
func (w *writer) abort() {
	if w.taken != nil {
		_ = w.taken.Close()
	}
	panic(http.ErrAbortHandler)
}

// innermost is the writer that net/http made, by which it learns that a body
// is too large.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = outer.Unwrap()
	}
}
