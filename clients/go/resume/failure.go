package resume

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// verdict is what a failure means for the call or the stream it befell.
type verdict int

const (
	final   verdict = iota // repeating would give the same
	passing                // worth another try after a pause
	refused                // the credential was not accepted
	closed                 // the connection ended orderly, which may be the end of the stream
	ended                  // the server has said that nothing will follow
)

// errCut is the orderly end of a connection before the end of its stream.
var errCut = errors.New("the server ended the connection")

// errEnded is the server's word that nothing will follow.
var errEnded = &failure{verdict: ended, err: errors.New("the stream has ended")}

// failure is an error together with its verdict.
type failure struct {
	verdict verdict
	asked   time.Duration // pause the server asks for before another try
	err     error
}

// Error implements error.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns the error without the verdict.
func (f *failure) Unwrap() error { return f.err }

// judge returns the failure behind an error; one without a verdict is final.
func judge(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{verdict: final, err: err}
}

// connectionFailure judges an error of the network, which passes unless it is
// the other end's identity that is wrong.
func connectionFailure(ctx context.Context, err error) error {
	timeout, _ := errors.AsType[net.Error](err)
	if errors.Is(context.Cause(ctx), ErrSilent) || timeout != nil && timeout.Timeout() {
		err = fmt.Errorf("%w: %w", ErrSilent, err)
	}
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	if badCertificate || notTLS {
		return &failure{verdict: final, err: err}
	}
	return &failure{verdict: passing, err: err}
}

// isNetwork tells whether a network is to blame for an error that this package
// did not make.
func isNetwork(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// refusal judges an answer that is none of the expected ones.
func (c *Conn) refusal(a answer) error {
	f := &failure{verdict: statusVerdict(a.status), asked: retryAfter(a.header)}
	if a.status >= http.StatusBadRequest && c.config.DecodeError != nil {
		f.err = c.config.DecodeError(a.status, a.header, a.body)
	}
	if f.err == nil {
		f.err = a.unexpected(nil)
	}
	return f
}

func statusVerdict(status int) verdict {
	switch {
	case status == http.StatusUnauthorized:
		return refused
	case status == http.StatusTooManyRequests:
		return passing
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return passing
	}
	return final
}

// closeCredentialExpired is sent by a server whose client's credential expires
// while it reads.
const closeCredentialExpired = 4401

// closeFailure judges the close code and reason of a WebSocket.
func (c *Conn) closeFailure(code int, reason string) error {
	f := &failure{verdict: closeVerdict(code), asked: retryAfterReason(reason)}
	if c.config.DecodeClose != nil {
		f.err = c.config.DecodeClose(code, reason)
	}
	if coded, ok := f.err.(interface{ HTTPStatus() int }); ok && f.verdict == final {
		f.verdict = statusVerdict(coded.HTTPStatus())
	}
	if f.err == nil {
		f.err = &CloseError{Code: code, Reason: reason}
	}
	return f
}

func closeVerdict(code int) verdict {
	switch code {
	case websocket.CloseNormalClosure:
		return closed
	case closeCredentialExpired:
		return refused
	case websocket.CloseProtocolError, websocket.CloseUnsupportedData, websocket.CloseInvalidFramePayloadData,
		websocket.ClosePolicyViolation, websocket.CloseMessageTooBig, websocket.CloseMandatoryExtension:
		return final
	}
	if code >= 3000 {
		return final
	}
	return passing
}
