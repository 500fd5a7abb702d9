package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/host"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// ran is what a command left behind.
type ran struct {
	status   int
	out, err string
}

// bundle is a running server with its command line.
type bundle struct {
	url string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	h, err := host.Start(t.Context(), host.Options{Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return &bundle{url: h.URL()}
}

// observed returns a bundle whose requests are seen before they are served.
func (b *bundle) observed(t *testing.T) (*bundle, <-chan string) {
	t.Helper()
	target, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	paths := make(chan string, 100)
	proxy := httputil.NewSingleHostReverseProxy(target)
	transport := &http.Transport{}
	proxy.Transport = transport
	before := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		before.Close()
		transport.CloseIdleConnections()
	})
	return &bundle{url: before.URL}, paths
}

// run executes a command against the server, with its output for programs.
func (b *bundle) run(t *testing.T, args ...string) ran {
	t.Helper()
	var out, errout bytes.Buffer
	status := execute(t.Context(), append(args, "--url", b.url), streams{in: strings.NewReader(""), out: &out, err: &errout})
	return ran{status, out.String(), errout.String()}
}

// must runs a command that has to succeed, and returns what it wrote.
func (b *bundle) must(t *testing.T, args ...string) string {
	t.Helper()
	done := b.run(t, args...)
	if done.status != statusDone {
		t.Fatalf("taskbridge %s gave %d: %s", strings.Join(args, " "), done.status, done.err)
	}
	return done.out
}

// detach creates a script task and leaves it to itself.
func (b *bundle) detach(t *testing.T, steps string) (taskID string) {
	t.Helper()
	var created struct{ TaskID string }
	out := b.must(t, "run", "script", "--detach", "--input", `{"steps":[`+steps+`]}`)
	if err := json.Unmarshal([]byte(out), &created); err != nil || created.TaskID == "" {
		t.Fatalf("run --detach wrote %q, %v", out, err)
	}
	return created.TaskID
}

// background is a command that runs while the test goes on.
type background struct {
	lines  *io.PipeReader
	done   chan ran
	cancel context.CancelFunc
}

func (b *bundle) start(t *testing.T, args ...string) *background {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	job := &background{lines: reader, done: make(chan ran, 1), cancel: cancel}
	go func() {
		var errout bytes.Buffer
		status := execute(ctx, append(args, "--url", b.url), streams{out: writer, err: &errout})
		writer.Close()
		job.done <- ran{status: status, err: errout.String()}
	}()
	t.Cleanup(func() {
		cancel()
		reader.Close()
	})
	return job
}

// until reads events until one of the type has come.
func (j *background) until(t *testing.T, eventType string) {
	t.Helper()
	for decoder := json.NewDecoder(j.lines); ; {
		var event struct{ Type string }
		if err := decoder.Decode(&event); err != nil {
			t.Fatalf("no %s came: %v", eventType, err)
		}
		if event.Type == eventType {
			go io.Copy(io.Discard, j.lines)
			return
		}
	}
}

// wait returns what the command left when it ended.
func (j *background) wait(t *testing.T) ran {
	t.Helper()
	select {
	case done := <-j.done:
		return done
	case <-time.After(20 * time.Second):
		t.Fatal("the command does not end")
		return ran{}
	}
}

// types returns the types of the events in lines of JSON.
func types(t *testing.T, lines string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(lines) {
		var event struct{ Type string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%q is no event: %v", line, err)
		}
		found = append(found, event.Type)
	}
	return found
}
