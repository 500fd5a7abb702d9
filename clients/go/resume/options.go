package resume

import "time"

// Option changes how one observation is made.
type Option func(*settings)

type settings struct {
	transport Transport
	after     string
	silence   time.Duration
	attempts  int
	hooks     Hooks
}

func settingsOf(options []Option) settings {
	s := settings{silence: time.Minute}
	for _, option := range options {
		option(&s)
	}
	return s
}

// WithTransport chooses the transport; the default is Auto.
func WithTransport(transport Transport) Option {
	return func(s *settings) { s.transport = transport }
}

// After starts after a cursor, with the first event strictly newer. The empty
// cursor, which is the default, is the start of all that is retained.
func After(cursor string) Option {
	return func(s *settings) { s.after = cursor }
}

// WithSilence sets for how long nothing, not even a heartbeat, may be heard on
// a connection before it is taken for cut: two to three times the interval of
// the server's heartbeats. The default is a minute.
func WithSilence(limit time.Duration) Option {
	return func(s *settings) { s.silence = limit }
}

// WithAttempts gives up after so many failures in a row without a message in
// between. By default the context alone ends the attempts.
func WithAttempts(attempts int) Option {
	return func(s *settings) { s.attempts = attempts }
}

// WithHooks has an observation tell what happens to it.
func WithHooks(hooks Hooks) Option {
	return func(s *settings) { s.hooks = hooks }
}

// Hooks are told what happens to an observation. Each may be nil. They are
// called by the goroutine that ranges over the sequence, which waits for them.
type Hooks struct {
	// Connected is called when the server has accepted a connection.
	Connected func(Connected)
	// Cut is called when a connection or the attempt to make one has failed
	// and another attempt will follow.
	Cut func(Cut)
	// Duplicate is called with the cursor of an event, or of a gap, that was
	// handed over before and is dropped.
	Duplicate func(cursor string)
}

// Connected is a connection made.
type Connected struct {
	Transport Transport
	After     string // cursor it starts after; "" is the start
}

// Cut is a connection lost, or one not made.
type Cut struct {
	Transport Transport
	Cursor    string        // of the last message handed over; "" if there is none
	Attempt   int           // failures in a row without a message in between
	Pause     time.Duration // until the next attempt
	Err       error
}
