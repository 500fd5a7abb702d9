// Package schema reads JSON strictly and judges it by the schemas of a
// document.
//
// [Parse] turns text into a tree and refuses what JSON readers disagree about:
// repeated members, bad UTF-8, halves of surrogate pairs. A [Set] judges such
// a tree by JSON Schema 2020-12 and tells everything that is wrong with it, as
// flat violations that a caller can act on: where, and what it must be.
package schema
