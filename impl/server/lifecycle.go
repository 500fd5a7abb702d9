package server

import (
	"context"
	"errors"
	"log/slog"

	"github.com/taskbridge/tbgen/gen/port"
)

// Start starts the background loops; further calls do nothing.
func (s *Server) Start() {
	s.loops.start(
		loop{every: s.config.ReconcileEvery, run: s.reconcile},
		loop{every: s.config.PruneEvery, run: s.prune},
	)
}

// Drain makes the server not ready, tells every stream to resume elsewhere and waits until all
// have ended. When the context ends first its error is returned; those left end with their writes.
func (s *Server) Drain(ctx context.Context) error {
	s.draining.Store(true)
	return s.hub.Drain(ctx)
}

// Stop drains what nobody has drained, and stops the background loops and then the executor, if
// it can be stopped. It is called after the last request has been answered.
func (s *Server) Stop(ctx context.Context) error {
	err := errors.Join(s.Drain(ctx), s.loops.stop(ctx))
	if executor, ok := s.config.Executor.(interface{ Stop(context.Context) error }); ok {
		err = errors.Join(err, executor.Stop(ctx))
	}
	return err
}

func (s *Server) reconcile(ctx context.Context) {
	reconciled, err := s.services.Reconciliation.ReconcilePendingResumes(ctx)
	s.report(ctx, "reconciliation", err, reconciled > 0, slog.Int("reconciled", reconciled))
}

func (s *Server) prune(ctx context.Context) {
	counts, err := s.services.Retention.PruneExpiredState(ctx, s.config.Now())
	s.report(ctx, "retention", err, counts != port.RetentionCounts{}, slog.Any("counts", counts))
}

// report logs what a loop has done, if it has done something, and what kept it from it.
func (s *Server) report(ctx context.Context, loop string, err error, done bool, details slog.Attr) {
	if done {
		s.config.Logger.InfoContext(ctx, "a background loop found work", slog.String("loop", loop), details)
	}
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, "a background loop failed", slog.String("loop", loop), slog.Any("details", err))
	}
}
