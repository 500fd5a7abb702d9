package codec_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/codec"
)

func TestRender(t *testing.T) {
	t.Parallel()
	var absent *string
	for name, test := range map[string]struct {
		template string
		vars     map[string]any
		want     string
	}{
		"members in the order written": {`{"z": "$a", "a": 1.50, "m": {"x": []}}`, map[string]any{"a": "v"}, `{"z":"v","a":1.50,"m":{"x":[]}}`},
		"a bare variable":              {`"$a"`, map[string]any{"a": 7}, `7`},
		"a struct":                     {`["$a"]`, map[string]any{"a": struct{ X int }{1}}, `[{"X":1}]`},
		"nil is null":                  {`{"a":"$a"}`, map[string]any{"a": nil}, `{"a":null}`},
		"a nil pointer is null":        {`{"a":"$a"}`, map[string]any{"a": absent}, `{"a":null}`},
		"nil raw JSON is null":         {`{"a":"$a"}`, map[string]any{"a": json.RawMessage(nil)}, `{"a":null}`},
		"raw JSON as it is":            {`{"a":"$a"}`, map[string]any{"a": json.RawMessage(`{"x": "\u003c"}`)}, `{"a":{"x": "\u003c"}}`},
		"raw JSON in a slice":          {`{"a":"$a"}`, map[string]any{"a": []json.RawMessage{[]byte(`{ }`), nil}}, `{"a":[{ },null]}`},
		"no slice":                     {`{"a":"$a"}`, map[string]any{"a": []json.RawMessage(nil)}, `{"a":null}`},
		"optional and given":           {`{"a":"$a?","b":2}`, map[string]any{"a": 1}, `{"a":1,"b":2}`},
		"optional first and absent":    {`{"a":"$a?","b":2}`, nil, `{"b":2}`},
		"optional last and nil":        {`{"b":2,"a":"$a?"}`, map[string]any{"a": absent}, `{"b":2}`},
		"all absent":                   {`{"a":"$a?","b":"$b?"}`, nil, `{}`},
		"absent in the middle":         {`{"a":1,"b":"$b?","c":3}`, nil, `{"a":1,"c":3}`},
		"the text null is no null":     {`{"a":"$a?"}`, map[string]any{"a": "null"}, `{"a":"null"}`},
		"text and variable":            {`{"a":"hb-$a"}`, map[string]any{"a": `1"2`}, `{"a":"hb-1\"2"}`},
		"text and raw string":          {`"hb-$a"`, map[string]any{"a": json.RawMessage(` "x"`)}, `"hb-x"`},
		"literal dollars":              {`["$$a","1$$","a$$b-$a","$$$a"]`, map[string]any{"a": "v"}, `["$a","1$","a$b-v","$v"]`},
		"a dollar in a name":           {`{"$a":1}`, nil, `{"$a":1}`},
		"constants":                    {`[true,false,null,"<é>",-0]`, nil, `[true,false,null,"<é>",-0]`},
		"spare variables are nothing":  {`1`, map[string]any{"a": 1}, `1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := codec.MustTemplate(test.template).Render(test.vars)
			if err != nil || string(got) != test.want {
				t.Errorf("Render = %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		template string
		vars     map[string]any
	}{
		"missing variable":         {`{"a":"$a"}`, nil},
		"missing in a text":        {`["x-$a"]`, nil},
		"number in a text":         {`"x-$a"`, map[string]any{"a": 1}},
		"null in a text":           {`"x-$a"`, map[string]any{"a": nil}},
		"bad raw JSON":             {`"$a"`, map[string]any{"a": json.RawMessage(`{`)}},
		"bad raw JSON in a slice":  {`"$a"`, map[string]any{"a": []json.RawMessage{[]byte(`1`), []byte(`x`)}}},
		"what has no JSON":         {`{"a":"$a"}`, map[string]any{"a": make(chan int)}},
		"empty raw JSON":           {`"$a"`, map[string]any{"a": json.RawMessage("")}},
		"optional and has no JSON": {`{"a":"$a?"}`, map[string]any{"a": make(chan int)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := codec.MustTemplate(test.template).Render(test.vars)
			if err == nil {
				t.Fatalf("Render = %s, want an error", got)
			}
			if !strings.Contains(err.Error(), `"a"`) {
				t.Errorf("error %q does not name the variable", err)
			}
		})
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{`, `{"a":1,"a":2}`, `"$"`, `"a $ b"`, `"$a-$b"`, `"$a b"`, `"$a??"`, `"x-$a?"`,
		`"$a?"`, `["$a?"]`, `{"a":["$a?"]}`, `"$é"`, `"$?"`, `1 2`,
	} {
		if _, err := codec.ParseTemplate(text); err == nil {
			t.Errorf("ParseTemplate(%s) found nothing wrong", text)
		}
	}
}

func TestMustTemplatePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("MustTemplate of a bad template did not panic")
		}
	}()
	codec.MustTemplate(`"$"`)
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		template, data string
		want           string // captured variables, "no" for no match
		exact          string // the same of MatchExact, "" for alike
	}{
		"captures":                 {`{"k":"A","v":"$v"}`, `{"v": [1, 2],"k":"A"}`, `v=[1, 2]`, ``},
		"equal constants":          {`{"k":1,"s":"é"}`, `{"k":1.0,"s":"\u00e9"}`, ``, ``},
		"another constant":         {`{"k":"A"}`, `{"k":"B"}`, `no`, ``},
		"another kind":             {`{"k":"1"}`, `{"k":1}`, `no`, ``},
		"an object for a constant": {`{"k":"A"}`, `{"k":{}}`, `no`, ``},
		"missing member":           {`{"k":"A","v":"$v"}`, `{"k":"A"}`, `no`, ``},
		"optional and absent":      {`{"k":"A","v":"$v?"}`, `{"k":"A"}`, ``, ``},
		"optional and null":        {`{"v":"$v?"}`, `{"v":null}`, `v=null`, ``},
		"extra member":             {`{"k":"A"}`, `{"k":"A","x":1}`, ``, `no`},
		"extra member deeper":      {`{"k":{"a":"$v"}}`, `{"k":{"a":1,"x":2}}`, `v=1`, `no`},
		"repeated member":          {`{"v":"$v"}`, `{"v":1,"v":2}`, `v=2`, `no`},
		"repeated in a capture":    {`{"v":"$v"}`, `{"v":{"x":1,"x":2}}`, `v={"x":1,"x":2}`, `no`},
		"same variable, equal":     {`["$v","$v"]`, `[1,1.0]`, `v=1`, ``},
		"same variable, different": {`["$v","$v"]`, `[1,2]`, `no`, ``},
		"text and variable":        {`{"id":"hb-$v"}`, `{"id":"hb-7\n"}`, `v="7\n"`, ``},
		"another text":             {`{"id":"hb-$v"}`, `{"id":"ev-7"}`, `no`, ``},
		"a number for a text":      {`{"id":"hb-$v"}`, `{"id":7}`, `no`, ``},
		"array, shorter":           {`["$v",1]`, `[1]`, `no`, ``},
		"array, longer":            {`["$v"]`, `[1,2]`, `no`, ``},
		"array for an object":      {`{"v":"$v?"}`, `[]`, `no`, ``},
		"object for an array":      {`[]`, `{}`, `no`, ``},
		"no JSON":                  {`"$v"`, `{`, `no`, ``},
		"two values":               {`"$v"`, `1 2`, `no`, ``},
		"anything":                 {`"$v"`, ` {"a": 1} `, `v={"a": 1}`, ``},
		"literal dollar":           {`{"a":"$$v"}`, `{"a":"$v"}`, ``, ``},
		"null is not absent":       {`{"a":null}`, `{}`, `no`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := codec.MustTemplate(test.template)
			if got := matched(template.Match([]byte(test.data))); got != test.want {
				t.Errorf("Match: %q, want %q", got, test.want)
			}
			want := test.exact
			if want == "" {
				want = test.want
			}
			if got := matched(template.MatchExact([]byte(test.data))); got != want {
				t.Errorf("MatchExact: %q, want %q", got, want)
			}
		})
	}
}

// matched writes down the result of a match.
func matched(vars map[string]json.RawMessage, ok bool) string {
	if !ok {
		return "no"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		parts = append(parts, name+"="+string(vars[name]))
	}
	return strings.Join(parts, " ")
}

func TestCapturesDoNotAliasTheData(t *testing.T) {
	t.Parallel()
	data := []byte(`{"v":"abc"}`)
	vars, _ := codec.MustTemplate(`{"v":"$v"}`).Match(data)
	clear(data)
	if string(vars["v"]) != `"abc"` {
		t.Errorf("the capture changed with the data: %q", vars["v"])
	}
}

// FuzzTemplate renders what a template can be filled with, and matches it.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		`{"k":"TICK","id":"$a","rest":{"b":"$b?","t":"hb-$a"}}`, `["$a","$b",null,1e5]`,
		`"$a"`, `"$$a"`, `{"a":"$a?","b":"$b?"}`, `{"":{"":"x$$-$b"}}`, `[1.0,-0,"\ud83d\ude00"]`, `{"a":"$a","A":"$b"}`,
	} {
		f.Add(text, "v", `{"x":[1,2]}`)
		f.Add(text, "", `null`)
	}
	f.Fuzz(func(t *testing.T, text, a, b string) {
		template, err := codec.ParseTemplate(text)
		if err != nil {
			return
		}
		out, err := template.Render(map[string]any{"a": a, "b": json.RawMessage(b)})
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("rendered no JSON: %s", out)
		}
		if _, ok := template.Match(out); !ok {
			t.Fatalf("%s does not match what it rendered: %s", text, out)
		}
		if same, err := codec.Equal(out, out); err == nil && !same {
			t.Fatalf("%s does not equal itself", out)
		}
	})
}
