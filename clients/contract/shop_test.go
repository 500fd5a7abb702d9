package contract_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// shop is a server that keeps the contract of testdata/orders.json, but for one
// planted fault.
type shop struct {
	fault string
	url   string
	stop  context.Context

	mu     sync.Mutex
	orders map[string]*order
	work   sync.WaitGroup
}

// order is a stream of ticks; what it owns is guarded by the shop's mutex.
type order struct {
	ID, Ref string
	Moves   int
	owner   string
	ticks   []tick
	over    bool
	changed chan struct{}
}

type tick struct {
	n    int
	kind string
	data string
}

// newShop serves below /shop until the test is over.
func newShop(t *testing.T, fault string) *shop {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &shop{fault: fault, stop: ctx, orders: map[string]*order{}}
	server := httptest.NewServer(http.StripPrefix("/shop", s))
	s.url = server.URL + "/shop"
	t.Cleanup(func() {
		cancel()
		server.CloseClientConnections()
		server.Close()
		s.work.Wait()
	})
	return s
}

func (s *shop) has(fault string) bool { return s.fault == fault }

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.work.Add(1)
	defer s.work.Done()
	if !s.has("missing header") {
		w.Header().Set("X-Trace", cmp.Or(r.Header.Get("X-Trace"), "made-up"))
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	route := parts[0]
	if len(parts) > 1 {
		if parts[1] != "ws" {
			parts[1] = "*"
		}
		route = strings.Join(parts, "/")
	}
	serve, allow := s.route(route, r.Method)
	switch {
	case serve != nil:
		serve(w, r)
	case allow != "" && !s.has("wrong method not found"):
		if !s.has("no allow") {
			w.Header().Set("Allow", allow)
		}
		s.fail(w, "NOT_SO")
	case s.has("unknown route found"):
		s.write(w, 200, `{}`)
	default:
		s.fail(w, "NOWHERE")
	}
}

func (s *shop) route(route, method string) (serve http.HandlerFunc, allow string) {
	handlers := map[string]map[string]http.HandlerFunc{
		"alive":                 {"GET": func(w http.ResponseWriter, _ *http.Request) { s.write(w, 200, `{"alive":true}`) }},
		"orders":                {"POST": s.secured(s.create)},
		"orders/*":              {"GET": s.secured(s.get), "DELETE": s.secured(s.remove)},
		"orders/ws":             {"GET": s.socket},
		"orders/*/ticks":        {"GET": s.secured(s.page)},
		"orders/*/ticks/stream": {"GET": s.secured(s.stream)},
	}[route]
	for other := range handlers {
		allow += other + ", "
	}
	return handlers[method], strings.TrimSuffix(allow, ", ")
}

var statuses = map[string]int{
	"BAD_FORM": 400, "BAD_VALUE": 422, "WHO": 401, "NOWHERE": 404, "NO_ORDER": 404, "NOT_SO": 405, "UPGRADE": 426,
}

func (s *shop) fail(w http.ResponseWriter, code string) {
	if code == "WHO" && !s.has("no challenge") {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	status := statuses[code]
	if code == "NO_ORDER" && s.has("wrong code") {
		code = "BAD_VALUE"
	}
	if s.has("no envelope") {
		s.write(w, status, fmt.Sprintf(`{"error":%q}`, code))
		return
	}
	s.write(w, status, fmt.Sprintf(`{"error":%q,"text":"refused"}`, code))
}

func (s *shop) write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	if s.has("wrong media type") {
		w.Header().Set("Content-Type", "text/html")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// subject is who a request is from; "" for nobody.
func (s *shop) subject(r *http.Request) string {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.known(token)
}

func (s *shop) known(token string) string {
	switch {
	case token == "ann", token == "bob":
		return token
	case token == "" && s.has("no credentials needed"), token != "" && s.has("any token"):
		return "ann"
	default:
		return ""
	}
}

func (s *shop) secured(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.subject(r) == "" {
			s.fail(w, "WHO")
			return
		}
		serve(w, r)
	}
}

type newOrder struct {
	Ref     *string `json:"ref"`
	Moves   *int    `json:"moves"`
	EveryMs int     `json:"everyMs"`
	Hold    bool    `json:"hold"`
	Note    *string `json:"note"`
}

func (s *shop) create(w http.ResponseWriter, r *http.Request) {
	wanted, scans, code := s.read(r)
	if code != "" {
		if code == "BAD_FORM" && s.has("malformed is a crash") {
			s.write(w, 500, `{"error":"CRASH","text":"oops"}`)
			return
		}
		s.fail(w, code)
		return
	}
	o, again := s.open(s.subject(r), wanted)
	status, extra := http.StatusCreated, ""
	if again || s.has("wrong status") {
		status = http.StatusOK
	}
	if scans > 0 {
		extra = fmt.Sprintf(`,"scans":%d`, scans)
	}
	s.write(w, status, o.describe(again && !s.has("forgets that it is again"), extra))
}

// read takes the form of a request, strictly.
func (s *shop) read(r *http.Request) (wanted newOrder, scans int, code string) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "multipart/form-data" && r.ParseMultipartForm(1<<20) == nil {
		moves, _ := strconv.Atoi(r.FormValue("moves"))
		return newOrder{Ref: new(r.FormValue("ref")), Moves: &moves}, len(r.MultipartForm.File["scan"]), ""
	}
	if media != "application/json" {
		return wanted, 0, "BAD_FORM"
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(body) {
		return wanted, 0, "BAD_FORM"
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	if !s.has("unknown member accepted") {
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(&wanted); err != nil && !s.has("wrong type accepted") || wanted.Ref == nil || wanted.Moves == nil {
		return wanted, 0, "BAD_VALUE"
	}
	return wanted, 0, ""
}

func (o *order) describe(again bool, extra string) string {
	return fmt.Sprintf(`{"id":%q,"ref":%q,"moves":%d,"again":%t%s}`, o.ID, o.Ref, o.Moves, again, extra)
}

// open makes an order and lets it move, or finds the one of the same reference.
func (s *shop) open(owner string, wanted newOrder) (o *order, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := "o-" + owner + "-" + *wanted.Ref
	if o, again = s.orders[id]; again {
		return o, true
	}
	o = &order{ID: id, Ref: *wanted.Ref, Moves: *wanted.Moves, owner: owner, changed: make(chan struct{})}
	s.orders[id] = o
	s.work.Go(func() { s.move(o, wanted) })
	return o, false
}

// move lets an order happen.
func (s *shop) move(o *order, wanted newOrder) {
	s.append(o, "OPENED", "")
	for i := range *wanted.Moves {
		if wanted.EveryMs > 0 {
			select {
			case <-time.After(time.Duration(wanted.EveryMs) * time.Millisecond):
			case <-s.stop.Done():
				return
			}
		}
		place := fmt.Sprintf(`,"place":"dock <%d> & \"ö\""`, i)
		if s.has("invalid event") && i == 2 {
			place = ""
		}
		s.append(o, "MOVED", place)
	}
	switch {
	case wanted.Hold:
		s.append(o, "HELD", "")
	case s.has("ends without its last event"):
		s.mu.Lock()
		o.over = true
		o.wake()
		s.mu.Unlock()
	default:
		s.append(o, "CLOSED", "")
		if s.has("goes on after the end") {
			s.append(o, "MOVED", `,"place":"nowhere"`)
		}
	}
}

func (s *shop) append(o *order, kind, more string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(o.ticks) + 1
	shown := n
	if s.has("swaps two events") && (n == 3 || n == 4) {
		shown = 7 - n
	}
	data := fmt.Sprintf(`{"kind":%q,"n":%d,"order":%q%s}`, kind, shown, o.ID, more)
	o.ticks = append(o.ticks, tick{shown, kind, data})
	o.over = o.over || kind == "CLOSED"
	o.wake()
}

// wake tells everybody who waits; the mutex is held.
func (o *order) wake() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// find is an order of the one who asks.
func (s *shop) find(owner, id string) *order {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; o != nil && (o.owner == owner || s.has("shows foreign orders")) {
		return o
	}
	return nil
}

func (s *shop) get(w http.ResponseWriter, r *http.Request) {
	o := s.find(s.subject(r), strings.Split(r.URL.Path, "/")[2])
	switch {
	case o == nil:
		s.fail(w, "NO_ORDER")
	case s.has("wrong body"):
		s.write(w, 200, strings.Replace(o.describe(false, ""), `"moves":`, `"moves":"many","was":`, 1))
	case s.has("extra member in the answer"):
		s.write(w, 200, o.describe(false, `,"secret":1`))
	default:
		s.write(w, 200, o.describe(false, ""))
	}
}

func (s *shop) remove(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNoContent)
}
