package schema_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/schema"
)

func TestNumbersOfAnySize(t *testing.T) {
	t.Parallel()
	nines, threes := strings.Repeat("9", 2000), strings.Repeat("3", 2000)
	for _, test := range []struct {
		rules, number string
		valid         bool
	}{
		{`{"type":"integer"}`, `1e999999999`, true},
		{`{"type":"integer"}`, `1e-999999999`, false},
		{`{"type":"integer"}`, nines, true},
		{`{"type":"integer"}`, nines + ".5", false},
		{`{"type":"integer"}`, `0.` + threes, false},
		{`{"type":"integer"}`, `1.` + strings.Repeat("0", 2000), true},
		{`{"type":"integer"}`, `0e999999999999999999999999`, true},
		{`{"type":"integer"}`, `1000e-3`, true},
		{`{"type":"integer"}`, nines[:305] + "." + threes, false},
		{`{"type":"number"}`, `-1e99999999999999999999999999`, true},
		{`{"minimum":0,"maximum":100}`, `1e999999999`, false},
		{`{"minimum":0,"maximum":100}`, `-1e999999999`, false},
		{`{"minimum":0,"maximum":100}`, `1e-999999999`, true},
		{`{"minimum":0,"maximum":100}`, `-1e-999999999`, false},
		{`{"minimum":0,"maximum":100}`, `99.` + nines, true},
		{`{"minimum":0,"maximum":100}`, `100.` + strings.Repeat("0", 1000) + "1", false},
		{`{"minimum":0,"maximum":100}`, "100." + strings.Repeat("0", 1000), true},
		{`{"exclusiveMinimum":0}`, `1e-99999`, true},
		{`{"exclusiveMinimum":0}`, `0e-99999`, false},
		{`{"minimum":-1e300}`, `-1e301`, false},
		{`{"minimum":-1e300}`, `-1e300`, true},
		{`{"maximum":1e300}`, `1e300`, true},
		{`{"multipleOf":0.5}`, `1e-999999`, false},
		{`{"const":1e5}`, `1e999999999`, false},
		{`{"enum":[1,2]}`, `1e999999999`, false},
		{`{"const":1e2}`, `100.0`, true},
		{`{"format":"double"}`, `1e999999999`, false},
		{`{"format":"int64"}`, `1e999999999`, false},
	} {
		got := violations(t, test.rules, test.number)
		if (len(got) == 0) != test.valid {
			t.Errorf("%.40s… by %s: %v, want valid %v", test.number, test.rules, got, test.valid)
		}
	}
}

func TestUniqueNumbersOfAnySize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7", 500)
	for text, valid := range map[string]bool{
		`[1e999999999,1e999999998,-1e999999999]`: true,
		`[1e999999999,10e999999998]`:             false,
		`[0.` + long + `,0.` + long + `8]`:       true,
		`[0.` + long + `,0.` + long + `0]`:       false,
		`[1e-5000,1e-5001,0]`:                    true,
		`[{"a":1e-5000},{"a":10e-5001}]`:         false,
		`[` + long + `,` + long + `.5]`:          true,
	} {
		if got := violations(t, `{"uniqueItems":true}`, text); (len(got) == 0) != valid {
			t.Errorf("%.60s…: %v, want valid %v", text, got, valid)
		}
	}
}

// Many numbers that are hard to compute with take a moment.
func TestNumbersTakeBoundedTime(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	for name, text := range map[string]string{
		"large":  "[" + strings.Repeat("1e999999,", size/9) + "1]",
		"small":  "[" + strings.Repeat("1e-99999,", size/9) + "1]",
		"within": "[" + strings.Repeat("123.4e305,", size/10) + "1]",
		"long":   "[" + strings.Repeat("7", size) + "]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := schema.Load([]byte(`{"$defs":{"It":{"items":{"type":"integer","minimum":1,"maximum":2,"multipleOf":3}}}}`))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			value, err := schema.Parse([]byte(text), 0)
			if err != nil {
				t.Fatal(err)
			}
			count := len(set.Validate("It", value))
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%d violations took %v", count, took)
			} else {
				t.Logf("%d violations took %v", count, took)
			}
		})
	}
}

func TestValidateDoesNotChangeTheValue(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(`{"$defs":{"It":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	value, err := schema.Parse([]byte(`{"a":[1e999999999,{"b":1e-999999999}]}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	set.Validate("It", value)
	if got := fmt.Sprint(value); got != `map[a:[1e999999999 map[b:1e-999999999]]]` {
		t.Errorf("the value became %s", got)
	}
}
