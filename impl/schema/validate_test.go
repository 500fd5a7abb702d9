package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/schema"
)

// violations validates text by a lone schema and writes down what is found.
func violations(t *testing.T, rules, text string) []string {
	t.Helper()
	set, err := schema.Load([]byte(`{"$defs":{"It":` + rules + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return found(t, set, "It", text)
}

func found(t *testing.T, set *schema.Set, name, text string) []string {
	t.Helper()
	value, err := schema.Parse([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	said := []string{}
	for _, v := range set.Validate(name, value) {
		said = append(said, v.Path+": "+v.Message)
	}
	return said
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rules, text, want string }{
		{`{"type":"string"}`, `1`, `: must be a string`},
		{`{"type":"integer"}`, `1.5`, `: must be an integer`},
		{`{"type":["string","null"]}`, `1`, `: must be a string or null`},
		{`{"type":["array","null","object"]}`, `1`, `: must be an array, an object or null`},
		{`{"const":"A"}`, `"B"`, `: must be "A"`},
		{`{"enum":["A","<B>",1.0,null]}`, `"C"`, `: must be one of "A", "<B>", 1.0, null`},
		{`{"pattern":"^a"}`, `"b"`, `: must match the pattern ^a`},
		{`{"minLength":1}`, `""`, `: must have at least 1 character`},
		{`{"maxLength":2}`, `"abc"`, `: must have at most 2 characters`},
		{`{"minimum":1}`, `0`, `: must be at least 1`},
		{`{"maximum":0.1}`, `0.2`, `: must be at most 0.1`},
		{`{"exclusiveMinimum":-1.25}`, `-1.25`, `: must be greater than -1.25`},
		{`{"exclusiveMaximum":1e3}`, `1000`, `: must be less than 1000`},
		{`{"multipleOf":0.5}`, `0.7`, `: must be a multiple of 0.5`},
		{`{"minItems":1}`, `[]`, `: must have at least 1 item`},
		{`{"maxItems":1}`, `[1,2]`, `: must have at most 1 item`},
		{`{"uniqueItems":true}`, `[1,2,1.0]`, `: must have no equal items, but 0 and 2 are`},
		{`{"contains":{"const":1}}`, `[2]`, `: must have an item of the wanted form`},
		{`{"minProperties":2}`, `{"a":1}`, `: must have at least 2 members`},
		{`{"maxProperties":1}`, `{"a":1,"b":1}`, `: must have at most 1 member`},
		{`{"not":{"type":"null"}}`, `null`, `: must not have this form`},
		{`false`, `1`, `: is not allowed`},
		{`{"required":["a","b"]}`, `{"b":1}`, `/a: member "a" is missing`},
		{`{"additionalProperties":false}`, `{"a/b~":1}`, `/a~1b~0: member "a/b~" is not allowed`},
		{`{"properties":{"a":false}}`, `{"a":1}`, `/a: member "a" is not allowed`},
		{`{"unevaluatedProperties":false}`, `{"a":1}`, `/a: member "a" is not allowed`},
		{`{"properties":{"a":{"items":false}}}`, `{"a":[1]}`, `/a/0: is not allowed`},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, `/b: member "b" is missing`},
		{`{"propertyNames":{"pattern":"^a"}}`, `{"b":1}`, `/b: the name of member "b" must match the pattern ^a`},
		{`{"format":"date-time"}`, `"yesterday"`, `: must be a valid date-time`},
		{`{"format":"uuid"}`, `"x"`, `: must be a valid uuid`},
		{`{"format":"uri"}`, `"x"`, `: must be a valid uri`},
		{`{"format":"int32"}`, `2147483648`, `: must be an integer of 32 bits`},
		{`{"format":"int64"}`, `9223372036854775808`, `: must be an integer of 64 bits`},
		{`{"format":"int64"}`, `0.5`, `: must be an integer of 64 bits`},
		{`{"format":"double"}`, `1e309`, `: must be a number that is not too large`},
		{`{"format":"float"}`, `1e39`, `: must be a number that is not too large`},
		{`{"format":"byte"}`, `"?"`, `: must be base64`},
		{`{"oneOf":[{"type":"string"},{"type":"null"}]}`, `1`, `: must be a string or null`},
		{`{"anyOf":[{"type":"string","minLength":2},{"type":"null"}]}`, `"a"`, `: must have at least 2 characters`},
		{`{"oneOf":[{"type":"integer"},{"minimum":5}]}`, `7`, `: must match only one of the allowed forms`},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, `: must match one of the allowed forms`},
		{`{"allOf":[{"required":["a"]},{"required":["a"]}]}`, `{}`, `/a: member "a" is missing`},
		{`{"if":{"required":["a"]},"then":{"required":["b"]}}`, `{"a":1}`, `/b: member "b" is missing`},
		{`{"items":{"propertyNames":{"maxLength":1}}}`, `[{"bb":1},{"a":1},{"cc":1}]`, `/0/bb: the name of member "bb" must have at most 1 character|/2/cc: the name of member "cc" must have at most 1 character`},
	} {
		got := strings.Join(violations(t, test.rules, test.text), "|")
		if got != test.want {
			t.Errorf("%s by %s:\n got %s\nwant %s", test.text, test.rules, got, test.want)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rules, text string }{
		{`{"type":"integer"}`, `1.0`},
		{`{"type":"integer"}`, `1e2`},
		{`{"type":"number","minimum":0}`, `-0`},
		{`{"maxLength":2}`, `"😀é"`},
		{`{"format":"date-time"}`, `"2026-01-02T03:04:05.678Z"`},
		{`{"format":"date-time"}`, `7`},
		{`{"format":"int32"}`, `-2147483648`},
		{`{"format":"int64"}`, `9223372036854775807`},
		{`{"format":"int32"}`, `"text"`},
		{`{"format":"double"}`, `1e308`},
		{`{"format":"byte"}`, `"aGk="`},
		{`{"format":"an unknown one"}`, `"x"`},
		{`{"const":1}`, `1.0`},
		{`{"nullable":true,"example":1,"discriminator":{"propertyName":"x"},"x-more":1}`, `{}`},
		{`true`, `[1]`},
		{`{}`, `[1]`},
		{`{"propertyNames":{"pattern":"^a"}}`, `{"ab":1}`},
		{`{"properties":{"oneOf":{"type":"string"},"propertyNames":{"type":"string"}},"additionalProperties":false}`, `{"oneOf":"x","propertyNames":"y"}`},
	} {
		if got := violations(t, test.rules, test.text); len(got) > 0 {
			t.Errorf("%s by %s: %v", test.text, test.rules, got)
		}
	}
}

const order = `{"$defs":{
  "Order":{"type":"object","required":["ref","lines"],"additionalProperties":false,"properties":{
    "ref":{"$ref":"#/$defs/Ref"},
    "lines":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/Line"}},
    "note":{"type":["string","null"],"maxLength":3},
    "free":{"type":"object"}}},
  "Ref":{"type":"string","minLength":1},
  "Line":{"type":"object","required":["item","count"],"additionalProperties":false,"properties":{
    "item":{"type":"string"},"count":{"type":"integer","minimum":1,"maximum":9,"default":1}}}
}}`

func TestEveryViolationIsTold(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(order))
	if err != nil {
		t.Fatal(err)
	}
	got := found(t, set, "Order", `{"ref":"","x":1,"y":{},"note":"abcd","free":{"any":[1e999999999]},
		"lines":[{"item":1,"count":0},{"count":1.5,"z":1},7]}`)
	want := []string{
		`/lines/0/count: must be at least 1`,
		`/lines/0/item: must be a string`,
		`/lines/1/count: must be an integer`,
		`/lines/1/item: member "item" is missing`,
		`/lines/1/z: member "z" is not allowed`,
		`/lines/2: must be an object`,
		`/note: must have at most 3 characters`,
		`/ref: must have at least 1 character`,
		`/x: member "x" is not allowed`,
		`/y: member "y" is not allowed`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := found(t, set, "Order", `{"ref":"é","lines":[{"item":"a","count":9.0}],"note":null}`); len(got) > 0 {
		t.Errorf("a valid order: %v", got)
	}
}

func TestViolationsAreBounded(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("n", 1000)
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, `"%s%d":1,`, name, i)
	}
	got := violations(t, `{"additionalProperties":false}`, `{`+text.String()+`"a":1}`)
	last := got[len(got)-1]
	if total := len(strings.Join(got, "")); total > 2<<20 || !strings.HasSuffix(last, "more violations are not listed") {
		t.Errorf("%d bytes of violations, the last: %.100s", total, last)
	}
}
