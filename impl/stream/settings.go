package stream

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Settings are what a host may choose. The zero value of each field stands for its default.
type Settings struct {
	// SocketHeartbeat is how long a WebSocket may be idle before it gets a heartbeat, and the
	// interval of the pings: 25 s by default. A peer silent for two of them is dropped.
	SocketHeartbeat time.Duration
	// EventHeartbeat is how long a stream of server-sent events may be idle before it gets a
	// heartbeat: 5 s by default.
	EventHeartbeat time.Duration
	// SubscribeTimeout is how long a WebSocket client may take for its first message: 10 s by
	// default.
	SubscribeTimeout time.Duration
	// MaxFrame is the largest WebSocket message in bytes taken from a client: 64 KiB by default.
	MaxFrame int64
	// Preamble is the number of bytes of the comment that starts a stream of server-sent
	// events, to fill the buffers of proxies: 0 by default.
	Preamble int
	// PageSize is the most events read from a source at once: 256 by default.
	PageSize int
	// BufferBytes is how much event data a subscriber may hold in memory: 1 MiB by default. It
	// is kept to by reading fewer events at once the larger they are, and at least one.
	BufferBytes int
	// WriteTimeout is how long a subscriber may take for what is written to it at once, which
	// is 32 KiB or one event: 10 s by default. One who takes longer is cut off.
	WriteTimeout time.Duration
	// CloseTimeout is how long a WebSocket peer may take to answer a close: 2 s by default.
	CloseTimeout time.Duration
	// AuditInterval is how often the source of an idle stream is read although it has not said
	// that there is something new, in case it should have: 1 min by default.
	AuditInterval time.Duration
	// RetrySpread is the time over which the clients of a draining server are told to come
	// back, each at a moment of its own: 5 s by default.
	RetrySpread time.Duration
	// Origins are the origins besides the server's own whose pages may open a WebSocket, such
	// as https://app.example.com; "*" is any.
	Origins []string
	// Logger is told how streams end: slog.Default() by default.
	Logger *slog.Logger
	// Now gives the time written into messages: time.Now by default.
	Now func() time.Time
	// Hooks are told what happens on the streams.
	Hooks Hooks
}

// Hooks are called when something happens to a subscriber. Any of them may be nil. They are
// called concurrently, though not for one subscriber, and have to return quickly. The transport
// is "ws", "sse" or "poll".
type Hooks struct {
	// ReplayStart is told of a subscriber that begins to read after a cursor, which is empty
	// for the start of the stream.
	ReplayStart func(transport, key, after string)
	// Delivery is told of an event that has been written, or of a gap by its cursor.
	Delivery func(transport, key, eventID string)
	// Heartbeat is told of a heartbeat that has been written.
	Heartbeat func(transport, key string)
	// Disconnect is told of a subscriber whose stream is over.
	Disconnect func(transport, key string)
	// Active is told +1 when a stream begins to be delivered and -1 when that is over.
	Active func(transport string, change int)
}

// withDefaults returns the settings with every default in place.
func (s Settings) withDefaults() Settings {
	s.SocketHeartbeat = cmp.Or(s.SocketHeartbeat, 25*time.Second)
	s.EventHeartbeat = cmp.Or(s.EventHeartbeat, 5*time.Second)
	s.SubscribeTimeout = cmp.Or(s.SubscribeTimeout, 10*time.Second)
	s.MaxFrame = cmp.Or(s.MaxFrame, 64<<10)
	s.PageSize = cmp.Or(s.PageSize, 256)
	s.BufferBytes = cmp.Or(s.BufferBytes, 1<<20)
	s.WriteTimeout = cmp.Or(s.WriteTimeout, 10*time.Second)
	s.CloseTimeout = cmp.Or(s.CloseTimeout, 2*time.Second)
	s.AuditInterval = cmp.Or(s.AuditInterval, time.Minute)
	s.RetrySpread = cmp.Or(s.RetrySpread, 5*time.Second)
	s.Logger = cmp.Or(s.Logger, slog.Default())
	if s.Now == nil {
		s.Now = time.Now
	}
	s.Hooks = s.Hooks.complete()
	return s
}

// complete replaces the hooks that are nil by ones that do nothing.
func (h Hooks) complete() Hooks {
	if h.ReplayStart == nil {
		h.ReplayStart = func(_, _, _ string) {}
	}
	if h.Delivery == nil {
		h.Delivery = func(_, _, _ string) {}
	}
	if h.Heartbeat == nil {
		h.Heartbeat = func(_, _ string) {}
	}
	if h.Disconnect == nil {
		h.Disconnect = func(_, _ string) {}
	}
	if h.Active == nil {
		h.Active = func(string, int) {}
	}
	return h
}

// retry draws the moment at which one client of a draining server is to come back: between a
// tenth of the spread, in which another server can take over, and all of it.
func (s Settings) retry() time.Duration {
	least := s.RetrySpread / 10
	return least + rand.N(max(s.RetrySpread-least, 1))
}
