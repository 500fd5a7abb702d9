package resume_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

func TestObserveHandsOverHistoryToTheEnd(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(5)
		f.finish()
		conn := dial(t, serve(t, f).URL)
		for position := range f.record() {
			after := ""
			if position > 0 {
				_, after, _ = strings.Cut(f.record()[position-1], "@")
			}
			items, err := collect(observe(t.Context(), conn, resume.WithTransport(transport), resume.After(after)))
			if err != nil {
				t.Fatal(err)
			}
			expectItems(t, items, f.record()[position:]...)
		}
	})
}

func TestObserveAfterTheEndIsEmpty(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(5)
		f.finish()
		_, last, _ := strings.Cut(f.record()[5], "@")
		items, err := collect(observe(t.Context(), dial(t, serve(t, f).URL), resume.WithTransport(transport), resume.After(last)))
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items)
	})
}

func TestObserveTwiceOverOneSequence(t *testing.T) {
	t.Parallel()
	f := newFeed(1)
	f.finish()
	sequence := observe(t.Context(), dial(t, serve(t, f).URL))
	for range 2 {
		items, err := collect(sequence)
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items, f.record()...)
	}
}

func TestAutoTakesTheBestTransportOffered(t *testing.T) {
	t.Parallel()
	f := newFeed(1)
	f.finish()
	conn := dial(t, serve(t, f).URL)
	spec := ticks
	var used []resume.Transport
	hooks := resume.Hooks{Connected: func(c resume.Connected) { used = append(used, c.Transport) }}
	for _, drop := range []func(){func() {}, func() { spec.WebSocket = nil }, func() { spec.SSE = nil }} {
		drop()
		if _, err := collect(resume.Observe(t.Context(), conn, &spec, "ACME", decodeTick, resume.WithHooks(hooks))); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(used, everyTransport) {
		t.Errorf("used %v, want %v", used, everyTransport)
	}
	_, err := collect(resume.Observe(t.Context(), conn, &spec, "ACME", decodeTick, resume.WithTransport(resume.SSE)))
	if err == nil {
		t.Error("a transport that is not offered was accepted")
	}
}

func TestGapIsAnItemOfItsOwn(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(5)
		f.finish()
		f.trim(3)
		var frames [][]byte
		decode := func(data []byte) (string, error) {
			frames = append(frames, data)
			return decodeTick(data)
		}
		conn := dial(t, serve(t, f).URL)
		for _, after := range []string{"", "1-2"} {
			frames = nil
			items, err := collect(resume.Observe(t.Context(), conn, &ticks, "ACME", decode,
				resume.WithTransport(transport), resume.After(after)))
			if err != nil {
				t.Fatal(err)
			}
			expectItems(t, items, append([]string{"LOST@3-0"}, f.record()[3:]...)...)
			var told struct{ Asked, First, Why string }
			if err := json.Unmarshal(frames[0], &told); err != nil || told.Asked != after || told.First != "4-3" || told.Why != "TRIMMED" {
				t.Errorf("gap frame %s", frames[0])
			}
		}
	})
}

// An event that does not decode is an error with its position, and what comes
// after it is still to be had.
func TestEventThatDoesNotDecode(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(4)
		f.finish()
		sour := errors.New("sour")
		decode := func(data []byte) (string, error) {
			item, err := decodeTick(data)
			if item == "PRICE@2-4" {
				err = sour
			}
			return item, err
		}
		conn := dial(t, serve(t, f).URL)
		var items []string
		for item, err := range resume.Observe(t.Context(), conn, &ticks, "ACME", decode, resume.WithTransport(transport)) {
			if err == nil {
				items = append(items, item)
				continue
			}
			bad, ok := errors.AsType[*resume.EventError](err)
			if !ok || !errors.Is(err, sour) || bad.Cursor != "2-4" || bad.Tag != "PRICE" || bad.Key != "ACME" ||
				err.Error() != `ticks ACME: event "PRICE" at "2-4": sour` {
				t.Fatalf("error %#v", err)
			}
			items = append(items, "sour")
		}
		want := f.record()
		want[1] = "sour"
		expectItems(t, items, want...)
	})
}

func TestRefusalsAreFinal(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		conn := dial(t, serve(t, newFeed(1)).URL)
		var yielded int
		for _, err := range resume.Observe(t.Context(), conn, &ticks, "NONE", decodeTick, resume.WithTransport(transport)) {
			yielded++
			told, ok := errors.AsType[*coded](err)
			if !ok || told.Code != "UNKNOWN_SYMBOL" || !strings.HasPrefix(err.Error(), "ticks NONE: ") {
				t.Errorf("error %v", err)
			}
		}
		if yielded != 1 {
			t.Errorf("yielded %d times", yielded)
		}
	})
}

func TestStatusesDecideWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		for status, final := range map[int]bool{400: true, 403: true, 404: true, 426: true, 501: true, 429: false, 500: false, 502: false, 503: false} {
			f := newFeed(1)
			f.finish()
			left := 2
			f.gate = func(w http.ResponseWriter, _ *http.Request) bool {
				if left--; left < 0 {
					return false
				}
				refuse(w, status, "NO")
				return true
			}
			items, err := collect(observe(t.Context(), dial(t, serve(t, f).URL), resume.WithTransport(transport)))
			told, ok := errors.AsType[*coded](err)
			switch {
			case final && (!ok || told.Status != status || left != 1):
				t.Errorf("status %d: %v, %d attempts left", status, err, left)
			case !final && err != nil:
				t.Errorf("status %d: %v", status, err)
			case !final:
				expectItems(t, items, f.record()...)
			}
		}
	})
}

func TestAnswerThatIsNoStream(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(1)
		f.gate = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<h1>please log in</h1>"))
			return true
		}
		_, err := collect(observe(t.Context(), dial(t, serve(t, f).URL), resume.WithTransport(transport)))
		if answer, ok := errors.AsType[*resume.AnswerError](err); !ok || answer.Status != 200 || answer.MediaType != "text/html" {
			t.Errorf("error %v", err)
		}
	})
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		server := serve(t, newFeed(1))
		conn := dial(t, server.URL)
		server.Close()
		var cuts []int
		hooks := resume.Hooks{Cut: func(c resume.Cut) { cuts = append(cuts, c.Attempt) }}
		_, err := collect(observe(t.Context(), conn,
			resume.WithTransport(transport), resume.WithAttempts(3), resume.WithHooks(hooks)))
		if err == nil || !strings.Contains(err.Error(), "given up after 3 attempts") {
			t.Errorf("error %v", err)
		}
		if !slices.Equal(cuts, []int{1, 2}) {
			t.Errorf("told of the cuts %v", cuts)
		}
	})
}

func TestContextEndsAnObservation(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		items := 0
		var last error
		for _, err := range observe(ctx, dial(t, serve(t, newFeed(2)).URL), resume.WithTransport(transport)) {
			if last = err; err == nil {
				items++
			}
			if items == 2 { // everything there is: from now on the sequence waits
				cancel(enough)
			}
		}
		if !errors.Is(last, enough) {
			t.Errorf("ended with %v", last)
		}
	})
}

// A server that takes the connection and never answers must not hold back an
// observer whose context has ended.
func TestContextEndsAnAttemptThatHangs(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		f.gate = func(_ http.ResponseWriter, r *http.Request) bool {
			cancel()
			<-r.Context().Done()
			return true
		}
		if _, err := collect(observe(ctx, dial(t, serve(t, f).URL), resume.WithTransport(transport))); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestLeavingTheRangeEndsTheSession(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(3)
		server := serve(t, f)
		for item, err := range observe(t.Context(), dial(t, server.URL), resume.WithTransport(transport)) {
			if err != nil || item != f.record()[0] {
				t.Fatal(item, err)
			}
			break
		}
		server.Close() // returns once no request is being served
	})
}

func TestCursorOfTheWrongSyntax(t *testing.T) {
	t.Parallel()
	conn := dial(t, "http://127.0.0.1:1")
	for _, cursor := range []string{"7", "7-", "-7", "07-1", "7-01", "1-2-3", "+1-2", "18446744073709551616-0", "x"} {
		if _, err := collect(observe(t.Context(), conn, resume.After(cursor))); err == nil || !strings.Contains(err.Error(), "no cursor") {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// script is a WebSocket server that sends what it is told on each connection,
// then closes it.
func script(t *testing.T, connections ...[]string) *resume.Conn {
	t.Helper()
	next := make(chan []string, len(connections))
	for _, frames := range connections {
		next <- frames
	}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer socket.Close()
		_, _, _ = socket.ReadMessage()
		for _, frame := range <-next {
			_ = socket.WriteMessage(websocket.TextMessage, []byte(frame))
		}
		closeSocket(socket, websocket.CloseGoingAway, "")
		_, _, _ = socket.ReadMessage()
	}))
	return dial(t, server.URL)
}

const confirmed = `{"kind":"SUBSCRIBED","symbol":"ACME","after":null}`

func TestOnlyWhatIsNewIsHandedOver(t *testing.T) {
	t.Parallel()
	conn := script(t, []string{
		confirmed,
		`{"kind":"BEAT"}`,
		`{"kind":"NOTICE","text":"a control frame of a later version"}`,
		`{"kind":"PRICE","at":"10-1"}`,
		`{"kind":"PRICE","at":"10-1"}`,
		`{"kind":"PRICE","at":"9-9"}`,
		`{"kind":"DIVIDEND","at":"10-2","of":"a later version"}`,
		`{"kind":"LOST","at":"2-0"}`,
		`{"kind":"LOST","at":"2-0"}`,
		`{"kind":"PRICE","at":"2-0"}`,
		`{"kind":"PRICE","at":"3-18446744073709551615"}`,
		`{"kind":"PRICE","at":"4-0"}`,
	}, []string{
		// no confirmation
		`{"kind":"PRICE","at":"4-0"}`,
		`{"kind":"CLOSED","at":"20-0"}`,
	})
	var duplicates []string
	hooks := resume.Hooks{Duplicate: func(cursor string) { duplicates = append(duplicates, cursor) }}
	items, err := collect(observe(t.Context(), conn, resume.WithHooks(hooks)))
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, items, "PRICE@10-1", "DIVIDEND@10-2", "LOST@2-0", "PRICE@3-18446744073709551615", "PRICE@4-0", "CLOSED@20-0")
	expectItems(t, duplicates, "10-1", "9-9", "2-0", "2-0", "4-0")
}

func TestWhatCannotBeUnderstoodIsAnError(t *testing.T) {
	t.Parallel()
	for _, frame := range []string{
		`{"kind":"PRICE"`, `[]`, `null`, `"text"`, ``,
		`{"kind":"PRICE","at":"beat-1"}`, `{"kind":"PRICE"}`, `{"kind":"PRICE","at":7}`, `{"kind":"LOST"}`,
	} {
		conn := script(t, []string{confirmed, frame, `{"kind":"CLOSED","at":"2-0"}`})
		var items []string
		for item, err := range observe(t.Context(), conn) {
			if bad, ok := errors.AsType[*resume.EventError](err); ok && bad.Cursor == "" && string(bad.Data) == frame {
				item = "error"
			} else if err != nil {
				t.Fatal(err)
			}
			items = append(items, item)
		}
		expectItems(t, items, "error", "CLOSED@2-0")
	}
}

// A heartbeat is a sign of life; that a connection was accepted is none.
func TestWhatCountsAsProgress(t *testing.T) {
	t.Parallel()
	beat := []string{confirmed, `{"kind":"BEAT"}`}
	conn := script(t, beat, beat, beat, beat, []string{confirmed, `{"kind":"CLOSED","at":"2-0"}`})
	if _, err := collect(observe(t.Context(), conn, resume.WithAttempts(2))); err != nil {
		t.Error(err)
	}
	mute := []string{confirmed}
	if _, err := collect(observe(t.Context(), script(t, mute, mute, mute), resume.WithAttempts(2))); err == nil {
		t.Error("attempts without a sign of life were not counted")
	}
}

func TestOtherOrders(t *testing.T) {
	t.Parallel()
	spec := ticks
	decode := func(data []byte) (string, error) { return string(data), nil }
	t.Run("integer", func(t *testing.T) {
		t.Parallel()
		spec := spec
		spec.Order, spec.Number = resume.Integer, true
		frames := []string{`{"kind":"PRICE","at":9}`, `{"kind":"PRICE","at":10}`, `{"kind":"CLOSED","at":18446744073709551615}`}
		conn := script(t, []string{confirmed, frames[0], frames[1], frames[0], frames[2]})
		items, err := collect(resume.Observe(t.Context(), conn, &spec, "ACME", decode, resume.After("8")))
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items, frames...)
	})
	t.Run("opaque", func(t *testing.T) {
		t.Parallel()
		spec := spec
		spec.Order = resume.Opaque
		frames := []string{`{"kind":"PRICE","at":"z"}`, `{"kind":"PRICE","at":"a"}`, `{"kind":"CLOSED","at":"m"}`}
		conn := script(t, []string{confirmed, frames[0], `{"kind":"PRICE","at":"y"}`, frames[1]}, []string{confirmed, frames[0], frames[2]})
		items, err := collect(resume.Observe(t.Context(), conn, &spec, "ACME", decode, resume.After("y")))
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, items, frames...)
	})
}
