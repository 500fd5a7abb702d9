package stream

import "context"

// Event is one event of a stream, as every transport delivers it.
type Event struct {
	// ID is the event's cursor: whoever has it resumes just after this event.
	ID string
	// Data is the event's JSON, compact and so without a line break. Every transport writes
	// these bytes as they are; nobody changes them.
	Data []byte
	// Last marks the terminal event: nothing ever follows it.
	Last bool
}

// Reason says why a reader cannot be given everything after its cursor.
type Reason string

// The reasons of a gap. [Spec.Reasons] says how each is written on the wire.
const (
	// Trimmed is a stream that dropped its oldest events because it grew too long.
	Trimmed Reason = "trimmed"
	// Expired is a stream whose events outlived their time.
	Expired Reason = "expired"
	// Reset is a cursor of another history: ahead of the stream, or of an event that the
	// stream knows otherwise.
	Reset Reason = "reset"
)

// Gap tells a reader that the events after its cursor are not the next ones it will get.
type Gap struct {
	// Requested is the cursor that cannot be continued, nil for the start of the stream. A
	// source may leave it nil: the engine then puts in the cursor that it asked for.
	Requested *string
	// First is the first event still there, nil when there is none.
	First *string
	// Reason says what happened to the events in between.
	Reason Reason
	// Cursor lies just before the first event that will follow. Reading after it meets no gap,
	// unless more has been lost by then. Empty means the start of the stream.
	Cursor string
}

// Batch is what a [Source] has after a cursor.
type Batch struct {
	// Gap is told before the events, which then follow Gap.Cursor and not the cursor asked for.
	Gap *Gap
	// Events are the next ones, oldest first, without a hole.
	Events []Event
	// More says whether there are events after the last of Events now: exact, no guess.
	More bool
	// Ended says that nothing will ever follow this batch.
	Ended bool
}

// Empty reports whether the batch tells a reader nothing at all.
func (b Batch) Empty() bool {
	return b.Gap == nil && len(b.Events) == 0 && !b.Ended
}

// Source is one stream to read from. Its methods are called concurrently, and for as long as
// somebody reads, which may be longer than the context lives that it was opened with. All
// sources opened for one key give the same events: what one of them reads is handed to the
// readers of the others.
type Source interface {
	// Read gives at most limit events strictly newer than the cursor after, oldest first, or
	// from the first event still there when it is empty. A batch may hold fewer than limit even
	// if there are more. When what comes after the cursor has been lost, the batch has a gap.
	Read(ctx context.Context, after string, limit int) (Batch, error)
	// Wait returns nil as soon as Read after the same cursor would give a batch that is not
	// [Batch.Empty], at once if it already would; nothing can happen unnoticed between the two
	// calls. It may return early. When ctx ends first, it returns an error.
	Wait(ctx context.Context, after string) error
}

// Open finds the stream of a key for the caller behind ctx, who may not be allowed to see it:
// what it returns then is what the caller is told.
type Open func(ctx context.Context, key string) (Source, error)
