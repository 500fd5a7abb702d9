package rules

import (
	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// History describes what a store retains of a task's events: those numbered First to Last. With
// First = Last+1 it retains none.
type History struct {
	// First is the number of the oldest retained event, from 1.
	First uint64
	// Last is the number of the newest event there ever was, 0 if there was none.
	Last uint64
	// ID gives the id of a retained event.
	ID func(seq uint64) string
}

// After gives the number of the first event to hand to a reader of the cursor, which is given as
// text too, and the gap to tell it first, nil if there is none. For a reader that is up to date
// the number is Last+1.
func (h History) After(text string, cursor Cursor) (start uint64, gap *port.EventGap) {
	switch {
	case cursor.Seq > h.Last, h.foreign(cursor):
		return h.First, h.gap(text, model.GapReasonReset)
	case cursor.Seq+1 < h.First:
		return h.First, h.gap(text, model.GapReasonTrimmed)
	default:
		return cursor.Seq + 1, nil
	}
}

func (h History) foreign(cursor Cursor) bool {
	return cursor.Seq >= h.First && cursor.Seq > 0 && h.ID(cursor.Seq) != cursor.String()
}

func (h History) gap(text string, reason model.GapReason) *port.EventGap {
	gap := &port.EventGap{Reason: reason, Cursor: Cursor{Seq: h.First - 1}.String()}
	if text != "" {
		gap.RequestedAfterEventID = &text
	}
	if h.First <= h.Last {
		gap.FirstAvailableEventID = new(h.ID(h.First))
	}
	return gap
}
