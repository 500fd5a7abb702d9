package contract_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/clients/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ordersText(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/orders.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func ordersPlan(t *testing.T) *contract.Plan {
	t.Helper()
	plan, err := contract.Load(ordersText(t))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func run(t *testing.T, options contract.Options) *contract.Report {
	t.Helper()
	report, err := contract.Run(t.Context(), ordersPlan(t), options)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFaultlessServerPasses(t *testing.T) {
	t.Parallel()
	shop := newShop(t, "")
	done := 0
	report := run(t, contract.Options{
		Target: shop.url, Token: "ann", OtherToken: "bob", Patience: 30 * time.Second,
		Progress: func(p contract.Progress) { done = p.Done },
	})
	if report.ExitCode() != 0 || report.Summary.Passed != report.Summary.Trials {
		var text bytes.Buffer
		_ = report.WriteText(&text, false)
		t.Fatalf("the faultless server does not pass:\n%s", &text)
	}
	if done != report.Summary.Trials {
		t.Errorf("progress told of %d trials, there are %d", done, report.Summary.Trials)
	}
	if report.Summary.Checks != len(contract.Catalogue()) {
		t.Errorf("%d of %d checks were tried, untried: %v", report.Summary.Checks, len(contract.Catalogue()), report.Coverage.Untried)
	}
	for _, message := range report.Coverage.Messages {
		if message.Seen == 0 {
			t.Errorf("message %s was not seen", message.Tag)
		}
	}
}

// A fault, the check that must catch it, and a part of what the failure says.
var faults = []struct{ fault, check, says string }{
	{"wrong status", "http.response.status", "status 201"},
	{"missing header", "http.response.header", "X-Trace"},
	{"wrong media type", "http.response.media-type", "text/html"},
	{"wrong body", "http.response.schema", "/moves"},
	{"extra member in the answer", "http.response.schema", "secret"},
	{"forgets that it is again", "http.response.value", "/again is true"},
	{"wrong code", "http.error.code", "NO_ORDER"},
	{"no envelope", "http.error.code", "text"},
	{"shows foreign orders", "http.error.code", "NO_ORDER"},
	{"malformed is a crash", "http.error.malformed-body", "BAD_FORM"},
	{"unknown member accepted", "http.error.unknown-member", "BAD_VALUE"},
	{"wrong type accepted", "http.error.wrong-type", "BAD_VALUE"},
	{"no credentials needed", "http.auth.missing", "WHO"},
	{"any token", "http.auth.invalid", "WHO"},
	{"no challenge", "http.auth.challenge", "WWW-Authenticate"},
	{"unknown route found", "http.route.unknown", "NOWHERE"},
	{"wrong method not found", "http.route.method", "NOT_SO"},
	{"no allow", "http.route.method", "Allow"},

	{"invalid event", "stream.event.schema", "place"},
	{"other bytes on the event stream", "stream.transport.same-bytes", `{"kind":"OPENED","n":1`},
	{"loses an event on resume", "stream.resume.every-position", "resumed after event 4 of 9: event 1 of 5: MOVED at 5"},
	{"gives the last event again", "stream.resume.every-position", "resumed after event 1 of 9"},
	{"cursor in the query ignored", "stream.resume.every-position", "resumed after event 1"},
	{"swaps two events", "stream.cursor.increasing", "event 4 is newer than MOVED at 4"},
	{"bad cursor accepted", "stream.cursor.refused", "not-a-cursor"},
	{"bad cursor closes as usual", "stream.cursor.refused", "close 1008"},
	{"no start cursor", "stream.cursor.start", "OPENED at 1"},
	{"swallows an event at the page border", "stream.poll.pages", "in pages of 1"},
	{"swallows an event at the page border", "stream.transport.same-events", "over"},
	{"guesses that there is more", "stream.poll.pages", "that there is more is false"},
	{"ends without its last event", "stream.end.terminal-last", "CLOSED"},
	{"goes on after the end", "stream.end.terminal-last", "nothing after CLOSED"},
	{"never ends", "stream.end.closes", "nothing came within"},
	{"socket never closes", "stream.end.closes", "close 1000"},
	{"response never ends", "stream.end.closes", "the end of the response"},
	{"poll waits at the end", "stream.end.closes", "an empty page at once"},
	{"wrong close code", "stream.end.closes", "close 1001"},
	{"socket is cut", "stream.end.closes", "without a close frame"},
	{"response is cut", "stream.end.closes", "the response was cut"},
	{"no 204", "stream.end.at-terminal", "204 No Content"},
	{"loses the event at the seam", "stream.live.same-record", "MOVED at 6"},
	{"loses an event on resume", "stream.drop.resume", "cut after event"},
	{"loses one on a live resume", "stream.drop.live", "as replayed"},
	{"gives the last event again", "stream.drop.other-face", "over ["},
	{"confirms another cursor", "stream.socket.confirm", "since"},
	{"socket for anybody", "stream.socket.unauthenticated", "the stream is opened"},
	{"socket refuses without a code", "stream.socket.unauthenticated", "close 1008 WHO"},
	{"subprotocol not selected", "stream.socket.bearer-protocol", "orders.badge"},
	{"no id on the event stream", "stream.sse.id", "id: 1"},
	{"cacheable stream", "stream.sse.uncached", "Cache-Control"},
}

func TestEveryFaultIsCaught(t *testing.T) {
	t.Parallel()
	for _, tt := range faults {
		t.Run(tt.fault+", "+tt.check, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t, tt.fault)
			report := run(t, contract.Options{
				Target: shop.url, Token: "ann", OtherToken: "bob", Patience: 500 * time.Millisecond, Only: []string{tt.check},
			})
			for _, result := range report.Results {
				if result.Status == contract.Failed && strings.Contains(result.Failure.Expected+"\n"+result.Failure.Got, tt.says) {
					if result.Failure.Reproduction == "" {
						t.Errorf("%s has no reproduction", result.Trial)
					}
					return
				}
			}
			var text bytes.Buffer
			_ = report.WriteText(&text, false)
			t.Errorf("no failure says %q:\n%s", tt.says, &text)
		})
	}
}

// Every check has shown that it can fail.
func TestEveryCheckHasAFault(t *testing.T) {
	t.Parallel()
	caught := map[string]bool{}
	for _, fault := range faults {
		caught[fault.check] = true
	}
	for _, check := range contract.Catalogue() {
		if !caught[check.ID] {
			t.Errorf("no planted fault is caught by %s", check.ID)
		}
	}
}
