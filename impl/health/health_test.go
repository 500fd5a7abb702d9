package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/health"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func said(ready bool, details string, err error) health.Func {
	return func(context.Context) (port.ReadinessReport, error) {
		return port.ReadinessReport{Ready: ready, Details: json.RawMessage(details)}, err
	}
}

func TestComposite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		probes  map[string]port.ReadinessProbe
		ready   bool
		fails   bool
		details string
	}{
		"nothing":   {nil, true, false, `{}`},
		"all ready": {map[string]port.ReadinessProbe{"a": said(true, `{"n":1}`, nil), "b": health.AlwaysReady{}}, true, false, `{"a":{"status":"ready","details":{"n":1}},"b":{"status":"ready","details":{}}}`},
		"one not":   {map[string]port.ReadinessProbe{"a": said(false, `{"n":1}`, nil), "b": health.AlwaysReady{}}, false, false, `{"a":{"status":"not_ready","details":{"n":1}},"b":{"status":"ready","details":{}}}`},
		"an error":  {map[string]port.ReadinessProbe{"a": said(true, ``, errors.New("secret"))}, false, true, `{"a":{"status":"not_ready"}}`},
		"a panic":   {map[string]port.ReadinessProbe{"a": health.Func(func(context.Context) (port.ReadinessReport, error) { panic("secret") })}, false, true, `{"a":{"status":"not_ready"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := health.NewComposite(test.probes, 0).CheckReadiness(t.Context())
			if report.Ready != test.ready || (err != nil) != test.fails || string(report.Details) != test.details {
				t.Fatalf("ready = %v, details %s, error %v", report.Ready, report.Details, err)
			}
		})
	}
}

func TestProbesRunSideBySideWithADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(d time.Duration) health.Func {
			return func(context.Context) (port.ReadinessReport, error) {
				time.Sleep(d) // does not honour its context
				return port.ReadinessReport{Ready: true}, nil
			}
		}
		began := time.Now()
		report, err := health.NewComposite(map[string]port.ReadinessProbe{"a": slow(time.Second), "b": slow(time.Second)}, 0).CheckReadiness(t.Context())
		if !report.Ready || err != nil || time.Since(began) != time.Second {
			t.Fatalf("ready = %v after %s, error %v", report.Ready, time.Since(began), err)
		}
		began = time.Now()
		report, err = health.NewComposite(map[string]port.ReadinessProbe{"a": slow(time.Second), "late": slow(time.Hour)}, 3*time.Second).CheckReadiness(t.Context())
		want := `{"a":{"status":"ready","details":{}},"late":{"status":"not_ready"}}`
		if report.Ready || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second || string(report.Details) != want {
			t.Fatalf("ready = %v after %s, details %s, error %v", report.Ready, time.Since(began), report.Details, err)
		}
		time.Sleep(2 * time.Hour)
	})
}
