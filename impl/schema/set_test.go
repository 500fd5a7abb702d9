package schema_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taskbridge/tbgen/impl/schema"
)

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `[]`, `{}`, `{"$defs":[]}`, `{"$defs":{},"$defs":{}}`} {
		if _, err := schema.Load([]byte(text)); err == nil {
			t.Errorf("Load(%s) found nothing wrong", text)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(order))
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Names(); !slices.Equal(got, []string{"Line", "Order", "Ref"}) {
		t.Errorf("Names = %v", got)
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	if err := tickSet(t).Compile(); err != nil {
		t.Errorf("good schemas: %v", err)
	}
	elsewhere := filepath.Join(t.TempDir(), "s.json")
	if err := os.WriteFile(elsewhere, []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, rules := range []string{
		`{"$ref":"#/$defs/Gone"}`, `{"$ref":"other.json"}`, `{"$ref":"file://` + elsewhere + `"}`, `{"$ref":"https://example.com/s.json"}`,
		`{"type":"thing"}`, `{"pattern":"("}`, `{"minLength":-1}`,
	} {
		set, err := schema.Load([]byte(`{"$defs":{"Bad":` + rules + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := set.Compile(); err == nil {
			t.Errorf("Compile of %s found nothing wrong", rules)
		}
	}
}

func TestFaultsOfTheProgramPanic(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(`{"$defs":{"Bad":{"$ref":"#/$defs/Gone"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Bad", "Unknown"} {
		func() {
			defer func() {
				if fault, ok := recover().(error); !ok || !strings.Contains(fault.Error(), name) {
					t.Errorf("Validate(%s) panicked with %v", name, fault)
				}
			}()
			set.Validate(name, nil)
		}()
	}
}

func TestOddNames(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(`{"$defs":{"a/b~c %20é":{"type":"string"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Validate("a/b~c %20é", true); len(got) != 1 {
		t.Errorf("violations = %v", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	set := tickSet(t)
	value, err := schema.Parse([]byte(`{"kind":"CLOSED","x":1}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 32 {
		names := set.Names()
		wg.Go(func() {
			for j := range names {
				set.Validate(names[(i+j)%len(names)], value)
			}
		})
	}
	wg.Wait()
}

const described = `{"$defs":{
  "Text":{"type":"string","default":"<none>"},
  "Alias":{"$ref":"#/$defs/Text"},
  "Own":{"$ref":"#/$defs/Text","default":null},
  "Nullable":{"type":["null","integer"],"default":1.0},
  "Null":{"type":"null"},
  "Const":{"const":{"a":1}},
  "Enum":{"enum":[1,2]},
  "Fraction":{"enum":[1.5]},
  "Flag":{"enum":[true]},
  "Merged":{"allOf":[{"description":"x"},{"$ref":"#/$defs/Line"}],"properties":{"more":{"type":"boolean"}},"required":["more"]},
  "Line":{"type":"object","required":["item","ghost"],"properties":{"item":{"$ref":"#/$defs/Text"},"counts":{"type":"array","items":{"type":"integer"}},"free":{}}},
  "Choice":{"oneOf":[{"type":"null"},{"$ref":"#/$defs/Line"}]},
  "List":{"type":"array","items":{"$ref":"#/$defs/Choice"}},
  "ListAlias":{"$ref":"#/$defs/List"},
  "Loop":{"$ref":"#/$defs/Loop"},
  "Any":true,
  "Nothing":{},
  "Deep":{"$ref":"#/$defs/Line/properties/counts"},
  "Part":{"$ref":"#/$defs/Choice/oneOf/1"},
  "Lost":{"$ref":"#/$defs/Choice/oneOf/7"}
}}`

func TestDescriptions(t *testing.T) {
	t.Parallel()
	set, err := schema.Load([]byte(described))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Text": "string", "Alias": "string", "Nullable": "integer", "Null": "null", "Const": "object", "Enum": "integer",
		"Fraction": "number", "Flag": "boolean", "Merged": "object", "Choice": "object", "List": "array", "Loop": "", "Any": "",
		"Nothing": "", "Deep": "array", "Part": "object", "Lost": "", "Unknown": "",
	} {
		if got := set.Type(name); got != want {
			t.Errorf("Type(%s) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"Text": `"<none>"`, "Alias": `"<none>"`, "Own": `null`, "Nullable": `1.0`, "Line": "", "Unknown": "", "Any": ""} {
		if got, ok := set.Default(name); string(got) != want || ok != (want != "") {
			t.Errorf("Default(%s) = %s, %v, want %q", name, got, ok, want)
		}
	}
	for name, want := range map[string]string{"List": "object", "ListAlias": "object", "Deep": "integer", "Text": ""} {
		if got := set.Items(name); got != want {
			t.Errorf("Items(%s) = %q, want %q", name, got, want)
		}
	}
	want := []schema.Property{
		{Name: "counts", Type: "array"}, {Name: "free"}, {Name: "item", Type: "string", Required: true}, {Name: "more", Type: "boolean", Required: true},
	}
	if got := set.Properties("Merged"); !slices.Equal(got, want) {
		t.Errorf("Properties = %+v, want %+v", got, want)
	}
	if got := set.Properties("Text"); len(got) > 0 {
		t.Errorf("Properties of a string = %+v", got)
	}
}

func BenchmarkParseAndValidate(b *testing.B) {
	set, err := schema.Load([]byte(order))
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(`{"ref":"order-4711","note":"abc","free":{"any":[1,2.5,{"x":"y"}]},"lines":[{"item":"apple","count":1},{"item":"pear","count":2},{"item":"plum","count":3}]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		value, err := schema.Parse(text, 1000)
		if err != nil {
			b.Fatal(err)
		}
		if violations := set.Validate("Order", value); len(violations) > 0 {
			b.Fatal(violations)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte(`{"lines":[` + strings.TrimSuffix(strings.Repeat(`{"item":"apple","count":1,"free":{"x":[1.5,true,null]}},`, 1000), ",") + `]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schema.Parse(text, 1000); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		set, err := schema.Load([]byte(ticks))
		if err != nil {
			b.Fatal(err)
		}
		if err := set.Compile(); err != nil {
			b.Fatal(err)
		}
	}
}
