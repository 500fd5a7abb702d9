package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/clients/go/resume"
	"github.com/taskbridge/tbgen/cmd/tbgen/testdata/orders/gen/client"
	"github.com/taskbridge/tbgen/cmd/tbgen/testdata/orders/gen/model"
	"github.com/taskbridge/tbgen/cmd/tbgen/testdata/orders/gen/server"
	"github.com/taskbridge/tbgen/impl/rest"
	"github.com/taskbridge/tbgen/impl/stream"
)

// shop is a host of the generated server: one order, o1, with its ticks.
type shop struct {
	server.UnimplementedHandler
	ticks ticks
}

// ticks is a finished stream.
type ticks []stream.Event

func (t ticks) Read(_ context.Context, after string, limit int) (stream.Batch, error) {
	start := 0
	_, _ = fmt.Sscan(after, &start) // "" is 0
	left := t[start:]
	events := append([]stream.Event{}, left[:min(limit, len(left))]...)
	more := len(events) < len(left)
	return stream.Batch{Events: events, More: more, Ended: !more}, nil
}

func (t ticks) Wait(context.Context, string) error { return nil }

func (s *shop) PlaceOrder(_ context.Context, request server.PlaceOrderRequest) (server.PlaceOrderResponse, error) {
	if request.Body.Ref == "panic" {
		panic("a fault of the host")
	}
	order := model.Order{ID: "o1", State: model.OrderStateNew, Placed: time.Unix(0, 0).UTC()}
	return server.PlaceOrder201{Body: order}, nil
}

func (s *shop) FindOrders(_ context.Context, request server.FindOrdersRequest) (server.FindOrdersResponse, error) {
	var found []model.Order
	for n := range request.Max {
		found = append(found, model.Order{ID: fmt.Sprint("o", n), State: request.State[0]})
	}
	return server.FindOrders200{Body: model.FindOrders200{Orders: found}}, nil
}

func (s *shop) DropOrder(_ context.Context, request server.DropOrderRequest) (server.DropOrderResponse, error) {
	if request.OrderID != "o1" {
		return nil, model.ErrNoOrder
	}
	return server.DropOrder204{}, nil
}

func (s *shop) GetOrder(_ context.Context, request server.GetOrderRequest) (server.GetOrderResponse, error) {
	if request.OrderID != "o1" {
		return server.GetOrder203{Body: model.GetOrder203{Shop: "next door"}}, nil
	}
	return server.GetOrder200{Body: model.Order{ID: "o1", State: model.OrderStateDone, Placed: time.Unix(0, 0).UTC()}}, nil
}

func (s *shop) OpenTicks(_ context.Context, orderID string) (stream.Source, error) {
	if orderID != "o1" {
		return nil, model.ErrNoOrder
	}
	return s.ticks, nil
}

func (s *shop) Authenticate(ctx context.Context, c rest.Credentials) (context.Context, error) {
	if c.Token != "sesame" {
		return nil, errors.New("unknown key")
	}
	return ctx, nil
}

// open starts the shop, whose second tick is of the kind, and returns its URL.
func open(t *testing.T, kind string) string {
	t.Helper()
	s := &shop{ticks: ticks{
		{ID: "1", Data: []byte(`{"kind":"opened","n":1,"order":"o1"}`)},
		{ID: "2", Data: []byte(`{"kind":"` + kind + `","n":2,"order":"o1"}`)},
		{ID: "3", Data: []byte(`{"kind":"closed","n":3,"order":"o1","total":4.5}`), Last: true},
	}}
	handler, err := server.New(server.Config{
		Handler: s, Streams: s, Authenticator: s,
		Rest: rest.Settings{Logger: slog.New(slog.DiscardHandler)}, // a panic is part of the test
	})
	if err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewServer(handler)
	t.Cleanup(listening.Close)
	return listening.URL
}

func connect(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(url, client.WithToken("sesame"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestServerAndClientUnderstandEachOther(t *testing.T) {
	t.Parallel()
	c := connect(t, open(t, "painted"))
	order, err := c.PlaceOrder(t.Context(), model.NewOrder{Ref: "r", Lines: []model.NewOrderLinesItem{}})
	if err != nil || order.ID != "o1" {
		t.Errorf("PlaceOrder: %v, %v", order, err)
	}
	if _, err := c.PlaceOrder(t.Context(), model.NewOrder{Ref: "", Lines: []model.NewOrderLinesItem{}}); !errors.Is(err, model.ErrBadValue) {
		t.Errorf("an order that breaks its schema: %v", err)
	}
	if err := c.DropOrder(t.Context(), "o2"); !errors.Is(err, model.ErrNoOrder) {
		t.Errorf("an order that is not there: %v", err)
	}
	if err := c.DropOrder(t.Context(), "o1"); err != nil {
		t.Errorf("DropOrder: %v", err)
	}
	if found, err := c.GetOrder(t.Context(), "o1"); err != nil || found.Status200 == nil || found.Status203 != nil || found.Status200.ID != "o1" {
		t.Errorf("GetOrder: %+v, %v", found, err)
	}
	if moved, err := c.GetOrder(t.Context(), "o7"); err != nil || moved.Status200 != nil || moved.Status203 == nil || moved.Status203.Shop != "next door" {
		t.Errorf("GetOrder of another shop's: %+v, %v", moved, err)
	}
	page, err := c.TickPage(t.Context(), "o1", client.TickPageParams{After: new("1"), Max: new(1)})
	if err != nil || len(page.Items) != 1 || page.Items[0].Kind() != "painted" || !page.More {
		t.Errorf("TickPage: %+v, %v", page, err)
	}
}

func TestObserveGivesTheSameOnEveryTransport(t *testing.T) {
	t.Parallel()
	c := connect(t, open(t, "painted"))
	for _, transport := range []resume.Transport{resume.WebSocket, resume.SSE, resume.Poll} {
		var got []model.TickKind
		for tick, err := range c.ObserveTicks(t.Context(), "o1", resume.WithTransport(transport)) {
			if err != nil {
				t.Fatalf("%v: %v", transport, err)
			}
			got = append(got, tick.Kind())
		}
		if diff := cmp.Diff([]model.TickKind{"opened", "painted", "closed"}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", transport, diff)
		}
		for _, err := range c.ObserveTicks(t.Context(), "o9", resume.WithTransport(transport)) {
			if !errors.Is(err, model.ErrNoOrder) {
				t.Errorf("%v: an order that is not there: %v", transport, err)
			}
		}
	}
}

func TestTheServerJudgesRequests(t *testing.T) {
	t.Parallel()
	url := open(t, "opened")
	cases := []struct {
		method, path, key, body string
		status                  int
		want                    string
	}{
		{"POST", "/orders", "sesame", `{"ref":"a","lines":[]}`, 201, `"id":"o1"`},
		{"POST", "/orders", "", `{"ref":"a","lines":[]}`, 401, "WHO"},
		{"POST", "/orders", "wrong", `{`, 401, "WHO"},
		{"POST", "/orders", "sesame", `{"ref":`, 400, "BAD_FORM"},
		{"POST", "/orders", "sesame", `{"ref":"a","ref":"b","lines":[]}`, 400, "BAD_FORM"},
		{"POST", "/orders", "sesame", `{"ref":"a","lines":[],"x":1}`, 422, "BAD_VALUE"},
		{"POST", "/orders", "sesame", `{"ref":"panic","lines":[]}`, 500, "BROKEN"},
		{"GET", "/orders?state=done&max=2", "sesame", "", 200, `"o1"`},
		{"GET", "/orders?state=done&max=99", "sesame", "", 422, "BAD_VALUE"},
		{"GET", "/orders?state=lost", "sesame", "", 422, "BAD_VALUE"},
		{"DELETE", "/orders/o1", "sesame", "", 204, ""},
		{"PATCH", "/orders/o1", "sesame", "", 405, "NOT_SO"},
		{"GET", "/nothing", "sesame", "", 404, "NO_ORDER"},
		{"GET", "/orders/ws", "", "", 426, "UPGRADE"},
		{"GET", "/orders/o1/ticks?after=x", "sesame", "", 400, "BAD_FORM"},
		{"GET", "/orders/o1/ticks?after=2", "sesame", "", 200, `"next":3`},
	}
	for _, c := range cases {
		request, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if c.key != "" {
			request.Header.Set("X-Key", c.key)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != c.status || !bytes.Contains(body, []byte(c.want)) {
			t.Errorf("%s %s %s: status %d, want %d with %q: %s", c.method, c.path, c.body, response.StatusCode, c.status, c.want, body)
		}
	}
}

func TestTheContractHolds(t *testing.T) {
	t.Parallel()
	out, stderr, status := tbgen(t, "test", "--config", "testdata/orders/tbgen.yaml", "--target", open(t, "opened"), "--token", "sesame")
	if status != 0 {
		t.Errorf("exit status %d\n%s%s", status, out, stderr)
	}
}

func TestTheContractFindsAFault(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	out, stderr, status := tbgen(t, "test", "--config", "testdata/orders/tbgen.yaml", "--target", other.URL, "--token", "sesame")
	if status != 1 {
		t.Errorf("exit status %d\n%s%s", status, out, stderr)
	}
}

func TestTheContractNeedsAServer(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, args := range [][]string{{}, {"--target", gone.URL}, {"--target", gone.URL, "--report", "pdf=x"}, {"--target", gone.URL, "--only", "no-such-check"}} {
		_, stderr, status := tbgen(t, append([]string{"test", "--config", "testdata/orders/tbgen.yaml"}, args...)...)
		if status != 2 || !strings.HasPrefix(stderr, "tbgen: ") {
			t.Errorf("tbgen test %v: exit status %d, stderr %q", args, status, stderr)
		}
	}
}

func TestAConfigWithoutARequiredPartIsRefused(t *testing.T) {
	t.Parallel()
	s := &shop{}
	for _, config := range []server.Config{{Streams: s, Authenticator: s}, {Handler: s, Authenticator: s}, {Handler: s, Streams: s}} {
		if _, err := server.New(config); err == nil {
			t.Errorf("%+v was accepted", config)
		}
	}
}
