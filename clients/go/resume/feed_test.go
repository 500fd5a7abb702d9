package resume_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/clients/go/resume"
	"github.com/taskbridge/tbgen/impl/codec"
)

// ticks is the stream of these tests: the prices of one symbol until the
// market closes.
var ticks = resume.Spec{
	Name:     "ticks",
	Key:      "symbol",
	Tag:      "kind",
	Cursor:   "at",
	Order:    resume.Pair,
	Start:    "0-0",
	Events:   []string{"PRICE", "CLOSED"},
	Terminal: []string{"CLOSED"},
	GapTag:   "LOST",
	Gap:      codec.MustTemplate(`{"kind":"LOST","at":"$cursor","time":"$now","asked":"$requested","first":"$first","why":"$reason"}`),
	WebSocket: &resume.WebSocketSpec{
		Path:      "/ticks/ws",
		Subscribe: codec.MustTemplate(`{"do":"subscribe","symbol":"$key","after":"$after?"}`),
		Confirm:   codec.MustTemplate(`{"kind":"SUBSCRIBED","symbol":"$key","after":"$after"}`),
		Heartbeat: codec.MustTemplate(`{"kind":"BEAT"}`),
	},
	SSE: &resume.SSESpec{
		Path:        "/ticks/{symbol}/stream",
		CursorQuery: "after",
		Heartbeat:   codec.MustTemplate(`{"kind":"BEAT","at":"beat-$unique"}`),
	},
	Poll: &resume.PollSpec{
		Path: "/ticks/{symbol}", After: "after", Wait: "waitMs", Limit: "limit",
		MaxWait: time.Minute, MaxEvents: 2,
		Page: codec.MustTemplate(`{"events":"$events","next":"$next","more":"$more","gap":"$gap?"}`),
		Gap:  codec.MustTemplate(`{"asked":"$requested","first":"$first","why":"$reason","at":"$cursor?"}`),
	},
}

// tick is one entry of a feed.
type tick struct {
	Kind  string `json:"kind"`
	At    string `json:"at"`
	Price int    `json:"price"`
}

func decodeTick(data []byte) (string, error) {
	var t tick
	if err := json.Unmarshal(data, &t); err != nil {
		return "", err
	}
	return t.Kind + "@" + t.At, nil
}

// feed is a server of ticks over an append-only log, on all three transports.
type feed struct {
	mu      sync.Mutex
	log     []tick
	trimmed int           // entries lost from the beginning
	changed chan struct{} // closed and replaced at each change

	// gate, if set, judges each request or subscription before it is served.
	gate func(w http.ResponseWriter, r *http.Request) (served bool)
}

func newFeed(prices int) *feed {
	f := &feed{changed: make(chan struct{})}
	for range prices {
		f.price()
	}
	return f
}

func (f *feed) price()  { f.add("PRICE") }
func (f *feed) finish() { f.add("CLOSED") }

func (f *feed) add(kind string) {
	f.change(func() {
		n := len(f.log) + 1
		f.log = append(f.log, tick{Kind: kind, At: fmt.Sprintf("%d-%d", n, 7*n%5), Price: n})
	})
}

func (f *feed) trim(n int) { f.change(func() { f.trimmed = n }) }

func (f *feed) change(apply func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	apply()
	close(f.changed)
	f.changed = make(chan struct{})
}

// record is what a reader of everything must have been handed.
func (f *feed) record() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, t := range f.log {
		all = append(all, t.Kind+"@"+t.At)
	}
	return all
}

// batch is what follows a cursor.
type batch struct {
	gap     map[string]any // nil: none
	cursor  string         // of the gap
	events  []tick
	ended   bool
	changed <-chan struct{} // closed when there is more to read
}

func (f *feed) after(cursor string) batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := sequence(cursor)
	b := batch{changed: f.changed}
	if from < f.trimmed {
		b.cursor = fmt.Sprintf("%d-0", f.trimmed)
		b.gap = map[string]any{"asked": orNull(cursor), "first": f.log[f.trimmed].At, "why": "TRIMMED"}
		from = f.trimmed
	}
	b.events = slices.Clone(f.log[from:])
	b.ended = len(f.log) > 0 && f.log[len(f.log)-1].Kind == "CLOSED"
	return b
}

func sequence(cursor string) int {
	n, _, _ := strings.Cut(cursor, "-")
	from, _ := strconv.Atoi(cmp.Or(n, "0"))
	return from
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func encode(value any) []byte {
	data, err := codec.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}

func (b batch) gapFrame() []byte {
	frame := map[string]any{"kind": "LOST", "at": b.cursor, "time": "now"}
	maps.Copy(frame, b.gap)
	return encode(frame)
}

// follow sends all that follows a cursor until the end of the feed.
func (f *feed) follow(r *http.Request, after string, gone <-chan struct{}, send func(id string, data []byte) error) error {
	for {
		b := f.after(after)
		if b.gap != nil {
			if err := send(b.cursor, b.gapFrame()); err != nil {
				return err
			}
			after = b.cursor
		}
		for _, t := range b.events {
			if err := send(t.At, encode(t)); err != nil {
				return err
			}
			after = t.At
		}
		if b.ended {
			return nil
		}
		select {
		case <-b.changed:
		case <-gone:
			return http.ErrAbortHandler
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

func (f *feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.gate != nil && f.gate(w, r) {
		return
	}
	switch r.URL.Path {
	case "/ticks/ws":
		f.serveSocket(w, r)
	case "/ticks/ACME/stream":
		f.serveEvents(w, r)
	case "/ticks/ACME":
		f.servePage(w, r)
	default:
		refuse(w, http.StatusNotFound, "UNKNOWN_SYMBOL")
	}
}

func (f *feed) servePage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, _ := strconv.Atoi(cmp.Or(query.Get("limit"), "100"))
	hold, _ := strconv.Atoi(query.Get("waitMs"))
	deadline := time.After(time.Duration(hold) * time.Millisecond)
	after := query.Get("after")
	b := f.after(after)
	for waiting := hold > 0; waiting && b.gap == nil && len(b.events) == 0 && !b.ended; b = f.after(after) {
		select {
		case <-b.changed:
		case <-deadline:
			waiting = false
		case <-r.Context().Done():
			return
		}
	}
	page := map[string]any{"events": b.events[:min(limit, len(b.events))], "more": len(b.events) > limit}
	page["next"] = orNull(cmp.Or(b.cursor, after))
	if n := min(limit, len(b.events)); n > 0 {
		page["next"] = b.events[n-1].At
	}
	if b.gap != nil {
		page["gap"] = b.gap
	}
	answerJSON(w, http.StatusOK, page)
}

func (f *feed) serveEvents(w http.ResponseWriter, r *http.Request) {
	after := r.Header.Get("Last-Event-ID")
	if b := f.after(after); b.ended && len(b.events) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	_ = flush()
	_ = f.follow(r, after, nil, func(id string, data []byte) error {
		fmt.Fprintf(w, "id: %s\ndata: %s\n\n", id, data)
		return flush()
	})
}

func (f *feed) serveSocket(w http.ResponseWriter, r *http.Request) {
	socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	var subscription struct{ Do, Symbol, After string }
	if socket.ReadJSON(&subscription) != nil {
		return
	}
	if subscription.Symbol != "ACME" {
		closeSocket(socket, websocket.ClosePolicyViolation, "UNKNOWN_SYMBOL")
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _, _ = socket.ReadMessage()
	}()
	confirm := map[string]any{"kind": "SUBSCRIBED", "symbol": "ACME", "after": orNull(subscription.After)}
	if socket.WriteJSON(confirm) == nil {
		err = f.follow(r, subscription.After, gone, func(_ string, data []byte) error {
			return socket.WriteMessage(websocket.TextMessage, data)
		})
		if err == nil {
			closeSocket(socket, websocket.CloseNormalClosure, "")
		}
	}
	socket.Close()
	<-gone
}

func closeSocket(socket *websocket.Conn, code int, reason string) {
	_ = socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(body))
}

func refuse(w http.ResponseWriter, status int, code string) {
	answerJSON(w, status, map[string]string{"code": code})
}
