package contract

import (
	"encoding/json"
	"errors"
)

// Scenarios are the stimuli: how to bring a server into a state through its
// own operations, and what to ask it then.
type Scenarios struct {
	Setups map[string]Setup `json:"setups,omitempty"`
	// Cases are requests whose answer is known.
	Cases []Case `json:"cases,omitempty"`
	// Streams are the streams that all stream checks run on.
	Streams []StreamCase `json:"streams,omitempty"`
}

// Setup brings a server into a state: first the setup it builds on, then its
// request, then waiting.
type Setup struct {
	Description string `json:"description,omitempty"`
	// Setup is the setup this one builds on; its captured variables are kept.
	Setup   string  `json:"setup,omitempty"`
	Request Request `json:"request"`
	// Status the request must be answered with; 0: any of 200 to 299.
	Status int `json:"status,omitempty"`
	// Capture gives variables by JSON pointers into the answer.
	Capture map[string]string `json:"capture,omitempty"`
	// Until is what to wait for, on the stream named by Stream whose key is the
	// variable of the key's name. Nil: nothing.
	Until  *Until `json:"until,omitempty"`
	Stream string `json:"stream,omitempty"`
	Origin string `json:"origin,omitempty"`
}

// Until is a condition on a stream: its end, or the first event with a tag. In
// JSON it is "terminal" or {"event": tag}.
type Until struct{ Event string }

// MarshalJSON implements json.Marshaler.
func (u *Until) MarshalJSON() ([]byte, error) {
	if u.Event == "" {
		return json.Marshal("terminal")
	}
	return json.Marshal(map[string]string{"event": u.Event})
}

// UnmarshalJSON implements json.Unmarshaler.
func (u *Until) UnmarshalJSON(data []byte) error {
	if string(data) == `"terminal"` {
		*u = Until{}
		return nil
	}
	var condition struct {
		Event string `json:"event"`
	}
	if err := json.Unmarshal(data, &condition); err != nil || condition.Event == "" {
		return errors.New(`until must be "terminal" or {"event": TAG}`)
	}
	u.Event = condition.Event
	return nil
}

// Request is a call of an operation. Parameters, Headers and Body are
// templates: the variables are $unique, fresh for each request and the same
// throughout it, and whatever the setups have captured.
type Request struct {
	Operation string `json:"operation"`
	// Parameters by name, of any place; a query parameter that is an array is
	// repeated.
	Parameters map[string]json.RawMessage `json:"parameters,omitempty"`
	// Headers are further request headers, declared or not.
	Headers map[string]json.RawMessage `json:"headers,omitempty"`
	Body    json.RawMessage            `json:"body,omitempty"`
	// Raw is sent as it stands instead of Body, whatever the media type.
	Raw *string `json:"raw,omitempty"`
	// PadTo is the length in bytes that a shorter JSON body is given by blanks
	// after it.
	PadTo int `json:"padTo,omitempty"`
	// MediaType of the body; empty: application/json; "none": no Content-Type.
	// For multipart/form-data Body gives the text fields (values that are not
	// strings as JSON text) and Files the files.
	MediaType string `json:"mediaType,omitempty"`
	Files     []File `json:"files,omitempty"`
	// Credentials to present: "" (the caller's), "none", "invalid", or "other"
	// (those of a second subject).
	Credentials string `json:"credentials,omitempty"`
}

// File is a file part of a multipart form.
type File struct {
	Field       string `json:"field"`
	Name        string `json:"name"`
	ContentType string `json:"contentType,omitempty"`
	Text        string `json:"text"`
}

// Case is a request and the answer it must get.
type Case struct {
	Request
	// Name is unique among the cases of its operation; Description says what
	// the answer shows.
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// Setup to run before; its variables are available to the request.
	Setup string `json:"setup,omitempty"`
	// Repeat sends the same request twice and judges the second answer.
	Repeat bool `json:"repeat,omitempty"`
	Status int  `json:"status"`
	// Code of the error envelope; empty for answers that are no error.
	Code string `json:"code,omitempty"`
	// Expect gives values of the answer, as templates with the variables of the
	// request: by JSON pointers into the body ("/items/0/id") or by header
	// ("header.Location").
	Expect map[string]json.RawMessage `json:"expect,omitempty"`
	Origin string                     `json:"origin,omitempty"`
}

// StreamCase is a stream for the stream checks: the one that Setup makes. The
// checks judge it up to the condition of the setup.
type StreamCase struct {
	Stream string `json:"stream"`
	Setup  string `json:"setup"`
	// Live says that the stream goes on by itself after the setup's condition,
	// and ends: the checks judge it whole.
	Live   bool   `json:"live,omitempty"`
	Origin string `json:"origin,omitempty"`
}
