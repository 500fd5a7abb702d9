package contract

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// call is a request ready to be sent, any number of times.
type call struct {
	operation *Operation // nil for requests that no operation declares
	method    string
	path      string // escaped
	query     url.Values
	header    http.Header
	body      []byte
	scheme    *SecurityScheme // how to present the credential; nil: none
	token     string
	vars      map[string]any
}

// call renders a request of the scenarios with the variables of its setups.
func (s *session) call(request Request, captured map[string]any) (*call, error) {
	operation := s.operations[request.Operation]
	c := s.bare(operation, operation.Method)
	maps.Copy(c.vars, captured)
	if err := c.parameters(request.Parameters); err != nil {
		return nil, err
	}
	for name, value := range request.Headers {
		texts, err := c.texts(value)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		c.header[http.CanonicalHeaderKey(name)] = texts
	}
	if err := c.content(request); err != nil {
		return nil, err
	}
	return c, s.present(c, request.Credentials)
}

// bare is a call of an operation, or of none, with the caller's credentials and
// nothing else.
func (s *session) bare(operation *Operation, method string) *call {
	c := &call{operation: operation, method: method, query: url.Values{}, header: http.Header{}}
	c.vars = map[string]any{"unique": s.unique()}
	if operation != nil {
		c.path = operation.Path
	}
	c.scheme, c.token = s.schemeFor(operation), s.options.Token
	return c
}

// schemeFor is the first scheme an operation accepts; nil when it is public. A
// request of no operation presents what most operations want.
func (s *session) schemeFor(operation *Operation) *SecurityScheme {
	if operation == nil {
		for i := range s.Operations {
			if len(s.Operations[i].Security) > 0 {
				return s.schemes[s.Operations[i].Security[0]]
			}
		}
		return nil
	}
	if len(operation.Security) == 0 {
		return nil
	}
	return s.schemes[operation.Security[0]]
}

// present replaces the credential of a call.
func (s *session) present(c *call, credentials string) error {
	switch credentials {
	case "none":
		c.scheme = nil
	case "invalid":
		c.token = "invalid-" + s.unique()
	case "other":
		if s.options.OtherToken == "" {
			return errNoOther
		}
		c.token = s.options.OtherToken
	}
	return nil
}

func (c *call) parameters(given map[string]json.RawMessage) error {
	for name, value := range given {
		texts, err := c.texts(value)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
		c.set(c.operation.parameter(name), texts)
	}
	return nil
}

// set puts the texts of a parameter where it belongs.
func (c *call) set(parameter *Parameter, texts []string) {
	switch parameter.In {
	case "path":
		c.path = strings.ReplaceAll(c.path, "{"+parameter.Name+"}", url.PathEscape(strings.Join(texts, ",")))
	case "query":
		c.query[parameter.Name] = texts
	case "header":
		c.header[http.CanonicalHeaderKey(parameter.Name)] = texts
	case "cookie":
		for _, text := range texts {
			c.header.Add("Cookie", (&http.Cookie{Name: parameter.Name, Value: text}).String())
		}
	}
}

// texts renders a template to what stands in a URL or header: the text of a
// string, the JSON of anything else, one for each element of an array.
func (c *call) texts(template json.RawMessage) ([]string, error) {
	value, err := render(template, c.vars)
	if err != nil {
		return nil, err
	}
	if value[0] != '[' {
		return []string{plain(value)}, nil
	}
	var elements []json.RawMessage
	if err := codec.Unmarshal(value, &elements); err != nil {
		return nil, err
	}
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = plain(element)
	}
	return texts, nil
}

// plain is the text of a JSON string, and the JSON of any other value.
func plain(value json.RawMessage) string {
	var text string
	if len(value) > 0 && value[0] == '"' && codec.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

const jsonType = "application/json"

// content gives the call its body.
func (c *call) content(request Request) error {
	media := request.MediaType
	switch {
	case request.Raw != nil:
		c.body = []byte(*request.Raw)
	case media == "multipart/form-data":
		return c.form(request)
	case len(request.Body) > 0:
		body, err := render(request.Body, c.vars)
		if err != nil {
			return fmt.Errorf("body: %w", err)
		}
		c.body = slices.Concat(body, bytes.Repeat([]byte(" "), max(0, request.PadTo-len(body))))
	default:
		return nil
	}
	if media == "" {
		media = jsonType
	}
	if media != "none" {
		c.header.Set("Content-Type", media)
	}
	return nil
}

func (c *call) form(request Request) error {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	if len(request.Body) > 0 {
		rendered, err := render(request.Body, c.vars)
		if err != nil {
			return fmt.Errorf("body: %w", err)
		}
		if err := fields(writer, rendered); err != nil {
			return fmt.Errorf("body: %w", err)
		}
	}
	for _, file := range request.Files {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", multipart.FileContentDisposition(file.Field, file.Name))
		header.Set("Content-Type", cmp.Or(file.ContentType, "application/octet-stream"))
		part, err := writer.CreatePart(header)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, file.Text); err != nil {
			return err
		}
	}
	c.header.Set("Content-Type", writer.FormDataContentType())
	err := writer.Close()
	c.body = body.Bytes()
	return err
}

// fields writes the members of an object as text fields, sorted by name.
func fields(writer *multipart.Writer, object json.RawMessage) error {
	var values map[string]json.RawMessage
	if err := codec.Unmarshal(object, &values); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := writer.WriteField(name, plain(values[name])); err != nil {
			return err
		}
	}
	return nil
}

// authorize presents the credential on a request's header and query.
func (c *call) authorize(header http.Header, query url.Values, token string) {
	switch {
	case c.scheme == nil || c.token == "":
	case c.scheme.Type == "http" && c.scheme.Scheme == "basic":
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(token)))
	case c.scheme.Type == "http":
		header.Set("Authorization", "Bearer "+token)
	case c.scheme.In == "header":
		header.Set(c.scheme.Param, token)
	case c.scheme.In == "query":
		query.Set(c.scheme.Param, token)
	default:
		header.Add("Cookie", (&http.Cookie{Name: c.scheme.Param, Value: token}).String())
	}
}
