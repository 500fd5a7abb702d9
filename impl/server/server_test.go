package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/executor"
	"github.com/taskbridge/tbgen/impl/executor/script"
	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is a server on a socket.
type host struct {
	*server.Server
	url   string
	store *memory.Store
}

func newHost(t *testing.T, change func(config *server.Config)) *host {
	t.Helper()
	store := memory.New(memory.Settings{})
	work, err := script.New(executor.Settings{
		Tasks: store, Events: store, Suspensions: store, Metrics: observe.NoMetrics{}, Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	config := server.Config{Store: store, Executor: work, Resolver: auth.Development{}, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&config)
	}
	made, err := server.New(config)
	must(t, err)
	made.Start()
	listening := httptest.NewServer(made)
	t.Cleanup(func() {
		if err := made.Stop(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		listening.Close()
		store.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return &host{made, listening.URL, store}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call sends a request as a subject, nobody if it is empty.
func (h *host) call(t *testing.T, subject, method, path, contentType, body string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	must(t, err)
	if subject != "" {
		request.Header.Set("Authorization", "Bearer dev-"+subject)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response, string(text)
}

// want checks the status and members of a JSON answer.
func (h *host) want(t *testing.T, status int, members map[string]any, method, path, body string) map[string]any {
	t.Helper()
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	response, text := h.call(t, "ann", method, path, contentType, body)
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, response.StatusCode, text, status)
	}
	for name, value := range members {
		if answer[name] != value {
			t.Fatalf("%s %s: %s, want %s %v", method, path, text, name, value)
		}
	}
	return answer
}

// create creates a task and gives its id.
func (h *host) create(t *testing.T, request, taskType, input string) string {
	t.Helper()
	body := `{"clientRequestId":"` + request + `","taskType":"` + taskType + `","input":` + input + `}`
	return h.want(t, 201, map[string]any{"deduplicated": false, "clientRequestId": request}, "POST", "/api/v1/tasks", body)["taskId"].(string)
}

// sse reads a whole stream of server-sent events and gives its data lines that have an id.
func (h *host) sse(t *testing.T, taskID, after string) (events []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", h.url+"/api/v1/tasks/"+taskID+"/events/stream", nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer dev-ann")
	request.Header.Set("Last-Event-ID", after)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	withID := false
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found && withID {
			events = append(events, data)
		}
		withID = strings.HasPrefix(lines.Text(), "id: ")
	}
	return events
}

func (h *host) poll(t *testing.T, taskID string) (events []string) {
	t.Helper()
	_, text := h.call(t, "ann", "GET", "/api/v1/tasks/"+taskID+"/events?maxEvents=500&waitTimeoutMs=10000", "", "")
	var page struct{ Events []json.RawMessage }
	must(t, json.Unmarshal([]byte(text), &page))
	for _, each := range page.Events {
		events = append(events, string(each))
	}
	return events
}

// socket reads a whole WebSocket stream without its confirmation and heartbeats.
func (h *host) socket(t *testing.T, taskID string) (events []string) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer dev-ann"}}
	connection, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(h.url, "http")+"/api/v1/tasks/ws", header)
	must(t, err)
	defer connection.Close()
	if response.Header.Get("X-Request-Id") == "" {
		t.Fatal("no X-Request-Id")
	}
	must(t, connection.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","taskId":"`+taskID+`"}`)))
	for {
		_, message, err := connection.ReadMessage()
		if websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			return events
		}
		must(t, err)
		if strings.Contains(string(message), `"eventId"`) {
			events = append(events, string(message))
		}
	}
}

func typesOf(t *testing.T, events []string) string {
	t.Helper()
	var types []string
	for _, each := range events {
		var event struct{ Type string }
		must(t, json.Unmarshal([]byte(each), &event))
		types = append(types, strings.TrimPrefix(event.Type, "TASK_"))
	}
	return strings.Join(types, " ")
}

func TestATaskOnAllTransports(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	taskID := h.create(t, "r", "script", `{"steps":[{"progress":{"progress":10}},{"sleepMs":20},{"message":{"message":"<&>"}}]}`)
	live := h.sse(t, taskID, "")
	if got := typesOf(t, live); got != "STARTED PROGRESS MESSAGE COMPLETED" {
		t.Fatal(got)
	}
	for name, replay := range map[string][]string{"poll": h.poll(t, taskID), "ws": h.socket(t, taskID)} {
		if strings.Join(replay, "\n") != strings.Join(live, "\n") {
			t.Fatalf("%s gives\n%s\nSSE gave\n%s", name, replay, live)
		}
	}
	if events := h.sse(t, taskID, "2-"+regexp.MustCompile(`"2-(\d+)"`).FindStringSubmatch(live[1])[1]); typesOf(t, events) != "MESSAGE COMPLETED" {
		t.Fatalf("events %v", events)
	}
	task := h.want(t, 200, map[string]any{"status": "COMPLETED", "taskType": "script", "cancellationRequested": false}, "GET", "/api/v1/tasks/"+taskID, "")
	if id, _ := task["lastEventId"].(string); !strings.HasPrefix(id, "4-") {
		t.Fatalf("task = %v", task)
	}
}

func TestAnswerASuspension(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	taskID := h.create(t, "r", "script", `{"steps":[{"suspend":{"suspendId":"s1","kind":"USER_ACTION_REQUIRED","reasonCode":"CONFIRM","allowedActions":["approve"],"schemaVersion":1}}]}`)
	must(t, h.store.WaitForEvents(t.Context(), taskID, "")) // started
	waitSuspended(t, h, taskID)
	actions := "/api/v1/tasks/" + taskID + "/actions"
	action := `{"clientActionId":"a","suspendId":"s1","actionType":"approve","payload":{"x":[1]}}`
	h.want(t, 202, map[string]any{"status": "ACCEPTED", "suspendId": "s1", "clientActionId": "a"}, "POST", actions, action)
	h.want(t, 200, map[string]any{"status": "DEDUPLICATED"}, "POST", actions, action)
	h.want(t, 409, map[string]any{"code": "IDEMPOTENCY_CONFLICT"}, "POST", actions, strings.Replace(action, "[1]", "[2]", 1))
	h.want(t, 404, map[string]any{"code": "TASK_NOT_FOUND"}, "POST", actions, strings.Replace(action, "s1", "s2", 1))
	events := h.sse(t, taskID, "")
	if got := typesOf(t, events); got != "STARTED SUSPENDED ACTION_ACCEPTED MESSAGE COMPLETED" || !strings.Contains(events[3], `"message":"approve {\"x\":[1]}"`) {
		t.Fatalf("events %s: %s", got, events)
	}
	h.want(t, 202, map[string]any{"status": "REJECTED_ALREADY_RESOLVED"}, "POST", actions, strings.Replace(action, `"a"`, `"b"`, 1))
}

// waitSuspended waits until the task has an open suspension.
func waitSuspended(t *testing.T, h *host, taskID string) {
	t.Helper()
	for {
		task, err := h.store.GetTask(t.Context(), taskID)
		must(t, err)
		if open, err := h.store.ListOpenSuspensions(t.Context(), []string{taskID}); err != nil || len(open) > 0 {
			must(t, err)
			return
		}
		must(t, h.store.WaitForEvents(t.Context(), taskID, *task.LastEventID))
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	taskID := h.create(t, "r", "script", `{"steps":[{"hang":true}]}`)
	h.want(t, 202, map[string]any{"status": "CANCELLATION_REQUESTED"}, "POST", "/api/v1/tasks/"+taskID+"/cancel", `{"reason":"enough"}`)
	events := h.sse(t, taskID, "")
	if last := events[len(events)-1]; !strings.Contains(last, `"type":"TASK_CANCELLED"`) || !strings.Contains(last, `{"reason":"enough"}`) {
		t.Fatal(last)
	}
	h.want(t, 202, map[string]any{"status": "ALREADY_TERMINAL"}, "POST", "/api/v1/tasks/"+taskID+"/cancel", "")
	h.want(t, 404, map[string]any{"code": "TASK_NOT_FOUND"}, "POST", "/api/v1/tasks/unknown/cancel", "")
}

func TestCreateAnswers(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	tasks := "/api/v1/tasks"
	taskID := h.create(t, "r", "demo", `{"a":1}`)
	h.want(t, 200, map[string]any{"deduplicated": true, "taskId": taskID}, "POST", tasks, `{"clientRequestId":"r","taskType":"demo","input":{"a":1.0}}`)
	h.want(t, 409, map[string]any{"code": "IDEMPOTENCY_CONFLICT"}, "POST", tasks, `{"clientRequestId":"r","taskType":"demo"}`)
	h.want(t, 400, map[string]any{"code": "INVALID_REQUEST"}, "POST", tasks, `{"clientRequestId":`)
	answer := h.want(t, 422, map[string]any{"code": "REQUEST_VALIDATION_ERROR"}, "POST", tasks, `{"clientRequestId":"s","taskType":"script","input":{"steps":[{"dance":1}]}}`)
	violation := answer["details"].(map[string]any)["errors"].([]any)[0].(map[string]any)
	if violation["path"] != "/input/steps/0/dance" || violation["message"] == "" {
		t.Fatalf("violation = %v", violation)
	}
	refused := h.want(t, 503, map[string]any{"code": "TASK_SUBMISSION_ERROR"}, "POST", tasks, `{"clientRequestId":"u","taskType":"unsubmittable"}`)
	failed := refused["details"].(map[string]any)["taskId"].(string)
	h.want(t, 200, map[string]any{"status": "FAILED"}, "GET", tasks+"/"+failed, "")
	if got := typesOf(t, h.sse(t, failed, "")); got != "FAILED" {
		t.Fatal(got)
	}
	h.want(t, 200, map[string]any{"deduplicated": true, "taskId": failed, "status": "FAILED"}, "POST", tasks, `{"clientRequestId":"u","taskType":"unsubmittable"}`)
}

func TestUploads(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(config *server.Config) { config.Uploads = auth.AllowUploads{MaxBytes: 4} })
	send := func(content string) (int, string) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		must(t, form.WriteField("clientRequestId", "r"))
		must(t, form.WriteField("taskType", "demo"))
		must(t, form.WriteField("input", `{"a":1}`))
		part, err := form.CreateFormFile("attachment", "note.txt")
		must(t, err)
		_, err = io.WriteString(part, content)
		must(t, err)
		must(t, form.Close())
		response, text := h.call(t, "ann", "POST", "/api/v1/tasks", form.FormDataContentType(), body.String())
		return response.StatusCode, text
	}
	if status, text := send("large"); status != 400 || !strings.Contains(text, "UPLOAD_VALIDATION_ERROR") {
		t.Fatal(status, text)
	}
	for _, want := range []struct {
		content string
		status  int
	}{{"good", 201}, {"good", 200}, {"bad", 409}} {
		if status, text := send(want.content); status != want.status {
			t.Fatal(status, text)
		}
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	taskID := h.create(t, "r", "script", `{"steps":[{"hang":true}]}`)
	strip := regexp.MustCompile(`"timestamp":"[^"]*"`)
	for _, path := range []string{"", "/events", "/events/stream"} {
		foreign, foreignText := h.call(t, "bob", "GET", "/api/v1/tasks/"+taskID+path, "", "")
		unknown, unknownText := h.call(t, "bob", "GET", "/api/v1/tasks/"+strings.Repeat("0", len(taskID))+path, "", "")
		if foreign.StatusCode != 404 || unknown.StatusCode != 404 || strip.ReplaceAllString(foreignText, "") != strip.ReplaceAllString(unknownText, "") || len(foreign.Header) != len(unknown.Header) {
			t.Fatalf("%s: %s\n%s", path, foreignText, unknownText)
		}
	}
	nobody, text := h.call(t, "", "GET", "/api/v1/tasks", "", "")
	if nobody.StatusCode != 401 || nobody.Header.Get("WWW-Authenticate") == "" || !strings.Contains(text, "AUTHENTICATION_ERROR") {
		t.Fatal(nobody.StatusCode, text)
	}
	if list := h.want(t, 200, nil, "GET", "/api/v1/tasks?status=RUNNING&limit=1", ""); len(list["tasks"].([]any)) > 1 {
		t.Fatal(list)
	}
}

func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	var calls sync.WaitGroup
	statuses := make(chan int, 50)
	for range 50 {
		calls.Go(func() {
			response, _ := h.call(t, "ann", "POST", "/api/v1/tasks", "application/json", `{"clientRequestId":"r","taskType":"demo"}`)
			statuses <- response.StatusCode
		})
	}
	calls.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	if counts[201] != 1 || counts[200] != 49 {
		t.Fatalf("statuses %v", counts)
	}
}

func TestHealthReadinessAndDrain(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	h.want(t, 200, map[string]any{"status": "ok"}, "GET", "/health", "")
	ready := h.want(t, 200, map[string]any{"status": "ready"}, "GET", "/ready", "")
	for _, name := range []string{"store", "executor", "server"} {
		if ready["details"].(map[string]any)[name] == nil {
			t.Fatalf("no probe %s in %v", name, ready)
		}
	}
	taskID := h.create(t, "r", "script", `{"steps":[{"hang":true}]}`)
	streamed := make(chan []string)
	go func() { streamed <- h.sse(t, taskID, "") }()
	waitRunning(t, h, taskID)
	must(t, h.Drain(t.Context()))
	<-streamed
	h.want(t, 503, map[string]any{"status": "not_ready"}, "GET", "/ready", "")
	must(t, h.Stop(t.Context()))
	page, err := h.store.ReadEventsAfter(t.Context(), taskID, "", 10)
	must(t, err)
	if last := string(page.Events[len(page.Events)-1].Data); !strings.Contains(last, `"code":"EXECUTOR_STOPPED"`) {
		t.Fatal(last)
	}
}

func waitRunning(t *testing.T, h *host, taskID string) {
	t.Helper()
	must(t, h.store.WaitForEvents(t.Context(), taskID, ""))
}

func TestMissingParts(t *testing.T) {
	t.Parallel()
	if _, err := server.New(server.Config{Resolver: auth.Development{}}); err == nil {
		t.Fatal("a server without a store was made")
	}
}
