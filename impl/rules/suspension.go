package rules

import (
	"slices"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
)

// Current gives a suspension as it stands at a time: one that is open past its expiresAt is
// EXPIRED since then.
func Current(suspension port.TaskSuspensionRecord, now time.Time) port.TaskSuspensionRecord {
	if suspension.Status == port.TaskSuspensionStatusOpen && Expired(suspension.Payload, now) {
		suspension.Status = port.TaskSuspensionStatusExpired
		suspension.ClosedAt = new(Instant(*suspension.Payload.ExpiresAt))
	}
	return suspension
}

// Expired tells whether the time has come at which a suspension that is still open expires.
func Expired(payload model.TaskSuspendedPayload, now time.Time) bool {
	return payload.ExpiresAt != nil && !now.Before(*payload.ExpiresAt)
}

// Closed gives a suspension as the end of its task leaves it: an open one is CANCELLED, or
// EXPIRED if its time had come; any other stays.
func Closed(suspension port.TaskSuspensionRecord, now time.Time) port.TaskSuspensionRecord {
	suspension = Current(suspension, now)
	if suspension.Status == port.TaskSuspensionStatusOpen {
		suspension.Status = port.TaskSuspensionStatusCancelled
		suspension.ClosedAt = new(Instant(now))
	}
	return suspension
}

// Resolved gives a suspension as an accepted action leaves it.
func Resolved(suspension port.TaskSuspensionRecord, receipt port.TaskActionReceipt) port.TaskSuspensionRecord {
	suspension.Status = port.TaskSuspensionStatusResolved
	suspension.ClosedAt = new(receipt.CreatedAt)
	suspension.Action = &receipt
	suspension.ResumeHandoff = port.ResumeHandoffStatusPending
	return suspension
}

// JudgeAction says what becomes of an action on a suspension that exists, at a time, given the
// receipt under the action's key or nil. Only ACCEPTED asks for a write.
func JudgeAction(action port.TaskActionReceipt, suspension port.TaskSuspensionRecord, receipt *port.TaskActionReceipt, now time.Time) (model.SubmitActionResultStatus, error) {
	if receipt != nil {
		return judgeRepeat(action, *receipt)
	}
	if !slices.Contains(suspension.Payload.AllowedActions, action.ActionType) {
		return "", model.NewError(model.ErrorCodeIdempotencyConflict, "the suspension does not allow this action type")
	}
	switch Current(suspension, now).Status {
	case port.TaskSuspensionStatusOpen:
		return model.SubmitActionResultStatusAccepted, nil
	case port.TaskSuspensionStatusExpired:
		return model.SubmitActionResultStatusRejectedExpired, nil
	default:
		return model.SubmitActionResultStatusRejectedAlreadyResolved, nil
	}
}

func judgeRepeat(action, receipt port.TaskActionReceipt) (model.SubmitActionResultStatus, error) {
	same, err := codec.Equal(Object(action.Payload), Object(receipt.Payload))
	if err != nil {
		return "", err
	}
	if !same || action.SuspendID != receipt.SuspendID || action.ActionType != receipt.ActionType {
		return "", model.NewError(model.ErrorCodeIdempotencyConflict, "the clientActionId was used for another action")
	}
	return model.SubmitActionResultStatusDeduplicated, nil
}

// Accepted gives the receipt of an accepted action and the draft of the event that tells of it.
func Accepted(action port.TaskActionReceipt, now time.Time) (port.TaskActionReceipt, port.EventDraft, error) {
	action.Status = port.TaskActionReceiptStatusAccepted
	action.CreatedAt = Instant(now)
	action.Payload, action.Metadata = Object(action.Payload), Object(action.Metadata)
	draft, err := Draft(model.TaskEventTypeTaskActionAccepted, model.TaskActionAcceptedPayload{
		SuspendID: action.SuspendID, ClientActionID: action.ClientActionID,
		ActionType: action.ActionType, AcceptedAt: action.CreatedAt,
	})
	return action, draft, err
}

// SamePayload tells whether two suspensions ask for the same, as JSON values.
func SamePayload(a, b model.TaskSuspendedPayload) (bool, error) {
	left, err := codec.Marshal(a)
	if err != nil {
		return false, err
	}
	right, err := codec.Marshal(b)
	if err != nil {
		return false, err
	}
	return codec.Equal(left, right)
}
