// Package streamtest has a stream in memory for tests of what reads streams.
package streamtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/taskbridge/tbgen/impl/stream"
)

// Log is a stream of the events {"n":1}, {"n":2} … with integer cursors. The zero value is empty
// and open. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	first   int // number of events trimmed
	events  []stream.Event
	ended   bool
	failure error
	changed chan struct{}
}

var _ stream.Source = (*Log)(nil)

// ErrDeleted is the error of a stream after [Log.Delete].
var ErrDeleted = errors.New("the stream was deleted")

// Append adds count events and returns the cursor of the last.
func (l *Log) Append(count int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range count {
		l.add(false)
	}
	return strconv.Itoa(l.head())
}

// End adds the terminal event.
func (l *Log) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(true)
	l.ended = true
}

// AppendData adds an event with this data, and returns its cursor.
func (l *Log) AppendData(data []byte) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(false)
	l.events[len(l.events)-1].Data = data
	return strconv.Itoa(l.head())
}

// Trim drops the oldest events.
func (l *Log) Trim(count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count = min(count, len(l.events))
	l.first += count
	l.events = l.events[count:]
	l.wake()
}

// Delete makes every use of the stream fail with [ErrDeleted].
func (l *Log) Delete() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure = ErrDeleted
	l.wake()
}

func (l *Log) head() int { return l.first + len(l.events) }

func (l *Log) add(last bool) {
	n := l.head() + 1
	l.events = append(l.events, stream.Event{ID: strconv.Itoa(n), Data: fmt.Appendf(nil, `{"n":%d}`, n), Last: last})
	l.wake()
}

func (l *Log) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Read implements [stream.Source].
func (l *Log) Read(ctx context.Context, after string, limit int) (stream.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return stream.Batch{}, err
	}
	if l.failure != nil {
		return stream.Batch{}, l.failure
	}
	n, err := position(after)
	if err != nil {
		return stream.Batch{}, err
	}
	var batch stream.Batch
	if n < l.first || n > l.head() {
		batch.Gap = l.gap(n)
		n = l.first
	}
	rest := l.events[n-l.first:]
	batch.Events = append(batch.Events, rest[:min(limit, len(rest))]...)
	batch.More = len(batch.Events) < len(rest)
	batch.Ended = l.ended && !batch.More
	return batch, nil
}

func (l *Log) gap(n int) *stream.Gap {
	gap := &stream.Gap{Reason: stream.Trimmed, Cursor: strconv.Itoa(l.first)}
	if n > l.first {
		gap.Reason = stream.Reset
	}
	if len(l.events) > 0 {
		gap.First = &l.events[0].ID
	}
	return gap
}

// Wait implements [stream.Source].
func (l *Log) Wait(ctx context.Context, after string) error {
	changed, err := l.watch(after)
	if changed == nil || err != nil {
		return err
	}
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch returns what is closed at the next change, nil if there is something to read now.
func (l *Log) watch(after string) (<-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := position(after)
	if err != nil || l.failure != nil || l.ended || n != l.head() {
		return nil, errors.Join(err, l.failure)
	}
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed, nil
}

func position(after string) (int, error) {
	if after == "" {
		return 0, nil
	}
	return strconv.Atoi(after)
}
