package stream

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Outcome is how a subscription came to its end.
type Outcome string

// The outcomes.
const (
	// Completed is a stream whose terminal event has been delivered, or which has none left.
	Completed Outcome = "completed"
	// Drained is a process that is about to end: the client resumes at another one.
	Drained Outcome = "drained"
	// Revoked is a context whose deadline, which is that of a credential, came in mid-stream.
	Revoked Outcome = "revoked"
	// TooSlow is a client that did not take what was written to it in time.
	TooSlow Outcome = "too slow"
	// Failed is an error of the source.
	Failed Outcome = "failed"
	// Gone is a client that is not there any more.
	Gone Outcome = "gone"
)

// End is the end of a subscription. In all cases but Completed and Gone, more may follow for a
// client that resumes.
type End struct {
	Outcome Outcome
	// Retry is how long a client is to stay away: for Drained.
	Retry time.Duration
	// Err is what went wrong, if anything did.
	Err error
}

// ErrTooSlow is what a [Sink] returns when its client has not taken in time what was written.
var ErrTooSlow = errors.New("stream: the client does not keep up")

// Sink is the writing end of a transport. The engine calls it from one goroutine at a time. An
// error, of which ErrTooSlow is one kind and a client that is gone the other, ends the
// subscription.
type Sink interface {
	// Deliver writes messages in their order: events, or a gap as if it were one.
	Deliver(messages []Event) error
	// Heartbeat shows the client of an idle stream that the server is there.
	Heartbeat() error
	// End tells the client, if it can still be told, how the stream ended. It is the last call.
	End(end End)
}

// interrupted is what the end of a context means.
func interrupted(ctx context.Context) End {
	if err := context.Cause(ctx); errors.Is(err, context.DeadlineExceeded) {
		return End{Outcome: Revoked, Err: err}
	}
	return End{Outcome: Gone}
}

// lose ends the subscription because its sink could not write.
func (s *Subscription) lose(err error) {
	if errors.Is(err, ErrTooSlow) {
		s.finish(End{Outcome: TooSlow, Err: err})
		return
	}
	s.finish(End{Outcome: Gone, Err: err})
}

// finish ends the subscription, once.
func (s *Subscription) finish(end End) {
	s.mu.Lock()
	ended := s.ended
	s.ended = true
	s.mu.Unlock()
	if ended {
		return
	}
	defer close(s.done)
	defer s.leave()
	s.timer.Stop()
	s.unhook()
	s.cancel()
	if s.waiting != nil {
		s.hub.quit(*s.waiting, s)
	}
	s.sink.End(end)
	s.hub.settings.Hooks.Disconnect(s.transport, s.key)
	s.hub.settings.Hooks.Active(s.transport, -1)
	s.report(end)
}

// report logs the end, loudly if it is somebody's fault.
func (s *Subscription) report(end End) {
	level := slog.LevelDebug
	if end.Outcome == TooSlow || end.Outcome == Failed {
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{
		slog.String("stream", s.spec.Name), slog.String("key", s.key), slog.String("transport", s.transport),
		slog.String("cursor", s.cursor), slog.String("outcome", string(end.Outcome)),
	}
	if end.Err != nil {
		attributes = append(attributes, slog.Any("error", end.Err))
	}
	s.hub.settings.Logger.LogAttrs(context.WithoutCancel(s.ctx), level, "stream ended", attributes...)
}
