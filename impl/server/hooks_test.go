package server_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/taskbridge/tbgen/impl/observe"
	"github.com/taskbridge/tbgen/impl/server"
)

// sinks note what they are told.
type sinks struct {
	mu    sync.Mutex
	notes []string
	gauge map[string]int64
	idle  chan struct{}
}

func (s *sinks) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, text)
}

func (s *sinks) IncrementCounter(_ context.Context, name string, value int64, tags map[string]string) {
	s.note(fmt.Sprint(name, " ", value, " ", tags["transport"]))
}

func (s *sinks) AddGauge(_ context.Context, name string, delta int64, tags map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gauge[name+" "+tags["transport"]] += delta
	if delta < 0 {
		s.idle <- struct{}{}
	}
}

// diagnostics are sinks for what happens on streams.
type diagnostics struct {
	observe.NoDiagnostics
	*sinks
}

func (d diagnostics) OnReplayStart(_ context.Context, transport, _, after string) {
	d.note("replay " + transport + " " + after)
}

func (d diagnostics) OnDisconnect(_ context.Context, transport, _ string) {
	d.note("disconnect " + transport)
}

func TestStreamsAreMeasured(t *testing.T) {
	t.Parallel()
	told := &sinks{gauge: map[string]int64{}, idle: make(chan struct{}, 10)}
	h := newHost(t, func(config *server.Config) { config.Metrics, config.Diagnostics = told, diagnostics{sinks: told} })
	taskID := h.create(t, "r", "script", `{"steps":[]}`)
	h.sse(t, taskID, "0-0")
	<-told.idle
	told.mu.Lock()
	defer told.mu.Unlock()
	for _, want := range []string{"task_starts_total 1 ", "replays_total 1 sse", "disconnect sse"} {
		if !slices.Contains(told.notes, want) {
			t.Errorf("nobody noted %q: %q", want, told.notes)
		}
	}
	if told.gauge["streams_active sse"] != 0 {
		t.Errorf("the gauge is at %d", told.gauge["streams_active sse"])
	}
}
