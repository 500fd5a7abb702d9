// Package rules holds the rules of the protocol that all stores and services have in common, as
// pure functions: what a task and an event are identified by, how an event is encoded, which
// status follows which, what a cursor leads to, and how an action is judged.
//
// A store calls them inside its own atomic write. One that judges elsewhere (in a script of its
// database, say) must come to the same results; the suite in impl/porttest shows whether it does.
package rules
