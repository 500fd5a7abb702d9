package rest

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/schema"
)

// File is a file of a form.
type File struct {
	// Field is the name of the part.
	Field string
	// Name is the file name, without directories; it is never empty.
	Name string
	// ContentType is as given, application/octet-stream if it was not.
	ContentType string
	Content     []byte
}

// Multipart decodes the text fields of a multipart form into a typed value and
// returns its files, in the order they were sent. A text becomes JSON by the
// type of its property in the schema of the body; that of an object or an array
// is JSON already. A field that is missing, repeated or unknown, a file part
// that is none of [Body.Files] and one of these without a file name are
// malformed; everything else is for the schema to judge.
func (in *Input) Multipart(into any) (files []File, present bool) {
	if mediaType := in.MediaType(); !strings.HasPrefix(mediaType, "multipart/") {
		return nil, false
	}
	body, ok := in.limited(in.api.Settings.maxForm())
	if !ok {
		return nil, true
	}
	_, parameters, _ := mime.ParseMediaType(in.r.Header.Get("Content-Type"))
	if parameters["boundary"] == "" {
		in.refusef(Malformed, nil, "the Content-Type has no boundary")
		return nil, true
	}
	// A form that breaks off after a boundary looks like its end to the reader.
	// With a line more it is a broken part; behind the real end it is nothing.
	body = io.MultiReader(body, strings.NewReader("\r\n!"))
	f := newForm(in)
	if f.read(multipart.NewReader(body, parameters["boundary"])) && f.complete() {
		in.accept(in.body.Schema, f.tree, f.text(), "", into)
	}
	return f.files, true
}

// form is a multipart form that is being read.
type form struct {
	in         *Input
	properties map[string]schema.Property
	tree       map[string]any             // the text fields as JSON values
	raw        map[string]json.RawMessage // and as they are decoded
	files      []File
}

func newForm(in *Input) *form {
	f := &form{in: in, properties: map[string]schema.Property{}, tree: map[string]any{}, raw: map[string]json.RawMessage{}}
	for _, property := range in.api.Schemas.Properties(in.body.Schema) {
		f.properties[property.Name] = property
	}
	return f
}

// read reads all parts, until one is wrong.
func (f *form) read(reader *multipart.Reader) bool {
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF { // itself: wrapped, it is a form that breaks off
			return true
		}
		if err != nil {
			f.in.broken(err, "the form is malformed or incomplete")
			return false
		}
		if !f.part(part) {
			return false
		}
	}
}

func (f *form) part(part *multipart.Part) bool {
	name, file := part.FormName(), part.FileName()
	isFile := slices.Contains(f.in.body.Files, name)
	_, isKnown := f.properties[name]
	_, isRepeated := f.tree[name]
	switch {
	case name == "":
		return f.refusef("a part of the form has no name")
	case isFile && file == "":
		return f.refusef("the file %q has no file name", name)
	case !isFile && file != "":
		return f.refusef("%q is not the name of a file", name)
	case !isFile && !isKnown:
		return f.refusef("there is no field %q", name)
	case isRepeated:
		return f.refusef("the field %q is repeated", name)
	}
	content, err := io.ReadAll(part)
	if err != nil {
		f.in.broken(err, "the form is incomplete")
		return false
	}
	if isFile {
		kind := cmp.Or(part.Header.Get("Content-Type"), "application/octet-stream")
		f.files = append(f.files, File{Field: name, Name: file, ContentType: kind, Content: content})
		return true
	}
	return f.field(name, content)
}

func (f *form) refusef(format string, args ...any) bool {
	f.in.refusef(Malformed, nil, format, args...)
	return false
}

// field takes a text field.
func (f *form) field(name string, content []byte) bool {
	if !utf8.Valid(content) {
		return f.refusef("the field %q is not UTF-8", name)
	}
	switch kind := f.properties[name].Type; kind {
	case "object", "array":
		value, err := schema.Parse(content, f.in.api.Settings.maxDepth())
		if err != nil {
			return f.refusef("the field %q: %v", name, err)
		}
		f.tree[name], f.raw[name] = value, content
	default:
		value := scalar(kind, string(content))
		f.tree[name] = value
		f.raw[name], _ = codec.Marshal(value) // a scalar has a JSON form
	}
	return true
}

// complete judges what is missing, and lets the schema count the files.
func (f *form) complete() bool {
	for _, file := range f.files {
		switch property, ok := f.properties[file.Field]; {
		case !ok:
		case property.Type == "array":
			list, _ := f.tree[file.Field].([]any)
			f.tree[file.Field] = append(list, "")
		default:
			f.tree[file.Field] = ""
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.properties)) {
		if _, given := f.tree[name]; f.properties[name].Required && !given {
			return f.refusef("the field %q is missing", name)
		}
	}
	return true
}

// text is the text fields as one JSON object.
func (f *form) text() []byte {
	text, _ := codec.Marshal(f.raw) // every member has been parsed or marshalled
	return text
}
