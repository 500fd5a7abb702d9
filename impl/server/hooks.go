package server

import (
	"context"

	"github.com/taskbridge/tbgen/impl/stream"
)

// streamSettings are the host's, with what happens on streams told to its sinks first and to the
// hooks that it set itself after.
func (s *Server) streamSettings() stream.Settings {
	settings := s.config.Stream
	settings.Logger = either(settings.Logger, s.config.Logger)
	if settings.Now == nil {
		settings.Now = s.config.Now
	}
	settings.Hooks = s.hooks(settings.Hooks)
	return settings
}

func (s *Server) hooks(own stream.Hooks) stream.Hooks {
	ctx := context.Background()
	metrics, diagnostics := s.config.Metrics, s.config.Diagnostics
	return stream.Hooks{
		ReplayStart: func(transport, key, after string) {
			metrics.IncrementCounter(ctx, "replays_total", 1, tag(transport))
			diagnostics.OnReplayStart(ctx, transport, key, after)
			if own.ReplayStart != nil {
				own.ReplayStart(transport, key, after)
			}
		},
		Delivery: func(transport, key, eventID string) {
			diagnostics.OnDelivery(ctx, transport, key, eventID)
			if own.Delivery != nil {
				own.Delivery(transport, key, eventID)
			}
		},
		Heartbeat: func(transport, key string) {
			diagnostics.OnHeartbeat(ctx, transport, key)
			if own.Heartbeat != nil {
				own.Heartbeat(transport, key)
			}
		},
		Disconnect: func(transport, key string) {
			diagnostics.OnDisconnect(ctx, transport, key)
			if own.Disconnect != nil {
				own.Disconnect(transport, key)
			}
		},
		Active: func(transport string, change int) {
			metrics.AddGauge(ctx, "streams_active", int64(change), tag(transport))
			if own.Active != nil {
				own.Active(transport, change)
			}
		},
	}
}

func tag(transport string) map[string]string { return map[string]string{"transport": transport} }
