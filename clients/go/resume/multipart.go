package resume

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"

	"github.com/taskbridge/tbgen/impl/codec"
)

// File is one file part of a multipart body.
type File struct {
	Field       string
	Name        string
	ContentType string                        // "" is application/octet-stream
	Open        func() (io.ReadCloser, error) // called for each try, when its turn has come
}

// FileBytes returns a file part of the given content.
func FileBytes(field, name, contentType string, content []byte) File {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	return File{Field: field, Name: name, ContentType: contentType, Open: open}
}

// Multipart returns a multipart/form-data body. The fields are the members of
// the JSON object that fields encodes to, in its order: a string is sent as it
// is, null not at all, everything else as JSON text. Files follow the fields
// and are streamed.
func Multipart(fields any, files ...File) *Body {
	form := &form{}
	form.writer = multipart.NewWriter(&form.pending)
	err := form.addFields(fields)
	for _, file := range files {
		err = errors.Join(err, form.addFile(file))
	}
	err = errors.Join(err, form.writer.Close())
	form.flush()
	return &Body{
		mediaType: form.writer.FormDataContentType(),
		length:    form.length,
		open:      func() io.ReadCloser { return &sequence{parts: form.parts} },
		err:       err,
	}
}

// form gathers the parts of a multipart body.
type form struct {
	writer  *multipart.Writer
	pending bytes.Buffer // what the writer wrote since the last flush
	parts   []func() (io.ReadCloser, error)
	length  int64
}

// flush makes a part of what the writer wrote.
func (f *form) flush() {
	data := bytes.Clone(f.pending.Bytes())
	f.pending.Reset()
	f.parts = append(f.parts, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
	if f.length >= 0 {
		f.length += int64(len(data))
	}
}

func (f *form) addFields(fields any) error {
	data, err := codec.Marshal(fields)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("form fields: %T is no JSON object", fields)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		if err := f.addField(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}

func (f *form) addField(name string, value json.RawMessage) error {
	switch value[0] {
	case 'n':
		return nil
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		return f.writer.WriteField(name, text)
	}
	return f.writer.WriteField(name, string(value))
}

func (f *form) addFile(file File) error {
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition(file.Field, file.Name))
	header.Set("Content-Type", file.ContentType)
	if file.ContentType == "" {
		header.Set("Content-Type", "application/octet-stream")
	}
	if _, err := f.writer.CreatePart(header); err != nil {
		return err
	}
	f.flush()
	f.parts = append(f.parts, file.Open)
	f.length = -1
	return nil
}

// sequence reads parts one after the other, each opened when its turn comes.
type sequence struct {
	parts   []func() (io.ReadCloser, error)
	current io.ReadCloser
}

func (s *sequence) Read(p []byte) (int, error) {
	for {
		if s.current == nil {
			if len(s.parts) == 0 {
				return 0, io.EOF
			}
			part, err := s.parts[0]()
			if err != nil {
				return 0, err
			}
			s.current, s.parts = part, s.parts[1:]
		}
		n, err := s.current.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err := s.Close(); err != nil || n > 0 {
			return n, err
		}
	}
}

// Close closes the part being read.
func (s *sequence) Close() error {
	if s.current == nil {
		return nil
	}
	current := s.current
	s.current = nil
	return current.Close()
}
