// Package spec holds the two documents that state the protocol of TaskBridge. Everything under gen/
// and the client under clients/go are generated from them.
package spec

import "embed"

// The names of the documents in [Documents].
const (
	// OpenAPI is the OpenAPI 3.1 document: the HTTP operations, and every schema of the protocol.
	OpenAPI = "openapi.yaml"
	// AsyncAPI is the AsyncAPI 3.0 document: the messages of the WebSocket and of the SSE stream. It
	// refers to the schemas of [OpenAPI].
	AsyncAPI = "asyncapi.yaml"
)

// Documents holds both documents under their names, side by side, so that the references between
// them resolve.
//
//go:embed openapi.yaml asyncapi.yaml
var Documents embed.FS
