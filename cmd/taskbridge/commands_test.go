package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
)

func TestListAndGet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 3 {
		b.must(t, "run", "script", "--input", `{"steps":[]}`)
	}
	newest := b.detach(t, `{"hang":true}`)

	all := strings.Split(strings.TrimSpace(b.must(t, "list")), "\n")
	if len(all) != 4 {
		t.Fatalf("list wrote %d tasks, want 4", len(all))
	}
	var task model.Task
	if err := json.Unmarshal([]byte(all[0]), &task); err != nil || task.TaskID != newest {
		t.Errorf("the first of the list is %s, want %s", all[0], newest)
	}
	if got := strings.Count(b.must(t, "list", "--limit", "2"), "\n"); got != 2 {
		t.Errorf("--limit 2 wrote %d tasks", got)
	}
	if got := strings.Count(b.must(t, "list", "--status", "COMPLETED", "--type", "script"), "\n"); got != 3 {
		t.Errorf("--status COMPLETED wrote %d tasks", got)
	}
	if got := b.must(t, "list", "--token", "dev-somebody-else"); got != "" {
		t.Errorf("somebody else sees %s", got)
	}
	if err := json.Unmarshal([]byte(b.must(t, "get", newest)), &task); err != nil || task.TaskID != newest {
		t.Errorf("get wrote %s, %v", task.TaskID, err)
	}
}

func TestListGoesOnFromPageToPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range largestPage + 5 {
		b.detach(t, "")
	}
	for limit, want := range map[string]int{"103": 103, "1000": largestPage + 5} {
		seen := map[string]bool{}
		for line := range strings.Lines(b.must(t, "list", "--limit", limit)) {
			seen[line] = true
		}
		if len(seen) != want {
			t.Errorf("--limit %s wrote %d tasks, want %d", limit, len(seen), want)
		}
	}
}

func TestAPersonSeesATable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	taskID := b.detach(t, "")
	var out bytes.Buffer
	execute(t.Context(), []string{"list", "--url", b.url}, streams{out: &out, err: io.Discard, person: true})
	if got := out.String(); !strings.HasPrefix(got, "TASK ") || !strings.Contains(got, taskID) {
		t.Errorf("list wrote\n%s", got)
	}
}

func TestWrongUseIsToldBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no such command":   {[]string{"dance"}, "dance"},
		"no type":           {[]string{"run"}, "accepts 1 arg"},
		"too many":          {[]string{"get", "a", "b"}, "accepts 1 arg"},
		"no such flag":      {[]string{"get", "a", "--fast"}, "--fast"},
		"input no JSON":     {[]string{"run", "x", "--input", "{"}, "--input is no JSON object"},
		"input no object":   {[]string{"run", "x", "--input", "[]"}, "--input is no JSON object"},
		"input null":        {[]string{"run", "x", "--input", "null"}, "--input is no JSON object"},
		"no such file":      {[]string{"run", "x", "--input", "@/no/such/file"}, "/no/such/file"},
		"metadata":          {[]string{"run", "x", "--metadata", "1"}, "--metadata is no JSON object"},
		"payload":           {[]string{"act", "t", "a", "--payload", "x"}, "--payload is no JSON object"},
		"transport":         {[]string{"watch", "t", "--transport", "pigeon"}, "pigeon"},
		"after":             {[]string{"watch", "t", "--after", "x"}, "--after"},
		"limit":             {[]string{"list", "--limit", "0"}, "--limit"},
		"URL":               {[]string{"get", "t", "--url", "localhost"}, "localhost"},
		"store":             {[]string{"serve", "--store", "stone"}, "stone"},
		"authentication":    {[]string{"serve", "--auth", "none"}, "none"},
		"address to listen": {[]string{"serve", "--listen", "nowhere"}, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errout bytes.Buffer
			status := execute(t.Context(), test.args, streams{in: strings.NewReader(""), out: io.Discard, err: &errout})
			if got := errout.String(); status != statusUsage || !strings.Contains(got, test.want) || !strings.Contains(got, "--help") {
				t.Errorf("gave %d: %s", status, got)
			}
		})
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"unknown task": {[]string{"watch", "nothing"}, []string{"TASK_NOT_FOUND", "--token"}},
		"unknown get":  {[]string{"get", "nothing"}, []string{"TASK_NOT_FOUND", "--token"}},
		"credential":   {[]string{"list", "--token", "wrong"}, []string{"AUTHENTICATION_ERROR", "dev-NAME"}},
		"bad script": {
			[]string{"run", "script", "--input", `{"steps":[{"dance":1}]}`},
			[]string{"REQUEST_VALIDATION_ERROR", "\n  /input/steps/0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := b.run(t, test.args...)
			if got.status != statusRefused {
				t.Errorf("gave %d, want %d", got.status, statusRefused)
			}
			for _, want := range test.want {
				if !strings.Contains(got.err, want) {
					t.Errorf("%q is not in: %s", want, got.err)
				}
			}
		})
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	got := (&bundle{url: "http://" + listener.Addr().String()}).run(t, "list")
	if got.status != statusUnreachable || !strings.Contains(got.err, "taskbridge serve") {
		t.Errorf("gave %d: %s", got.status, got.err)
	}
}

func TestAServerOfAnotherKind(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<html>welcome</html>")
	}))
	t.Cleanup(other.Close)
	got := (&bundle{url: other.URL}).run(t, "list")
	if got.status != statusUnreachable || !strings.Contains(got.err, "--url") {
		t.Errorf("gave %d: %s", got.status, got.err)
	}
}

func TestInputFromAFileAndFromTheStandardInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := filepath.Join(t.TempDir(), "input.json")
	if err := os.WriteFile(file, []byte(`{"from":"file"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := b.must(t, "run", "x", "--input", "@"+file); !strings.Contains(got, `"echo":{"from":"file"}`) {
		t.Errorf("wrote %s", got)
	}
	var out bytes.Buffer
	in := strings.NewReader(`{"from":"stdin"}`)
	execute(t.Context(), []string{"run", "x", "--input", "@-", "--url", b.url}, streams{in: in, out: &out, err: io.Discard})
	if got := out.String(); !strings.Contains(got, `"echo":{"from":"stdin"}`) {
		t.Errorf("wrote %s", got)
	}
}

func TestServeTellsItsURLAndStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	log, writer := io.Pipe()
	t.Cleanup(func() { log.Close() })
	done := make(chan int, 1)
	go func() {
		done <- execute(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, streams{out: io.Discard, err: writer})
		writer.Close()
	}()
	line := make([]byte, 4096)
	n, err := log.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, log)
	url := regexp.MustCompile(`url=(http://\S+)`).FindSubmatch(line[:n])
	if url == nil {
		t.Fatalf("no URL in %q", line[:n])
	}
	b := &bundle{url: string(url[1])}
	taskID := b.detach(t, `{"hang":true}`)
	job := b.start(t, "watch", taskID)
	job.until(t, "TASK_STARTED")

	cancel()
	select {
	case status := <-done:
		if status != statusDone {
			t.Errorf("serve gave %d", status)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("serve does not stop")
	}
	job.cancel()
	job.wait(t)
}

func TestATokenOfTheEnvironmentIsNotShown(t *testing.T) {
	t.Setenv("TASKBRIDGE_TOKEN", "very-secret")
	var out bytes.Buffer
	execute(t.Context(), []string{"get", "--help"}, streams{out: &out, err: &out})
	if strings.Contains(out.String(), "very-secret") {
		t.Error("the help shows the credential")
	}
}
