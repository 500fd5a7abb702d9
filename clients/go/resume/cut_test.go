package resume_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

// watchLive ranges over a fresh feed of which two entries are history and the
// rest comes to be as the reader goes: each new entry is added when the one
// before it was handed over.
func watchLive(t *testing.T, f *feed, url string, transport resume.Transport) []string {
	t.Helper()
	const entries = 5
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	conn := dial(t, url, func(c *resume.Config) { c.HTTPClient = client })
	var items []string
	for item, err := range observe(t.Context(), conn, resume.WithTransport(transport)) {
		if err != nil {
			t.Fatalf("after %v: %v", items, err)
		}
		items = append(items, item)
		switch {
		case len(items) < len(f.record()):
		case len(items) < entries-1:
			f.price()
		case len(items) < entries:
			f.finish()
		}
	}
	return items
}

// live is a server of one feed at a time, behind a cutting proxy.
type live struct {
	*proxy
	current atomic.Pointer[feed]
}

func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.current.Load().ServeHTTP(w, r) }))
	l.proxy = newProxy(t, strings.TrimPrefix(server.URL, "http://"))
	return l
}

// watch reads a fresh feed with the given cuts and compares the records.
func (l *live) watch(t *testing.T, transport resume.Transport, cuts ...cut) {
	t.Helper()
	f := newFeed(2)
	l.current.Store(f)
	l.plan(cuts...)
	expectItems(t, watchLive(t, f, l.url(), transport), f.record()...)
	if t.Failed() {
		t.Fatalf("with cuts %+v", cuts)
	}
}

// length is how many bytes an undisturbed observation takes in each direction.
func (l *live) length(t *testing.T, transport resume.Transport) (answered, asked int) {
	t.Helper()
	l.watch(t, transport)
	return l.bytes()
}

func TestNothingIsLostWhereverTheAnswerIsCut(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		l := newLive(t)
		answered, _ := l.length(t, transport)
		for n := range answered {
			l.watch(t, transport, answerCut(n))
		}
	})
}

func TestNothingIsLostWhereverTheRequestIsCut(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		l := newLive(t)
		_, asked := l.length(t, transport)
		for n := range asked {
			l.watch(t, transport, requestCut(n))
		}
	})
}

// Each connection is cut, at a place that moves on by a prime number of bytes.
func TestNothingIsLostWhenEveryConnectionIsCut(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		l := newLive(t)
		answered, _ := l.length(t, transport)
		var cuts []cut
		for n := range 60 {
			cuts = append(cuts, answerCut(n*37%answered))
		}
		for first := range cuts {
			l.watch(t, transport, cuts[first:]...)
		}
	})
}
