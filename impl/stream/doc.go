// Package stream delivers resumable streams: events with cursors, read from a [Source] after any
// cursor and then as they happen, until the terminal event. One engine serves all transports;
// the packages ws, sse and poll write what it gives.
//
// # Parts
//
//	          Hub ── settings, drain, watches
//	           │
//	Source ◄── Subscription ──► Sink            WebSocket, SSE
//	  ▲        (one a client)   (one a client)
//	  ├─────── Page                             poll
//	  │
//	watch      one for each (stream, cursor) at which anybody waits
//
// A [Source] is one stream, opened for a caller. A [Subscription] reads it for one client and
// pushes into a [Sink], which is all that a transport has to be. A watch is the waiting of all
// who stand at the same cursor of the same stream, which is where the subscribers of an idle
// stream are: it makes one call to [Source.Wait] for all of them, and what is new is read once
// and handed to each.
//
// # States
//
//	       Subscribe: the first page is read
//	                     │
//	                     ▼
//	Stop ┌─────────── opened
//	     │               │ Start
//	     ▼               ▼           page has more
//	 (no end        ┌─ reading ◄──────────────────┐
//	  is told)      │    │                        │
//	                │    ├── gap, then events ──► sink
//	                │    │                        │
//	                │    ▼ nothing more now       │
//	                │  waiting ─── news ──► reading
//	                │    │  ▲
//	                │    └──┘ idle: heartbeat
//	                ▼
//	              ended: the sink is told how, once
//
// From reading and from waiting, a subscription ends when the terminal event has been delivered
// (Completed), when the hub drains (Drained), its context reaches its deadline (Revoked), the
// sink cannot write in time (TooSlow) or at all (Gone), or the source fails (Failed).
//
// A subscription has no goroutine while it waits. Whatever happens to it is a signal; a signal
// starts a goroutine unless one is running, which takes all signals there are, does the most
// urgent and goes when none is left. So its state needs no lock but the one around the signals,
// and the sink is never called by two.
//
// # Invariants
//
//   - A subscription has one cursor. Events are delivered strictly newer than it, in the order
//     of the source, and move it forward. Nothing else does but a gap, which moves it to just
//     before the first event that follows.
//   - A gap is delivered before any event that comes after it.
//   - There is no seam between history and live events, and nothing to merge: both are what the
//     source has after the cursor. The source promises that Wait returns if there is something
//     already, so that what arrives between a read and a wait is found.
//   - A watch hands on what it read after its cursor only to those who wait at that cursor, so
//     that for each of them it is what its own read would have given.
//   - The failure of a source is told to the one who opened it. The others at its watch begin
//     a new one.
//   - A subscription holds one page and asks for the next when its sink has taken it. Pages are
//     bounded in bytes by reading fewer events the larger they are. A slow client holds back
//     nobody and nothing but that page.
//   - The end is told only after the terminal event, or when the source says that nothing will
//     follow, never because of an error.
//   - An event's bytes are those that the source gave, on every transport and each time.
package stream
