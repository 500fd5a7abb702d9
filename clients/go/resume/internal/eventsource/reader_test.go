package eventsource_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/taskbridge/tbgen/clients/go/resume/internal/eventsource"
)

// readAll reads a stream to its end, as "type id data" of each event.
func readAll(in io.Reader, limit int) (events []string, retry time.Duration, err error) {
	r := eventsource.NewReader(in, limit)
	for {
		event, err := r.Next()
		if err != nil {
			retry, _ = r.Retry()
			return events, retry, err
		}
		events = append(events, event.Type+" "+event.ID+" "+string(event.Data))
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   string
		want []string
	}{
		"the standard's first":    {"data: YHOO\ndata: +2\ndata: 10\n\n", []string{"message  YHOO\n+2\n10"}},
		"the standard's second":   {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n", []string{"message 1 first event", "message  second event", "message   third event"}},
		"the standard's third":    {strings.ReplaceAll("X\n\nX\nX\n\nX:", "X", "data"), []string{"message  ", "message  \n"}},
		"the standard's fourth":   {"data:test\n\ndata: test\n\n", []string{"message  test", "message  test"}},
		"ends of lines":           {"data: a\r\rdata: b\r\ndata: b\r\n\r\ndata: c\n\ndata: d\r\n\n", []string{"message  a", "message  b\nb", "message  c", "message  d"}},
		"mark":                    {"\ufeffdata: a\n\n\ufeffdata: b\n\n", []string{"message  a"}},
		"two marks":               {"\ufeff\ufeffdata: a\n\n", nil},
		"type":                    {"event: x\ndata: a\n\nevent: y\n\ndata: b\n\nevent:\ndata: c\n\n", []string{"x  a", "message  b", "message  c"}},
		"id stays":                {"id: 7\n\ndata: a\n\ndata: b\nid: 8\n\ndata: c\n\n", []string{"message 7 a", "message 8 b", "message 8 c"}},
		"id with NUL":             {"id: 7\nid: 8\x00\ndata: a\n\n", []string{"message 7 a"}},
		"unknown field":           {"dat: x\nDATA: y\n data: z\ndata: a\nfoo\n\n", []string{"message  a"}},
		"one blank only":          {"data:  a \ndata:\tb\n\n", []string{"message   a \n\tb"}},
		"colons":                  {"data: a: b\n:data: c\n\n", []string{"message  a: b"}},
		"nothing":                 {"", nil},
		"cut in the event":        {"data: a\n\ndata: b\n", []string{"message  a"}},
		"cut in the line":         {"data: a\n\ndata: b", []string{"message  a"}},
		"bytes that are no UTF-8": {"data: \xff\n\n", []string{"message  \xff"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, in := range []io.Reader{strings.NewReader(test.in), iotest.OneByteReader(strings.NewReader(test.in))} {
				got, _, err := readAll(in, 1000)
				if !errors.Is(err, io.EOF) || !slices.Equal(got, test.want) {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"retry: 1500\n":                       1500 * time.Millisecond,
		"retry:0\n":                           0,
		"retry: 2000\nretry: 1s\nretry\n":     2 * time.Second,
		"retry: -5\nretry: 1.5\nretry: +1\n":  0,
		"retry: 99999999999999999999999999\n": 1<<63 - 1,
		"retry: 1000":                         0,
	} {
		if _, got, _ := readAll(strings.NewReader(in), 1000); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// An event is told with the byte that completes it, not with the one after.
func TestReaderDoesNotWaitForMore(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"data: a\n\n", "data: a\r\r", "data: a\r\n\r"} {
		out, feed := io.Pipe()
		defer feed.Close()
		go func() { _, _ = io.WriteString(feed, in) }()
		event, err := eventsource.NewReader(out, 100).Next()
		if err != nil || string(event.Data) != "a" {
			t.Errorf("%q: %q, %v", in, event.Data, err)
		}
	}
}

func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		strings.Repeat("x", 101),
		":" + strings.Repeat("x", 1<<20),
		strings.Repeat("data: 0123456789\n", 20) + "\n",
		strings.Repeat("data\n", 200) + "\n",
	} {
		if _, _, err := readAll(strings.NewReader(in), 100); !errors.Is(err, eventsource.ErrTooLarge) {
			t.Errorf("%.40q…: %v", in, err)
		}
	}
	if events, _, err := readAll(strings.NewReader("data: "+strings.Repeat("x", 94)+"\n\n"), 100); !errors.Is(err, io.EOF) || len(events) != 1 {
		t.Errorf("an event within the bound: %v", err)
	}
}

func TestReaderReturnsTheErrorOfItsStream(t *testing.T) {
	t.Parallel()
	torn := errors.New("torn")
	in := io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(torn))
	if events, _, err := readAll(in, 100); !errors.Is(err, torn) || len(events) != 1 {
		t.Errorf("%q, %v", events, err)
	}
}

// literal is the standard's algorithm at its plainest: all of the stream in
// memory, one line after the other.
func literal(in string) (events []string) {
	in = strings.TrimPrefix(in, "\ufeff")
	in = strings.ReplaceAll(strings.ReplaceAll(in, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(in, "\n")
	var data, kind, id string
	for _, line := range lines[:len(lines)-1] {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != "" {
				if kind == "" {
					kind = "message"
				}
				events = append(events, kind+" "+id+" "+strings.TrimSuffix(data, "\n"))
			}
			data, kind = "", ""
		case name == "data":
			data += value + "\n"
		case name == "event":
			kind = value
		case name == "id" && !strings.Contains(value, "\x00"):
			id = value
		}
	}
	return events
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("\ufeff: c\r\nid: 1\rdata: a\ndata\n\nevent: x\r\rretry: 5\r\n\r\n"), uint8(3))
	f.Add([]byte("data: a\r\n\r\nid: \x00\ndata: b\n\n"), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, chunk uint8) {
		want := literal(string(in))
		got, _, err := readAll(&chunks{bytes.Clone(in), int(chunk%7) + 1}, 1<<20)
		if !errors.Is(err, io.EOF) || !slices.Equal(got, want) {
			t.Errorf("%q in pieces of %d: %q, %v, want %q", in, chunk%7+1, got, err, want)
		}
		for limit := range min(len(in), 40) {
			if got, _, _ := readAll(bytes.NewReader(in), limit); len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
				t.Errorf("%q with limit %d: %q", in, limit, got)
			}
		}
	})
}

// chunks reads so many bytes at a time.
type chunks struct {
	rest []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}
