package resume

import (
	"bytes"
	"context"
	"fmt"
	"iter"
)

// Observe returns the messages of one stream, the one that key selects, as an
// uninterrupted sequence: a cut connection is replaced by another that starts
// after the last message handed over, for as long as the context lasts.
//
//   - Each event is handed over once, in order, as decode makes it of the
//     event's JSON, which it may keep.
//   - A gap, the server's word that history was lost, is an item of its own;
//     decode gets its frame, on every transport alike.
//   - What decode refuses is yielded as an *EventError. The sequence goes on
//     after that message if the range does.
//   - After the terminal event, and if there was nothing left to come, the
//     sequence ends without an error. It ends with one, yielded once, when the
//     server refuses for good, when the attempts of WithAttempts are used up,
//     and when the context ends (its cause).
//
// Each range over the sequence is an observation of its own. Leaving the range
// closes everything it has opened.
func Observe[T any](ctx context.Context, conn *Conn, spec *Spec, key string,
	decode func([]byte) (T, error), options ...Option,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		deliver := func(m message) bool {
			if m.err == nil {
				var item T
				if item, m.err = decode(m.data); m.err == nil {
					return yield(item, nil)
				}
			}
			var none T
			return yield(none, &EventError{
				Stream: spec.Name, Key: key, Cursor: m.cursor, Tag: m.tag, Data: m.data, Err: m.err,
			})
		}
		link := link{conn: conn, spec: spec, key: key}
		if err := newObserver(link, settingsOf(options), deliver).run(ctx); err != nil {
			var none T
			yield(none, fmt.Errorf("%s %s: %w", spec.Name, key, err))
		}
	}
}

// observer moves one observation from session to session. Its states are drawn
// in the package documentation.
type observer struct {
	link
	settings settings
	deliver  func(message) bool // false: the consumer has left

	position *position
	unseen   bool   // the position is the caller's, its event was not handed over
	lastGap  []byte // the last gap handed over

	token    string
	refusal  error // the server's refusal of token, until another one is accepted
	failures int   // in a row without a sign of life in between
	closures int   // orderly ends among them
}

func newObserver(link link, settings settings, deliver func(message) bool) *observer {
	link.silence = settings.silence
	return &observer{
		link:     link,
		settings: settings,
		deliver:  deliver,
		position: newPosition(link.spec.Order, settings.after),
		unseen:   true,
	}
}

// run observes until the end of the stream or the consumer's leave (nil), or
// until an error that is final.
func (o *observer) run(ctx context.Context) error {
	if o.settings.after != "" && !o.spec.Order.valid(o.settings.after) {
		return fmt.Errorf("%q is no cursor of this stream", o.settings.after)
	}
	order, transports, err := o.transports(o.settings.transport)
	if err != nil {
		return err
	}
	current := order[0]
	for {
		over, err := o.session(ctx, current, transports[current])
		if over {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if over, err = o.recover(ctx, current, judge(err)); over || err != nil {
			return err
		}
	}
}

// session opens one session and hands over what it brings, until the
// observation is over or the session has failed.
func (o *observer) session(ctx context.Context, kind Transport, t transport) (over bool, err error) {
	if o.token, err = o.credential(ctx); err != nil {
		return false, err
	}
	from := origin{after: o.position.cursor, unseen: o.unseen, token: o.token}
	s, err := t.open(ctx, from)
	if err != nil {
		return false, err
	}
	defer s.close()
	o.refusal = nil
	if o.settings.hooks.Connected != nil {
		o.settings.hooks.Connected(Connected{Transport: kind, After: from.after})
	}
	for {
		m, err := s.next(ctx)
		if err != nil {
			return false, err
		}
		if !o.handOver(m) || o.spec.isTerminal(m) {
			return true, nil
		}
	}
}

// credential is the token for the next session. The one that was just refused
// would be refused again.
func (o *observer) credential(ctx context.Context) (string, error) {
	token, err := o.conn.token(ctx)
	if err == nil && o.refusal != nil && token == o.token {
		return "", o.refusal
	}
	return token, err
}

// handOver delivers a message that is new. It is false when the consumer has
// left.
func (o *observer) handOver(m message) bool {
	switch m.kind {
	case control:
		return true
	case heartbeat:
		o.alive()
		return true
	case gap:
		if bytes.Equal(m.data, o.lastGap) {
			return o.duplicate(m)
		}
		o.lastGap = m.data
		o.position.reset(m.cursor)
	case event:
		if o.position.passed(m.cursor) {
			return o.duplicate(m)
		}
		o.position.advance(m.cursor)
		o.unseen = false
	case broken: // has no position to move to
	}
	o.alive()
	return o.deliver(m)
}

func (o *observer) duplicate(m message) bool {
	if o.settings.hooks.Duplicate != nil {
		o.settings.hooks.Duplicate(m.cursor)
	}
	return true
}

// alive forgets the failures before a sign of life.
func (o *observer) alive() {
	o.failures, o.closures = 0, 0
}

// recover deals with the failure of a session: it tells that the observation
// is over, returns the error that ends it, or pauses before the next session.
func (o *observer) recover(ctx context.Context, current Transport, f *failure) (over bool, err error) {
	o.failures++
	switch f.verdict {
	case ended:
		return true, nil
	case final:
		return false, f.err
	case closed:
		// Believed only when said twice: a server on its way down, or
		// something in between, may close orderly too.
		if o.closures++; o.closures > 1 {
			return true, nil
		}
	case refused:
		if o.refusal != nil || o.token == "" {
			return false, f.err
		}
		o.refusal = f.err
		o.conn.tokens.refuse(o.token)
	case passing:
	}
	if o.settings.attempts > 0 && o.failures >= o.settings.attempts {
		return false, fmt.Errorf("given up after %d attempts: %w", o.failures, f.err)
	}
	pause := o.conn.pause(o.failures, f.asked)
	if f.verdict == refused && o.failures == 1 {
		pause = 0
	}
	if o.settings.hooks.Cut != nil {
		o.settings.hooks.Cut(Cut{
			Transport: current, Cursor: o.position.cursor, Attempt: o.failures, Pause: pause, Err: f.err,
		})
	}
	sleep(ctx, pause)
	return false, context.Cause(ctx)
}
