package stream_test

import (
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/stream"
)

// trades is a stream whose cursors are strings.
var trades = &stream.Spec{
	Order: stream.Pair, Start: "0-0",
	Reasons: map[stream.Reason]string{stream.Trimmed: "OLD"},
	Gap:     codec.MustTemplate(`{"at":"$now","cursor":"$cursor","asked":"$requested","first":"$first","why":"$reason"}`),
	Socket: stream.Socket{
		Subscribe: codec.MustTemplate(`{"op":"join","market":"$key","after":"$after?"}`),
		Confirm:   codec.MustTemplate(`{"op":"joined","market":"$key","after":"$after"}`),
	},
	Poll: stream.Poll{Page: codec.MustTemplate(`{"events":"$events","next":"$next","more":"$more","gap":"$gap?"}`)},
}

func TestPositionOfACursor(t *testing.T) {
	t.Parallel()
	for cursor, want := range map[string]string{"": "", "0-0": "", "0-1": "0-1", "7-42": "7-42"} {
		if got, err := trades.Position(cursor); err != nil || got != want {
			t.Errorf("%q: %q, %v", cursor, got, err)
		}
	}
	if _, err := trades.Position("7"); err == nil {
		t.Error("7 is taken for a pair")
	}
}

func TestSubscriptionMessages(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`{"op":"join","market":"m"}`:                          "m after ",
		` { "after" : "7-1", "market":"m", "op" : "join" } `:  "m after 7-1",
		`{"op":"join","market":"m","after":null}`:             "m after ",
		`{"op":"join","market":"m","after":""}`:               "m after ",
		`{"op":"join","market":"m","after":"not yet judged"}`: "m after not yet judged",
		`{"op":"join","market":"\u006d","after":"7\u002d1"}`:  "m after 7-1",
		`{"op":"join"}`:                                         "",
		`{"op":"leave","market":"m"}`:                           "",
		`{"op":"join","market":null}`:                           "",
		`{"op":"join","market":""}`:                             "",
		`{"op":"join","market":["m"]}`:                          "",
		`{"op":"join","market":"m","after":7}`:                  "",
		`{"op":"join","market":"m","after":{}}`:                 "",
		`{"op":"join","market":"m","more":1}`:                   "",
		`{"op":"join","market":"m","market":"m"}`:               "",
		`{"op":"join","market":"m","after":"1-1","after":null}`: "",
		`[]`: "", ``: "", `nonsense`: "", `{"op":"join","market":"m"} {}`: "",
	} {
		key, after, ok := trades.Subscription([]byte(message))
		if got := key + " after " + after; ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %t", message, got, ok)
		}
	}
}

func TestMessagesOfAStreamWithTextCursors(t *testing.T) {
	t.Parallel()
	check := func(got []byte, err error, want string) {
		t.Helper()
		if err != nil || string(got) != want {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
	got, err := trades.Confirmation("m", "7-1")
	check(got, err, `{"op":"joined","market":"m","after":"7-1"}`)
	got, err = trades.Confirmation("m", "")
	check(got, err, `{"op":"joined","market":"m","after":null}`)
	got, err = trades.Heartbeat(trades.Socket.Heartbeat, "m", time.Now())
	check(got, err, "")

	asked, first := "3-1", "9-5"
	gap := &stream.Gap{Requested: &asked, First: &first, Reason: stream.Trimmed, Cursor: "8-8"}
	got, err = trades.GapMessage("m", gap, time.Date(2026, 2, 3, 4, 5, 6, 7e6, time.UTC))
	check(got, err, `{"at":"2026-02-03T04:05:06.007Z","cursor":"8-8","asked":"3-1","first":"9-5","why":"OLD"}`)
	got, err = trades.GapMessage("m", &stream.Gap{Reason: stream.Reset, Cursor: "0-0"}, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	check(got, err, `{"at":"2026-02-03T04:05:06.000Z","cursor":"0-0","asked":null,"first":null,"why":"reset"}`)

	got, err = trades.Page("m", "", stream.Batch{})
	check(got, err, `{"events":[],"next":null,"more":false}`)
	got, err = trades.Page("m", "0-0", stream.Batch{})
	check(got, err, `{"events":[],"next":"0-0","more":false}`)
	got, err = trades.Page("m", "3-1", stream.Batch{Gap: gap, More: true}) // a gap that the page has no place for
	check(got, err, `{"events":[],"next":"8-8","more":true}`)
}

func FuzzSubscription(f *testing.F) {
	for _, seed := range []string{`{"op":"join","market":"m","after":"7-1"}`, `{"op":"join","market":"m","after":null}`, `{`, `{"after":1e999999999}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		key, after, ok := trades.Subscription(message)
		if !ok {
			return
		}
		if key == "" {
			t.Errorf("%q subscribes to nothing", message)
		}
		if after, err := trades.Position(after); err == nil {
			if _, err := trades.Confirmation(key, after); err != nil {
				t.Errorf("%q cannot be confirmed: %v", message, err)
			}
		}
	})
}
