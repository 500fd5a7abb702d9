// Package server wires a TaskBridge host: stores, executor, policies and transports become one
// http.Handler with background loops, which starts, drains and stops.
package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/taskbridge/tbgen/gen/port"
	generated "github.com/taskbridge/tbgen/gen/server"
	"github.com/taskbridge/tbgen/impl/auth"
	"github.com/taskbridge/tbgen/impl/health"
	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/rest"
	"github.com/taskbridge/tbgen/impl/service"
	"github.com/taskbridge/tbgen/impl/service/endpoint"
	"github.com/taskbridge/tbgen/impl/stream"
)

// Store is all four stores in one.
type Store interface {
	port.TaskRegistry
	port.EventStore
	port.SuspensionStore
	port.ActionReceiptStore
}

// Config is what a server is made of. Store, Executor and Resolver are required.
type Config struct {
	Store Store
	// Executor does the work. If it has a method Stop(context.Context) error, the server's Stop
	// calls it.
	Executor port.TaskExecutor
	Resolver port.AuthContextResolver
	// Ownership is auth.OwnerOnly by default.
	Ownership port.OwnershipPolicy
	// Uploads is auth.AllowUploads by default.
	Uploads port.UploadPolicy
	// Metrics and Diagnostics are dropped by default.
	Metrics     port.MetricsSink
	Diagnostics port.TransportDiagnosticsSink
	// Probes are asked for readiness, by name, beside the store and the executor, which are
	// asked if they are probes.
	Probes map[string]port.ReadinessProbe
	// ProbeTimeout bounds each probe; health.DefaultTimeout by default.
	ProbeTimeout time.Duration
	// Logger is slog.Default() by default.
	Logger *slog.Logger
	// Now is the clock of the services and of messages; time.Now by default.
	Now func() time.Time
	// Rest and Stream bound requests and streams; their logger, clock and hooks are the
	// server's unless they are set.
	Rest   rest.Settings
	Stream stream.Settings
	// TaskLifetime is how long a finished task is kept; 24 hours by default.
	TaskLifetime time.Duration
	// ReceiptLifetime is how long the receipt of an action is kept; by default as long as its
	// task.
	ReceiptLifetime time.Duration
	// ReconcileEvery is how often hand-offs that are due are repeated; 5 s by default.
	ReconcileEvery time.Duration
	// PruneEvery is how often what has outlived its time is deleted; an hour by default.
	PruneEvery time.Duration
}

// Server is a wired host.
type Server struct {
	http.Handler

	config   Config
	services *service.Services
	hub      *stream.Hub
	draining atomic.Bool
	loops    loops
}

// New wires a server. A required part that is missing is an error.
func New(config Config) (*Server, error) {
	if config.Store == nil || config.Executor == nil || config.Resolver == nil {
		return nil, errors.New("server: Store, Executor and Resolver are required")
	}
	s := &Server{config: config.withDefaults()}
	s.hub = stream.NewHub(s.streamSettings())
	services, err := service.New(s.parts())
	if err != nil {
		return nil, err
	}
	s.services = services
	s.Handler, err = generated.New(generated.Config{
		Handler:       endpoint.Handler{Services: services, Probe: s.probe(), Logger: s.config.Logger},
		Streams:       endpoint.Streams{Subscription: services.Subscription},
		Authenticator: endpoint.Authenticator{Resolver: s.config.Resolver},
		Hub:           s.hub,
		Rest:          s.restSettings(),
	})
	return s, err
}

func (c Config) withDefaults() Config {
	c.Ownership = either[port.OwnershipPolicy](c.Ownership, auth.OwnerOnly{})
	c.Uploads = either[port.UploadPolicy](c.Uploads, auth.AllowUploads{})
	c.Metrics = either[port.MetricsSink](c.Metrics, observe.NoMetrics{})
	c.Diagnostics = either[port.TransportDiagnosticsSink](c.Diagnostics, observe.NoDiagnostics{})
	c.Logger = either(c.Logger, slog.Default())
	c.ReconcileEvery = either(c.ReconcileEvery, 5*time.Second)
	c.PruneEvery = either(c.PruneEvery, time.Hour)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// either gives the value, or the default if it is the zero value.
func either[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (s *Server) parts() service.Parts {
	c := s.config
	return service.Parts{
		Tasks: c.Store, Events: c.Store, Suspensions: c.Store, Receipts: c.Store, Executor: c.Executor,
		Ownership: c.Ownership, Uploads: c.Uploads, Metrics: c.Metrics, Logger: c.Logger, Now: c.Now,
		TaskLifetime: c.TaskLifetime, ReceiptLifetime: c.ReceiptLifetime,
	}
}

func (s *Server) restSettings() rest.Settings {
	settings := s.config.Rest
	settings.Logger = either(settings.Logger, s.config.Logger)
	if settings.Now == nil {
		settings.Now = s.config.Now
	}
	return settings
}

// probe asks the server itself, its store and its executor, and the host's own probes.
func (s *Server) probe() port.ReadinessProbe {
	probes := maps.Clone(s.config.Probes)
	if probes == nil {
		probes = map[string]port.ReadinessProbe{}
	}
	for name, part := range map[string]any{"store": s.config.Store, "executor": s.config.Executor} {
		if probe, ok := part.(port.ReadinessProbe); ok {
			probes[name] = probe
		}
	}
	probes["server"] = health.Func(func(context.Context) (port.ReadinessReport, error) {
		return port.ReadinessReport{Ready: !s.draining.Load()}, nil
	})
	return health.NewComposite(probes, s.config.ProbeTimeout)
}
