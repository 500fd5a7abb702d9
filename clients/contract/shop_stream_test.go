package contract_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// after lists the ticks after a cursor, whether the order is over, and what is
// closed when there is more.
func (s *shop) after(o *order, cursor int) (ticks []tick, over bool, changed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return o.ticks[min(cursor, len(o.ticks)):], o.over, o.changed
}

// cursor reads a cursor; "" and "0" mean the start.
func (s *shop) cursor(text string) (cursor int, ok bool) {
	if text == "" {
		return 0, true
	}
	if text == "0" && s.has("no start cursor") {
		return 0, false
	}
	cursor, err := strconv.Atoi(text)
	if err != nil && s.has("bad cursor accepted") {
		return 0, true
	}
	return cursor, err == nil
}

// watch hands every tick after the cursor to send, then the ones that happen,
// up to the end. It reports whether the order came to its end.
func (s *shop) watch(ctx context.Context, o *order, cursor int, send func(tick) error) bool {
	seen := cursor
	_, over, _ := s.after(o, cursor)
	lose := s.has("loses the event at the seam") && !over && cursor == 0 || s.has("loses one on a live resume") && !over && cursor > 0
	if s.has("loses an event on resume") && cursor == 4 {
		seen++
	}
	if s.has("gives the last event again") && cursor > 0 {
		seen--
	}
	for {
		ticks, over, changed := s.after(o, seen)
		for _, tick := range ticks {
			seen++
			if lose && seen > 5 {
				lose = false
				continue
			}
			if send(tick) != nil {
				return false
			}
		}
		if over && !s.has("never ends") {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		case <-s.stop.Done():
			return false
		}
	}
}

func (s *shop) page(w http.ResponseWriter, r *http.Request) {
	o := s.find(s.subject(r), strings.Split(r.URL.Path, "/")[2])
	query := r.URL.Query()
	since, ok := s.cursor(query.Get("since"))
	if !ok {
		s.fail(w, "BAD_FORM")
		return
	}
	if o == nil {
		s.fail(w, "NO_ORDER")
		return
	}
	limit, err := strconv.Atoi(query.Get("max"))
	if err != nil {
		limit = 20
	}
	wait, _ := strconv.Atoi(query.Get("waitMs"))
	ticks := s.await(r.Context(), o, since, time.Duration(wait)*time.Millisecond)
	s.write(w, 200, s.describe(ticks, since, limit))
}

func (s *shop) await(ctx context.Context, o *order, since int, wait time.Duration) []tick {
	timeout := time.After(wait)
	for {
		ticks, over, changed := s.after(o, since)
		if len(ticks) > 0 || over && !s.has("poll waits at the end") {
			return ticks
		}
		select {
		case <-changed:
		case <-timeout:
			return nil
		case <-ctx.Done():
			return nil
		case <-s.stop.Done():
			return nil
		}
	}
}

func (s *shop) describe(ticks []tick, since, limit int) string {
	more := len(ticks) > limit || s.has("guesses that there is more") && len(ticks) == limit
	ticks = ticks[:min(limit, len(ticks))]
	next := "null"
	if since > 0 {
		next = strconv.Itoa(since)
	}
	items := make([]string, len(ticks))
	for i, tick := range ticks {
		items[i] = tick.data
		next = strconv.Itoa(tick.n)
	}
	if s.has("swallows an event at the page border") && more {
		next = strconv.Itoa(ticks[len(ticks)-1].n + 1)
	}
	return fmt.Sprintf(`{"items":[%s],"next":%s,"more":%t}`, strings.Join(items, ","), next, more)
}

func (s *shop) stream(w http.ResponseWriter, r *http.Request) {
	o := s.find(s.subject(r), strings.Split(r.URL.Path, "/")[2])
	text := r.Header.Get("Last-Event-ID")
	if text == "" && !s.has("cursor in the query ignored") {
		text = r.URL.Query().Get("since")
	}
	since, ok := s.cursor(text)
	if !ok {
		s.fail(w, "BAD_FORM")
		return
	}
	if o == nil {
		s.fail(w, "NO_ORDER")
		return
	}
	if ticks, over, _ := s.after(o, since); over && len(ticks) == 0 && !s.has("no 204") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if !s.has("cacheable stream") {
		w.Header().Set("Cache-Control", "no-cache")
	}
	flusher := w.(http.Flusher)
	_, _ = io.WriteString(w, ": hello\n\ndata: {\"beat\":true}\n\n")
	flusher.Flush()
	finished := s.watch(r.Context(), o, since, func(tick tick) error {
		_, err := io.WriteString(w, s.event(tick))
		flusher.Flush()
		return err
	})
	if finished && s.has("response never ends") {
		<-r.Context().Done()
	}
	if s.has("response is cut") {
		panic(http.ErrAbortHandler)
	}
}

func (s *shop) event(tick tick) string {
	data := tick.data
	if s.has("other bytes on the event stream") {
		data = strings.ReplaceAll(data, `,"`, `, "`)
	}
	if s.has("no id on the event stream") {
		return "data: " + data + "\n\n"
	}
	return fmt.Sprintf("id: %d\ndata: %s\n\n", tick.n, data)
}

func (s *shop) socket(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		s.fail(w, "UPGRADE")
		return
	}
	subject, protocols := s.subject(r), websocket.Subprotocols(r)
	upgrader := websocket.Upgrader{}
	if len(protocols) == 2 && protocols[0] == "orders.badge" {
		subject = s.known(protocols[1])
		if !s.has("subprotocol not selected") {
			upgrader.Subprotocols = protocols[:1]
		}
	}
	conn, err := upgrader.Upgrade(w, r, w.Header())
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, frame, err := conn.ReadMessage()
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(s.stop)
	s.work.Go(func() {
		defer cancel()
		_, _, _ = conn.ReadMessage()
	})
	code, reason := s.subscribe(ctx, conn, subject, frame)
	if s.has("socket is cut") {
		return
	}
	if code != 1000 || !s.has("socket never closes") {
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	}
	<-ctx.Done()
}

// subscribe serves a socket, and says how to close it.
func (s *shop) subscribe(ctx context.Context, conn *websocket.Conn, subject string, frame []byte) (code int, reason string) {
	if subject == "" && !s.has("socket for anybody") {
		if s.has("socket refuses without a code") {
			return 1008, "go away"
		}
		return 1008, "WHO"
	}
	var wanted struct {
		Listen string          `json:"listen"`
		Since  json.RawMessage `json:"since"`
	}
	if json.Unmarshal(frame, &wanted) != nil {
		return 1008, "BAD_FORM"
	}
	since, ok := s.cursor(strings.Trim(string(wanted.Since), `"`))
	o := s.find(subject, wanted.Listen)
	switch {
	case !ok && s.has("bad cursor closes as usual"):
		return 1000, ""
	case !ok:
		return 1008, "BAD_FORM"
	case o == nil && !s.has("socket for anybody"):
		return 1008, "NO_ORDER"
	}
	if err := conn.WriteMessage(websocket.TextMessage, s.confirmation(wanted.Listen, wanted.Since)); err != nil || o == nil {
		return 1000, ""
	}
	return s.push(ctx, conn, o, since)
}

func (s *shop) confirmation(id string, since json.RawMessage) []byte {
	if since == nil || string(since) == "0" || s.has("confirms another cursor") {
		since = json.RawMessage("null")
	}
	return fmt.Appendf(nil, `{"listening":%q,"since":%s}`, id, since)
}

func (s *shop) push(ctx context.Context, conn *websocket.Conn, o *order, since int) (code int, reason string) {
	s.watch(ctx, o, since, func(tick tick) error {
		return conn.WriteMessage(websocket.TextMessage, []byte(tick.data))
	})
	if s.has("wrong close code") {
		return 1001, ""
	}
	return 1000, ""
}
