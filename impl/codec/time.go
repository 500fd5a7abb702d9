package codec

import "time"

// Time is a time that is written in RFC 3339 with milliseconds, and with as
// many more decimals as it has, as the messages of a stream have it.
type Time time.Time

// MarshalJSON writes the time.
func (t Time) MarshalJSON() ([]byte, error) {
	at := time.Time(t)
	format := `"2006-01-02T15:04:05.000Z07:00"`
	if at.Nanosecond()%int(time.Millisecond) != 0 {
		format = `"` + time.RFC3339Nano + `"`
	}
	return at.AppendFormat(nil, format), nil
}
