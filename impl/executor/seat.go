package executor

import (
	"context"
	"sync"
)

// seat is a run's hold on one of the pool's seats. It is given up while the work is away, waiting
// for answers; of several waits at once the first gives it up and the last takes it again.
type seat struct {
	seats chan struct{}

	mu   sync.Mutex
	held bool
	away int
}

// take waits for a seat.
func (s *seat) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.seats <- struct{}{}:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave gives the seat up if it is held.
func (s *seat) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

func (s *seat) release() {
	if s.held {
		s.held = false
		<-s.seats
	}
}

// goAway gives the seat up until the matching comeBack.
func (s *seat) goAway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away++
	s.release()
}

// comeBack waits for a seat again if nobody else of the run is away.
func (s *seat) comeBack(ctx context.Context) error {
	s.mu.Lock()
	s.away--
	back := s.away == 0
	s.mu.Unlock()
	if !back {
		return ctx.Err()
	}
	return s.take(ctx)
}
