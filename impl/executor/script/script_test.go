package script_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/executor"
	"github.com/taskbridge/tbgen/impl/executor/script"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an executor over a store, both in a bubble whose time runs by itself.
type bench struct {
	t     *testing.T
	store *memory.Store
	work  *script.Executor
	task  port.TaskRecord
}

// bubble runs a task and then the test.
func bubble(t *testing.T, taskType, input string, test func(b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(memory.Settings{MaxEvents: 5000})
		work, err := script.New(executor.Settings{
			Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, store: store, work: work}
		b.task, _, err = store.CreateTask(t.Context(), port.TaskRecord{
			TaskID: rules.TaskID("o", "r"), OwnerID: "o", ClientRequestID: "r", TaskType: taskType, Input: json.RawMessage(input),
		})
		if err == nil {
			err = work.SubmitTask(t.Context(), b.task)
		}
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		test(b)
		if err := work.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// events gives the events so far, each as its type and payload.
func (b *bench) events() (events []string, times []time.Time) {
	b.t.Helper()
	page, err := b.store.ReadEventsAfter(b.t.Context(), b.task.TaskID, "", 5000)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, each := range page.Events {
		var e struct{ Payload json.RawMessage }
		if err := json.Unmarshal(each.Data, &e); err != nil {
			b.t.Fatal(err)
		}
		events, times = append(events, each.Type+" "+string(e.Payload)), append(times, each.CreatedAt)
	}
	return events, times
}

func (b *bench) want(want ...string) {
	b.t.Helper()
	synctest.Wait()
	if got, _ := b.events(); !slices.Equal(got, want) {
		b.t.Fatalf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (b *bench) cancel() {
	b.t.Helper()
	task, err := b.store.RequestCancellation(b.t.Context(), b.task.TaskID, nil)
	if err == nil {
		err = b.work.RequestCancellation(b.t.Context(), task)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

const suspendStep = `{"suspend":{"suspendId":"s1","kind":"USER_ACTION_REQUIRED","reasonCode":"CONFIRM","allowedActions":["approve","reject"],"schemaVersion":1,"expiresInMs":60000,"uiHints":{"a":1}}}`

const suspended = `TASK_SUSPENDED {"suspendId":"s1","kind":"USER_ACTION_REQUIRED","reasonCode":"CONFIRM","allowedActions":["approve","reject"],"schemaVersion":1,"expiresAt":"2000-01-01T00:01:00Z","uiHints":{"a":1}}`

func TestSteps(t *testing.T) {
	input := `{"steps":[{"progress":{"progress":10,"stage":"a"}},{"message":{"message":"hi","level":"info"}},
		{"sleepMs":20},{"repeat":{"times":2,"steps":[{"sleepMs":1e1},{"message":{"message":"again"}}]}},
		{"complete":{"result":{"n":9007199254740993},"message":"done"}},{"message":{"message":"never"}}]}`
	bubble(t, "script", input, func(b *bench) {
		time.Sleep(time.Second)
		b.want(`TASK_STARTED {}`, `TASK_PROGRESS {"progress":10,"stage":"a"}`, `TASK_MESSAGE {"message":"hi","level":"info"}`,
			`TASK_MESSAGE {"message":"again"}`, `TASK_MESSAGE {"message":"again"}`,
			`TASK_COMPLETED {"result":{"n":9007199254740993},"message":"done"}`)
		_, times := b.events()
		for i, want := range []int64{0, 0, 0, 30, 40, 40} {
			if got := times[i].Sub(times[0]).Milliseconds(); got != want {
				b.t.Fatalf("event %d came after %d ms, want %d", i+1, got, want)
			}
		}
	})
}

func TestEndsOfScripts(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		`{"steps":[]}`: `TASK_COMPLETED {"result":{}}`,
		`{"steps":[{"fail":{"code":"X","message":"m","retryable":true}}]}`:                                   `TASK_FAILED {"code":"X","message":"m","retryable":true}`,
		`{"steps":[{"repeat":{"times":3,"steps":[{"fail":{"code":"X","message":"m","retryable":false}}]}}]}`: `TASK_FAILED {"code":"X","message":"m","retryable":false}`,
		`{"steps":[{"repeat":{"times":0,"steps":[{"hang":true}]}}]}`:                                         `TASK_COMPLETED {"result":{}}`,
	} {
		t.Run(input, func(t *testing.T) {
			bubble(t, "script", input, func(b *bench) { b.want(`TASK_STARTED {}`, want) })
		})
	}
}

func TestManyEvents(t *testing.T) {
	bubble(t, "script", `{"steps":[{"repeat":{"times":1000,"steps":[{"message":{"message":"x"}}]}}]}`, func(b *bench) {
		if events, _ := b.events(); len(events) != 1002 {
			b.t.Fatalf("%d events", len(events))
		}
	})
}

func TestSuspendTellsTheAnswer(t *testing.T) {
	bubble(t, "script", `{"steps":[`+suspendStep+`]}`, func(b *bench) {
		b.want(`TASK_STARTED {}`, suspended)
		_, _, err := b.store.AcceptActionIfOpen(b.t.Context(), port.TaskActionReceipt{
			TaskID: b.task.TaskID, SuspendID: "s1", ClientActionID: "c", ActionType: "approve", Payload: json.RawMessage(`{ "note": "<ok>", "n": 1.50 }`),
		})
		if err != nil {
			b.t.Fatal(err)
		}
		b.want(`TASK_STARTED {}`, suspended,
			`TASK_ACTION_ACCEPTED {"suspendId":"s1","clientActionId":"c","actionType":"approve","acceptedAt":"2000-01-01T00:00:00Z"}`,
			`TASK_MESSAGE {"message":"approve {\"note\":\"<ok>\",\"n\":1.50}"}`, `TASK_COMPLETED {"result":{}}`)
	})
}

func TestSuspendExpires(t *testing.T) {
	bubble(t, "script", `{"steps":[`+suspendStep+`,{"message":{"message":"never"}}]}`, func(b *bench) {
		time.Sleep(time.Minute)
		b.want(`TASK_STARTED {}`, suspended, `TASK_FAILED {"code":"SUSPENSION_EXPIRED","message":"nobody answered the suspension in time","retryable":false}`)
	})
}

func TestEveryStepEndsWhenCancelled(t *testing.T) {
	t.Parallel()
	forever := `{"repeat":{"times":1000000,"steps":[%s]}}`
	for _, step := range []string{
		`{"hang":true}`, `{"sleepMs":3600000}`, suspendStep,
		fmt.Sprintf(forever, `{"progress":{"progress":1}},{"sleepMs":1}`),
		fmt.Sprintf(forever, `{"message":{"message":"x"}},{"sleepMs":1}`),
		fmt.Sprintf(forever, `{"sleepMs":1}`),
	} {
		t.Run(step, func(t *testing.T) {
			bubble(t, "script", `{"steps":[`+step+`]}`, func(b *bench) {
				time.Sleep(100 * time.Millisecond)
				b.cancel()
				synctest.Wait()
				events, _ := b.events()
				if last := events[len(events)-1]; last != `TASK_CANCELLED {"reason":"cancelled"}` {
					b.t.Fatalf("the last event is %s", last)
				}
			})
		})
	}
}

// A loop that does nothing keeps the time of a bubble from passing, hence none here.
func TestAnEmptyLoopEndsWhenCancelled(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{})
	defer store.Close()
	work, err := script.New(executor.Settings{Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: store, work: work}
	loop := `{"repeat":{"times":1000000,"steps":[{"repeat":{"times":1000000,"steps":[]}}]}}`
	b.task, _, err = store.CreateTask(t.Context(), port.TaskRecord{TaskID: "a", TaskType: "script", Input: json.RawMessage(`{"steps":[` + loop + `]}`)})
	if err == nil {
		err = work.SubmitTask(t.Context(), b.task)
	}
	if err == nil {
		err = store.WaitForEvents(t.Context(), "a", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	b.cancel()
	if err := work.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if events, _ := b.events(); events[len(events)-1] != `TASK_CANCELLED {"reason":"cancelled"}` {
		t.Fatal(events)
	}
}

func TestDemonstration(t *testing.T) {
	bubble(t, "anything", `{"a":[1,2.50]}`, func(b *bench) {
		time.Sleep(time.Second)
		events, _ := b.events()
		var types []string
		for _, each := range events {
			types = append(types, strings.Fields(each)[0])
		}
		if want := []string{"TASK_STARTED", "TASK_PROGRESS", "TASK_PROGRESS", "TASK_MESSAGE", "TASK_PROGRESS", "TASK_COMPLETED"}; !slices.Equal(types, want) {
			b.t.Fatalf("events %v", types)
		}
		if last := events[len(events)-1]; last != `TASK_COMPLETED {"result":{"echo":{"a":[1,2.50]}}}` {
			b.t.Fatal(last)
		}
	})
}

func TestUnsubmittable(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{})
	work, err := script.New(executor.Settings{Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := work.SubmitTask(t.Context(), port.TaskRecord{TaskType: "unsubmittable"}); !errors.Is(err, model.ErrTaskSubmissionError) {
		t.Fatalf("error = %v", err)
	}
}

func TestValidation(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Settings{})
	work, err := script.New(executor.Settings{Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}})
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string][]string{
		`{"steps":[]}`:                          nil,
		`{"steps":[` + suspendStep + `]}`:       nil,
		`{"steps":[{"sleepMs":20.0}]}`:          nil,
		``:                                      {"/input/steps"},
		`{"steps":{}}`:                          {"/input/steps"},
		`{"steps":[],"more":1}`:                 {"/input/more"},
		`{"steps":[{}]}`:                        {"/input/steps/0"},
		`{"steps":[1,{"dance":{}}]}`:            {"/input/steps/0", "/input/steps/1/dance"},
		`{"steps":[{"hang":true,"sleepMs":1}]}`: {"/input/steps/0"},
		`{"steps":[{"hang":false}]}`:            {"/input/steps/0/hang"},
		`{"steps":[{"sleepMs":-1},{"sleepMs":1.5},{"sleepMs":"1"}]}`:                                                            {"/input/steps/0/sleepMs", "/input/steps/1/sleepMs", "/input/steps/2/sleepMs"},
		`{"steps":[{"progress":{"progress":101}},{"progress":{}}]}`:                                                             {"/input/steps/0/progress/progress", "/input/steps/1/progress/progress"},
		`{"steps":[{"message":{"message":"x","level":"loud"}}]}`:                                                                {"/input/steps/0/message/level"},
		`{"steps":[{"repeat":{"times":2,"steps":[{"fail":{}}]}}]}`:                                                              {"/input/steps/0/repeat/steps/0/fail/code", "/input/steps/0/repeat/steps/0/fail/message", "/input/steps/0/repeat/steps/0/fail/retryable"},
		`{"steps":[{"complete":{"result":[]}}]}`:                                                                                {"/input/steps/0/complete/result"},
		`{"steps":[` + suspendStep + `,` + suspendStep + `]}`:                                                                   {"/input/steps/1/suspend/suspendId"},
		`{"steps":[{"repeat":{"times":2,"steps":[` + suspendStep + `]}},{"repeat":{"times":0,"steps":[` + suspendStep + `]}}]}`: {"/input/steps/0/repeat/steps/0/suspend/suspendId"},
	} {
		violations, err := work.ValidateTask(t.Context(), port.TaskCreateCommand{TaskType: "script", Input: json.RawMessage(input)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, each := range violations {
			got = append(got, each.Path)
			if each.Message == "" {
				t.Fatalf("%s: no message at %s", input, each.Path)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\nviolations %v\nwant       %v", input, violations, want)
		}
	}
	if violations, err := work.ValidateTask(t.Context(), port.TaskCreateCommand{TaskType: "other", Input: json.RawMessage(`{"steps":1}`)}); len(violations) > 0 || err != nil {
		t.Fatalf("violations %v of another type, error %v", violations, err)
	}
}
