package ws_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// client is a connection in a bubble, and what it has read: "12s text", the pings among it.
type client struct {
	*websocket.Conn
	start time.Time
	mu    sync.Mutex
	lines []string
	done  chan struct{}
}

// connect dials a server of the log, and subscribes unless the message is empty.
func connect(t *testing.T, hub *stream.Hub, source stream.Source, header http.Header, message string) *client {
	t.Helper()
	network := streamtest.Serve(t, handler(hub, source))
	dialer := websocket.Dialer{NetDialContext: network.Dial}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer good")
	conn, _, err := dialer.DialContext(t.Context(), "ws://memory/", header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &client{Conn: conn, start: time.Now(), done: make(chan struct{})}
	if message != "" {
		send(t, conn, websocket.TextMessage, message)
	}
	return c
}

// listen begins to read, and to answer pings if it may.
func (c *client) listen(answer bool) {
	c.SetPingHandler(func(data string) error {
		c.note("ping")
		if answer {
			go c.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		}
		return nil
	})
	c.SetCloseHandler(func(code int, reason string) error {
		c.note(strings.TrimSpace(fmt.Sprintf("close %d %s", code, reason)))
		return c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	})
	go func() {
		defer close(c.done)
		for {
			_, frame, err := c.ReadMessage()
			if err != nil {
				if _, closed := errors.AsType[*websocket.CloseError](err); !closed || errors.Is(err, io.ErrUnexpectedEOF) {
					c.note("cut")
				}
				return
			}
			c.note(string(frame))
		}
	}()
}

func (c *client) note(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf("%v %s", time.Since(c.start), line))
}

func (c *client) want(t *testing.T, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	wantFrames(t, c.lines, want...)
}

const (
	welcome = `{"kind":"welcome","watch":"k","since":null}`
	beat    = `{"kind":"beat","watch":"k"}`
)

func TestIdleConnectionsGetHeartbeatsAndPings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		c := connect(t, stream.NewHub(stream.Settings{}), log, nil, subscription)
		c.listen(true)
		<-time.After(60 * time.Second)
		log.Append(1)
		<-time.After(20 * time.Second)
		log.End()
		<-c.done
		slices.Sort(c.lines) // a ping and a heartbeat may come in any order
		c.want(t, "0s "+welcome, `1m0s {"n":1}`, "1m15s ping", "1m20s close 1000", `1m20s {"n":2}`,
			"25s ping", "25s "+beat, "50s ping", "50s "+beat)
	})
}

func TestASilentPeerIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		c := connect(t, stream.NewHub(stream.Settings{}), log, nil, subscription)
		c.listen(false)
		for range 7 { // it is sent something all the time, and yet is silent
			<-time.After(7 * time.Second)
			log.Append(1)
		}
		<-c.done
		if d := time.Since(c.start); d != 50*time.Second {
			t.Errorf("dropped after %v, want two intervals", d)
		}
	})
}

func TestASubscriptionComesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, stream.NewHub(stream.Settings{}), &streamtest.Log{}, nil, "")
		c.listen(true)
		<-c.done
		c.want(t, "10s close 1008 BAD_FORM")
	})
}

func TestACredentialThatExpiresEndsTheStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, stream.NewHub(stream.Settings{}), &streamtest.Log{}, http.Header{"X-Good-For": {"20s"}}, subscription)
		c.listen(true)
		<-c.done
		c.want(t, "0s "+welcome, "20s close 4401 the credential has expired")
	})
}

func TestTheTimeLimitOfTheRequestIsNotTheStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		c := connect(t, stream.NewHub(stream.Settings{}), log, http.Header{"X-Limit": {"5s"}}, subscription)
		c.listen(true)
		<-time.After(20 * time.Second)
		log.End()
		<-c.done
		c.want(t, "0s "+welcome, `20s {"n":1}`, "20s close 1000")
	})
}

func TestAConsumerThatIsTooSlowIsToldSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		c := connect(t, stream.NewHub(stream.Settings{}), log, nil, subscription)
		<-time.After(15 * time.Second) // longer than one write may take, shorter than two
		c.listen(true)
		<-c.done
		c.want(t, "15s "+welcome, "15s close 1013 the client does not keep up")
	})
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(2)
		c := connect(t, stream.NewHub(stream.Settings{}), log, nil, subscription)
		if _, _, err := c.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		<-time.After(15 * time.Second)
		c.listen(true)
		<-c.done
		c.want(t, `15s {"n":1}`, `15s {"n":2}`, "15s close 1013 the client does not keep up")
	})
}

func TestAConsumerThatIsStuckIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.Append(2)
		gone := make(chan struct{})
		hub := stream.NewHub(stream.Settings{Hooks: stream.Hooks{Disconnect: func(string, string) { close(gone) }}})
		c := connect(t, hub, log, nil, subscription)
		if _, _, err := c.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		<-gone
		if d := time.Since(c.start); d != 20*time.Second {
			t.Errorf("dropped after %v", d)
		}
	})
}

func TestAPeerThatDoesNotAnswerACloseIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		log.End()
		hub := stream.NewHub(stream.Settings{})
		c := connect(t, hub, log, nil, subscription)
		c.SetCloseHandler(func(int, string) error { return nil })
		for range 2 {
			if _, _, err := c.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
		_, _, _ = c.ReadMessage()
		if err := hub.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(c.start); d != 2*time.Second {
			t.Errorf("gone after %v", d)
		}
	})
}

// TestNothingFollowsAClose lets clients provoke a close and then neither answer it nor be quiet.
func TestNothingFollowsAClose(t *testing.T) {
	t.Parallel()
	for name, provocation := range map[string][]byte{
		"by the stream":  frame(fin|text, "late"),
		"by the framing": frame(fin|0x3, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log := &streamtest.Log{}
				c := connect(t, stream.NewHub(stream.Settings{}), log, nil, subscription)
				if _, _, err := c.ReadMessage(); err != nil {
					t.Fatal(err)
				}
				go func() {
					defer close(c.done)
					_, err := c.NetConn().Write(provocation)
					synctest.Wait() // so that the close is out
					for ; err == nil; _, err = c.NetConn().Write(frame(fin|pong, "")) {
						log.Append(1)
						<-time.After(time.Second - 1)
					}
				}()
				raw, _ := io.ReadAll(c.NetConn())
				if len(raw) < 4 || raw[0] != fin|closing || len(raw) != 2+int(raw[1]) {
					t.Errorf("it reads %q", raw)
				}
				if d := time.Since(c.start); d != 2*time.Second {
					t.Errorf("cut after %v", d)
				}
				<-c.done
			})
		})
	}
}

func TestDrainClosesThoseWhoHaveNotSubscribed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := stream.NewHub(stream.Settings{})
		early := connect(t, hub, &streamtest.Log{}, nil, "")
		early.listen(true)
		synctest.Wait()
		if err := hub.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		late := connect(t, hub, &streamtest.Log{}, nil, "")
		late.listen(true)
		for _, c := range []*client{early, late} {
			<-c.done
			if len(c.lines) != 1 || !strings.HasPrefix(c.lines[0], "0s close 1001 retry-after-ms=") {
				t.Errorf("it reads %q", c.lines)
			}
		}
	})
}

func TestCloseCutsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := stream.NewHub(stream.Settings{})
		c := connect(t, hub, &streamtest.Log{}, nil, subscription)
		c.listen(true)
		synctest.Wait()
		hub.Close()
		<-c.done
		if d := time.Since(c.start); d != 0 {
			t.Errorf("cut after %v", d)
		}
	})
}
