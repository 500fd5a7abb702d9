package porttest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

var readChecks = []check{
	{"after every cursor exactly the rest follows", readAfterEvery},
	{"pages of any size are contiguous, hasMore and ended exact", readPages},
	{"the empty cursor and 0-0 are the beginning", readBeginning},
	{"malformed cursors and limits are refused", readMalformed},
	{"a cursor ahead of the history is a reset", readAhead},
	{"a cursor of another history is a reset", readForeignTag},
	{"trimmed events are a gap, and its cursor is good", readTrimmed},
	{"a fresh task has nothing to read and no gap", readFresh},
}

// filled gives a running task with n events in all.
func (b *bench) filled(t *testing.T, n int) (taskID string, events []port.EventRecord) {
	t.Helper()
	taskID = b.running(t)
	for range n - 1 {
		b.progress(t, taskID)
	}
	return taskID, b.history(t, taskID)
}

func readAfterEvery(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 20)
	for i, event := range events {
		page := b.page(t, taskID, event.EventID, 100)
		want := port.EventPage{Events: events[i+1:]}
		if len(want.Events) == 0 {
			want.Events = page.Events[:0]
		}
		if diff := cmp.Diff(want, page); diff != "" {
			t.Fatalf("after %s (-want +got):\n%s", event.EventID, diff)
		}
	}
}

func readPages(t *testing.T, b *bench) {
	taskID, _ := b.filled(t, 12)
	b.complete(t, taskID)
	all := b.history(t, taskID)
	for limit := 1; limit <= 14; limit++ {
		var got []port.EventRecord
		after := ""
		for {
			page := b.page(t, taskID, after, limit)
			got = append(got, page.Events...)
			more := len(got) < len(all)
			if page.HasMore != more || page.Ended == more || page.Gap != nil || len(page.Events) > limit {
				t.Fatalf("limit %d after %q: %d events, hasMore %v, ended %v", limit, after, len(page.Events), page.HasMore, page.Ended)
			}
			if !more {
				break
			}
			after = page.Events[len(page.Events)-1].EventID
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Fatalf("limit %d:\n%s", limit, diff)
		}
	}
	if past := b.page(t, taskID, all[len(all)-1].EventID, 1); !past.Ended || past.HasMore || len(past.Events) != 0 {
		t.Fatalf("after the terminal event: %+v", past)
	}
}

func readBeginning(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 3)
	for _, cursor := range []string{"", "0-0", "0-7"} {
		if page := b.page(t, taskID, cursor, 10); page.Gap != nil || cmp.Diff(events, page.Events) != "" {
			t.Fatalf("after %q: %+v", cursor, page)
		}
	}
}

func readMalformed(t *testing.T, b *bench) {
	taskID, _ := b.filled(t, 2)
	for _, cursor := range []string{
		"1", "-", "1-", "-1", "1-2-3", "01-0", "1-00", "+1-0", "1-+1", " 1-0", "1-0 ", "a-b", "1.0-0", "0x1-0",
		"18446744073709551616-0", "0-18446744073709551616", "99999999999999999999-0", "١-٠", "1_0-0",
	} {
		_, err := b.Events.ReadEventsAfter(t.Context(), taskID, cursor, 1)
		refused(t, err, model.ErrorCodeInvalidRequest)
		refused(t, b.Events.WaitForEvents(t.Context(), taskID, cursor), model.ErrorCodeInvalidRequest)
	}
	for _, limit := range []int{0, -1} {
		_, err := b.Events.ReadEventsAfter(t.Context(), taskID, "", limit)
		refused(t, err, model.ErrorCodeInvalidRequest)
	}
}

// reset checks that a cursor leads to a reset and all events follow it.
func (b *bench) reset(t *testing.T, taskID, cursor string, events []port.EventRecord) {
	t.Helper()
	page := b.page(t, taskID, cursor, 100)
	want := &port.EventGap{RequestedAfterEventID: &cursor, Reason: model.GapReasonReset, Cursor: "0-0"}
	if len(events) > 0 {
		want.FirstAvailableEventID = &events[0].EventID
	}
	if diff := cmp.Diff(want, page.Gap) + cmp.Diff(len(events), len(page.Events)); diff != "" {
		t.Fatalf("after %s (-want +got):\n%s", cursor, diff)
	}
	must(t, b.Events.WaitForEvents(t.Context(), taskID, cursor))
}

func readAhead(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 3)
	for _, cursor := range []string{"4-0", "4-4294967295", "18446744073709551615-18446744073709551615"} {
		b.reset(t, taskID, cursor, events)
	}
	b.reset(t, b.accepted(t).TaskID, "1-1", nil)
}

func readForeignTag(t *testing.T, b *bench) {
	taskID, events := b.filled(t, 3)
	for _, event := range events {
		other := cursorOf(t, event)
		other.Tag = (other.Tag + 1) % (1 << 32)
		b.reset(t, taskID, other.String(), events)
	}
}

// trimmed gives a running task whose first events are gone.
func (b *bench) trimmed(t *testing.T) (taskID string, gone port.EventRecord, events []port.EventRecord) {
	t.Helper()
	taskID = b.running(t)
	gone = b.history(t, taskID)[0]
	for range maxEvents + 1000 {
		b.progress(t, taskID)
	}
	events = b.history(t, taskID)
	if len(events) < maxEvents || len(events) > maxEvents+1000 {
		t.Fatalf("%d events are retained", len(events))
	}
	return taskID, gone, events
}

func readTrimmed(t *testing.T, b *bench) {
	taskID, gone, events := b.trimmed(t)
	first := cursorOf(t, events[0])
	before := rules.Cursor{Seq: first.Seq - 1}.String()
	for _, cursor := range []string{"", "0-0", gone.EventID, "1-0", fmt.Sprintf("%d-1", first.Seq-2)} {
		page := b.page(t, taskID, cursor, 10_000)
		want := &port.EventGap{FirstAvailableEventID: &events[0].EventID, Reason: model.GapReasonTrimmed, Cursor: before}
		if cursor != "" {
			want.RequestedAfterEventID = &cursor
		}
		if diff := cmp.Diff(want, page.Gap) + cmp.Diff(events, page.Events); diff != "" {
			t.Fatalf("after %q (-want +got):\n%s", cursor, diff)
		}
		must(t, b.Events.WaitForEvents(t.Context(), taskID, cursor))
	}
	for _, cursor := range []string{before, fmt.Sprintf("%d-77", first.Seq-1)} {
		if page := b.page(t, taskID, cursor, 10_000); page.Gap != nil || cmp.Diff(events, page.Events) != "" {
			t.Fatalf("after %s, just before the first event: gap %+v, %d events", cursor, page.Gap, len(page.Events))
		}
	}
	if page := b.page(t, taskID, events[0].EventID, 10_000); page.Gap != nil || len(page.Events) != len(events)-1 {
		t.Fatalf("after the first event: gap %+v, %d events", page.Gap, len(page.Events))
	}
}

func readFresh(t *testing.T, b *bench) {
	for _, cursor := range []string{"", "0-0"} {
		page := b.page(t, b.accepted(t).TaskID, cursor, 1)
		if page.Gap != nil || len(page.Events) != 0 || page.HasMore || page.Ended {
			t.Fatalf("after %q: %+v", cursor, page)
		}
	}
}
