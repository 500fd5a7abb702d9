package diag_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
)

func TestPlaceLeavesOutUnknownParts(t *testing.T) {
	t.Parallel()
	for want, place := range map[string]diag.Place{
		"":         {},
		"a.yaml":   {File: "a.yaml"},
		"a.yaml:3": {File: "a.yaml", Line: 3},
		"a.yaml:3:7": {
			File: "a.yaml", Line: 3, Column: 7,
		},
		"3:7": {Line: 3, Column: 7},
		"b":   {File: "b", Column: 7},
	} {
		if got := place.String(); got != want {
			t.Errorf("%#v.String() = %q, want %q", place, got, want)
		}
	}
}

func TestSortedOrdersByPlaceAndDropsRepeats(t *testing.T) {
	t.Parallel()
	var list diag.List
	list.Errorf(diag.Place{File: "b.yaml", Line: 1}, "r", "fourth")
	list.Errorf(diag.Place{File: "a.yaml", Line: 10, Column: 2}, "r", "second")
	list.Errorf(diag.Place{File: "a.yaml", Line: 9, Column: 30}, "r", "first")
	list.Errorf(diag.Place{File: "a.yaml", Line: 10, Column: 2}, "r", "third")
	list.Errorf(diag.Place{File: "a.yaml", Line: 10, Column: 2}, "r", "second")
	list.Warnf(diag.Place{File: "b.yaml", Line: 1}, "r", "fourth")

	var got []string
	for _, f := range list.Sorted() {
		got = append(got, f.Severity.String()+" "+f.Message)
	}
	want := []string{"error first", "error second", "error third", "error fourth", "warning fourth"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if list.Len() != len(want) {
		t.Errorf("Len() = %d, want %d", list.Len(), len(want))
	}
}

func TestHasErrorsIgnoresWarnings(t *testing.T) {
	t.Parallel()
	var list diag.List
	list.Warnf(diag.Place{}, "r", "a doubt")
	if list.HasErrors() {
		t.Error("a warning alone counts as an error")
	}
	list.Errorf(diag.Place{}, "r", "a fault")
	if !list.HasErrors() {
		t.Error("an error does not count")
	}
}

func sources(file string) ([]byte, error) {
	if file != "a.yaml" {
		return nil, errors.New("no such document")
	}
	return []byte("openapi: 3.1.0\r\n\tkäse: $ref\n\nlast"), nil
}

func TestWriteTextShowsTheLineTheCaretAndTheHint(t *testing.T) {
	t.Parallel()
	var list diag.List
	list.Add(diag.Finding{
		Rule: "ref-unresolved", Place: diag.Place{File: "a.yaml", Line: 2, Column: 8},
		Message: "nothing is there", Hint: "declare it", Related: []diag.Place{{File: "a.yaml", Line: 1}},
	})
	list.Warnf(diag.Place{File: "a.yaml", Line: 1}, "doubt", "line without a column")
	list.Errorf(diag.Place{File: "a.yaml", Line: 3, Column: 1}, "blank", "an empty line")
	list.Errorf(diag.Place{File: "a.yaml", Line: 99, Column: 1}, "past", "no such line")
	list.Errorf(diag.Place{File: "gone.yaml", Line: 1, Column: 1}, "gone", "no such document")
	list.Errorf(diag.Place{}, "nowhere", "no place at all")

	var out bytes.Buffer
	if err := list.WriteText(&out, sources, false); err != nil {
		t.Fatal(err)
	}
	want := `error: no place at all [nowhere]
a.yaml:1: warning: line without a column [doubt]
    1 | openapi: 3.1.0
a.yaml:2:8: error: nothing is there [ref-unresolved]
    2 | 	käse: $ref
      | 	      ^
   hint: declare it
   see also a.yaml:1
a.yaml:3:1: error: an empty line [blank]
a.yaml:99:1: error: no such line [past]
gone.yaml:1:1: error: no such document [gone]
5 errors, 1 warning
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestWriteTextOfNothingIsNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var list diag.List
	if err := list.WriteText(&out, nil, true); err != nil || out.Len() != 0 {
		t.Errorf("wrote %q, %v", out.String(), err)
	}
}

func TestWriteTextPaintsOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	var list diag.List
	list.Errorf(diag.Place{File: "a.yaml", Line: 1, Column: 1}, "r", "m")
	for _, color := range []bool{true, false} {
		var out bytes.Buffer
		if err := list.WriteText(&out, sources, color); err != nil {
			t.Fatal(err)
		}
		if got := bytes.ContainsRune(out.Bytes(), '\x1b'); got != color {
			t.Errorf("color %v: escape sequences present: %v", color, got)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	var list diag.List
	for _, want := range []string{
		`{"findings":[]}`,
		`{"findings":[{"severity":"warning","rule":"r","place":{"file":"a.yaml","line":3},"message":"<b>"}]}`,
	} {
		var out, compact bytes.Buffer
		if err := list.WriteJSON(&out); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&compact, out.Bytes()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, compact.String()); diff != "" {
			t.Errorf("JSON (-want +got):\n%s", diff)
		}
		list.Warnf(diag.Place{File: "a.yaml", Line: 3}, "r", "<b>")
	}
}
