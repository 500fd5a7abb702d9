package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/schema"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		` {"a":[1.0,-0,1e999999999,9007199254740993],"b":{}} `: map[string]any{
			"a": []any{json.Number("1.0"), json.Number("-0"), json.Number("1e999999999"), json.Number("9007199254740993")},
			"b": map[string]any{},
		},
		`"\ud83d\ude00 \u00e9 \u0000"`: "😀 é \x00",
		`[]`:                           []any{},
		`null`:                         nil,
		"\t\r\n true ":                 true,
		`false`:                        false,
		`{"":""}`:                      map[string]any{"": ""},
	} {
		got, err := schema.Parse([]byte(text), 1000)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%s) = %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                  ``,
		"white space":              " \n",
		"truncated object":         `{"a":1`,
		"truncated string":         `{"a":"x`,
		"truncated literal":        `tru`,
		"repeated member":          `{"a":1,"a":1}`,
		"repeated when unescaped":  `{"a":1,"\u0061":1}`,
		"repeated deeper":          `[{"b":{"a":1,"c":2,"a":3}}]`,
		"byte order mark":          "\xef\xbb\xbf{}",
		"byte order mark in UTF16": "\xff\xfe{\x00}\x00",
		"invalid UTF-8":            "\"\xff\"",
		"invalid UTF-8 in a name":  "{\"\xc3\":1}",
		"overlong UTF-8":           "\"\xc0\x80\"",
		"surrogate in UTF-8":       "\"\xed\xa0\x80\"",
		"high surrogate alone":     `"\ud83d"`,
		"low surrogate alone":      `"\ude00"`,
		"surrogates swapped":       `"\ude00\ud83d"`,
		"high surrogate and text":  `"\ud83dx"`,
		"data after the value":     `{} {}`,
		"text after the value":     `{}x`,
		"comment":                  `{/**/}`,
		"trailing comma":           `[1,]`,
		"single quotes":            `{'a':1}`,
		"bare name":                `{a:1}`,
		"leading zero":             `01`,
		"plus sign":                `+1`,
		"NaN":                      `NaN`,
		"hexadecimal":              `0x10`,
		"control character":        "\"\n\"",
		"bad escape":               `"\x41"`,
		"name that is no string":   `{1:1}`,
		"mismatched brackets":      `[}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, err := schema.Parse([]byte(text), 1000)
			if err == nil {
				t.Fatalf("Parse(%s) = %v", text, value)
			}
			syntax, ok := errors.AsType[*schema.SyntaxError](err)
			if !ok || syntax.Offset < 0 || syntax.Offset > int64(len(text)) {
				t.Errorf("error %#v is no SyntaxError within the text", err)
			}
			if strings.Contains(err.Error(), "jsontext") {
				t.Errorf("error %q names the library", err)
			}
		})
	}
}

func TestParseDepth(t *testing.T) {
	t.Parallel()
	nested := func(depth int) []byte {
		half := depth / 2
		text := strings.Repeat(`[{"a":`, half) + strings.Repeat("[", depth%2)
		return []byte(text + "1" + strings.Repeat("]", depth%2) + strings.Repeat("}]", half))
	}
	for _, test := range []struct {
		depth, max int
		ok         bool
	}{
		{1, 1, true}, {2, 1, false}, {1000, 1000, true}, {1001, 1000, false},
		{9999, 0, true}, {100_000, 0, false}, {100_000, 1000, false},
	} {
		if _, err := schema.Parse(nested(test.depth), test.max); (err == nil) != test.ok {
			t.Errorf("depth %d of %d: %v", test.depth, test.max, err)
		}
	}
	if _, err := schema.Parse([]byte(`[[],[],{},[]]`), 2); err != nil {
		t.Errorf("neighbours count as nesting: %v", err)
	}
}

// FuzzParse compares with encoding/json: what Parse accepts is JSON, and the
// tree is the one that encoding/json reads.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.50,-0,1e400],"b":{"c":null,"d":true,"e":"\u00e9\ud83d\ude00"}}`,
		`[]`, `{}`, `""`, `null`, ` 1 `, `{"a":1,"a":2}`, "\xef\xbb\xbf1", `"\ud800"`, "\"\xff\"", `[[[[[[[[[[]]]]]]]]]]`, `{"a":1}}`, `1 2`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := schema.Parse(data, 8)
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var want any
		wantErr := decoder.Decode(&want)
		if err != nil {
			return
		}
		if wantErr != nil || !json.Valid(data) {
			t.Fatalf("accepted %q, which is no JSON: %v", data, wantErr)
		}
		if !reflect.DeepEqual(value, want) {
			t.Fatalf("%q is %#v, want %#v", data, value, want)
		}
	})
}
