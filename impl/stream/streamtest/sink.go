package streamtest

import (
	"sync"

	"github.com/taskbridge/tbgen/impl/stream"
)

// Recorder is a [stream.Sink] that notes what it is given, a line for each: the data of an event
// or a gap, "heartbeat", and the outcome of the end.
type Recorder struct {
	// Fail is what every call but End returns. It is set before the recorder is used.
	Fail error

	mu    sync.Mutex
	lines []string
}

var _ stream.Sink = (*Recorder)(nil)

// Lines returns what has been noted so far.
func (r *Recorder) Lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.lines...)
}

func (r *Recorder) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// Deliver implements [stream.Sink].
func (r *Recorder) Deliver(messages []stream.Event) error {
	if r.Fail != nil {
		return r.Fail
	}
	for _, message := range messages {
		r.note(string(message.Data))
	}
	return nil
}

// Heartbeat implements [stream.Sink].
func (r *Recorder) Heartbeat() error {
	r.note("heartbeat")
	return r.Fail
}

// End implements [stream.Sink].
func (r *Recorder) End(end stream.End) { r.note(string(end.Outcome)) }
