package resume_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

func TestTransportNames(t *testing.T) {
	t.Parallel()
	for _, transport := range append(everyTransport, resume.Auto) {
		name, err := transport.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got resume.Transport
		if err := got.UnmarshalText(name); err != nil || got != transport {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	if err := new(resume.Transport).UnmarshalText([]byte("pigeon")); err == nil {
		t.Error("a pigeon was accepted")
	}
}

// What each transport asks the server for, and that it is asked after the
// position.
func TestRequestsOfTransports(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		var asked []string
		note := func(text string) { asked = append(asked, text) }
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !websocket.IsWebSocketUpgrade(r) {
				note(fmt.Sprintf("%s [%s] %s", r.URL.RequestURI(), r.Header.Get("Last-Event-ID"), r.Header.Get("Accept")))
				http.Error(w, "gone", http.StatusGone)
				return
			}
			socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer socket.Close()
			_, frame, _ := socket.ReadMessage()
			note(r.URL.RequestURI() + " " + string(frame))
			closeSocket(socket, websocket.ClosePolicyViolation, "gone")
			_, _, _ = socket.ReadMessage()
		}))
		conn := dial(t, server.URL+"/v1")
		for _, after := range []string{"", "0-0", "5-6"} {
			_, _ = collect(observe(t.Context(), conn, resume.WithTransport(transport), resume.After(after)))
		}
		want := map[resume.Transport][]string{
			resume.WebSocket: {
				`/v1/ticks/ws {"do":"subscribe","symbol":"ACME"}`,
				`/v1/ticks/ws {"do":"subscribe","symbol":"ACME","after":"0-0"}`,
				`/v1/ticks/ws {"do":"subscribe","symbol":"ACME","after":"5-6"}`,
			},
			resume.SSE: {
				`/v1/ticks/ACME/stream [] text/event-stream`,
				`/v1/ticks/ACME/stream?after=0-0 [0-0] text/event-stream`,
				`/v1/ticks/ACME/stream?after=5-6 [5-6] text/event-stream`,
			},
			resume.Poll: {
				`/v1/ticks/ACME?limit=2 [] application/json`,
				`/v1/ticks/ACME?after=0-0&limit=2 [] application/json`,
				`/v1/ticks/ACME?after=5-6&limit=2 [] application/json`,
			},
		}[transport]
		if !slices.Equal(asked, want) {
			t.Errorf("asked %q", asked)
		}
	})
}

func TestCloseCodes(t *testing.T) {
	t.Parallel()
	closing := func(t *testing.T, code int, reason string) (items []string, attempts int, err error) {
		f := newFeed(1)
		f.finish()
		f.gate = func(w http.ResponseWriter, r *http.Request) bool {
			if attempts++; attempts > 1 {
				return false
			}
			socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
			if err != nil {
				return true
			}
			defer socket.Close()
			if code != 0 {
				closeSocket(socket, code, reason)
				_, _, _ = socket.ReadMessage()
			}
			return true
		}
		items, err = collect(observe(t.Context(), dial(t, serve(t, f).URL)))
		return items, attempts, err
	}
	for _, code := range []int{0, 1000, 1001, 1005, 1011, 1012, 1013, 1014} {
		items, attempts, err := closing(t, code, "")
		if err != nil || attempts != 2 {
			t.Errorf("code %d: %v, %d attempts", code, err, attempts)
		}
		expectItems(t, items, "PRICE@1-2", "CLOSED@2-4")
	}
	for _, code := range []int{1002, 1003, 1007, 1008, 1009, 4000} {
		_, attempts, err := closing(t, code, "because")
		told, ok := errors.AsType[*resume.CloseError](err)
		if !ok || *told != (resume.CloseError{Code: code, Reason: "because"}) || attempts != 1 {
			t.Errorf("code %d: %v, %d attempts", code, err, attempts)
		}
	}
	if _, _, err := closing(t, 1008, ""); err == nil || err.Error() != "ticks ACME: the server closed the WebSocket: 1008" {
		t.Error(err)
	}
	if _, attempts, err := closing(t, 1008, "BUSY"); err != nil || attempts != 2 {
		t.Errorf("a reason that passes: %v, %d attempts", err, attempts)
	}
}

// An orderly end of the response before the terminal event is a cut.
func TestResponseThatEndsEarly(t *testing.T) {
	t.Parallel()
	var after []string
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after = append(after, r.Header.Get("Last-Event-ID"))
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, ": padding\n\nid: %[1]d-0\ndata: {\"kind\":\"PRICE\",\ndata: \"at\":\"%[1]d-0\"}\n\n", len(after))
		fmt.Fprint(w, "data: {\"kind\":\"BEAT\",\"at\":\"beat-1\"}\n\n")
		if len(after) == 3 {
			fmt.Fprint(w, "data: {\"kind\":\"CLOSED\",\"at\":\"9-0\"}\r\r")
		} else {
			fmt.Fprint(w, "data: {\"kind\":\"CLOSED\",\"at\":\"9-0\"}\n")
		}
	}))
	items, err := collect(observe(t.Context(), dial(t, server.URL), resume.WithTransport(resume.SSE)))
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, items, "PRICE@1-0", "PRICE@2-0", "PRICE@3-0", "CLOSED@9-0")
	expectItems(t, after, "", "1-0", "2-0")
}

func TestWhatIsTooLargeIsFinal(t *testing.T) {
	t.Parallel()
	onEvery(t, func(t *testing.T, transport resume.Transport) {
		f := newFeed(1)
		f.finish()
		conn := dial(t, serve(t, f).URL, func(c *resume.Config) { c.MaxBytes = 20 })
		if _, err := collect(observe(t.Context(), conn, resume.WithTransport(transport))); !errors.Is(err, resume.ErrTooLarge) {
			t.Error(err)
		}
	})
}

func TestPagesShrinkUntilTheyFit(t *testing.T) {
	t.Parallel()
	f := newFeed(40)
	f.finish()
	spec, poll := ticks, *ticks.Poll
	poll.MaxEvents, spec.Poll = 32, &poll
	conn := dial(t, serve(t, f).URL, func(c *resume.Config) { c.MaxBytes = 200 })
	items, err := collect(resume.Observe(t.Context(), conn, &spec, "ACME", decodeTick, resume.WithTransport(resume.Poll)))
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, items, f.record()...)
}

// pages is a server that answers each poll with the next page.
func pages(t *testing.T, bodies ...string) *resume.Conn {
	t.Helper()
	return dial(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		body := `{"events":[{"kind":"CLOSED","at":"99-0"}],"next":"99-0","more":false}`
		if len(bodies) > 0 {
			body, bodies = bodies[0], bodies[1:]
		}
		answerJSON(w, http.StatusOK, json.RawMessage(body))
	})).URL)
}

func TestPages(t *testing.T) {
	t.Parallel()
	lost := `"gap":{"asked":"1-0","first":null,"why":"EXPIRED"}`
	for name, test := range map[string]struct {
		bodies []string
		want   []string
	}{
		"empty": {[]string{`{"events":[],"next":"1-0","more":false}`}, []string{"CLOSED@99-0"}},
		"a gap without events": {
			[]string{`{"events":[],"next":"7-0","more":false,` + lost + `}`, `{"events":[],"next":"7-0","more":false,` + lost + `}`},
			[]string{"LOST@7-0", "CLOSED@99-0"},
		},
		"a gap before events": {
			[]string{`{"events":[{"kind":"PRICE","at":"5-9"}],"next":"5-9","more":true,` + lost + `}`},
			[]string{"LOST@4-0", "PRICE@5-9", "CLOSED@99-0"},
		},
		"a gap back to the start": {
			[]string{`{"events":[{"kind":"PRICE","at":"0-0"}],"next":"0-0","more":true,` + lost + `}`},
			[]string{"LOST@0-0", "PRICE@0-0", "CLOSED@99-0"},
		},
		"a gap with its cursor": {
			[]string{`{"events":[{"kind":"PRICE","at":"5-9"}],"next":"5-9","more":true,"gap":{"asked":null,"first":null,"why":"RESET","at":"5-8"}}`},
			[]string{"LOST@5-8", "PRICE@5-9", "CLOSED@99-0"},
		},
		"told again and again": {
			[]string{`{"events":[{"kind":"PRICE","at":"5-9"}],"next":"5-9","more":true}`, `{"events":[{"kind":"PRICE","at":"5-9"}],"next":"5-9","more":true}`},
			[]string{"PRICE@5-9", "CLOSED@99-0"},
		},
		"no next": {[]string{`{"events":[{"kind":"PRICE","at":"5-9"}],"next":null,"more":true}`}, []string{"PRICE@5-9", "CLOSED@99-0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, err := collect(observe(t.Context(), pages(t, test.bodies...), resume.WithTransport(resume.Poll)))
			if err != nil {
				t.Fatal(err)
			}
			expectItems(t, items, test.want...)
		})
	}
	for _, body := range []string{`{}`, `[]`, `{"events":{},"next":null,"more":false}`, `{"events":[],"next":null,"more":"no"}`, `{"events":[],"next":null,"more":false,"gap":7}`} {
		_, err := collect(observe(t.Context(), pages(t, body), resume.WithTransport(resume.Poll)))
		if answer, ok := errors.AsType[*resume.AnswerError](err); !ok || answer.Excerpt != body || answer.Err == nil {
			t.Errorf("page %s: %v", body, err)
		}
	}
}

// A reader of pages that starts after some event learns whether the stream has
// ended there by looking that event up, once.
func TestPollAfterAnEventInTheMiddle(t *testing.T) {
	t.Parallel()
	f := newFeed(3)
	requests := 0
	var server http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests == 12 {
			f.finish()
		}
		query := r.URL.Query()
		query.Del("waitMs") // the server does not hold pages back
		r.URL.RawQuery = query.Encode()
		f.ServeHTTP(w, r)
	})
	_, last, _ := strings.Cut(f.record()[2], "@")
	items, err := collect(observe(t.Context(), dial(t, serve(t, server).URL), resume.WithTransport(resume.Poll), resume.After(last)))
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, items, "CLOSED@4-3")
	if requests != 12 {
		t.Errorf("%d requests", requests)
	}
}
