package contract

import "encoding/json"

// Version is the plan format this package reads. It grows by one when a
// reader of the former format would misunderstand a plan.
const Version = 1

// Plan is everything a runner needs to judge a server, as plain data: what the
// documents of an API promise, and how to bring a server into the states that
// show whether it keeps the promises. It is built once, by the generator, from
// the OpenAPI and AsyncAPI documents; its JSON form (the json tags below) is a
// documented format that runners in other languages can use.
//
// Elements refer to one another by name: operations by id, schemas by their
// name in Schemas, streams, setups and security schemes by theirs. Check finds
// references that lead nowhere. Origin is always "file:line" of the element in
// the documents, or empty when there is none.
type Plan struct {
	// Comment is for who reads the file; it means nothing.
	Comment string `json:"$comment,omitempty"`
	// Version is the format of this plan, see the constant Version.
	Version int `json:"version"`
	// Title names the API for reports.
	Title string `json:"title"`
	// Schemas is one JSON Schema document, 2020-12, {"$defs": {name: schema}}.
	// References between the schemas read "#/$defs/Name".
	Schemas json.RawMessage `json:"schemas"`
	// SecuritySchemes are the ways to present a credential.
	SecuritySchemes []SecurityScheme `json:"securitySchemes,omitempty"`
	// Errors is the error envelope and catalogue; nil when the documents have
	// none, and then errors are judged by their status alone.
	Errors *Errors `json:"errors,omitempty"`
	// Operations are all HTTP operations, those that open a stream included.
	Operations []Operation `json:"operations"`
	// Streams are the resumable streams.
	Streams []Stream `json:"streams,omitempty"`
	// Lifecycles are the declared state machines.
	Lifecycles []Lifecycle `json:"lifecycles,omitempty"`
	// Scenarios are the stimuli.
	Scenarios Scenarios `json:"scenarios"`
}

// SecurityScheme is one entry of the OpenAPI components/securitySchemes.
type SecurityScheme struct {
	Name string `json:"name"`
	// Type is "http" or "apiKey".
	Type string `json:"type"`
	// Scheme is "bearer" or "basic" for type http. A basic credential is given
	// to the runner as "user:password".
	Scheme string `json:"scheme,omitempty"`
	// In and Param place an API key: "header", "query" or "cookie", and the name.
	In     string `json:"in,omitempty"`
	Param  string `json:"param,omitempty"`
	Origin string `json:"origin,omitempty"`
}

// Operation is one HTTP method on one path.
type Operation struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	// Path is the template, parameters in braces: "/orders/{orderId}".
	Path string `json:"path"`
	// Security names the schemes of which any one is enough. Empty: the
	// operation is public, or a credential is optional.
	Security   []string    `json:"security,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
	Body       *Body       `json:"body,omitempty"`
	// Responses by status as the document writes it: "200", "4XX", "default".
	Responses map[string]Response `json:"responses"`
	// Errors are the codes of the catalogue the operation may answer with.
	Errors      []string     `json:"errors,omitempty"`
	Idempotency *Idempotency `json:"idempotency,omitempty"`
	// Stream is true for the operations that are a face of a stream.
	Stream bool   `json:"stream,omitempty"`
	Origin string `json:"origin,omitempty"`
}

// Parameter is a path, query, header or cookie parameter.
type Parameter struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required,omitempty"`
	Schema   string `json:"schema"`
	Origin   string `json:"origin,omitempty"`
}

// Body is a request body in any of several media types.
type Body struct {
	Required bool             `json:"required,omitempty"`
	Content  map[string]Media `json:"content"`
}

// Media is the content of a body in one media type.
type Media struct {
	// Schema is empty when the document gives none.
	Schema string `json:"schema,omitempty"`
	// Files are the fields of a multipart form that carry files.
	Files []string `json:"files,omitempty"`
}

// Response is what an operation may answer with one status.
type Response struct {
	// Content by media type. Empty: the response has no body.
	Content map[string]Media `json:"content,omitempty"`
	Headers []Header         `json:"headers,omitempty"`
	Origin  string           `json:"origin,omitempty"`
}

// Header is a declared response header.
type Header struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Schema   string `json:"schema,omitempty"`
}

// Idempotency says which request member makes a repeated request harmless.
type Idempotency struct {
	// Key is the member of the JSON body that identifies the request.
	Key string `json:"key"`
	// Scope is where a key is unique: "caller" or "path".
	Scope string `json:"scope"`
	// Replay is how the answer to a repeated request is told from the first one.
	Replay Replay `json:"replay"`
	// Conflict is the code of a repeated key with other content.
	Conflict string `json:"conflict,omitempty"`
	Origin   string `json:"origin,omitempty"`
}

// Replay describes the answer to a repeated request.
type Replay struct {
	Status int `json:"status,omitempty"`
	// Member is a JSON pointer into the answer, Equals the value it has there.
	Member string          `json:"member,omitempty"`
	Equals json.RawMessage `json:"equals,omitempty"`
}

// Errors is the error envelope, and what each code means.
type Errors struct {
	// Schema of the envelope.
	Schema  string       `json:"schema"`
	Members ErrorMembers `json:"members"`
	// Roles gives the code for each fault a server finds before its handlers
	// are asked: malformed, invalid, tooLarge, unauthenticated, notFound,
	// methodNotAllowed, rateLimited, upgradeRequired, originDenied, internal.
	Roles     map[string]string    `json:"roles,omitempty"`
	Catalogue map[string]ErrorCode `json:"catalogue"`
	Origin    string               `json:"origin,omitempty"`
}

// ErrorMembers names the members of the envelope; Violations is a JSON pointer
// to the list of schema violations.
type ErrorMembers struct {
	Code       string `json:"code"`
	Message    string `json:"message,omitempty"`
	Details    string `json:"details,omitempty"`
	Timestamp  string `json:"timestamp,omitempty"`
	Violations string `json:"violations,omitempty"`
}

// ErrorCode is one entry of the catalogue.
type ErrorCode struct {
	Status      int    `json:"status"`
	Description string `json:"description,omitempty"`
	Retryable   bool   `json:"retryable,omitempty"`
	Parent      string `json:"parent,omitempty"`
	Origin      string `json:"origin,omitempty"`
}

// Lifecycle is a declared state machine.
type Lifecycle struct {
	// Schema is the name of the enum of states.
	Schema   string              `json:"schema"`
	Initial  string              `json:"initial"`
	Moves    map[string][]string `json:"moves"`
	Terminal []string            `json:"terminal,omitempty"`
	// Events gives the stream event that tells of the move into a state.
	Events map[string]string `json:"events,omitempty"`
	Stream string            `json:"stream,omitempty"`
	Origin string            `json:"origin,omitempty"`
}
