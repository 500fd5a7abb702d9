package contract

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed report.html.tmpl
var reportPage string

var htmlReport = template.Must(template.New("report").Parse(reportPage))

// htmlView is the report as its page shows it.
type htmlView struct {
	*Report
	Passes   bool
	Took     string
	Failed   []Result
	Blocked  []Result
	Skipped  []Result
	Families []htmlFamily
	Totals   string
	Missing  []string
	Extra    []string
}

// htmlFamily is the results of one family of checks.
type htmlFamily struct {
	Name    string
	Bad     int
	Results []Result
}

// WriteHTML writes the report as one page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	lines := r.Coverage.lines()
	view := htmlView{
		Report:  r,
		Passes:  r.ExitCode() == 0,
		Took:    r.Duration.Round(time.Millisecond).String(),
		Totals:  lines.totals,
		Missing: lines.missing,
		Extra:   lines.undeclared,
	}
	for _, result := range r.Results {
		view.add(result)
	}
	if err := htmlReport.Execute(w, view); err != nil {
		return fmt.Errorf("contract: HTML: %w", err)
	}
	return nil
}

func (v *htmlView) add(result Result) {
	switch result.Status {
	case Failed:
		v.Failed = append(v.Failed, result)
	case Blocked:
		v.Blocked = append(v.Blocked, result)
	case Skipped:
		v.Skipped = append(v.Skipped, result)
	case Passed:
	}
	if len(v.Families) == 0 || v.Families[len(v.Families)-1].Name != result.Family {
		v.Families = append(v.Families, htmlFamily{Name: result.Family})
	}
	family := &v.Families[len(v.Families)-1]
	family.Results = append(family.Results, result)
	if result.Fails() {
		family.Bad++
	}
}
