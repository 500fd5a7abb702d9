package contract

import "slices"

func (c *compiler) streams() {
	for i := range c.out.Streams {
		declared := &c.out.Streams[i]
		where := "streams." + declared.Name
		if _, twice := c.out.streams[declared.Name]; twice || declared.Name == "" {
			c.problemf(where, "the name is empty or used twice")
		}
		c.out.streams[declared.Name] = c.stream(where, declared)
	}
}

func (c *compiler) stream(where string, declared *Stream) *stream {
	c.members(where, declared)
	out := &stream{Stream: declared}
	if declared.Gap != nil {
		out.gap = c.frame(where+".gap", &declared.Gap.Frame)
	}
	if face := declared.WebSocket; face != nil {
		c.face(where+".webSocket", face.Operation, face.Method, face.Path)
		out.subscribe = c.frame(where+".webSocket.subscribe", &face.Subscribe)
		out.confirm = c.frame(where+".webSocket.confirm", face.Confirm)
		out.socketBeat = c.frame(where+".webSocket.heartbeat", face.Heartbeat)
	}
	if face := declared.SSE; face != nil {
		c.face(where+".sse", face.Operation, face.Method, face.Path, declared.Key, face.CursorQuery)
		out.sseBeat = c.frame(where+".sse.heartbeat", face.Heartbeat)
	}
	if face := declared.Poll; face != nil {
		c.face(where+".poll", face.Operation, face.Method, face.Path, declared.Key, face.After, face.Wait, face.Limit)
		out.page = c.template(where+".poll.page", face.Page)
		if face.After == "" || face.Wait == "" || face.Limit == "" {
			c.problemf(where+".poll", "the parameters after, wait and limit must all be named")
		}
	}
	return out
}

// members checks what a stream says about its events.
func (c *compiler) members(where string, declared *Stream) {
	if declared.Tag == "" || declared.Cursor.Member == "" || len(declared.Messages) == 0 {
		c.problemf(where, "a stream needs a tag, a cursor member and a message")
	}
	if !slices.Contains([]string{"pair", "integer", "opaque"}, declared.Cursor.Order) {
		c.problemf(where+".cursor", "there is no order %q", declared.Cursor.Order)
	}
	if declared.WebSocket == nil && declared.SSE == nil && declared.Poll == nil {
		c.problemf(where, "a stream needs a face")
	}
	c.schema(where+".event", declared.Event)
	for tag, name := range declared.Messages {
		c.schema(where+".messages."+tag, name)
	}
	for _, tag := range declared.Terminal {
		if _, known := declared.Messages[tag]; !known {
			c.problemf(where+".terminal", "there is no message %q", tag)
		}
	}
}

// face checks that a face of a stream is the operation it names, and that the
// operation has the parameters that the face needs.
func (c *compiler) face(where, id, method, path string, parameters ...string) {
	operation, known := c.out.operations[id]
	if !known {
		c.problemf(where, "there is no operation %q", id)
		return
	}
	if operation.Method != method || operation.Path != path {
		c.problemf(where, "is %s %s, but operation %s is %s %s", method, path, id, operation.Method, operation.Path)
	}
	if !operation.Stream {
		c.problemf(where, "operation %s is not marked as a stream", id)
	}
	for _, name := range parameters {
		if name != "" && operation.parameter(name) == nil {
			c.problemf(where, "operation %s has no parameter %q", id, name)
		}
	}
}

// terminal reports whether an event with this tag is the last one.
func (s *stream) terminal(tag string) bool { return slices.Contains(s.Terminal, tag) }
