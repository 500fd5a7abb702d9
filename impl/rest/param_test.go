package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/impl/rest"
)

var listOrders = rest.Operation{
	ID: "listOrders", Method: http.MethodGet, Path: "/orders",
	Parameters: []rest.Parameter{
		{Name: "limit", In: "query", Schema: "Limit"},
		{Name: "status", In: "query", Schema: "Status"},
		{Name: "urgent", In: "query", Schema: "Flag"},
		{Name: "price", In: "query", Schema: "Number"},
		{Name: "tag", In: "query", Schema: "Tags"},
		{Name: "ids", In: "query", Schema: "Tags", Style: "form"},
		{Name: "piped", In: "query", Schema: "Counts", Style: "pipeDelimited"},
		{Name: "filter", In: "query", Schema: "Filter"},
		{Name: "since", In: "query", Schema: "Time"},
		{Name: "X-Region", In: "header", Schema: "Id"},
		{Name: "X-Tags", In: "header", Schema: "Tags"},
		{Name: "visits", In: "cookie", Schema: "Limit"},
	},
}

type list struct {
	Limit  int            `json:"limit"`
	Status *string        `json:"status,omitempty"`
	Urgent *bool          `json:"urgent,omitempty"`
	Price  *float64       `json:"price,omitempty"`
	Tags   []string       `json:"tags,omitempty"`
	IDs    []string       `json:"ids,omitempty"`
	Piped  []int64        `json:"piped,omitempty"`
	Filter map[string]any `json:"filter,omitempty"`
	Since  *time.Time     `json:"since,omitempty"`
	Region string         `json:"region,omitempty"`
	Marks  []string       `json:"marks,omitempty"`
	Visits int32          `json:"visits,omitempty"`
}

func readList(_ context.Context, in *rest.Input) (rest.Response, error) {
	var l list
	in.Param("query", "limit", &l.Limit)
	in.Param("query", "status", &l.Status)
	in.Param("query", "urgent", &l.Urgent)
	in.Param("query", "price", &l.Price)
	in.Param("query", "tag", &l.Tags)
	in.Param("query", "ids", &l.IDs)
	in.Param("query", "piped", &l.Piped)
	in.Param("query", "filter", &l.Filter)
	in.Param("query", "since", &l.Since)
	in.Param("header", "X-Region", &l.Region)
	in.Param("header", "X-Tags", &l.Marks)
	in.Param("cookie", "visits", &l.Visits)
	if err := in.Err(); err != nil {
		return nil, err
	}
	return answer{http.StatusOK, l}, nil
}

func TestParameters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(listOrders, readList)
	b.start()
	const visits = `,"visits":20}`
	for name, test := range map[string]struct {
		query  string
		header []string
		status int
		want   string
	}{
		"defaults":                      {"", nil, 200, `{"limit":20` + visits},
		"empty is absent":               {"?limit=&status=&tag=", nil, 200, `{"limit":20` + visits},
		"unknown ones are ignored":      {"?limits=x&LIMIT=7", nil, 200, `{"limit":20` + visits},
		"all kinds":                     {"?limit=5&status=NEW&urgent=false&price=-1.5e2", nil, 200, `{"limit":5,"status":"NEW","urgent":false,"price":-150` + visits},
		"an integer in another writing": {"?limit=1e1&price=1", nil, 200, `{"limit":10,"price":1` + visits},
		"exploded list":                 {"?tag=a&tag=b%2Cc", nil, 200, `"tags":["a","b,c"]`},
		"list with commas":              {"?ids=a,b", nil, 200, `"ids":["a","b"]`},
		"list with pipes":               {"?piped=1%7C-2", nil, 200, `"piped":[1,-2]`},
		"object":                        {"?filter=%7B%22by%22%3A%22x%22%7D", nil, 200, `"filter":{"by":"x"}`},
		"time":                          {"?since=2026-01-02T03:04:05.678Z", nil, 200, `"since":"2026-01-02T03:04:05.678Z"`},
		"header":                        {"", []string{"X-Region", "eu"}, 200, `"region":"eu"`},
		"header list":                   {"", []string{"X-Tags", "a, b", "X-Tags", "c"}, 200, `"marks":["a","b","c"]`},
		"cookie":                        {"", []string{"Cookie", "a=b; visits=7"}, 200, `"visits":7`},
		"text of another script":        {"?tag=%C3%A9", nil, 200, `"tags":["é"]`},

		"no number":          {"?limit=ten", nil, 422, `[{"path":"query.limit","message":"must be an integer"}]`},
		"leading zero":       {"?limit=07", nil, 422, `"query.limit"`},
		"space":              {"?limit=%207", nil, 422, `"query.limit"`},
		"hexadecimal":        {"?limit=0x1", nil, 422, `"query.limit"`},
		"fraction":           {"?limit=1.5", nil, 422, `"query.limit"`},
		"out of range":       {"?limit=101", nil, 422, `[{"path":"query.limit","message":"must be at most 100"}]`},
		"far out of range":   {"?limit=1e999999999", nil, 422, `"must be at most 100"`},
		"too large a number": {"?price=1e999", nil, 422, `[{"path":"query.price","message":"must be a number within range"}]`},
		"too large in list":  {"?piped=1%7C9223372036854775808", nil, 422, `[{"path":"query.piped/1","message":"must be a number within range"}]`},
		"not of the enum":    {"?status=OLD", nil, 422, `[{"path":"query.status","message":"must be one of \"NEW\", \"DONE\""}]`},
		"no boolean":         {"?urgent=1", nil, 422, `[{"path":"query.urgent","message":"must be a boolean"}]`},
		"boolean word":       {"?urgent=True", nil, 422, `"query.urgent"`},
		"repeated":           {"?limit=1&limit=1", nil, 422, `[{"path":"query.limit","message":"must be given once"}]`},
		"repeated and empty": {"?limit=&limit=5", nil, 422, `[{"path":"query.limit","message":"must be given once"}]`},
		"repeated list":      {"?ids=a&ids=b", nil, 422, `[{"path":"query.ids","message":"must be given once"}]`},
		"repeated header":    {"", []string{"X-Region", "a", "X-Region", "b"}, 422, `[{"path":"header.X-Region","message":"must be given once"}]`},
		"repeated cookie":    {"", []string{"Cookie", "visits=1; visits=2"}, 422, `[{"path":"cookie.visits","message":"must be given once"}]`},
		"item of a list":     {"?tag=a&tag=", nil, 422, `[{"path":"query.tag/1","message":"must have at least 1 character"}]`},
		"too many items":     {"?tag=a&tag=b&tag=c&tag=d", nil, 422, `[{"path":"query.tag","message":"must have at most 3 items"}]`},
		"no object":          {"?filter=x", nil, 422, `[{"path":"query.filter","message":"must be an object"}]`},
		"member of object":   {"?filter=%7B%7D", nil, 422, `[{"path":"query.filter/by","message":"member \"by\" is missing"}]`},
		"no time":            {"?since=now", nil, 422, `"must be a valid date-time"`},
		"a leap second":      {"?since=2016-12-31T23:59:60Z", nil, 422, `[{"path":"query.since","message":"has no value that can be used"}]`},
		"header too long":    {"", []string{"X-Region", "123456789"}, 422, `[{"path":"header.X-Region","message":"must have at most 8 characters"}]`},
		"all at once": {"?limit=0&status=x", []string{"X-Region", "123456789"}, 422,
			`[{"path":"query.limit","message":"must be at least 1"},{"path":"query.status","message":"must be one of \"NEW\", \"DONE\""},{"path":"header.X-Region","message":"must have at most 8 characters"}]`},

		"invalid escape":                  {"?limit=%zz", nil, 400, `"X_MALFORMED"`},
		"semicolon":                       {"?limit=1;status=NEW", nil, 400, `"X_MALFORMED"`},
		"invalid UTF-8":                   {"?tag=%FF", nil, 400, `query.tag is not UTF-8`},
		"form wins over schema":           {"?limit=0&tag=%FF", nil, 400, `query.tag is not UTF-8`},
		"invalid UTF-8 in a header":       {"", []string{"X-Region", "\xff"}, 400, `header.X-Region is not UTF-8`},
		"invalid UTF-8 in an unknown one": {"?other=%FF", nil, 200, `{"limit":20`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.do("GET", "/orders"+test.query, nil, test.header...).want(t, test.status, test.want)
		})
	}
}

func TestRequiredParameters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "need", Method: http.MethodGet, Path: "/need", Parameters: []rest.Parameter{
		{Name: "limit", In: "query", Required: true, Schema: "Limit"}, {Name: "X-Region", In: "header", Required: true, Schema: "Id"},
	}}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		in.Param("query", "limit", new(int))
		in.Param("header", "X-Region", new(string))
		return answer{200, "fine"}, in.Err()
	})
	b.start()
	b.do("GET", "/need?limit=", nil).want(t, 422,
		`[{"path":"query.limit","message":"parameter \"limit\" is missing"},{"path":"header.X-Region","message":"parameter \"X-Region\" is missing"}]`)
	b.do("GET", "/need?limit=1", nil, "X-Region", "eu").want(t, 200)
}

func TestPathParameters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "lines", Method: http.MethodGet, Path: "/orders/{orderId}/lines/{line}", Parameters: []rest.Parameter{
		{Name: "orderId", In: "path", Required: true, Schema: "Id"}, {Name: "line", In: "path", Required: true, Schema: "Limit"},
	}}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		var id string
		var line int
		in.Param("path", "orderId", &id)
		in.Param("path", "line", &line)
		if err := in.Err(); err != nil {
			return nil, err
		}
		return answer{200, map[string]any{"id": id, "line": line}}, nil
	})
	b.start()
	for path, want := range map[string]string{
		"/orders/o-1/lines/7":          `{"id":"o-1","line":7}`,
		"/orders/a%2Fb/lines/7":        `{"id":"a/b","line":7}`,
		"/orders/a%252Fb/lines/7":      `{"id":"a%2Fb","line":7}`,
		"/orders/100%25/lines/7":       `{"id":"100%","line":7}`,
		"/orders/100%25%2F/lines/7":    `{"id":"100%/","line":7}`,
		"/orders/a%20b+c/lines/7":      `{"id":"a b+c","line":7}`,
		"/orders/%C3%A9/lines/%31":     `{"id":"é","line":1}`,
		"/orders/%F0%9F%98%80/lines/7": `{"id":"😀","line":7}`,
		"/orders/null/lines/7":         `{"id":"null","line":7}`,
		"/orders/1/lines/7":            `{"id":"1","line":7}`,
		"/orders/%22/lines/7":          `{"id":"\"","line":7}`,
	} {
		b.do("GET", path, nil).want(t, 200, want)
	}
	b.do("GET", "/orders/123456789/lines/x", nil).want(t, 422,
		`[{"path":"path.orderId","message":"must have at most 8 characters"},{"path":"path.line","message":"must be an integer"}]`)
	b.do("GET", "/orders/%FF/lines/7", nil).want(t, 400, "path.orderId is not UTF-8")
	for _, path := range []string{"/orders//lines/7", "/orders/o-1/lines/", "/orders/o-1/lines/7/", "/orders/o-1/lines", "/orders//lines/", "/Orders/o-1/lines/7", "//orders/o-1/lines/7"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			if got := b.do(method, path, nil); got.status != 404 {
				t.Errorf("%s %s: %d, want 404", method, path, got.status)
			}
		}
	}
	if text := b.logs.String(); strings.Contains(text, "level=ERROR") {
		t.Errorf("logged: %s", text)
	}
}
