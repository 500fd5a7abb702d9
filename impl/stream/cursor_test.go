package stream_test

import (
	"errors"
	"testing"

	"github.com/taskbridge/tbgen/impl/stream"
)

func TestCursorSyntax(t *testing.T) {
	t.Parallel()
	cases := []struct {
		order  stream.Order
		cursor string
		valid  bool
	}{
		{stream.Pair, "0-0", true}, {stream.Pair, "18446744073709551615-18446744073709551615", true}, {stream.Pair, "", true},
		{stream.Pair, "18446744073709551616-0", false}, {stream.Pair, "01-0", false}, {stream.Pair, "1", false},
		{stream.Pair, "1-", false}, {stream.Pair, "-1", false}, {stream.Pair, "1-2-3", false}, {stream.Pair, "+1-2", false},
		{stream.Pair, " 1-2", false}, {stream.Integer, "7", true}, {stream.Integer, "-7", false}, {stream.Integer, "7.0", false},
		{stream.Opaque, "anything at all", true},
	}
	for _, c := range cases {
		err := c.order.Check(c.cursor)
		if _, typed := errors.AsType[*stream.CursorError](err); (err == nil) != c.valid || err != nil && !typed {
			t.Errorf("Check(%d, %q) = %v, want valid %t", c.order, c.cursor, err, c.valid)
		}
	}
}

func TestNewerComparesAsIntegers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		order        stream.Order
		cursor, than string
		newer        bool
	}{
		{stream.Pair, "10-1", "9-5", true}, {stream.Pair, "9-5", "10-1", false}, {stream.Pair, "9-10", "9-9", true},
		{stream.Pair, "9-9", "9-9", false}, {stream.Pair, "0-0", "", true}, {stream.Integer, "10", "9", true},
		{stream.Integer, "9", "9", false}, {stream.Opaque, "a", "b", true}, {stream.Opaque, "a", "a", false},
	}
	for _, c := range cases {
		if got := c.order.Compare(c.cursor, c.than) > 0; got != c.newer {
			t.Errorf("Newer(%d, %q, %q) = %t", c.order, c.cursor, c.than, got)
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"1-2", "0-0", "x", "-", "18446744073709551616-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if stream.Pair.Check(cursor) == nil && cursor != "" && stream.Pair.Compare(cursor, cursor) != 0 {
			t.Errorf("%q is newer than itself", cursor)
		}
	})
}
