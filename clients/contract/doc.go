// Package contract judges any server by its URL against the documents of its
// API. It knows nothing of a particular API: what to ask and what to expect is
// in a Plan, plain data that the generator makes of the documents.
//
//	plan, err := contract.Load(data)
//	report, err := contract.Run(ctx, plan, contract.Options{Target: url, Token: token})
//	report.WriteText(os.Stdout, false)
//	os.Exit(report.ExitCode())
//
// The Catalogue is the list of checks. A check has a stable id, a sentence
// that says what a server must do, and a requirement level. Applied to a plan
// it yields trials, one for each element the check can be tried on: an
// operation, a case of the scenarios, a face of a stream. A trial passes,
// fails, or could not run, which is a failure with its reason.
//
// # How streams are judged
//
// For each stream of the scenarios the runner makes one stream and reads it
// whole through every face (WebSocket, server-sent events, polling): the
// records. The record on which most faces agree is the reference; resuming,
// cutting and paging must give what the reference gives, byte for byte.
// Streams that are still running are read on further streams of the same
// setup, subscribed to before the setup's condition holds.
//
// # Time
//
// Nothing sleeps. Each wait is for a condition (an answer, the next event, the
// end of a stream) and has one deadline, Options.Patience. Heartbeats do not
// prolong it.
package contract
