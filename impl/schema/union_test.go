package schema_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/schema"
)

const ticks = `{"$defs":{
  "Tick":{"oneOf":[{"$ref":"#/$defs/Opened"},{"$ref":"#/$defs/Priced"},{"$ref":"#/$defs/End"}],"discriminator":{"propertyName":"kind"}},
  "Head":{"type":"object","required":["kind","n"],"properties":{"kind":{"type":"string"},"n":{"type":"integer"}}},
  "Opened":{"allOf":[{"$ref":"#/$defs/Head"}],"properties":{"kind":{"const":"OPENED"},"by":{"type":"string"}},"unevaluatedProperties":false},
  "Priced":{"type":"object","required":["kind","n","price"],"additionalProperties":false,"properties":{
    "kind":{"enum":["PRICED","REPRICED"]},"n":{"type":"integer"},"price":{"type":"number","minimum":0}}},
  "End":{"oneOf":[{"$ref":"#/$defs/Closed"},{"$ref":"#/$defs/Broken"}]},
  "Closed":{"type":"object","required":["kind"],"additionalProperties":false,"properties":{"kind":{"$ref":"#/$defs/ClosedKind"}}},
  "ClosedKind":{"const":"CLOSED"},
  "Broken":{"type":"object","required":["kind","why"],"properties":{"kind":{"const":"BROKEN"},"why":{"type":"string"}}},
  "Page":{"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/$defs/Tick"}},"one":{"anyOf":[{"$ref":"#/$defs/Closed"},{"$ref":"#/$defs/Broken"}]}}},
  "Open":{"oneOf":[{"$ref":"#/$defs/Closed"},{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}}}]},
  "Loose":{"anyOf":[{"required":["kind"],"properties":{"kind":{"const":"A"}}},{"required":["kind"],"properties":{"kind":{"const":"B"}}}]},
  "Shut":{"oneOf":[{"$ref":"#/$defs/Closed"},{"$ref":"#/$defs/Broken"}],"unevaluatedProperties":false},
  "Overlap":{"oneOf":[{"required":["kind"],"properties":{"kind":{"enum":["A","B"]}}},{"required":["kind"],"properties":{"kind":{"enum":["B","C"]}}}]},
  "Absent":{"oneOf":[{"properties":{"kind":{"const":"A"}}},{"required":["why"],"properties":{"kind":{"const":"B"}}}]},
  "Tree":{"oneOf":[{"$ref":"#/$defs/Leaf"},{"$ref":"#/$defs/Left"},{"$ref":"#/$defs/Right"}]},
  "Leaf":{"type":"object","required":["op"],"properties":{"op":{"const":"leaf"}}},
  "Left":{"type":"object","required":["op","in"],"properties":{"op":{"const":"left"},"in":{"$ref":"#/$defs/Tree"}}},
  "Right":{"type":"object","required":["op","in"],"properties":{"op":{"const":"right"},"in":{"$ref":"#/$defs/Tree"}}}
}}`

func tickSet(t *testing.T) *schema.Set {
	t.Helper()
	set, err := schema.Load([]byte(ticks))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTaggedUnions(t *testing.T) {
	t.Parallel()
	set := tickSet(t)
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"Tick", `{"kind":"OPENED","n":1,"by":"me"}`, nil},
		{"Tick", `{"kind":"REPRICED","n":1,"price":1.5}`, nil},
		{"Tick", `{"kind":"CLOSED"}`, nil},
		{"Tick", `{"kind":"BROKEN","why":"x"}`, nil},
		{"Tick", `{"kind":"OPENED","n":1,"price":1}`, []string{`/price: member "price" is not allowed`}},
		{"Tick", `{"kind":"PRICED","price":-1,"x":1}`, []string{
			`/n: member "n" is missing`, `/price: must be at least 0`, `/x: member "x" is not allowed`}},
		{"Tick", `{"kind":"BROKEN"}`, []string{`/why: member "why" is missing`}},
		{"Tick", `{"kind":"SOLD"}`, []string{`/kind: must be one of "OPENED", "PRICED", "REPRICED", "CLOSED", "BROKEN"`}},
		{"Tick", `{"kind":1}`, []string{`/kind: must be one of "OPENED", "PRICED", "REPRICED", "CLOSED", "BROKEN"`}},
		{"Tick", `{}`, []string{`/kind: member "kind" is missing`}},
		{"Tick", `[]`, []string{`: must be an object`}},
		{"Page", `{"items":[{"kind":"CLOSED"},{"kind":"CLOSED","x":1}],"one":{"kind":"BROKEN"}}`, []string{
			`/items/1/x: member "x" is not allowed`, `/one/why: member "why" is missing`}},
		{"Open", `{"kind":"OTHER"}`, nil},
		{"Open", `{"kind":"CLOSED"}`, []string{`: must match only one of the allowed forms`}},
		{"Loose", `{"kind":"B"}`, nil},
		{"Loose", `7`, nil},
		{"Overlap", `{"kind":"A"}`, nil},
		{"Overlap", `{"kind":"B"}`, []string{`: must match only one of the allowed forms`}},
		{"Absent", `{}`, nil},
		{"Shut", `{"kind":"BROKEN","why":"x"}`, nil},
		{"Shut", `{"kind":"BROKEN","why":"x","y":1}`, []string{`/y: member "y" is not allowed`}},
	} {
		if got := found(t, set, test.name, test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s by %s:\n got %q\nwant %q", test.text, test.name, got, test.want)
		}
	}
}

// Trying every branch at every level would take two to the power of the depth.
func TestDeepUnionsTakeLinearTime(t *testing.T) {
	t.Parallel()
	const depth = 300
	text := strings.Repeat(`{"op":"left","in":{"op":"right","in":`, depth) + `{"op":"stem"}` + strings.Repeat("}}", depth)
	start := time.Now()
	got := found(t, tickSet(t), "Tree", text)
	want := strings.Repeat("/in", 2*depth) + `/op: must be one of "leaf", "left", "right"`
	if len(got) != 1 || got[0] != want {
		t.Errorf("%d violations, the first: %.200s", len(got), strings.Join(got, " "))
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}
