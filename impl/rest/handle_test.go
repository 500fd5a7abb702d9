package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/rest"
)

var getOrder = rest.Operation{
	ID: "getOrder", Method: http.MethodGet, Path: "/orders/{orderId}", Security: []string{"bearer", "key"},
	Parameters: []rest.Parameter{{Name: "orderId", In: "path", Required: true, Schema: "Text"}},
}

func echoOrder(ctx context.Context, in *rest.Input) (rest.Response, error) {
	var id string
	in.Param("path", "orderId", &id)
	if err := in.Err(); err != nil {
		return nil, err
	}
	return answer{http.StatusOK, map[string]any{"id": id, "caller": ctx.Value(callerKey{}), "request": rest.RequestID(ctx)}}, nil
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(getOrder, echoOrder)
	b.handle(rest.Operation{ID: "public", Method: http.MethodGet, Path: "/public"}, func(context.Context, *rest.Input) (rest.Response, error) {
		return answer{http.StatusOK, "free"}, nil
	})
	b.start()
	for name, test := range map[string]struct {
		header []string
		status int
		want   string
	}{
		"bearer":                 {[]string{"Authorization", "Bearer good"}, 200, `"caller":"bearer"`},
		"scheme in another case": {[]string{"Authorization", "bEARER   good"}, 200, `"caller":"bearer"`},
		"key":                    {[]string{"X-Key", "good"}, 200, `"caller":"key"`},
		"bearer before key":      {[]string{"X-Key", "bad", "Authorization", "Bearer good"}, 200, `"caller":"bearer"`},
		"none":                   {nil, 401, `"X_UNAUTHENTICATED"`},
		"wrong":                  {[]string{"Authorization", "Bearer bad"}, 401, `"X_UNAUTHENTICATED"`},
		"empty":                  {[]string{"Authorization", "Bearer "}, 401, `"X_UNAUTHENTICATED"`},
		"another scheme":         {[]string{"Authorization", "Basic good"}, 401, `"X_UNAUTHENTICATED"`},
		"no scheme":              {[]string{"Authorization", "good"}, 401, `"X_UNAUTHENTICATED"`},
		"two words":              {[]string{"Authorization", "Bearer good x"}, 401, `"X_UNAUTHENTICATED"`},
		"given twice":            {[]string{"Authorization", "Bearer good", "Authorization", "Bearer bad"}, 401, `"X_UNAUTHENTICATED"`},
		"an error with a code":   {[]string{"Authorization", "Bearer banned"}, 403, `"BANNED"`},
		"a fault of the server":  {[]string{"Authorization", "Bearer down"}, 500, `"X_INTERNAL"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := b.do("GET", "/orders/o-1", nil, test.header...)
			got.want(t, test.status, test.want)
			if strings.Contains(got.body, "secret") || strings.Contains(got.body, "no keys") {
				t.Errorf("the body tells the cause: %s", got.body)
			}
			if challenge := got.header.Get("WWW-Authenticate"); (test.status == 401) != (challenge == "Bearer") {
				t.Errorf("WWW-Authenticate = %q", challenge)
			}
		})
	}
	b.do("GET", "/public", nil, "Authorization", "Bearer bad").want(t, 200, `"free"`)
}

func TestEveryPlaceOfACredential(t *testing.T) {
	t.Parallel()
	api := &rest.API{Schemes: []rest.SecurityScheme{
		{Name: "basic", Type: "http", Scheme: "basic"}, {Name: "digest", Type: "http", Scheme: "Digest"},
		{Name: "query", Type: "apiKey", In: "query", ParamName: "key"}, {Name: "cookie", Type: "apiKey", In: "cookie", ParamName: "session"},
	}}
	request, err := http.NewRequest("GET", "/?key=q&key2=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "session", Value: "c"})
	for name, want := range map[string]rest.Credentials{
		"query": {Scheme: "query", Token: "q"}, "cookie": {Scheme: "cookie", Token: "c"}, "basic": {}, "digest": {}, "unknown": {},
	} {
		if got := api.Credentials(request, []string{name}); got != want {
			t.Errorf("Credentials(%s) = %+v, want %+v", name, got, want)
		}
	}
	request.Header.Set("Authorization", `Digest a="b", c="d"`)
	if got := api.Credentials(request, []string{"basic", "digest"}); got.Token != `a="b", c="d"` {
		t.Errorf("Credentials = %+v", got)
	}
	request.AddCookie(&http.Cookie{Name: "session", Value: "d"})
	if got := api.Credentials(request, []string{"cookie"}); got != (rest.Credentials{}) {
		t.Errorf("of two cookies: %+v", got)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{1500 * time.Millisecond: "2", 0: "1", -time.Second: "1", time.Minute: "60"} {
		b := setup(t)
		b.api.Settings.Limit = func(ctx context.Context, operation string) (time.Duration, bool) {
			return wait, operation == "getOrder" && ctx.Value(callerKey{}) == "bearer"
		}
		b.handle(getOrder, echoOrder)
		b.start()
		got := b.do("GET", "/orders/o-1", nil, "Authorization", "Bearer good")
		got.want(t, 429, `"X_RATELIMITED"`)
		if retry := got.header.Get("Retry-After"); retry != want {
			t.Errorf("Retry-After of %v is %q, want %q", wait, retry, want)
		}
		b.do("GET", "/orders/o-1", nil, "X-Key", "good").want(t, 200)
		b.do("GET", "/orders/o-1", nil).want(t, 401)
	}
}

func TestErrorsOfHandlers(t *testing.T) {
	t.Parallel()
	coded := &failure{code: "NO_ORDER", status: http.StatusNotFound, told: "gone"}
	for name, test := range map[string]struct {
		response rest.Response
		err      error
		status   int
		want     string
		logged   bool
	}{
		"coded":                    {nil, coded, 404, `{"at":"2026-01-02T12:00:00Z","code":"NO_ORDER","told":"gone"}`, false},
		"wrapped":                  {nil, fmt.Errorf("reading: %w", coded), 404, `"NO_ORDER"`, false},
		"joined":                   {nil, errors.Join(errors.New("x"), coded), 404, `"NO_ORDER"`, false},
		"a problem":                {nil, &rest.Problem{Kind: rest.Malformed, Message: "no such page"}, 400, `"no such page"`, false},
		"a joined problem":         {nil, errors.Join(errors.New("x"), &rest.Problem{Kind: rest.OriginDenied}), 403, `"X_ORIGINDENIED"`, false},
		"a problem with a code":    {nil, &rest.Problem{Kind: rest.Malformed, Message: "m", Err: coded}, 400, `"X_MALFORMED"`, false},
		"a code with a problem":    {nil, &failure{code: "OUTER", status: 409, cause: &rest.Problem{Kind: rest.Malformed}}, 409, `"OUTER"`, false},
		"unforeseen":               {nil, errors.New("the disk is full"), 500, `"X_INTERNAL"`, true},
		"coded 503":                {nil, &failure{code: "LATER", status: 503, cause: errors.New("the disk is full")}, 503, `"LATER"`, true},
		"no response":              {nil, nil, 500, `"X_INTERNAL"`, true},
		"a response without JSON":  {answer{200, make(chan int)}, nil, 500, `"X_INTERNAL"`, true},
		"an envelope without JSON": {nil, &failure{code: "ODD", status: 409, told: make(chan int)}, 500, `"X_INTERNAL"`, true},
		"a status that is none":    {nil, &failure{code: "ODD", status: 200}, 500, `"ODD"`, false},
		"not implemented":          {nil, rest.Unimplemented("getOrder"), 500, `"X_INTERNAL"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.handle(rest.Operation{ID: "fail", Method: http.MethodGet, Path: "/fail"}, func(context.Context, *rest.Input) (rest.Response, error) {
				return test.response, test.err
			})
			b.start()
			got := b.do("GET", "/fail", nil, "X-Request-Id", "rq-7")
			got.want(t, test.status, test.want)
			if got.header.Get("Content-Type") != "application/json" || got.header.Get("X-Request-Id") != "rq-7" {
				t.Errorf("headers = %v", got.header)
			}
			if strings.Contains(got.body, "disk") {
				t.Errorf("the body tells the cause: %s", got.body)
			}
			if logged := strings.Contains(b.logs.String(), "rq-7"); logged != test.logged {
				t.Errorf("logged: %s", b.logs)
			}
		})
	}
}

func TestDocumentWithoutErrors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.Problem = nil
	b.handle(listOrders, readList)
	b.start()
	b.do("GET", "/orders?limit=x", nil).want(t, 422, `{"code":"invalid","message":"the request is not valid","errors":[{"path":"query.limit","message":"must be an integer"}]}`)
	b.do("GET", "/nowhere", nil).want(t, 404, `{"code":"notFound","message":"there is no such route"}`)
}

func TestPrepareFaultsPanic(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op     rest.Operation
		change func(*rest.API)
	}{
		"no authenticator":    {getOrder, func(a *rest.API) { a.Authenticator = nil }},
		"unknown scheme":      {rest.Operation{ID: "x", Security: []string{"oauth"}}, nil},
		"unknown schema":      {rest.Operation{ID: "x", Parameters: []rest.Parameter{{Name: "a", In: "query", Schema: "Gone"}}}, nil},
		"unknown body schema": {rest.Operation{ID: "x", Bodies: []rest.Body{{MediaType: "application/json", Schema: "Gone"}}}, nil},
		"style not supported": {rest.Operation{ID: "x", Parameters: []rest.Parameter{{Name: "a", In: "query", Schema: "Text", Style: "deepObject"}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if test.change != nil {
				test.change(b.api)
			}
			defer func() {
				if recover() == nil {
					t.Error("Handle did not panic")
				}
			}()
			b.api.Handle(test.op, echoOrder)
		})
	}
}

func TestUnknownParameterPanics(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "odd", Method: http.MethodGet, Path: "/odd"}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		in.Param("query", "undeclared", new(string))
		return answer{200, 1}, nil
	})
	b.start()
	b.do("GET", "/odd", nil).want(t, 500)
	if !strings.Contains(b.logs.String(), "undeclared") {
		t.Errorf("logged: %s", b.logs)
	}
}
