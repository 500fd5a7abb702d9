package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
)

const suspend = `{"suspend":{"suspendId":"s1","kind":"USER_ACTION_REQUIRED","reasonCode":"CONFIRM","allowedActions":["approve"],"schemaVersion":1}}`

func TestRunWritesAnEventALine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := types(t, b.must(t, "run", "script", "--input", `{"steps":[{"progress":{"progress":50}},{"message":{"message":"hi"}}]}`))
	want := []string{"TASK_STARTED", "TASK_PROGRESS", "TASK_MESSAGE", "TASK_COMPLETED"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestTheEndOfATaskIsTheExitStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.run(t, "run", "script", "--input", `{"steps":[{"fail":{"code":"X","message":"m","retryable":false}}]}`); got.status != statusFailed {
		t.Errorf("a failed task gives %d: %s", got.status, got.err)
	}
	if got := b.run(t, "run", "unsubmittable"); got.status != statusFailed || !strings.Contains(got.out, "TASK_FAILED") {
		t.Errorf("a refused task gives %d: %s%s", got.status, got.out, got.err)
	}
	taskID := b.detach(t, `{"hang":true}`)
	job := b.start(t, "watch", taskID)
	job.until(t, "TASK_STARTED")
	if out := b.must(t, "cancel", taskID, "--reason", "enough"); !strings.Contains(out, "CANCELLATION_REQUESTED") {
		t.Errorf("cancel wrote %s", out)
	}
	if got := job.wait(t); got.status != statusCancelled {
		t.Errorf("a cancelled task gives %d: %s", got.status, got.err)
	}
}

func TestRunWithTheSameKeyFindsTheSameTask(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.must(t, "run", "script", "--id", "once", "--input", `{"steps":[]}`)
	if second := b.must(t, "run", "script", "--id", "once", "--input", `{"steps":[]}`); second != first {
		t.Errorf("the second run wrote\n%s\nthe first\n%s", second, first)
	}
}

func TestWatchReadsTheSameOverEveryTransport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	taskID := b.detach(t, `{"repeat":{"times":20,"steps":[{"progress":{"progress":1}}]}}`)
	want := b.must(t, "watch", taskID)
	lines := strings.SplitAfter(want, "\n")
	var third struct{ EventID string }
	if err := json.Unmarshal([]byte(lines[2]), &third); err != nil {
		t.Fatal(err)
	}
	for transport, path := range map[string]string{"ws": "/ws", "sse": "/stream", "poll": "/events"} {
		b, paths := b.observed(t)
		if diff := cmp.Diff(want, b.must(t, "watch", taskID, "--transport", transport)); diff != "" {
			t.Errorf("%s (-auto +%s):\n%s", transport, transport, diff)
		}
		if first := <-paths; !strings.HasSuffix(first, path) {
			t.Errorf("%s reads from %s", transport, first)
		}
		rest := b.must(t, "watch", taskID, "--transport", transport, "--after", third.EventID)
		if diff := cmp.Diff(strings.Join(lines[3:], ""), rest); diff != "" {
			t.Errorf("%s after the third event (-want +got):\n%s", transport, diff)
		}
	}
}

func TestWatchAfterTheEndStillTellsHowItEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := b.run(t, "run", "script", "--input", `{"steps":[{"fail":{"code":"X","message":"m","retryable":false}}]}`)
	var last struct{ TaskID, EventID string }
	for line := range strings.Lines(failed.out) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatal(err)
		}
	}
	got := b.run(t, "watch", last.TaskID, "--after", last.EventID)
	if got.status != statusFailed || got.out != "" {
		t.Errorf("gave %d with %q: %s", got.status, got.out, got.err)
	}
}

func TestAnInterruptedWatchTellsHowToGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	taskID := b.detach(t, `{"hang":true}`)
	job := b.start(t, "watch", taskID)
	job.until(t, "TASK_STARTED")
	job.cancel()
	got := job.wait(t)
	if got.status != statusInterrupted || !strings.Contains(got.err, "taskbridge watch "+taskID+" --after 1-") {
		t.Errorf("gave %d: %s", got.status, got.err)
	}
}

func TestAPersonSeesLinesNotJSON(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var out, errout bytes.Buffer
	s := streams{out: &out, err: &errout, person: true, style: show.Style{}}
	status := execute(t.Context(), []string{"run", "greeting", "--input", `{"a":1}`, "--url", b.url}, s)
	if status != statusDone || !strings.Contains(out.String(), `completed   {"echo":{"a":1}}`) {
		t.Errorf("gave %d: %s%s", status, out.String(), errout.String())
	}
}

func TestActAnswersTheOpenSuspension(t *testing.T) {
	t.Parallel()
	b := setup(t)
	taskID := b.detach(t, suspend)
	job := b.start(t, "watch", taskID)
	job.until(t, "TASK_SUSPENDED")

	first := b.must(t, "act", taskID, "approve", "--id", "a1", "--payload", `{"by":"me"}`)
	if !strings.Contains(first, `"ACCEPTED"`) {
		t.Errorf("act wrote %s", first)
	}
	if got := job.wait(t); got.status != statusDone {
		t.Errorf("the answered task gives %d: %s", got.status, got.err)
	}
	again := b.must(t, "act", taskID, "approve", "--id", "a1", "--payload", `{"by":"me"}`, "--suspension", "s1")
	if !strings.Contains(again, `"DEDUPLICATED"`) {
		t.Errorf("the same act again wrote %s", again)
	}
	other := b.run(t, "act", taskID, "approve", "--suspension", "s1")
	if other.status != statusRefused || !strings.Contains(other.out, "REJECTED_ALREADY_RESOLVED") {
		t.Errorf("another act gave %d, %s%s", other.status, other.out, other.err)
	}
	none := b.run(t, "act", taskID, "approve")
	if none.status != statusRefused || !strings.Contains(none.err, "waits for no answer") {
		t.Errorf("an act without a suspension gave %d: %s", none.status, none.err)
	}
}
