package resume

import (
	"testing"
	"time"
)

func TestLimitOfPauses(t *testing.T) {
	t.Parallel()
	defaults := Retry{}.withDefaults()
	for _, test := range []struct {
		retry    Retry
		failures int
		want     time.Duration
	}{
		{defaults, 1, 200 * time.Millisecond},
		{defaults, 2, 400 * time.Millisecond},
		{defaults, 7, 12800 * time.Millisecond},
		{defaults, 8, 15 * time.Second},
		{defaults, 1 << 40, 15 * time.Second},
		{Retry{Base: time.Hour, Cap: time.Second}, 1, time.Second},
	} {
		if got := test.retry.limit(test.failures); got != test.want {
			t.Errorf("after %d failures %v, want %v", test.failures, got, test.want)
		}
	}
}

func TestPauseAskedForInACloseReason(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]time.Duration{
		"retry-after-ms=1500":                  1500 * time.Millisecond,
		"going down; retry-after-ms=20 (soon)": 20 * time.Millisecond,
		"retry-after-ms=":                      0,
		"retry-after-ms=-5":                    0,
		"retry-after-ms=99999999999999999999":  0,
		"":                                     0,
	} {
		if got := retryAfterReason(reason); got != want {
			t.Errorf("%q: %v, want %v", reason, got, want)
		}
	}
}
