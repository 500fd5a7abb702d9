package model

import (
	"encoding/json"
	"slices"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
	"github.com/taskbridge/tbgen/impl/codec"
)

// Message is one message of a channel.
type Message struct {
	Name, Doc string
	Type      *Expr
	Schema    string
	Place     diag.Place
	value     load.Value
}

// Stream is a resumable stream: events with cursors, carried by up to three
// transports.
type Stream struct {
	Name, GoName, Doc string
	// Observe is the Go name of the client's method.
	Observe string
	// Key is the member and path parameter that names one stream of the kind.
	Key, KeyVar string
	Event       *Type
	Tag         string
	Cursor      Cursor
	Terminal    []string
	Gap         *GapMessage
	Socket      *Socket
	SSE         *SSE
	Poll        *Poll
	Place       diag.Place
}

// Cursor says which member is an event's cursor and how cursors compare.
type Cursor struct{ Member, Order, Start string }

// Frame is a message that the transports write or expect, as a template with
// variables.
type Frame struct {
	Message  *Message
	Template json.RawMessage
}

// GapMessage tells that events are missing.
type GapMessage struct {
	Frame
	Reasons map[string]string
}

// Face links an operation to the stream it carries; Transport is "webSocket",
// "sse" or "poll".
type Face struct {
	Stream    *Stream
	Transport string
}

// Socket is a stream's WebSocket face.
type Socket struct {
	Operation                     *Operation
	BearerProtocol                string
	Subscribe, Confirm, Heartbeat Frame
}

// SSE is a stream's Server-Sent Events face.
type SSE struct {
	Operation   *Operation
	CursorQuery string
	Heartbeat   Frame
}

// Poll is a stream's long-poll face.
type Poll struct {
	Operation          *Operation
	After, Wait, Limit string
	Page, Gap          json.RawMessage
}

// Orders are the ways in which cursors can compare.
var Orders = []string{"pair", "integer", "opaque"}

// gapReasons are the reasons an engine can give for a gap.
var gapReasons = []string{"trimmed", "expired", "reset"}

func (b *builder) channels() {
	messages := map[string]*Message{}
	for _, channel := range b.asyncapi.Get("channels").Members() {
		for id, declared := range channel.Follow().Get("messages").Members() {
			messages[id] = b.message(id, declared.Follow())
		}
	}
	for name, channel := range b.asyncapi.Get("channels").Members() {
		if v := channel.Follow().Get("x-tbgen-stream"); v.Exists() {
			b.stream(name, v, messages)
		}
	}
}

// message is the model's message for the value, one for each place.
func (b *builder) message(name string, v load.Value) *Message {
	for _, known := range b.m.Messages {
		if known.value.ID() == v.ID() {
			return known
		}
	}
	m := &Message{Name: name, Doc: docOf(v), Place: v.Place(), value: v}
	if m.Doc == "" {
		m.Doc = v.Get("summary").Text()
	}
	payload := v.Get("payload")
	m.Type = b.expr(payload, name, Documents)
	m.Schema = b.m.Schemas.add(payload, name)
	b.m.Messages = append(b.m.Messages, m)
	return m
}

// faces reads the parts of x-tbgen-stream that name operations and messages.
type faces struct {
	b        *builder
	stream   *Stream
	messages map[string]*Message
}

func (b *builder) stream(channel string, v load.Value, messages map[string]*Message) {
	s := &Stream{
		Name: v.Get("name").Text(), Doc: docOf(v), Key: v.Get("key").Text(), Tag: v.Get("tag").Text(),
		Terminal: v.Get("terminal").Texts(), Place: v.Place(),
		Cursor: Cursor{Member: v.At("cursor", "member").Text(), Order: v.At("cursor", "order").Text(), Start: v.At("cursor", "start").Text()},
	}
	if s.Name == "" {
		s.Name = channel
	}
	s.GoName, s.KeyVar = GoName(s.Name), VarName(s.Key)
	s.Observe = "Observe" + s.GoName
	if method := v.Get("method").Text(); method != "" {
		s.Observe = GoName(method)
	}
	if !slices.Contains(Orders, s.Cursor.Order) {
		v.At("cursor").Errorf("stream-cursor", "stream %s needs cursor.order, one of %v", s.Name, Orders)
	}
	event := b.expr(v.Get("event"), s.Name+"Event", Documents)
	if !event.IsUnion() {
		v.Errorf("stream-event", "stream %s needs event: a reference to the oneOf of its events, told apart by a constant member", s.Name)
		return
	}
	s.Event = event.Named
	f := faces{b: b, stream: s, messages: messages}
	f.terminal(v)
	f.gap(v.Get("gap"))
	f.socket(v.Get("webSocket"))
	f.sse(v.Get("sse"))
	f.poll(v.Get("poll"))
	b.m.Streams = append(b.m.Streams, s)
}

func (f faces) terminal(v load.Value) {
	union := f.stream.Event.Union
	if f.stream.Tag != union.Tag {
		v.Errorf("stream-tag", "stream %s says its events are told apart by %q, but the event's schema says %q", f.stream.Name, f.stream.Tag, union.Tag)
	}
	for item := range v.Get("terminal").Items() {
		index := slices.IndexFunc(union.TagType.Values, func(value *EnumValue) bool { return value.Value == item.Text() })
		if index < 0 {
			item.Errorf("stream-terminal", "terminal message %q is none of the stream's events", item.Text())
			continue
		}
		union.TagType.TerminalTags = append(union.TagType.TerminalTags, union.TagType.Values[index])
	}
	for _, arm := range union.Arms {
		if !slices.ContainsFunc(arm.Type.Fields, func(field *Field) bool { return field.JSON == f.stream.Cursor.Member && field.Required }) {
			v.At("cursor").Errorf("stream-cursor", "%s has no required member %q to be its cursor", arm.Type.Schema, f.stream.Cursor.Member)
		}
	}
}

func (f faces) gap(v load.Value) {
	if !v.Exists() {
		return
	}
	gap := &GapMessage{Frame: f.frame(v), Reasons: map[string]string{}}
	for reason, wire := range v.Get("reasons").Members() {
		if !slices.Contains(gapReasons, reason) {
			wire.Errorf("stream-gap", "gap reason %q is none of %v", reason, gapReasons)
		}
		gap.Reasons[reason] = wire.Text()
	}
	f.stream.Gap = gap
	if gap.Message != nil && gap.Message.Type.Named != nil && gap.Message.Type.Named.ArmOf == nil {
		f.b.addArm(f.stream.Event, gap.Message.value.Get("payload"))
	}
}

// frame reads a message's name and its template.
func (f faces) frame(v load.Value) Frame {
	if !v.Exists() {
		return Frame{}
	}
	name := v.Get("message")
	frame := Frame{Message: f.messages[name.Text()], Template: template(v.Get("frame"))}
	if frame.Message == nil {
		v.Errorf("stream-message", "no channel carries a message %q", name.Text())
	}
	return frame
}

func template(v load.Value) json.RawMessage {
	text := v.JSON()
	if _, err := codec.ParseTemplate(string(text)); err != nil || !v.Exists() {
		v.Errorf("stream-frame", "not a template of a JSON message: %v", err)
	}
	return text
}

// operation finds the operation that carries the stream and marks it.
func (f faces) operation(v load.Value, transport string) *Operation {
	o := f.b.m.Operation(v.Get("operation").Text())
	if o == nil {
		v.Errorf("stream-operation", "stream %s names operation %q, which the OpenAPI document does not have", f.stream.Name, v.Get("operation").Text())
		return nil
	}
	o.Face = &Face{Stream: f.stream, Transport: transport}
	return o
}

func (f faces) socket(v load.Value) {
	if !v.Exists() {
		return
	}
	f.stream.Socket = &Socket{
		Operation: f.operation(v, "webSocket"), BearerProtocol: v.Get("bearerProtocol").Text(),
		Subscribe: f.frame(v.Get("subscribe")), Confirm: f.frame(v.Get("confirm")), Heartbeat: f.frame(v.Get("heartbeat")),
	}
}

func (f faces) sse(v load.Value) {
	if !v.Exists() {
		return
	}
	f.stream.SSE = &SSE{
		Operation: f.operation(v, "sse"), CursorQuery: v.Get("cursorQuery").Text(), Heartbeat: f.frame(v.Get("heartbeat")),
	}
}

func (f faces) poll(v load.Value) {
	if !v.Exists() {
		return
	}
	f.stream.Poll = &Poll{
		Operation: f.operation(v, "poll"), After: v.Get("after").Text(), Wait: v.Get("wait").Text(), Limit: v.Get("limit").Text(),
		Page: template(v.Get("page")),
	}
	if gap := v.Get("gap"); gap.Exists() {
		f.stream.Poll.Gap = template(gap)
	}
}
