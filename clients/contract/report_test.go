package contract_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/clients/contract"
)

// faultyReport has a failure, advice, something that could not run and
// something that was left out.
func faultyReport() *contract.Report {
	result := func(check string, status contract.Status, level contract.Level) contract.Result {
		return contract.Result{
			Check: check, Trial: "getOrder <1>", Family: check[:strings.LastIndexByte(check, '.')],
			Level: level, Sentence: "It is so.", Status: status, Origin: "orders.yaml:7", Duration: time.Second,
		}
	}
	failed := result("http.a.b", contract.Failed, contract.Must)
	failed.Failure = &contract.Failure{Expected: "this", Got: "<script>alert(1)</script>", Reproduction: "curl -i 'x'\nline two"}
	advised := result("http.a.c", contract.Failed, contract.Should)
	advised.Failure = &contract.Failure{Expected: "good", Got: "fair"}
	blocked := result("http.a.d", contract.Blocked, contract.Must)
	blocked.Reason = "the setup is broken"
	skipped := result("http.a.e", contract.Skipped, contract.Must)
	skipped.Reason = "no second subject was given"
	return &contract.Report{
		Title: "Orders & more", Target: "http://host", Duration: 5 * time.Second,
		Summary: contract.Summary{Trials: 5, Checks: 5, Passed: 1, Failed: 1, Advised: 1, Blocked: 1, Skipped: 1},
		Results: []contract.Result{result("http.a.a", contract.Passed, contract.Must), failed, advised, blocked, skipped},
		Coverage: contract.Coverage{
			Answers: []contract.AnswerCoverage{
				{Operation: "getOrder", Status: "200", Declared: true, Seen: 3},
				{Operation: "getOrder", Status: "404", Declared: true},
				{Operation: "getOrder", Status: "500", Seen: 1},
			},
			Messages: []contract.MessageCoverage{{Stream: "ticks", Tag: "HELD"}},
			Faces:    []contract.FaceCoverage{{Stream: "ticks", Face: "poll", Seen: 1}},
			Untried:  []contract.Check{{ID: "http.z.z"}},
		},
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	var plain, colored bytes.Buffer
	report := faultyReport()
	if report.WriteText(&plain, false) != nil || report.WriteText(&colored, true) != nil {
		t.Fatal("it cannot be written")
	}
	want := `FAILED http.a.b · getOrder <1>
  MUST It is so.
  orders.yaml:7
  expected  this
  got       <script>alert(1)</script>
  repeat    curl -i 'x'
            line two

ADVICE http.a.c · getOrder <1>
  SHOULD It is so.
  orders.yaml:7
  expected  good
  got       fair

COULD NOT RUN the setup is broken
  http.a.d · getOrder <1>

LEFT OUT no second subject was given
  http.a.e · getOrder <1>

FAILED Orders & more at http://host: 5 trials of 5 checks: 1 passed, 1 failed, 1 could not run, 1 left out, 1 with advice
in 5s

seen: 1 of 2 answers, 0 of 1 messages, 1 of 1 faces of streams
  not seen: answer getOrder 404
  not seen: message ticks HELD
  seen, but not declared: getOrder 500
  nothing to try on: http.z.z
`
	if plain.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &plain, want)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[31mFAILED\x1b[0m") {
		t.Error("there is colour where none was asked for, or none where it was")
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := faultyReport().WriteJUnit(&text); err != nil {
		t.Fatal(err)
	}
	type counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	var read struct {
		counts
		Suites []struct {
			counts
			Name  string `xml:"name,attr"`
			Cases []struct {
				Failure *struct {
					Text string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct {
					Message string `xml:"message,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if want := (counts{Tests: 5, Failures: 1, Errors: 1, Skipped: 1}); read.counts != want {
		t.Errorf("counts are %+v, want %+v", read.counts, want)
	}
	if failure := read.Suites[1].Cases[0].Failure; failure == nil || !strings.Contains(failure.Text, "expected: this\ngot: <script>") {
		t.Errorf("the failure is %+v", failure)
	}
	if blocked := read.Suites[3].Cases[0].Error; blocked == nil || blocked.Message != "the setup is broken" {
		t.Errorf("what could not run is %+v", blocked)
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := faultyReport().WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Orders &amp; more", "&lt;script&gt;alert(1)", "the setup is broken", "http.a.e", "message ticks HELD", "broken</span>"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("there is no %s", part)
		}
	}
	for _, part := range []string{"<script", "src=", "<link"} {
		if strings.Contains(text.String(), part) {
			t.Errorf("there is %s", part)
		}
	}
}

func TestSavedReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, format := range []string{"json", "junit", "html", "text"} {
		file := filepath.Join(dir, format)
		if err := faultyReport().Save(format, file); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(file); err != nil || len(text) == 0 {
			t.Errorf("%s: %v, %d bytes", format, err, len(text))
		}
	}
	var read contract.Report
	text, err := os.ReadFile(filepath.Join(dir, "json"))
	if err != nil || json.Unmarshal(text, &read) != nil || read.Results[1].Failure.Got != "<script>alert(1)</script>" {
		t.Errorf("the JSON report reads back as %+v", read)
	}
	if err := faultyReport().Save("pdf", filepath.Join(dir, "pdf")); err == nil {
		t.Error("a report is saved as PDF")
	}
	if err := faultyReport().Save("json", filepath.Join(dir, "none", "json")); err == nil {
		t.Error("a report is saved where there is no folder")
	}
}

// Credentials are in no report.
func TestReportsKeepCredentials(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "missing header")
	report := run(t, contract.Options{Target: shop.url, Token: "ann", Only: []string{"http.response.header"}})
	var text bytes.Buffer
	if err := report.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "Bearer ann") || !strings.Contains(text.String(), "$TOKEN") {
		t.Errorf("the credential is not hidden:\n%s", &text)
	}
}
