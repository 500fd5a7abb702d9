package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// document loads a text as doc.yaml, beside other files.
func document(tb testing.TB, text string, others map[string]string) (load.Value, *diag.List) {
	tb.Helper()
	dir := tb.TempDir()
	write := func(name, content string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	write("doc.yaml", text)
	for name, content := range others {
		write(name, content)
	}
	findings := &diag.List{}
	return load.NewSet(dir, findings).Document("doc.yaml"), findings
}

func TestFollowFindsEveryKindOfTarget(t *testing.T) {
	t.Parallel()
	doc, findings := document(t, `
a: {$ref: '#/b'}
b: {$ref: 'sub/x.yaml#/paths/~1orders~1{id}/get'}
whole: {$ref: sub/whole.json}
list: {$ref: '#/items/1'}
items: [one, two]
escaped: {$ref: '#/paths/~1a%7Bid%7D'}
paths: {'/a{id}': here}
`, map[string]string{
		"sub/x.yaml":     "paths: {'/orders/{id}': {get: {$ref: 'whole.json#/name'}}}",
		"sub/whole.json": `{"name": "deep"}`,
	})
	for member, want := range map[string]string{"a": "deep", "list": "two", "escaped": "here"} {
		if got := doc.Get(member).Follow().Text(); got != want {
			t.Errorf("%s leads to %q, want %q", member, got, want)
		}
	}
	if got := doc.Get("whole").Follow().Get("name").Text(); got != "deep" {
		t.Errorf("the whole file's name is %q", got)
	}
	if place := doc.Get("a").Follow().Place().String(); place != "sub/whole.json:1:10" {
		t.Errorf("place of the target: %s", place)
	}
	if findings.Len() != 0 {
		t.Errorf("findings: %v", findings.Sorted())
	}
}

func TestJSONKeepsOrderAndNumbers(t *testing.T) {
	t.Parallel()
	doc, _ := document(t, `{z: 1, a: [1.50, 9007199254740993, 0x10, true, ~, "x<y", 2001-01-01], e: {}}`, nil)
	want := `{"z":1,"a":[1.50,9007199254740993,16,true,null,"x<y","2001-01-01"],"e":{}}`
	if got := string(doc.JSON()); got != want {
		t.Errorf("JSON is\n%s, want\n%s", got, want)
	}
}

func TestAskingForWhatIsNotThereIsSafe(t *testing.T) {
	t.Parallel()
	doc, findings := document(t, "a: 1", nil)
	if v := doc.At("a", "b", "c"); v.Exists() || v.Text() != "" || v.IsMap() || len(v.Texts()) != 0 {
		t.Errorf("a value that is not there: %v", v)
	}
	var zero load.Value
	if zero.Exists() || zero.Get("x").Exists() || zero.Place() != (diag.Place{}) {
		t.Error("the zero value has something")
	}
	if findings.Len() != 0 {
		t.Errorf("findings: %v", findings.Sorted())
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range []string{"a: {$ref: '#/a'}", "a: &x [*x]", "? [k]\n: v", "{", "a: b: c", "- 1\n- 2", "a: !!binary x", "%YAML 1.9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\x00") {
			return
		}
		doc, findings := document(t, text, nil)
		if !doc.Exists() && !findings.HasErrors() {
			t.Error("a document that cannot be read gave no finding")
		}
		for _, v := range doc.Members() {
			v.Follow().JSON()
		}
	})
}
