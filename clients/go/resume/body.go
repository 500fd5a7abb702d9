package resume

import (
	"bytes"
	"io"
	"sync"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Body is the content of a request. It can be sent any number of times.
type Body struct {
	mediaType string
	length    int64 // -1: not known before it is sent
	open      func() io.ReadCloser
	err       error // why it could not be made
}

// JSON returns the body of a value as application/json.
func JSON(value any) *Body {
	data, err := codec.Marshal(value)
	return &Body{
		mediaType: "application/json",
		length:    int64(len(data)),
		open:      func() io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) },
		err:       err,
	}
}

// source is an opened body that remembers the error of its own making, so that
// a file that cannot be read is not taken for a network that cannot.
type source struct {
	io.ReadCloser
	mu  sync.Mutex
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
