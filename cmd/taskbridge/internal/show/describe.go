package show

import (
	"fmt"
	"strings"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
)

// describe puts an event into a line.
func (t *terminal) describe(event model.TaskEvent) string {
	switch e := event.(type) {
	case model.TaskStartedEvent:
		return t.line(cyan, "started", remarks(e.Payload.Message))
	case model.TaskProgressEvent:
		return t.line(cyan, "progress", fmt.Sprintf("%3.0f%%  %s", e.Payload.Progress, remarks(e.Payload.Stage, e.Payload.Message)))
	case model.TaskMessageEvent:
		return t.message(e.Payload)
	case model.TaskSuspendedEvent:
		return t.suspended(e)
	case model.TaskActionAcceptedEvent:
		return t.line(cyan, "accepted", clean(e.Payload.ActionType)+" for "+clean(e.Payload.SuspendID)+after(": ", e.Payload.Message))
	case model.TaskCompletedEvent:
		return t.line(green, "completed", clean(string(e.Payload.Result))+after("  ", e.Payload.Message))
	case model.TaskFailedEvent:
		return t.failed(e.Payload)
	case model.TaskCancelledEvent:
		return t.line(yellow, "cancelled", clean(e.Payload.Reason)+after(": ", e.Payload.Message))
	case model.StreamGap:
		return t.gap(e)
	case model.UnknownTaskEvent:
		return t.line(faint, "unknown", clean(string(e.Raw)))
	default:
		return t.line(faint, "unknown", clean(string(event.Type())))
	}
}

func (t *terminal) line(style, label, text string) string {
	return strings.TrimRight(t.paint(style, fmt.Sprintf("%-10s", label))+"  "+text, " ")
}

func (t *terminal) message(p model.TaskMessagePayload) string {
	if p.Level != nil && *p.Level == model.TaskMessageLevelWarning {
		return t.line(yellow, "warning", clean(p.Message))
	}
	return t.line("", "message", clean(p.Message))
}

// suspended tells what is asked, and the command that answers.
func (t *terminal) suspended(e model.TaskSuspendedEvent) string {
	p := e.Payload
	text := fmt.Sprintf("%s (%s): %s", clean(p.ReasonCode), clean(string(p.Kind)), clean(strings.Join(p.AllowedActions, " or ")))
	if p.ExpiresAt != nil {
		text += ", until " + p.ExpiresAt.In(t.style.Location).Format(time.TimeOnly)
	}
	if len(p.AllowedActions) > 0 {
		answer := fmt.Sprintf("taskbridge act %s %s --suspension %s", clean(e.TaskID), clean(p.AllowedActions[0]), clean(p.SuspendID))
		text += "\n" + t.paint(faint, strings.Repeat(" ", len("15:04:05  suspended   "))+"answer with: "+answer)
	}
	return t.line(yellow, "suspended", text)
}

func (t *terminal) failed(p model.TaskFailedPayload) string {
	text := clean(p.Code) + ": " + clean(p.Message)
	if p.Retryable {
		text += " (a new task may succeed)"
	}
	return t.line(red, "failed", text)
}

func (t *terminal) gap(e model.StreamGap) string {
	from := "the start"
	if e.Payload.RequestedAfterEventID != nil {
		from = clean(*e.Payload.RequestedAfterEventID)
	}
	return t.line(red, "gap", fmt.Sprintf("events after %s are gone (%s)", from, clean(string(e.Payload.Reason))))
}

// after returns the text with what goes before it, nothing if there is none.
func after(before string, text *string) string {
	if text == nil || *text == "" {
		return ""
	}
	return before + clean(*text)
}
