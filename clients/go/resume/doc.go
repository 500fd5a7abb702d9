// Package resume is the runtime of generated clients: calls that are repeated
// where that is safe, and streams that survive any cut.
//
// It knows no API. Generated code describes operations by [Call] and streams
// by [Spec]; [Conn.Do] and [Observe] do the rest.
//
// # How a stream survives
//
// An observation is a chain of sessions. A session is one connection of one
// transport (or one chain of pages) that starts strictly after the position,
// the cursor of the last message handed over:
//
//	           ┌─────────────────── pause ◄───────────────────┐
//	           ▼                                              │
//	start ► opening ── accepted ──► following ── failure ──► judging
//	           │                        │                     ▲ │
//	           └────────────────────────┼────── failure ──────┘ │ final error,
//	                                    │ terminal event,       │ end, context
//	                                    │ consumer left         │
//	                                    └───────► over ◄────────┘
//
// Judging a failure gives one of five verdicts:
//
//   - passing: the network, 429, 5xx, most close codes. Pause, then open again.
//   - refused: 401, or its like in a close code. The credential is fetched anew
//     once; refused again, it is final.
//   - closed: an orderly close without the terminal event. Said twice in a row
//     it is the end; said once it may be something between client and server.
//   - ended: the server's word that nothing will follow.
//   - final: everything else.
//
// These hold at any time:
//
//   - The position moves only when a message is handed over, so a cut at any
//     byte loses nothing: what was not handed over is asked for again.
//   - An event that is not strictly newer than the position is dropped, so
//     nothing is handed over twice, whatever a server repeats.
//   - Only a gap moves the position backwards, and it is handed over itself.
//   - What cannot be understood is an error, never skipped in silence; only
//     messages that are neither declared events nor have a position are.
//   - Back-off grows with failures in a row and starts anew with each sign of
//     life: a message, or a heartbeat. Merely being connected is none.
//   - All state is the ranging goroutine's own. The one goroutine that a
//     WebSocket session runs, to answer pings while the consumer is busy, ends
//     before the session is left.
package resume
