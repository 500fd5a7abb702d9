package ws_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

// frame is a client's frame: its first byte, a mask of zeros and the payload.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

const (
	more, text, binaryData, closing, ping, pong = 0x0, 0x1, 0x2, 0x8, 0x9, 0xa

	fin          = 0x80
	subscription = `{"watch":"k"}`
)

func TestFramesThatRFC6455Forbids(t *testing.T) {
	t.Parallel()
	unmasked := frame(fin|text, subscription)
	unmasked = append([]byte{unmasked[0], unmasked[1] &^ 0x80}, unmasked[6:]...)
	negative := append([]byte{fin | text, 0xff}, bytes.Repeat([]byte{0xff}, 12)...)
	for name, c := range map[string]struct {
		bytes []byte
		code  int
	}{
		"no mask":                      {unmasked, websocket.CloseProtocolError},
		"a reserved bit":               {frame(fin|0x40|text, subscription), websocket.CloseProtocolError},
		"an unknown opcode":            {frame(fin|0x3, subscription), websocket.CloseProtocolError},
		"a continuation of nothing":    {frame(fin|more, subscription), websocket.CloseProtocolError},
		"a control frame in parts":     {frame(ping, "x"), websocket.CloseProtocolError},
		"a long control frame":         {frame(fin|ping, strings.Repeat("x", 126)), websocket.CloseProtocolError},
		"a message within a message":   {append(frame(text, `{"wa`), frame(fin|text, subscription)...), websocket.CloseProtocolError},
		"a close with a bad code":      {frame(fin|closing, "\x00\x01"), websocket.CloseProtocolError},
		"too large in parts":           {append(frame(text, strings.Repeat("x", 40<<10)), frame(fin|more, strings.Repeat("x", 40<<10))...), websocket.CloseMessageTooBig},
		"a length past all bounds":     {negative, websocket.CloseMessageTooBig},
		"not UTF-8 over two parts":     {append(frame(text, "\xe2\x82"), frame(fin|more, "\x28")...), websocket.CloseInvalidFramePayloadData},
		"binary":                       {frame(fin|binaryData, subscription), websocket.CloseUnsupportedData},
		"a subscription and then more": {append(frame(fin|text, subscription), frame(fin|text, "{}")...), websocket.ClosePolicyViolation},
	} {
		for _, late := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				conn, _ := dial(t, serve(t, stream.NewHub(stream.Settings{}), &streamtest.Log{}), nil)
				raw := c.bytes
				if late {
					raw = append(frame(fin|text, subscription), raw...)
				}
				if _, err := conn.NetConn().Write(raw); err != nil {
					t.Fatal(err)
				}
				if got := closeCode(t, conn); got != c.code {
					t.Errorf("late %t: closed with %d, want %d", late, got, c.code)
				}
			})
		}
	}
}

// closeCode reads to the end and returns the code of the close frame.
func closeCode(t *testing.T, conn *websocket.Conn) int {
	t.Helper()
	for {
		_, _, err := conn.ReadMessage()
		closed, ok := errors.AsType[*websocket.CloseError](err)
		switch {
		case ok:
			return closed.Code
		case err != nil:
			t.Fatal(err)
		}
	}
}

func TestASubscriptionMayComeInParts(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	log.End()
	conn, _ := dial(t, serve(t, stream.NewHub(stream.Settings{}), log), nil)
	ponged := ""
	conn.SetPongHandler(func(data string) error { ponged = data; return nil })
	raw := append(frame(text, `{"wat`), frame(fin|ping, "hello")...)
	if _, err := conn.NetConn().Write(append(raw, frame(fin|more, `ch":"k"}`)...)); err != nil {
		t.Fatal(err)
	}
	wantFrames(t, receive(t, conn), `{"kind":"welcome","watch":"k","since":null}`, `{"n":1}`, "close 1000")
	if ponged != "hello" {
		t.Errorf("the ping was answered with %q", ponged)
	}
}

func TestAClientsCloseIsAnswered(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	hub := stream.NewHub(stream.Settings{Hooks: stream.Hooks{Disconnect: func(string, string) { close(gone) }}})
	conn, _ := dial(t, serve(t, hub, &streamtest.Log{}), nil)
	send(t, conn, websocket.TextMessage, subscription)
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	if err := conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4000, "bye")); err != nil {
		t.Fatal(err)
	}
	wantFrames(t, receive(t, conn), "close 4000")
	<-gone
}

func TestLargeEventsAreFramedRight(t *testing.T) {
	t.Parallel()
	log := &streamtest.Log{}
	var want []string
	for _, size := range []int{123, 124, 125, 126, 127, 1<<16 - 3, 1<<16 - 2, 1<<16 - 1, 1 << 16, 3 << 20} {
		data := `"` + strings.Repeat("x", size) + `"`
		log.AppendData([]byte(data))
		want = append(want, data)
	}
	log.End()
	conn, _ := dial(t, serve(t, stream.NewHub(stream.Settings{}), log), nil)
	send(t, conn, websocket.TextMessage, subscription)
	got := receive(t, conn)
	if len(got) != len(want)+3 {
		t.Fatalf("%d frames", len(got))
	}
	for i := range want {
		if got[i+1] != want[i] {
			t.Errorf("frame %d has %d bytes, want %d", i+1, len(got[i+1]), len(want[i]))
		}
	}
}
