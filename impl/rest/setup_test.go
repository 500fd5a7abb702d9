package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/impl/rest"
	"github.com/taskbridge/tbgen/impl/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const schemas = `{"$defs":{
  "Id":{"type":"string","minLength":1,"maxLength":8},
  "Limit":{"type":"integer","minimum":1,"maximum":100,"default":20},
  "Status":{"type":"string","enum":["NEW","DONE"]},
  "Tags":{"type":"array","items":{"type":"string","minLength":1},"maxItems":3},
  "Counts":{"type":"array","items":{"type":"integer"}},
  "Flag":{"type":"boolean"},
  "Number":{"type":"number"},
  "Filter":{"type":"object","required":["by"],"properties":{"by":{"type":"string"}}},
  "Text":{"type":"string"},
  "Time":{"type":"string","format":"date-time"},
  "Order":{"type":"object","required":["ref"],"additionalProperties":false,"properties":{
    "ref":{"$ref":"#/$defs/Id"},"count":{"type":"integer"},"price":{"type":"number"},"at":{"$ref":"#/$defs/Time"},"input":{"type":"object"},
    "lines":{"type":"array","items":{"$ref":"#/$defs/Line"}}}},
  "Line":{"type":"object","required":["item"],"properties":{"item":{"type":"string"},"count":{"type":"integer"}}},
  "Form":{"type":"object","required":["ref"],"additionalProperties":false,"properties":{
    "ref":{"$ref":"#/$defs/Id"},"count":{"type":"integer","minimum":1},"urgent":{"type":"boolean"},"input":{"type":"object"},
    "scan":{"type":"string","format":"binary"},"pages":{"type":"array","maxItems":2,"items":{"type":"string","format":"binary"}}}},
  "NeedsScan":{"type":"object","required":["scan"],"properties":{"scan":{"type":"string","format":"binary"}}},
  "Reason":{"type":"object","additionalProperties":false,"properties":{"reason":{"type":["string","null"]}}}
}}`

type order struct {
	Ref   string          `json:"ref"`
	Count *int            `json:"count,omitempty"`
	Price *float64        `json:"price,omitempty"`
	At    *time.Time      `json:"at,omitempty"`
	Input json.RawMessage `json:"input,omitempty"`
	Lines []line          `json:"lines,omitempty"`
}

type line struct {
	Item  string `json:"item"`
	Count int32  `json:"count"`
}

// answer is a response with a JSON body.
type answer struct {
	status int
	body   any
}

func (a answer) WriteResponse(w http.ResponseWriter) error {
	return rest.WriteJSON(w, a.status, a.body)
}

// failure is an error of the document.
type failure struct {
	code   string
	status int
	told   any
	cause  error
}

func (f *failure) Error() string     { return f.code }
func (f *failure) Unwrap() error     { return f.cause }
func (f *failure) HTTPStatus() int   { return f.status }
func (f *failure) ErrorCode() string { return f.code }
func (f *failure) Envelope(now time.Time) any {
	return map[string]any{"code": f.code, "told": f.told, "at": now}
}

// worded turns a problem into an error of the document.
func worded(p *rest.Problem) rest.Coded {
	told := map[string]any{"message": p.Message}
	if len(p.Violations) > 0 {
		told["errors"] = p.Violations
	}
	return &failure{code: "X_" + strings.ToUpper(p.Kind.String()), status: p.Kind.HTTPStatus(), told: told, cause: p.Err}
}

type callerKey struct{}

// guard accepts the token "good" and knows the caller by its scheme.
type guard struct{}

func (guard) Authenticate(ctx context.Context, c rest.Credentials) (context.Context, error) {
	switch c.Token {
	case "good":
		return context.WithValue(ctx, callerKey{}, c.Scheme), nil
	case "banned":
		return nil, &failure{code: "BANNED", status: http.StatusForbidden}
	case "down":
		return nil, &rest.Problem{Kind: rest.Internal, Message: "internal error", Err: errors.New("no keys")}
	default:
		return nil, errors.New("secret reason")
	}
}

// logs gathers what is logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// bundle is an API, its router, and what it logs.
type bundle struct {
	t      *testing.T
	api    *rest.API
	router *chi.Mux
	logs   *logs
	url    string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	set, err := schema.Load([]byte(schemas))
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, router: chi.NewRouter(), logs: &logs{}}
	b.api = &rest.API{
		Schemas:       set,
		Schemes:       []rest.SecurityScheme{{Name: "bearer", Type: "http", Scheme: "bearer"}, {Name: "key", Type: "apiKey", In: "header", ParamName: "X-Key"}},
		Authenticator: guard{},
		Problem:       worded,
		Settings: rest.Settings{
			Logger: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelInfo})),
			Now:    func() time.Time { return noon },
		},
	}
	return b
}

// handle mounts an operation.
func (b *bundle) handle(op rest.Operation, serve func(ctx context.Context, in *rest.Input) (rest.Response, error)) {
	b.router.Method(op.Method, op.Path, b.api.Handle(op, serve))
}

// start completes the router and serves it.
func (b *bundle) start() {
	b.t.Helper()
	b.api.Fallback(b.router)
	b.url = serve(b.t, b.router)
}

// serve serves a handler over HTTP until the test ends.
func serve(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// reply is a response as received.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *bundle) do(method, path string, body io.Reader, header ...string) reply {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

func (b *bundle) json(method, path, body string) reply {
	b.t.Helper()
	return b.do(method, path, strings.NewReader(body), "Content-Type", "application/json")
}

// want checks the status and that the body has every one of the texts.
func (r reply) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("body %s has no %s", r.body, text)
		}
	}
}
