package stream

import (
	"context"
	"fmt"
	"slices"
)

// firstPage is how many events are read while it is not known how large they are.
const firstPage = 32

// read asks a source for what comes after a cursor and holds it to its promises: nothing is
// given that is not newer than what came before, and nothing after the terminal event.
func read(ctx context.Context, spec *Spec, source Source, after string, limit int) (Batch, error) {
	batch, err := source.Read(ctx, after, limit)
	if err != nil {
		return Batch{}, err
	}
	if batch.Gap != nil {
		batch.Gap = completeGap(spec, *batch.Gap, after)
		after = batch.Gap.Cursor
	}
	if batch.Events, err = newer(spec.Order, batch.Events, after); err != nil {
		return Batch{}, err
	}
	if last := slices.IndexFunc(batch.Events, func(e Event) bool { return e.Last }); last >= 0 {
		batch.Events, batch.More, batch.Ended = batch.Events[:last+1], false, true
	}
	batch.Ended = batch.Ended && !batch.More
	return batch, nil
}

// completeGap fills in what a source may leave out.
func completeGap(spec *Spec, gap Gap, after string) *Gap {
	if gap.Requested == nil && after != "" {
		gap.Requested = &after
	}
	if gap.Cursor == "" {
		gap.Cursor = spec.Start
	}
	return &gap
}

// newer returns the events that are strictly newer than the cursor and than one another. The
// slice is the source's and is not changed.
func newer(order Order, events []Event, after string) ([]Event, error) {
	kept := events
	for i, event := range events {
		if event.ID == "" || order.Check(event.ID) != nil {
			return nil, fmt.Errorf("stream: the source gave an event whose cursor is %q", event.ID)
		}
		if order.Compare(event.ID, after) <= 0 {
			if len(kept) == len(events) {
				kept = slices.Clone(events[:i])
			}
			continue
		}
		after = event.ID
		if len(kept) < len(events) {
			kept = append(kept, event)
		}
	}
	return kept, nil
}
