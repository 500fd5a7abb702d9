// Package observe holds sinks of measurements and diagnostics.
package observe

import (
	"context"

	"github.com/taskbridge/tbgen/gen/port"
)

// NoMetrics drops all measurements.
type NoMetrics struct{}

var _ port.MetricsSink = NoMetrics{}

// IncrementCounter implements [port.MetricsSink].
func (NoMetrics) IncrementCounter(context.Context, string, int64, map[string]string) {}

// AddGauge implements [port.MetricsSink].
func (NoMetrics) AddGauge(context.Context, string, int64, map[string]string) {}

// NoDiagnostics drops all diagnostics.
type NoDiagnostics struct{}

var _ port.TransportDiagnosticsSink = NoDiagnostics{}

// OnReplayStart implements [port.TransportDiagnosticsSink].
func (NoDiagnostics) OnReplayStart(context.Context, string, string, string) {}

// OnDelivery implements [port.TransportDiagnosticsSink].
func (NoDiagnostics) OnDelivery(context.Context, string, string, string) {}

// OnHeartbeat implements [port.TransportDiagnosticsSink].
func (NoDiagnostics) OnHeartbeat(context.Context, string, string) {}

// OnDisconnect implements [port.TransportDiagnosticsSink].
func (NoDiagnostics) OnDisconnect(context.Context, string, string) {}
