// Package porttest is the conformance suite of the store ports. A store passes it by calling
// [Run] with a factory:
//
//	func TestConformance(t *testing.T) {
//		porttest.Run(t, func(t *testing.T, settings porttest.Settings) porttest.Stores {
//			store := memory.New(memory.Settings{MaxEvents: settings.MaxEvents, Now: settings.Now})
//			return porttest.Stores{Tasks: store, Events: store, Suspensions: store, Receipts: store, Close: store.Close}
//		})
//	}
//
// Every test makes a store of its own, drives it through the ports alone, and runs beside the
// others.
package porttest

import (
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/port"
)

// Settings are what the suite asks of a store that it has made.
type Settings struct {
	// Now is the clock by which the store stamps and judges. It stands still unless a test
	// moves it.
	Now func() time.Time
	// MaxEvents is how many events of a task the store should retain. It may retain up to a
	// thousand more.
	MaxEvents int
}

// Stores are the ports of one store.
type Stores struct {
	Tasks       port.TaskRegistry
	Events      port.EventStore
	Suspensions port.SuspensionStore
	Receipts    port.ActionReceiptStore
	// Close closes the store; the suite calls it before a test ends, at times in its midst.
	Close func()
}

// Factory makes an empty store for one test.
type Factory func(t *testing.T, settings Settings) Stores

// Run runs the suite.
func Run(t *testing.T, factory Factory) {
	t.Helper()
	for _, group := range []struct {
		name  string
		tests []check
	}{
		{"Create", createChecks},
		{"Status", statusChecks},
		{"List", listChecks},
		{"Append", appendChecks},
		{"Read", readChecks},
		{"Wait", waitChecks},
		{"Suspension", suspensionChecks},
		{"Action", actionChecks},
		{"Resume", resumeChecks},
		{"Receipt", receiptChecks},
		{"Retention", retentionChecks},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, each := range group.tests {
				t.Run(each.name, func(t *testing.T) {
					t.Parallel()
					each.run(t, newBench(t, factory))
				})
			}
		})
	}
}

type check struct {
	name string
	run  func(t *testing.T, b *bench)
}
