package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/rest"
)

var createOrder = rest.Operation{
	ID: "createOrder", Method: http.MethodPost, Path: "/orders", BodyRequired: true,
	Bodies: []rest.Body{{MediaType: "application/json", Schema: "Order"}},
}

func readOrder(_ context.Context, in *rest.Input) (rest.Response, error) {
	var o order
	in.JSON(&o)
	if err := in.Err(); err != nil {
		return nil, err
	}
	return answer{http.StatusCreated, o}, nil
}

func TestJSONBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.start()
	deep := func(depth int) string {
		return `{"ref":"a","input":` + strings.Repeat(`{"a":`, depth-1) + "1" + strings.Repeat("}", depth-1) + `}`
	}
	for name, test := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"valid":                   {`{"ref":"a","count":2,"lines":[{"item":"x","count":1}]}`, 201, `{"ref":"a","count":2,"lines":[{"item":"x","count":1}]}`},
		"numbers as written":      {`{"ref":"a","input":{"z":1.0,"a":[-0,1e999999999,9007199254740993.10]}}`, 201, `"input":{"z":1.0,"a":[-0,1e999999999,9007199254740993.10]}`},
		"integers by value":       {`{"ref":"a","count":2.0,"lines":[{"item":"x","count":1e2}]}`, 201, `{"ref":"a","count":2,"lines":[{"item":"x","count":100}]}`},
		"minus zero":              {`{"ref":"a","count":-0}`, 201, `"count":0`},
		"eight characters":        {`{"ref":"éé😀😀éééé"}`, 201, `"ref":"éé😀😀éééé"`},
		"as deep as allowed":      {deep(1000), 201, `"ref":"a"`},
		"unknown member deeper":   {`{"ref":"a","lines":[{"item":"x","count":1,"more":2,"COUNT":9}]}`, 201, `"lines":[{"item":"x","count":1}]`},
		"escapes and white space": {" {\n\"r\\u0065f\" : \"a\" }\t", 201, `{"ref":"a"}`},

		"empty":                 {``, 400, `"a body is required"`},
		"white space":           {` `, 400, `invalid JSON`},
		"truncated":             {`{"ref":`, 400, `invalid JSON`},
		"no JSON":               {`ref=a`, 400, `invalid JSON`},
		"repeated member":       {`{"ref":"a","ref":"a"}`, 400, `a member is repeated`},
		"repeated in free part": {`{"ref":"a","input":{"x":1,"x":2}}`, 400, `a member is repeated`},
		"data after the value":  {`{"ref":"a"}{}`, 400, `data after the value`},
		"byte order mark":       {"\xef\xbb\xbf{\"ref\":\"a\"}", 400, `invalid JSON`},
		"invalid UTF-8":         {"{\"ref\":\"\xff\"}", 400, `invalid JSON`},
		"lone surrogate":        {`{"ref":"\ud800"}`, 400, `invalid JSON`},
		"too deep":              {deep(1001), 400, `nested deeper than 1000`},

		"not an object":        {`[]`, 422, `[{"path":"","message":"must be an object"}]`},
		"null":                 {`null`, 422, `[{"path":"","message":"must be an object"}]`},
		"missing member":       {`{}`, 422, `[{"path":"/ref","message":"member \"ref\" is missing"}]`},
		"null member":          {`{"ref":null}`, 422, `[{"path":"/ref","message":"must be a string"}]`},
		"all violations":       {`{"ref":"","count":1.5,"x":1,"lines":[{}]}`, 422, `[{"path":"/count","message":"must be an integer"},{"path":"/lines/0/item","message":"member \"item\" is missing"},{"path":"/ref","message":"must have at least 1 character"},{"path":"/x","message":"member \"x\" is not allowed"}]`},
		"nine characters":      {`{"ref":"éé😀😀ééééé"}`, 422, `must have at most 8 characters`},
		"another case":         {`{"Ref":"a"}`, 422, `[{"path":"/Ref","message":"member \"Ref\" is not allowed"},{"path":"/ref","message":"member \"ref\" is missing"}]`},
		"integer too large":    {`{"ref":"a","count":9223372036854775808}`, 422, `[{"path":"/count","message":"must be a number within range"}]`},
		"integer huge":         {`{"ref":"a","count":1e999999999}`, 422, `[{"path":"/count","message":"must be a number within range"}]`},
		"32 bits exceeded":     {`{"ref":"a","lines":[{"item":"x","count":2147483648}]}`, 422, `[{"path":"/lines/0/count","message":"must be a number within range"}]`},
		"number too large":     {`{"ref":"a","price":1e400}`, 422, `[{"path":"/price","message":"must be a number within range"}]`},
		"time beyond the type": {`{"ref":"a","at":"2016-12-31T23:59:60Z"}`, 422, `[{"path":"/at","message":"has no value that can be used"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.json("POST", "/orders", test.body).want(t, test.status, test.want)
		})
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.start()
	for header, status := range map[string]int{
		`application/json`:                              201,
		`Application/JSON`:                              201,
		`application/json; charset=utf-8`:               201,
		`application/json;charset="UTF-8"; version=1`:   201,
		`application/json; charset=iso-8859-1`:          400,
		`application/json; charset=`:                    400,
		`application/json; charset=utf-8; charset=utf8`: 400,
		`text/plain`:                        400,
		`application/x-www-form-urlencoded`: 400,
		`application/jsonp`:                 400,
		`multipart/form-data; boundary=x`:   400,
		`json`:                              400,
		``:                                  400,
	} {
		if got := b.do("POST", "/orders", strings.NewReader(`{"ref":"a"}`), "Content-Type", header); got.status != status {
			t.Errorf("%q: %d, want %d: %s", header, got.status, status, got.body)
		}
	}
	body := func() io.Reader { return strings.NewReader(`{"ref":"a"}`) }
	b.do("POST", "/orders", body()).want(t, 400, "Content-Type is missing")
	b.do("POST", "/orders", body(), "Content-Type", "application/json", "Content-Type", "text/plain").want(t, 400)
	b.do("POST", "/orders", body(), "Content-Type", "application/json", "Content-Encoding", "gzip").want(t, 400, "Content-Encoding")
	b.do("POST", "/orders", body(), "Content-Type", "application/json", "Content-Encoding", "identity").want(t, 201)
}

// unsized hides the length of a body, so that it is sent in chunks.
type unsized struct{ io.Reader }

func TestOptionalBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{
		ID: "cancel", Method: http.MethodPost, Path: "/cancel", Bodies: []rest.Body{{MediaType: "application/json", Schema: "Reason"}},
	}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		var body struct{ Reason *string }
		present := in.JSON(&body)
		if err := in.Err(); err != nil {
			return nil, err
		}
		return answer{202, map[string]any{"present": present, "reason": body.Reason}}, nil
	})
	b.start()
	for _, contentType := range []string{"application/json", "text/plain", ""} {
		b.do("POST", "/cancel", nil, "Content-Type", contentType).want(t, 202, `{"present":false,"reason":null}`)
		b.do("POST", "/cancel", unsized{strings.NewReader("")}, "Content-Type", contentType).want(t, 202, `{"present":false,"reason":null}`)
	}
	b.json("POST", "/cancel", `{}`).want(t, 202, `{"present":true,"reason":null}`)
	b.json("POST", "/cancel", `{"reason":null}`).want(t, 202, `{"present":true,"reason":null}`)
	b.do("POST", "/cancel", unsized{strings.NewReader(`{"reason":"x"}`)}, "Content-Type", "application/json").want(t, 202, `{"present":true`)
	b.json("POST", "/cancel", `x`).want(t, 400)
	b.json("POST", "/cancel", ` `).want(t, 400)
	b.json("POST", "/cancel", `{"reason":1}`).want(t, 422, `must be a string or null`)
	b.do("POST", "/cancel", strings.NewReader(`{}`), "Content-Type", "text/plain").want(t, 400)
}

func TestRequiredBodyInChunks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.start()
	b.do("POST", "/orders", unsized{strings.NewReader("")}, "Content-Type", "application/json").want(t, 400, "a body is required")
	b.do("POST", "/orders", unsized{strings.NewReader(`{"ref":"a"}`)}, "Content-Type", "application/json").want(t, 201)
}

func TestBodyWhereThereIsNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "poke", Method: http.MethodPost, Path: "/poke"}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		return answer{200, in.MediaType()}, in.Err()
	})
	b.start()
	b.do("POST", "/poke", strings.NewReader("\xff{{{"), "Content-Type", "?").want(t, 200, `""`)
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.Settings.MaxBody = 1000
	b.handle(createOrder, readOrder)
	b.start()
	sized := func(size int) string {
		body := `{"ref":"a","input":{"x":""}}`
		return strings.Replace(body, `""`, `"`+strings.Repeat("x", size-len(body))+`"`, 1)
	}
	b.json("POST", "/orders", sized(1000)).want(t, 201)
	b.json("POST", "/orders", sized(1001)).want(t, 413, `"X_TOOLARGE"`, `larger than 1000 bytes`)
	b.do("POST", "/orders", unsized{strings.NewReader(sized(1000))}, "Content-Type", "application/json").want(t, 201)
	b.do("POST", "/orders", unsized{strings.NewReader(sized(1001))}, "Content-Type", "application/json").want(t, 413)
	b.json("POST", "/orders", strings.Repeat("x", 1001)).want(t, 413)
	b.do("POST", "/orders", strings.NewReader(sized(1001)), "Content-Type", "text/plain").want(t, 400)
}

func TestDefaultLimitIsAMebibyte(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.start()
	body := `{"ref":"a","input":{"x":"` + strings.Repeat("x", 1<<20-28) + `"}}`
	b.json("POST", "/orders", body).want(t, 201)
	b.json("POST", "/orders", body+" ").want(t, 413)
}

func TestFormWinsOverSchema(t *testing.T) {
	t.Parallel()
	b := setup(t)
	op := createOrder
	op.Parameters = []rest.Parameter{{Name: "limit", In: "query", Schema: "Limit"}}
	b.handle(op, func(ctx context.Context, in *rest.Input) (rest.Response, error) {
		in.Param("query", "limit", new(int))
		return readOrder(ctx, in)
	})
	b.start()
	b.json("POST", "/orders?limit=0", `{`).want(t, 400)
	b.json("POST", "/orders?limit=0", `{}`).want(t, 422, `"query.limit"`, `"/ref"`)
	b.json("POST", "/orders?limit=%zz", `{`).want(t, 400, `the query is malformed`)
}

func TestUnmarshalersOfTheModelAreUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		var body stubborn
		in.JSON(&body)
		return answer{200, string(body.raw)}, in.Err()
	})
	b.start()
	b.json("POST", "/orders", `{"ref":"a"}`).want(t, 200, `{\"ref\":\"a\"}`)
	b.json("POST", "/orders", `{"ref":"no"}`).want(t, 422, `[{"path":"","message":"has no value that can be used"}]`)
}

// stubborn decodes itself, and not everything.
type stubborn struct{ raw json.RawMessage }

func (s *stubborn) UnmarshalJSON(data []byte) error {
	s.raw = append(s.raw, data...)
	if strings.Contains(string(data), "no") {
		return io.ErrNoProgress
	}
	return nil
}
