package stream

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Order is the syntax of a stream's cursors and how two of them compare.
type Order int

// The orders. The empty cursor, which is the start of a stream, belongs to each.
const (
	// Opaque cursors are any text of at most 1,024 bytes without control characters. They are
	// equal or not; which is newer only the source knows.
	Opaque Order = iota
	// Integer cursors are unsigned 64-bit numbers, written without leading zeros.
	Integer
	// Pair cursors are two such numbers joined by a hyphen, the first one deciding.
	Pair
)

// maxOpaque bounds the length of an opaque cursor in bytes.
const maxOpaque = 1024

// CursorError is a cursor that is not of its stream's syntax.
type CursorError struct {
	// Cursor is the text that was given.
	Cursor string
	// Order is the syntax that it does not have.
	Order Order
}

// Error says what a cursor of the stream looks like. It does not repeat the one given.
func (e *CursorError) Error() string {
	switch e.Order {
	case Integer:
		return "the cursor must be an unsigned 64-bit integer without leading zeros"
	case Pair:
		return "the cursor must be two unsigned 64-bit integers without leading zeros, joined by a hyphen"
	default:
		return fmt.Sprintf("the cursor must be at most %d bytes of text without control characters", maxOpaque)
	}
}

// Check returns a [*CursorError] for a cursor that is not of the order's syntax.
func (o Order) Check(cursor string) error {
	if _, ok := o.parse(cursor); !ok {
		return &CursorError{Cursor: cursor, Order: o}
	}
	return nil
}

// Compare returns a negative number if the cursor a is older than b, zero if they are the same
// and a positive number if it is newer. The empty cursor is older than all others. Of two
// different opaque cursors the second counts as older, so that nothing is ever held back for
// being old. Both cursors are of the order's syntax.
func (o Order) Compare(a, b string) int {
	if o == Opaque || a == "" || b == "" {
		return compareOpaque(a, b)
	}
	x, _ := o.parse(a)
	y, _ := o.parse(b)
	return cmp.Or(cmp.Compare(x.major, y.major), cmp.Compare(x.minor, y.minor))
}

func compareOpaque(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return -1
	default:
		return 1
	}
}

// position is a cursor as numbers. An integer is all major.
type position struct{ major, minor uint64 }

func (o Order) parse(cursor string) (position, bool) {
	if cursor == "" {
		return position{}, true
	}
	switch o {
	case Integer:
		major, ok := number(cursor)
		return position{major: major}, ok
	case Pair:
		first, second, found := strings.Cut(cursor, "-")
		major, ok := number(first)
		minor, fine := number(second)
		return position{major, minor}, found && ok && fine
	default:
		return position{}, opaque(cursor)
	}
}

// number reads an unsigned 64-bit number in its one decimal form.
func number(text string) (uint64, bool) {
	if text == "" || text[0] == '0' && text != "0" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}

func opaque(text string) bool {
	return len(text) <= maxOpaque && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
