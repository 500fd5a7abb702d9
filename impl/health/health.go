// Package health tells whether a host can do its work, by asking its parts side by side.
package health

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/rules"
)

// AlwaysReady is a probe that is ready.
type AlwaysReady struct{}

// CheckReadiness implements [port.ReadinessProbe].
func (AlwaysReady) CheckReadiness(context.Context) (port.ReadinessReport, error) {
	return port.ReadinessReport{Ready: true}, nil
}

// Func is a function as a probe.
type Func func(ctx context.Context) (port.ReadinessReport, error)

// CheckReadiness implements [port.ReadinessProbe].
func (f Func) CheckReadiness(ctx context.Context) (port.ReadinessReport, error) { return f(ctx) }

// Composite asks several probes at once and is ready if all are.
type Composite struct {
	probes  map[string]port.ReadinessProbe
	timeout time.Duration
}

var _ port.ReadinessProbe = (*Composite)(nil)

// DefaultTimeout bounds each probe of a composite that sets no other.
const DefaultTimeout = 2 * time.Second

// NewComposite makes a probe of named ones. Each gets the timeout, 0 for the default; one that has
// not answered by then is not ready.
func NewComposite(probes map[string]port.ReadinessProbe, timeout time.Duration) *Composite {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &Composite{probes: maps.Clone(probes), timeout: timeout}
}

// answer is what a probe has said, as the report shows it.
type answer struct {
	name   string
	report port.ReadinessReport
	err    error
}

// CheckReadiness implements [port.ReadinessProbe]. The report's details give each probe's status
// and details under its name; the error joins those of the probes.
func (c *Composite) CheckReadiness(ctx context.Context) (port.ReadinessReport, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answers := make(chan answer, len(c.probes))
	for name, probe := range c.probes {
		go func() { answers <- ask(ctx, name, probe) }()
	}
	return c.gather(ctx, answers)
}

// ask asks one probe. A panic counts as an error.
func ask(ctx context.Context, name string, probe port.ReadinessProbe) (a answer) {
	defer func() {
		if reason := recover(); reason != nil {
			a = answer{name: name, err: fmt.Errorf("probe %s panicked: %v", name, reason)}
		}
	}()
	report, err := probe.CheckReadiness(ctx)
	if err != nil {
		err = fmt.Errorf("probe %s: %w", name, err)
	}
	return answer{name, report, err}
}

// part is one probe in the details of a composite's report.
type part struct {
	Status  model.ReadinessStatus `json:"status"`
	Details any                   `json:"details,omitempty"`
}

func (c *Composite) gather(ctx context.Context, answers <-chan answer) (port.ReadinessReport, error) {
	parts := map[string]part{}
	for name := range c.probes {
		parts[name] = part{Status: model.ReadinessStatusNotReady}
	}
	var errs []error
	ready := 0
	for range c.probes {
		select {
		case a := <-answers:
			errs = append(errs, a.err)
			if a.err == nil {
				parts[a.name] = shown(a.report)
			}
			if a.err == nil && a.report.Ready {
				ready++
			}
		case <-ctx.Done():
			return report(false, parts, append(errs, fmt.Errorf("probes are late: %w", ctx.Err())))
		}
	}
	return report(ready == len(c.probes), parts, errs)
}

func shown(r port.ReadinessReport) part {
	status := model.ReadinessStatusNotReady
	if r.Ready {
		status = model.ReadinessStatusReady
	}
	return part{Status: status, Details: rules.Object(r.Details)}
}

func report(ready bool, parts map[string]part, errs []error) (port.ReadinessReport, error) {
	details, err := codec.Marshal(parts)
	return port.ReadinessReport{Ready: ready, Details: details}, errors.Join(append(errs, err)...)
}
