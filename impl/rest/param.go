package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/tbgen/impl/schema"
)

// Param decodes a parameter of the operation into a typed value: its text
// becomes JSON by the type of its schema, is validated, and is decoded. An
// absent one (an empty one in the query, a header or a cookie is absent) gets
// the default of its schema, if there is one, else into is left as it is. One
// that is given twice is a violation unless it is a list. Violations have the
// path query.NAME, header.NAME, cookie.NAME or path.NAME.
func (in *Input) Param(location, name string, into any) {
	p := in.parameter(location, name)
	at := location + "." + name
	texts, ok := in.texts(p)
	for _, text := range texts {
		if !utf8.ValidString(text) {
			in.refusef(Malformed, nil, "%s is not UTF-8", at)
			return
		}
	}
	switch {
	case !ok:
	case len(texts) == 0 || len(texts) == 1 && texts[0] == "":
		in.absent(p, at, into)
	default:
		value, ok := p.value(in.api.Schemas, texts)
		if !ok {
			in.violate(at, schema.Violation{Message: "must be given once"})
			return
		}
		in.accept(p.Schema, value, nil, at, into)
	}
}

// parameter returns a parameter that the operation declares.
func (in *Input) parameter(location, name string) Parameter {
	for _, p := range in.op.Parameters {
		if p.In == location && p.Name == name {
			return p
		}
	}
	panic(fmt.Sprintf("rest: operation %s has no parameter %q in %s", in.op.ID, name, location))
}

// absent takes the default of a parameter that is not given.
func (in *Input) absent(p Parameter, at string, into any) {
	if text, ok := in.api.Schemas.Default(p.Schema); ok && !p.Required {
		if violation := decode(text, into); violation != nil {
			in.violate(at, *violation)
		}
		return
	}
	if p.Required {
		in.violate(at, schema.Violation{Message: fmt.Sprintf("parameter %q is missing", p.Name)})
	}
}

// texts returns what is given for a parameter, each occurrence by itself. It
// is not ok if the request is malformed.
func (in *Input) texts(p Parameter) (texts []string, ok bool) {
	switch p.In {
	case "path":
		return []string{in.path[p.Name]}, true
	case "header":
		return in.r.Header.Values(p.Name), true
	case "cookie":
		for _, cookie := range in.r.CookiesNamed(p.Name) {
			texts = append(texts, cookie.Value)
		}
		return texts, true
	default:
		if in.query == nil {
			query, err := url.ParseQuery(in.r.URL.RawQuery)
			if err != nil {
				in.refusef(Malformed, err, "the query is malformed")
				return nil, false
			}
			in.query = query
		}
		return in.query[p.Name], true
	}
}

// separators are those of the styles of lists.
var separators = map[string]string{"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

// style is how a list is written: exploded, each item is given by itself.
func (p Parameter) style() (separator string, exploded bool) {
	byItem := p.In == "query" || p.In == "cookie"
	if p.Style == "" {
		return ",", byItem
	}
	return separators[p.Style], p.Explode && byItem
}

func (p Parameter) supported() bool {
	return p.Style == "" || separators[p.Style] != ""
}

// value is the JSON of what is given for a parameter. It is not ok if there is
// more than one and the parameter is no list.
func (p Parameter) value(schemas *schema.Set, texts []string) (value any, ok bool) {
	kind := schemas.Type(p.Schema)
	separator, exploded := p.style()
	if kind == "array" && exploded {
		return items(schemas, p.Schema, texts), true
	}
	if kind == "array" && p.In == "header" {
		texts = []string{strings.Join(texts, separator)} // which is what repeating a header means
	}
	if len(texts) > 1 {
		return nil, false
	}
	if kind == "array" {
		return items(schemas, p.Schema, strings.Split(texts[0], separator)), true
	}
	return scalar(kind, texts[0]), true
}

func items(schemas *schema.Set, name string, texts []string) []any {
	kind := schemas.Items(name)
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = scalar(kind, strings.TrimSpace(text))
	}
	return list
}

// scalar is the JSON value that a text stands for where a type is wanted. A
// text that is none of the type stays a string, for the schema to refuse.
func scalar(kind, text string) any {
	switch kind {
	case "", "string":
		return text
	}
	value, err := schema.Parse([]byte(text), maxTextDepth)
	if err != nil {
		return text
	}
	switch value := value.(type) {
	case json.Number:
		if kind == "integer" || kind == "number" {
			return trimmed(value, text)
		}
	case bool:
		if kind == "boolean" {
			return trimmed(value, text)
		}
	case map[string]any:
		if kind == "object" {
			return value
		}
	}
	return text
}

// maxTextDepth is how deep an object in a parameter may be nested.
const maxTextDepth = 100

// trimmed is the value unless there is space around it.
func trimmed(value any, text string) any {
	if strings.TrimSpace(text) != text {
		return text
	}
	return value
}

// unescape decodes a segment of an escaped path; net/http has checked it.
func unescape(segment string) string {
	text, err := url.PathUnescape(segment)
	if err != nil {
		return segment
	}
	return text
}
