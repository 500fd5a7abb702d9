package rules

import (
	"cmp"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/taskbridge/tbgen/gen/model"
)

// Cursor is the parsed form of an event id, <seq>-<tag>. The zero value stands before the first
// event.
type Cursor struct {
	// Seq is the event's number, from 1.
	Seq uint64
	// Tag tells histories apart that have an event of the same number.
	Tag uint64
}

// ParseCursor reads a cursor; the empty text is the zero Cursor. Anything that is not of the
// syntax is INVALID_REQUEST.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	left, right, found := strings.Cut(text, "-")
	seq, seqOK := parsePart(left)
	tag, tagOK := parsePart(right)
	if !found || !seqOK || !tagOK {
		return Cursor{}, model.NewError(model.ErrorCodeInvalidRequest, "the cursor is not an event id")
	}
	return Cursor{Seq: seq, Tag: tag}, nil
}

func parsePart(text string) (value uint64, ok bool) {
	if len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	value, err := strconv.ParseUint(text, 10, 64)
	return value, err == nil
}

// NextCursor gives the id of the event after number seq, with a new random tag.
func NextCursor(seq uint64) Cursor {
	return Cursor{Seq: seq + 1, Tag: uint64(rand.Uint32())}
}

// String gives the cursor as it is written.
func (c Cursor) String() string {
	return strconv.FormatUint(c.Seq, 10) + "-" + strconv.FormatUint(c.Tag, 10)
}

// Compare gives -1, 0 or 1 as c is older than, equal to or newer than other.
func (c Cursor) Compare(other Cursor) int {
	return cmp.Or(cmp.Compare(c.Seq, other.Seq), cmp.Compare(c.Tag, other.Tag))
}
