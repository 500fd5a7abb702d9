package script

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/rules"
	"github.com/taskbridge/tbgen/impl/schema"
)

//go:embed script.json
var grammar []byte

var schemas = sync.OnceValue(func() *schema.Set {
	set, err := schema.Load(grammar)
	if err != nil {
		panic(err)
	}
	return set
})

// maxDepth is that of requests.
const maxDepth = 1000

type script struct {
	Steps []step `json:"steps"`
}

// step is one step: exactly one member is set.
type step struct {
	Progress *model.TaskProgressPayload  `json:"progress"`
	Message  *model.TaskMessagePayload   `json:"message"`
	SleepMS  *whole                      `json:"sleepMs"`
	Repeat   *repeat                     `json:"repeat"`
	Suspend  *suspend                    `json:"suspend"`
	Complete *model.TaskCompletedPayload `json:"complete"`
	Fail     *model.TaskFailedPayload    `json:"fail"`
	Hang     bool                        `json:"hang"`
}

type repeat struct {
	Times whole  `json:"times"`
	Steps []step `json:"steps"`
}

type suspend struct {
	SuspendID      string                   `json:"suspendId"`
	Kind           model.TaskSuspensionKind `json:"kind"`
	ReasonCode     string                   `json:"reasonCode"`
	AllowedActions []string                 `json:"allowedActions"`
	SchemaVersion  whole                    `json:"schemaVersion"`
	ExpiresInMS    *whole                   `json:"expiresInMs"`
	UIHints        json.RawMessage          `json:"uiHints"`
	Interaction    json.RawMessage          `json:"interaction"`
}

// whole is an integer however it is written: 3, 3.0 and 30e-1 alike.
type whole int64

// UnmarshalJSON implements [json.Unmarshaler].
func (w *whole) UnmarshalJSON(text []byte) error {
	value, ok := codec.Integer(string(text))
	if !ok {
		return errors.New("must be an integer")
	}
	*w = whole(value)
	return nil
}

// parse reads a script, or gives everything that is wrong with it.
func parse(input json.RawMessage) (parsed script, violations []model.Violation) {
	input = rules.Object(input)
	tree, err := schema.Parse(input, maxDepth)
	if err != nil {
		return parsed, []model.Violation{{Path: "/input", Message: err.Error()}}
	}
	for _, each := range schemas().Validate("Script", tree) {
		violations = append(violations, model.Violation{Path: "/input" + each.Path, Message: each.Message})
	}
	if len(violations) > 0 {
		return parsed, violations
	}
	if err := codec.Unmarshal(input, &parsed); err != nil {
		return parsed, []model.Violation{{Path: "/input", Message: err.Error()}}
	}
	return parsed, repeated(parsed.Steps, "/input/steps", 1, map[string]bool{})
}

// repeated finds suspensions that would be opened more than once: an id names one of a task.
func repeated(steps []step, path string, times whole, seen map[string]bool) (violations []model.Violation) {
	for i, each := range steps {
		here := fmt.Sprintf("%s/%d", path, i)
		if each.Repeat != nil {
			violations = append(violations, repeated(each.Repeat.Steps, here+"/repeat/steps", min(times*each.Repeat.Times, 2), seen)...)
		}
		if each.Suspend == nil || times == 0 {
			continue
		}
		if times > 1 || seen[each.Suspend.SuspendID] {
			violations = append(violations, model.Violation{Path: here + "/suspend/suspendId", Message: "must be unique within the task"})
		}
		seen[each.Suspend.SuspendID] = true
	}
	return violations
}
