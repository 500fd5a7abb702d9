package rules_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rules"
)

func TestTaskID(t *testing.T) {
	t.Parallel()
	id := rules.TaskID("owner", "request")
	if !regexp.MustCompile(`^[0-9a-v]{32}$`).MatchString(id) || id != rules.TaskID("owner", "request") {
		t.Fatalf("id = %q", id)
	}
	for _, other := range [][2]string{{"owner", "request2"}, {"ownerr", "equest"}, {"", "ownerrequest"}, {"ownerrequest", ""}} {
		if rules.TaskID(other[0], other[1]) == id {
			t.Fatalf("%q has the same id", other)
		}
	}
}

func TestSameIdempotencyPayload(t *testing.T) {
	t.Parallel()
	file := func(name, contentType, content string) port.TaskAttachment {
		return port.TaskAttachment{Name: name, ContentType: contentType, Size: int64(len(content)), Digest: rules.Digest([]byte(content))}
	}
	task := port.TaskRecord{
		TaskType: "t", Input: json.RawMessage(`{"a":1,"b":[9007199254740993],"c":null}`),
		Attachments: []port.TaskAttachment{file("x", "text/plain", "1"), file("y", "text/plain", "2")},
	}
	for name, test := range map[string]struct {
		change func(c *port.TaskCreateCommand)
		want   bool
	}{
		"nothing":  {func(*port.TaskCreateCommand) {}, true},
		"metadata": {func(c *port.TaskCreateCommand) { c.Metadata = json.RawMessage(`{"m":1}`) }, true},
		"way of writing": {func(c *port.TaskCreateCommand) {
			c.Input = json.RawMessage(`{"c":null, "b":[9007199254740993.0], "a":1e0}`)
		}, true},
		"task type":     {func(c *port.TaskCreateCommand) { c.TaskType = "u" }, false},
		"beyond 2^53":   {func(c *port.TaskCreateCommand) { c.Input = json.RawMessage(`{"a":1,"b":[9007199254740992],"c":null}`) }, false},
		"null left out": {func(c *port.TaskCreateCommand) { c.Input = json.RawMessage(`{"a":1,"b":[9007199254740993]}`) }, false},
		"no input":      {func(c *port.TaskCreateCommand) { c.Input = nil }, false},
		"file order":    {func(c *port.TaskCreateCommand) { a := c.Attachments; c.Attachments = []port.TaskAttachment{a[1], a[0]} }, false},
		"file name":     {func(c *port.TaskCreateCommand) { c.Attachments[0] = file("z", "text/plain", "1") }, false},
		"file type":     {func(c *port.TaskCreateCommand) { c.Attachments[0] = file("x", "text/html", "1") }, false},
		"file bytes":    {func(c *port.TaskCreateCommand) { c.Attachments[0] = file("x", "text/plain", "3") }, false},
		"one file less": {func(c *port.TaskCreateCommand) { c.Attachments = c.Attachments[:1] }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := port.TaskCreateCommand{TaskType: task.TaskType, Input: task.Input, Attachments: append([]port.TaskAttachment{}, task.Attachments...)}
			test.change(&command)
			same, err := rules.SameIdempotencyPayload(task, command)
			if err != nil || same != test.want {
				t.Fatalf("same = %v, error %v", same, err)
			}
		})
	}
	if same, err := rules.SameIdempotencyPayload(port.TaskRecord{Input: json.RawMessage(`{}`)}, port.TaskCreateCommand{}); !same || err != nil {
		t.Fatalf("an absent input is not {}: %v, %v", same, err)
	}
}

func TestCompareCursors(t *testing.T) {
	t.Parallel()
	ascending := []string{"", "0-1", "1-0", "1-4294967295", "2-1", "10-0", "18446744073709551615-18446744073709551615"}
	for i, left := range ascending {
		for j, right := range ascending {
			a, errA := rules.ParseCursor(left)
			b, errB := rules.ParseCursor(right)
			if got := a.Compare(b); errA != nil || errB != nil || (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Fatalf("%q against %q: %d", left, right, got)
			}
		}
	}
}

func TestEventOfEveryMove(t *testing.T) {
	t.Parallel()
	for _, status := range model.TaskStatusValues() {
		event := rules.EventOf(status)
		if event.Valid() == (status == model.TaskStatusAccepted) || event.Terminal() != status.Terminal() {
			t.Fatalf("a move to %s writes %q", status, event)
		}
	}
}
