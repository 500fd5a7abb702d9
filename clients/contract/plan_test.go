package contract_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/clients/contract"
)

func TestPlanIsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	text, err := ordersPlan(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if want, got := normal(t, ordersText(t)), normal(t, text); !bytes.Equal(want, got) {
		t.Errorf("the plan reads\n%s\nand is written\n%s", want, got)
	}
}

// normal is JSON without the layout and order of its text.
func normal(t *testing.T, text []byte) []byte {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestInconsistentPlansAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, says string }{
		{"no JSON", `"title"`, `title`, "not JSON"},
		{"other version", `"version": 1`, `"version": 2`, "version 2"},
		{"unknown member", `"title"`, `"name"`, `unknown field "name"`},
		{"broken schemas", `{"type": "string", "minLength": 1, "maxLength": 64}`, `{"type": "word"}`, "schemas"},
		{"unknown security scheme", `"security": ["badge"]`, `"security": ["key"]`, `operations.createOrder: there is no security scheme "key"`},
		{"security scheme of no kind", `"scheme": "bearer"`, `"scheme": "digest"`, "securitySchemes.badge"},
		{"role without code", `"invalid": "BAD_VALUE"`, `"invalid": "WORSE"`, `errors.roles.invalid: the catalogue has no code "WORSE"`},
		{"operation twice", `"id": "getOrder"`, `"id": "createOrder"`, "used twice"},
		{"undeclared path parameter", `"path": "/orders/{orderId}",`, `"path": "/orders/{id}",`, `the path parameter "id" is not declared`},
		{"unknown schema", `"schema": "NewOrder"`, `"schema": "Older"`, `there is no schema "Older"`},
		{"no status", `"401": {"content"`, `"4x1": {"content"`, `"4x1" is no status`},
		{"unknown code of an operation", `"errors": ["NO_ORDER", "WHO"]`, `"errors": ["MAYBE"]`, `the catalogue has no code "MAYBE"`},
		{"unknown terminal", `"terminal": ["CLOSED"],
      "gap"`, `"terminal": ["SHUT"],
      "gap"`, `streams.ticks.terminal: there is no message "SHUT"`},
		{"unknown order", `"order": "integer"`, `"order": "random"`, `there is no order "random"`},
		{"frame is no template", `{"listen": "$key", "since": "$after?"}`, `{"listen": "$"}`, "streams.ticks.webSocket.subscribe"},
		{"face is another operation", `"operation": "tickPage"`, `"operation": "tickStream"`, "but operation tickStream is"},
		{"face is no stream", `"operation": "tickPage"`, `"operation": "getOrder"`, "not marked as a stream"},
		{"face without its parameter", `"limit": "max"`, `"limit": "most"`, `operation tickPage has no parameter "most"`},
		{"lifecycle with an unknown message", `{"MOVED": "MOVED"}`, `{"MOVED": "GONE"}`, `stream ticks has no message "GONE"`},
		{"setup in a circle", `"setup": "closed",
        "request"`, `"setup": "seen",
        "request"`, "scenarios.setups.seen: builds on itself"},
		{"setup without key", `"capture": {"orderId": "/id"},
        "until": {"event": "HELD"}`, `"until": {"event": "HELD"}`, `nothing captures "orderId"`},
		{"until nonsense", `"until": {"event": "HELD"}`, `"until": "later"`, "until must be"},
		{"until an unknown event", `"until": {"event": "HELD"}`, `"until": {"event": "LOST"}`, `stream ticks has no message "LOST"`},
		{"case of no operation", `"operation": "alive"`, `"operation": "dead"`, `there is no operation "dead"`},
		{"case twice", `"name": "padded"`, `"name": "new"`, `two cases named "new"`},
		{"case with an undeclared status", `"credentials": "none", "status": 200`, `"credentials": "none", "status": 207`, "operation alive declares no status 207"},
		{"case with a code of another status", `"status": 404, "code": "NO_ORDER", "origin"`, `"status": 401, "code": "NO_ORDER", "origin"`, `code "NO_ORDER" with status 401`},
		{"case without its path parameter", `"credentials": "none", "parameters": {"orderId": "x"}`, `"credentials": "none"`, `the path parameter "orderId" of operation getOrder is not given`},
		{"case with an unknown parameter", `"max": 2`, `"most": 2`, `operation tickPage has no parameter "most"`},
		{"case with odd credentials", `"credentials": "other"`, `"credentials": "stolen"`, `no credentials "stolen"`},
		{"expectation at no place", `"/alive": true`, `"alive": true`, "neither a JSON pointer"},
		{"stream of no setup", `"setup": "moving", "live"`, `"setup": "resting", "live"`, `there is no setup "resting"`},
		{"stream of a setup that does not wait", `"setup": "moving", "live"`, `"setup": "opened", "live"`, "does not wait on stream ticks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := string(ordersText(t))
			if !strings.Contains(text, tt.old) {
				t.Fatalf("the plan has no %s", tt.old)
			}
			_, err := contract.Load([]byte(strings.Replace(text, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestEveryInconsistencyIsTold(t *testing.T) {
	t.Parallel()
	plan := ordersPlan(t)
	plan.Operations[0].Security = []string{"key"}
	plan.Streams[0].Cursor.Order = "random"
	err := plan.Check()
	for _, says := range []string{`"key"`, `"random"`} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error that says %s", err, says)
		}
	}
}

func TestDataAfterThePlanIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := contract.Load(append(ordersText(t), "{}"...)); err == nil {
		t.Error("it is accepted")
	}
}
