package codec_test

import (
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

func TestTimesHaveMilliseconds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"2026-01-02T03:04:05.000Z"`, `"2026-01-02T03:04:05.120Z"`, `"2026-01-02T03:04:05.123456Z"`, `"2026-01-02T03:04:05.990+02:00"`} {
		var at time.Time
		if err := codec.Unmarshal([]byte(text), &at); err != nil {
			t.Fatal(err)
		}
		if got, err := codec.Marshal(codec.Time(at)); err != nil || string(got) != text {
			t.Errorf("%s is written as %s, %v", text, got, err)
		}
	}
}
