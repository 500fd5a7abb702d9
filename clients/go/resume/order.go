package resume

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Order is the syntax of a stream's cursors and the order among them.
type Order int

const (
	// Pair is two unsigned 64-bit integers as "high-low", without leading zeros.
	Pair Order = iota
	// Integer is one unsigned 64-bit integer without leading zeros.
	Integer
	// Opaque is any text. Such cursors have no order; one is not new if it is
	// among the last thousand handed over.
	Opaque
)

// pair is a parsed cursor; an integer is one with low = 0.
type pair struct{ high, low uint64 }

func (o Order) valid(cursor string) bool {
	if o == Opaque {
		return cursor != ""
	}
	_, ok := o.parse(cursor)
	return ok
}

func (o Order) parse(cursor string) (pair, bool) {
	if o == Integer {
		n, ok := natural(cursor)
		return pair{high: n}, ok
	}
	left, right, found := strings.Cut(cursor, "-")
	high, highOK := natural(left)
	low, lowOK := natural(right)
	return pair{high, low}, found && highOK && lowOK
}

func natural(text string) (uint64, bool) {
	if len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}

// compare orders two cursors of an order that has one; one that is not valid
// comes before all others.
func (o Order) compare(a, b string) int {
	x, xOK := o.parse(a)
	y, yOK := o.parse(b)
	if !xOK || !yOK {
		return cmp.Compare(truth(xOK), truth(yOK))
	}
	return cmp.Or(cmp.Compare(x.high, y.high), cmp.Compare(x.low, y.low))
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// before is a cursor older than the given one, with nothing retained between
// them if the given one is the first that is; "", the start, if there is none.
func (o Order) before(cursor string) string {
	p, ok := o.parse(cursor)
	switch {
	case o == Opaque || !ok || p == pair{}:
		return ""
	case o == Integer:
		return strconv.FormatUint(p.high-1, 10)
	}
	return strconv.FormatUint(max(p.high, 1)-1, 10) + "-0"
}

// remembered is how many opaque cursors a position knows.
const remembered = 1000

// position is where a reader stands: after the last message handed over.
type position struct {
	order  Order
	cursor string // "" is the start
	recent []string
}

func newPosition(order Order, cursor string) *position {
	p := &position{order: order}
	p.reset(cursor)
	return p
}

// passed tells whether the event at a cursor was handed over before.
func (p *position) passed(cursor string) bool {
	if p.order != Opaque {
		return p.order.compare(cursor, p.cursor) <= 0
	}
	return slices.Contains(p.recent, cursor)
}

// advance moves the position to an event that has not passed.
func (p *position) advance(cursor string) {
	p.cursor = cursor
	if p.order != Opaque {
		return
	}
	if len(p.recent) == remembered {
		p.recent = append(p.recent[:0], p.recent[1:]...)
	}
	p.recent = append(p.recent, cursor)
}

// reset moves the position anywhere, backwards too.
func (p *position) reset(cursor string) {
	p.recent = nil
	if p.cursor = cursor; cursor != "" {
		p.advance(cursor)
	}
}
