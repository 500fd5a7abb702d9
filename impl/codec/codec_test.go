package codec_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/codec"
)

func TestMarshal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"HTML is not escaped":                   {map[string]string{"a": "<b> & co"}, `{"a":"<b> & co"}`},
		"no newline":                            {"x", `"x"`},
		"a trailing newline of the value stays": {"x\n", `"x\n"`},
		"raw JSON is compacted":                 {json.RawMessage("{ \"a\" : 1.0 }\n"), `{"a":1.0}`},
		"nil":                                   {nil, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := codec.Marshal(test.value)
			if err != nil || string(got) != test.want {
				t.Errorf("Marshal = %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestMarshalRefusesWhatHasNoJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []any{make(chan int), json.RawMessage("{"), func() {}} {
		if got, err := codec.Marshal(value); err == nil {
			t.Errorf("Marshal(%T) = %s, want an error", value, got)
		}
	}
}

func TestUnmarshalIgnoresUnknownMembers(t *testing.T) {
	t.Parallel()
	var order struct{ ID string }
	if err := codec.Unmarshal([]byte(`{"id":"a","later":{"x":[1]}}`), &order); err != nil || order.ID != "a" {
		t.Errorf("order = %+v, %v", order, err)
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"kind":"OPENED","n":1}`:                       "OPENED",
		` { "n" : [ {"kind":"inner"} ] , "kind" : "x"}`: "x",
		`{"kind":"a\u00e9\n\"b\\"}`:                     "aé\n\"b\\",
		`{"n":1}`:                                       "",
		`{}`:                                            "",
		`{"kind":""}`:                                   "",
		`{"k\u0069nd":"escaped"}`:                       "escaped",
	} {
		if got, err := codec.Tag([]byte(data), "kind"); err != nil || got != want {
			t.Errorf("Tag(%s) = %q, %v, want %q", data, got, err, want)
		}
	}
}

func TestTagRefuses(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		``, `{`, `[]`, `"kind"`, `null`, `7`, `true`, `{"kind":1}`, `{"kind":null}`,
		`{"kind":{}}`, `{"kind":"a"} x`, `{"kind":"a"`,
	} {
		if got, err := codec.Tag([]byte(data), "kind"); err == nil {
			t.Errorf("Tag(%s) = %q, want an error", data, got)
		}
	}
}

type shape interface{ area() int }

type square struct {
	Side int `json:"side"`
}

func (s square) area() int { return s.Side * s.Side }

func TestArmAndEach(t *testing.T) {
	t.Parallel()
	unmarshal := func(data []byte) (shape, error) { return codec.Arm[shape, square](data) }
	shapes, err := codec.Each([]json.RawMessage{[]byte(`{"side":2}`), []byte(`{"side":3}`)}, unmarshal)
	if err != nil || !slices.Equal(shapes, []shape{square{2}, square{3}}) {
		t.Errorf("Each = %v, %v", shapes, err)
	}
	if none, err := codec.Each(nil, unmarshal); none != nil || err != nil {
		t.Errorf("Each(nil) = %v, %v, want nil", none, err)
	}
	_, err = codec.Each([]json.RawMessage{[]byte(`{}`), []byte(`{"side":"x"}`)}, unmarshal)
	if err == nil || !strings.HasPrefix(err.Error(), "element 1: ") {
		t.Errorf("Each = %v, want an error that names element 1", err)
	}
}
