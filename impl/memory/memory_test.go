package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/impl/memory"
	"github.com/taskbridge/tbgen/impl/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	porttest.Run(t, func(_ *testing.T, settings porttest.Settings) porttest.Stores {
		store := memory.New(memory.Settings{MaxEvents: settings.MaxEvents, Now: settings.Now})
		return porttest.Stores{Tasks: store, Events: store, Suspensions: store, Receipts: store, Close: store.Close}
	})
}
