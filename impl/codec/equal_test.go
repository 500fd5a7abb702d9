package codec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/codec"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`1`, `1e0`, true},
		{`100`, `1E+2`, true},
		{`0.001`, `1e-3`, true},
		{`-0`, `0`, true},
		{`0e999999999999999999999`, `0`, true},
		{`1.50`, `15e-1`, true},
		{`10`, `1`, false},
		{`-1`, `1`, false},
		{`9007199254740993`, `9007199254740992`, false},
		{`9007199254740993`, `9007199254740993.0`, true},
		{`1e999999999`, `1e999999999`, true},
		{`1e999999999`, `10e999999998`, true},
		{`1e999999999`, `1e999999998`, false},
		{`1e99999999999999999999999999999`, `0.1e100000000000000000000000000000`, true},
		{`1e-99999999999999999999999999999`, `10e-100000000000000000000000000000`, true},
		{`1e+00000000000000000000000000007`, `1e7`, true},
		{`10e99999999999999999999`, `1e100000000000000000000`, true},
		{`1e100000000000000000000`, `1e99999999999999999999`, false},
		{`0.01e100000000000000000000`, `1e99999999999999999998`, true},
		{`0.0001e99999999999999999`, `1e99999999999999995`, true},
		{`1e-000`, `1`, true},
		{`0.1`, `0.1000000000000000055511151231257827`, false},
		{`{"a":1,"b":[true,null]}`, ` { "b" : [ true , null ] , "a" : 1.0 } `, true},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":null}`, `{}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[]`, `{}`, false},
		{`""`, `null`, false},
		{`"1"`, `1`, false},
		{`true`, `false`, false},
		{`"A\u00e9\/"`, `"Aé/"`, true},
		{`"\ud83d\ude00"`, `"😀"`, true},
		{`{"":{"x":[]}}`, `{"":{"x":[]}}`, true},
		{`{"ab":1,"a":{"c":2,"b":3}}`, `{"a":{"b":3,"c":2},"ab":1}`, true},
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			got, err := codec.Equal([]byte(pair[0]), []byte(pair[1]))
			if err != nil || got != test.want {
				t.Errorf("Equal(%s, %s) = %v, %v, want %v", pair[0], pair[1], got, err, test.want)
			}
		}
	}
}

func TestEqualRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		``, ` `, `{`, `01`, `+1`, `.5`, `1 2`, `nul`, `"`, `{"a":1,"a":1}`, `[{"b":{"a":1,"\u0061":2}}]`,
		`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"a":1}`,
		strings.Repeat("[", 20_000),
	} {
		if same, err := codec.Equal([]byte(bad), []byte(`1`)); err == nil {
			t.Errorf("Equal(%.40s, 1) = %v, want an error", bad, same)
		}
		if same, err := codec.Equal([]byte(`1`), []byte(bad)); err == nil {
			t.Errorf("Equal(1, %.40s) = %v, want an error", bad, same)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		` { "b" : 100 , "a" : [ 1.50 , -0.0 ] } `: `{"a":[15e-1,0],"b":1e2}`,
		`"\u003c\/"`: `"</"`,
		`1e1`:        `1e1`,
		`-120e-1`:    `-12`,
		`[]`:         `[]`,
		`{}`:         `{}`,
	} {
		got, err := codec.Canonical([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("Canonical(%s) = %s, %v, want %s", text, got, err, want)
			continue
		}
		again, err := codec.Canonical(got)
		if err != nil || string(again) != want {
			t.Errorf("Canonical of the canonical %s = %s, %v", want, again, err)
		}
	}
}

// A megabyte of anything must not cost more than a moment.
func TestCanonicalIsBounded(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for name, text := range map[string]string{
		"digits":    strings.Repeat("7", size),
		"fraction":  "0." + strings.Repeat("3", size),
		"zeros":     "1" + strings.Repeat("0", size),
		"exponent":  "1e" + strings.Repeat("9", size),
		"exponents": "[" + strings.Repeat("1e999999999,", size/12) + "1]",
		"nesting":   strings.Repeat(`{"b":0,"a":`, 9_000) + "0" + strings.Repeat("}", 9_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if _, err := codec.Canonical([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			} else {
				t.Logf("took %v", took)
			}
		})
	}
}
