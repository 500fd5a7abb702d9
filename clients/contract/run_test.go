package contract_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/clients/contract"
)

func TestRunThatCannotBegin(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := ordersPlan(t)
	broken.Version = 7
	tests := []struct {
		name    string
		ctx     context.Context
		plan    *contract.Plan
		options contract.Options
		says    string
	}{
		{"no URL", t.Context(), ordersPlan(t), contract.Options{Target: "somewhere"}, "not an http or https URL"},
		{"nobody there", t.Context(), ordersPlan(t), contract.Options{Target: "http://" + closedPort(t)}, "cannot be reached"},
		{"glob of nothing", t.Context(), ordersPlan(t), contract.Options{Target: shop.url, Only: []string{"http.*", "smtp.*"}}, `no check matches "smtp.*"`},
		{"glob that is none", t.Context(), ordersPlan(t), contract.Options{Target: shop.url, Skip: []string{"[*"}}, `no check matches "[*"`},
		{"negative patience", t.Context(), ordersPlan(t), contract.Options{Target: shop.url, Patience: -1}, "must not be negative"},
		{"bad plan", t.Context(), broken, contract.Options{Target: shop.url}, "version 7"},
		{"ended", ended, ordersPlan(t), contract.Options{Target: shop.url}, "context canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			report, err := contract.Run(tt.ctx, tt.plan, tt.options)
			if report != nil || err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v and %v, want an error that says %q", report, err, tt.says)
			}
		})
	}
}

// closedPort is an address nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := contract.Run(ctx, ordersPlan(t), contract.Options{
		Target: shop.url, Token: "ann",
		Progress: func(contract.Progress) { cancel() },
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was cancelled", err)
	}
}

func TestChecksAreChosenByGlob(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	report := run(t, contract.Options{
		Target: shop.url, Token: "ann", OtherToken: "bob",
		Only: []string{"http.*"}, Skip: []string{"http.auth.*", "http.route.unknown"},
	})
	for _, result := range report.Results {
		left := strings.HasPrefix(result.Check, "http.auth.") || result.Check == "http.route.unknown"
		if !strings.HasPrefix(result.Check, "http.") || left != (result.Status == contract.Skipped) {
			t.Errorf("%s %s: %s", result.Check, result.Trial, result.Status)
		}
	}
	if report.ExitCode() != 0 {
		t.Error("what is left out fails the run")
	}
}

func TestTrialsOfASecondSubjectNeedOne(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	report := run(t, contract.Options{Target: shop.url, Token: "ann", Only: []string{"http.error.code"}})
	skipped := slices.DeleteFunc(slices.Clone(report.Results), func(r contract.Result) bool { return r.Status != contract.Skipped })
	if len(skipped) != 1 || skipped[0].Reason != "no second subject was given" || report.ExitCode() != 0 {
		t.Errorf("skipped is %+v, the exit code %d", skipped, report.ExitCode())
	}
}

func TestTrialThatCannotRunFailsTheRun(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	report := run(t, contract.Options{Target: shop.url, Token: "mallory", Only: []string{"stream.*"}})
	if report.ExitCode() != 1 || report.Summary.Blocked == 0 {
		t.Errorf("the exit code is %d: %s", report.ExitCode(), report.Summary)
	}
	for _, result := range report.Results {
		if result.Status == contract.Blocked && !strings.Contains(result.Reason, "createOrder is answered with 401 WHO") {
			t.Errorf("%s %s: the reason is %q", result.Check, result.Trial, result.Reason)
		}
	}
}

// Advice is told, but fails nothing.
func TestAdvice(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "cacheable stream")
	report := run(t, contract.Options{Target: shop.url, Token: "ann", Only: []string{"stream.sse.*"}})
	if report.ExitCode() != 0 || report.Summary.Advised == 0 || report.Summary.Failed != 0 {
		t.Errorf("the exit code is %d: %s", report.ExitCode(), report.Summary)
	}
}

func TestRunWithNothingToTry(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	plan := &contract.Plan{Version: contract.Version, Title: "Nothing", Schemas: []byte(`{"$defs":{}}`)}
	report, err := contract.Run(t.Context(), plan, contract.Options{Target: shop.url})
	if err != nil {
		t.Fatal(err)
	}
	if report.ExitCode() != 1 || len(report.Coverage.Untried) != len(contract.Catalogue()) {
		t.Errorf("the exit code is %d, untried are %d checks", report.ExitCode(), len(report.Coverage.Untried))
	}
}

// The caller's client says how to reach the server, for sockets as well.
func TestRunOverTLS(t *testing.T) {
	t.Parallel()
	inner := newShop(t, "")
	server := httptest.NewTLSServer(http.StripPrefix("/shop", inner))
	defer server.Close()
	report := run(t, contract.Options{
		Target: server.URL + "/shop", Token: "ann", OtherToken: "bob", Client: server.Client(),
		Patience: 30 * time.Second, Only: []string{"http.response.*", "stream.socket.*", "stream.end.*"},
	})
	if report.ExitCode() != 0 {
		t.Errorf("it fails: %s", report.Summary)
	}
}
