package resume

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Retry paces repeated calls and reconnects: the n-th pause in a row is drawn
// evenly from zero to Base·2ⁿ⁻¹, at most Cap (full jitter), and is never
// shorter than the server has asked for.
type Retry struct {
	Attempts int           // tries of one call; 0 is 4, 1 never repeats
	Base     time.Duration // 0 is 200 ms
	Cap      time.Duration // 0 is 15 s
}

// longestPause bounds what a server may ask for.
const longestPause = 5 * time.Minute

func (r Retry) withDefaults() Retry {
	return Retry{
		Attempts: cmp.Or(r.Attempts, 4),
		Base:     cmp.Or(r.Base, 200*time.Millisecond),
		Cap:      cmp.Or(r.Cap, 15*time.Second),
	}
}

// limit is the longest pause after so many failures in a row.
func (r Retry) limit(failures int) time.Duration {
	limit := r.Base
	for range failures - 1 {
		if limit >= r.Cap/2 {
			return r.Cap
		}
		limit *= 2
	}
	return min(limit, r.Cap)
}

// pause is the time to wait after so many failures in a row, the last of which
// asked for a pause of its own.
func (c *Conn) pause(failures int, asked time.Duration) time.Duration {
	return max(c.jitter(c.config.Retry.limit(failures)), min(asked, longestPause))
}

// sleep waits, and tells whether it was not the context that ended it.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}

// retryAfterReason reads the pause a closing WebSocket asks for in its reason.
func retryAfterReason(reason string) time.Duration {
	_, text, _ := strings.Cut(reason, "retry-after-ms=")
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	milliseconds, err := strconv.ParseUint(text[:digits], 10, 40)
	if err != nil {
		return 0
	}
	return time.Duration(milliseconds) * time.Millisecond
}
