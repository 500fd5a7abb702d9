// Package templates holds what tbgen emits, one template for each construct,
// in a folder for each target. A template sees the model and asks it
// questions; it decides no name and keeps no state.
package templates

import "embed"

// FS has the templates by their path, "go/model/enum.tmpl".
//
//go:embed go
var FS embed.FS
