package resume_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

type upload struct {
	Title string          `json:"title"`
	Note  *string         `json:"note"`
	Tags  []string        `json:"tags"`
	Size  int             `json:"size"`
	Extra json.RawMessage `json:"extra,omitempty"`
}

// parts is a multipart request as text, one part a line.
func parts(r *http.Request) string {
	reader, err := r.MultipartReader()
	if err != nil {
		return err.Error()
	}
	var text strings.Builder
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			return err.Error()
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&text, "%s|%s|%s|%s\n", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), content)
	}
}

// post uploads a body and returns what the server has seen of it.
func post(t *testing.T, conn *resume.Conn, body *resume.Body) (seen string, err error) {
	t.Helper()
	err = conn.Do(t.Context(), resume.Call{
		Operation: "upload", Method: http.MethodPost, Path: "/files", Body: body, Idempotent: true,
		Expect: map[int]resume.Answer{http.StatusOK: resume.JSONInto(&seen)},
	})
	return seen, err
}

// Uploads are sent whole again after a cut in the middle.
func TestMultipartIsStreamedAndReplayed(t *testing.T) {
	t.Parallel()
	var requests, opened atomic.Int32
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			_, _ = io.ReadFull(r.Body, make([]byte, 100))
			panic(http.ErrAbortHandler)
		}
		answerJSON(w, http.StatusOK, parts(r))
	}))
	large := bytes.Repeat([]byte("0123456789"), 100_000)
	file := resume.File{Field: "file", Name: `a "b".bin`, Open: func() (io.ReadCloser, error) {
		opened.Add(1)
		return io.NopCloser(bytes.NewReader(large)), nil
	}}
	fields := upload{Title: "<t>é\n", Tags: []string{"x", "y"}, Size: 7, Extra: json.RawMessage(`{"b":1,"a":2}`)}
	seen, err := post(t, dial(t, server.URL), resume.Multipart(fields, file, resume.FileBytes("file", "c.txt", "text/plain", nil)))
	if err != nil {
		t.Fatal(err)
	}
	want := "title|||<t>é\n\ntags|||[\"x\",\"y\"]\nsize|||7\nextra|||{\"b\":1,\"a\":2}\n" +
		"file|a \"b\".bin|application/octet-stream|" + string(large) + "\nfile|c.txt|text/plain|\n"
	if seen != want {
		t.Errorf("the server saw %.200q…", seen)
	}
	if opened.Load() != 2 {
		t.Errorf("the file was opened %d times", opened.Load())
	}
}

func TestMultipartWithoutFilesHasALength(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answerJSON(w, http.StatusOK, fmt.Sprintf("%v %s", r.ContentLength > 0, parts(r)))
	}))
	seen, err := post(t, dial(t, server.URL), resume.Multipart(map[string]any{"on": true}))
	if err != nil || seen != "true on|||true\n" {
		t.Errorf("%q, %v", seen, err)
	}
}

// A file that cannot be read is not the network's fault, so it is not tried
// again.
func TestFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answerJSON(w, http.StatusOK, parts(r))
	}))
	torn := errors.New("torn")
	var opened atomic.Int32
	for name, open := range map[string]func() (io.ReadCloser, error){
		"missing": func() (io.ReadCloser, error) { return nil, torn },
		"broken": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("x"), broken{torn})), nil
		},
	} {
		opened.Store(0)
		_, err := post(t, dial(t, server.URL), resume.Multipart(upload{}, resume.File{Field: "f", Name: name, Open: func() (io.ReadCloser, error) {
			opened.Add(1)
			return open()
		}}))
		if !errors.Is(err, torn) || opened.Load() != 1 {
			t.Errorf("%s: %v, opened %d times", name, err, opened.Load())
		}
	}
	if _, err := post(t, dial(t, server.URL), resume.Multipart([]int{1})); err == nil || !strings.Contains(err.Error(), "no JSON object") {
		t.Error(err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
