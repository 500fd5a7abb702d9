package show_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
	"github.com/taskbridge/tbgen/gen/model"
)

// event decodes an event of the type with the payload.
func event(t *testing.T, kind, payload string) model.TaskEvent {
	t.Helper()
	text := `{"type":"` + kind + `","taskId":"t1","eventId":"1-7","createdAt":"2030-01-02T03:04:05.000Z","payload":` + payload + `}`
	decoded, err := model.UnmarshalTaskEvent([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// printed shows the events in a style with times in UTC.
func printed(t *testing.T, style show.Style, events ...model.TaskEvent) string {
	t.Helper()
	style.Location = time.UTC
	var out bytes.Buffer
	printer := show.NewTerminal(&out, style)
	for _, e := range events {
		if err := printer.Event(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := printer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTerminalTellsEveryEvent(t *testing.T) {
	t.Parallel()
	got := printed(t, show.Style{},
		event(t, "TASK_STARTED", `{"message":"off we go"}`),
		event(t, "TASK_PROGRESS", `{"progress":7.4,"stage":"load","message":"part 1"}`),
		event(t, "TASK_MESSAGE", `{"message":"hello"}`),
		event(t, "TASK_MESSAGE", `{"message":"careful","level":"warning"}`),
		event(t, "TASK_SUSPENDED", `{"suspendId":"s1","kind":"USER_ACTION_REQUIRED","reasonCode":"CONFIRM","allowedActions":["approve","reject"],"schemaVersion":1,"expiresAt":"2030-01-02T04:00:00Z"}`),
		event(t, "TASK_ACTION_ACCEPTED", `{"suspendId":"s1","clientActionId":"a","actionType":"approve","acceptedAt":"2030-01-02T03:04:05.000Z"}`),
		event(t, "STREAM_GAP", `{"requestedAfterEventId":"3-1","firstAvailableEventId":null,"reason":"TRIMMED"}`),
		event(t, "STREAM_GAP", `{"requestedAfterEventId":null,"firstAvailableEventId":"4-1","reason":"EXPIRED"}`),
		event(t, "TASK_MOVED", `{"to":"elsewhere"}`),
		event(t, "TASK_COMPLETED", `{"result":{"ok":true},"message":"done"}`),
		event(t, "TASK_FAILED", `{"code":"X","message":"broken","retryable":true}`),
		event(t, "TASK_CANCELLED", `{"reason":"enough"}`),
	)
	want := `03:04:05  started     off we go
03:04:05  progress      7%  load: part 1
03:04:05  message     hello
03:04:05  warning     careful
03:04:05  suspended   CONFIRM (USER_ACTION_REQUIRED): approve or reject, until 04:00:00
                      answer with: taskbridge act t1 approve --suspension s1
03:04:05  accepted    approve for s1
03:04:05  gap         events after 3-1 are gone (TRIMMED)
03:04:05  gap         events after the start are gone (EXPIRED)
03:04:05  unknown     {"type":"TASK_MOVED","taskId":"t1","eventId":"1-7","createdAt":"2030-01-02T03:04:05.000Z","payload":{"to":"elsewhere"}}
03:04:05  completed   {"ok":true}  done
03:04:05  failed      X: broken (a new task may succeed)
03:04:05  cancelled   enough
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestLiveTerminalKeepsTheBarBelowTheEvents(t *testing.T) {
	t.Parallel()
	got := printed(t, show.Style{Live: true, Width: 40},
		event(t, "TASK_PROGRESS", `{"progress":50,"stage":"a stage with a long name"}`),
		event(t, "TASK_MESSAGE", `{"message":"between"}`),
		event(t, "TASK_COMPLETED", `{"result":{}}`),
	)
	bar := strings.Repeat("█", 12) + strings.Repeat("░", 12) + "  50%  a stag"
	const erase = "\r\x1b[K"
	want := erase + bar + erase + "03:04:05  message     between\n" + bar + erase + "03:04:05  completed   {}\n" + erase
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestTerminalIsSafeFromWhatTasksSay(t *testing.T) {
	t.Parallel()
	got := printed(t, show.Style{}, event(t, "TASK_MESSAGE", `{"message":"\u001b[2Jgone\r\nforged \u202ereversed\u0007"}`))
	want := "03:04:05  message     ·[2Jgone··forged ·reversed·\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColorOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	failed := event(t, "TASK_FAILED", `{"code":"X","message":"m","retryable":false}`)
	for _, color := range []bool{true, false} {
		if got := printed(t, show.Style{Color: color}, failed); strings.Contains(got, "\x1b[31m") != color {
			t.Errorf("color %v gives %q", color, got)
		}
	}
}

func TestLinesKeepTheJSONOfTheWire(t *testing.T) {
	t.Parallel()
	var out, notes bytes.Buffer
	printer := show.NewLines(&out, &notes)
	for _, e := range []model.TaskEvent{
		event(t, "TASK_MESSAGE", `{"message":"<b>\n"}`),
		event(t, "TASK_NEW", `{"n":1.50}`),
	} {
		if err := printer.Event(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := printer.Note("a cut"); err != nil {
		t.Fatal(err)
	}
	if err := printer.Close(); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"TASK_MESSAGE","taskId":"t1","eventId":"1-7","createdAt":"2030-01-02T03:04:05.000Z","payload":{"message":"<b>\n"}}
{"type":"TASK_NEW","taskId":"t1","eventId":"1-7","createdAt":"2030-01-02T03:04:05.000Z","payload":{"n":1.50}}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got := notes.String(); got != "a cut\n" {
		t.Errorf("notes are %q", got)
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%q is no JSON", line)
		}
	}
}
