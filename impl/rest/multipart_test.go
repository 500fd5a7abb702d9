package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/rest"
)

var uploadOrder = rest.Operation{
	ID: "uploadOrder", Method: http.MethodPost, Path: "/orders", BodyRequired: true,
	Bodies: []rest.Body{
		{MediaType: "application/json", Schema: "Order"},
		{MediaType: "multipart/form-data", Schema: "Form", Files: []string{"scan", "pages", "loose"}},
	},
}

type orderForm struct {
	Ref    string          `json:"ref"`
	Count  int             `json:"count,omitempty"`
	Urgent bool            `json:"urgent,omitempty"`
	Input  json.RawMessage `json:"input,omitempty"`
}

func readUpload(_ context.Context, in *rest.Input) (rest.Response, error) {
	var form orderForm
	var files []rest.File
	kind := in.MediaType()
	switch kind {
	case "application/json":
		in.JSON(&form)
	case "multipart/form-data":
		files, _ = in.Multipart(&form)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	return answer{200, map[string]any{"kind": kind, "form": form, "files": files}}, nil
}

// field is a part of a form; with a file name or a type it is written so.
type field struct{ name, file, kind, content string }

// form writes a form and returns it with its content type.
func form(t *testing.T, fields ...field) (string, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		disposition := `form-data; name="` + f.name + `"`
		if f.file != "" {
			disposition += `; filename="` + f.file + `"`
		}
		header := textproto.MIMEHeader{"Content-Disposition": {disposition}}
		if f.kind != "" {
			header.Set("Content-Type", f.kind)
		}
		part, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(f.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body.String(), w.FormDataContentType()
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(uploadOrder, readUpload)
	b.start()
	ref := field{name: "ref", content: "a"}
	page := field{name: "pages", file: "p.png", content: "1"}
	for name, test := range map[string]struct {
		fields []field
		status int
		want   string
	}{
		"text alone": {[]field{ref}, 200, `{"files":null,"form":{"ref":"a"},"kind":"multipart/form-data"}`},
		"every type": {[]field{{name: "input", content: ` {"z":1.0,"a":[1e999]}`}, {name: "count", content: "2.0"}, {name: "urgent", content: "true"}, ref}, 200,
			`"form":{"ref":"a","count":2,"urgent":true,"input":{"z":1.0,"a":[1e999]}}`},
		"files in order": {[]field{page, ref, {name: "scan", file: "dir/s.bin", kind: "image/x", content: "\x00\xff"}, {name: "loose", file: "é l.txt", content: ""}}, 200,
			`{"files":[{"Field":"pages","Name":"p.png","ContentType":"application/octet-stream","Content":"MQ=="},{"Field":"scan","Name":"s.bin","ContentType":"image/x","Content":"AP8="},{"Field":"loose","Name":"é l.txt","ContentType":"application/octet-stream","Content":""}]`},
		"several of a single file":  {[]field{ref, {name: "scan", file: "a"}, {name: "scan", file: "b"}}, 200, `"Name":"b"`},
		"text that looks like JSON": {[]field{{name: "ref", content: `{"a":1`}}, 200, `"ref":"{\"a\":1"`},
		"number as text":            {[]field{{name: "ref", content: `1`}}, 200, `"ref":"1"`},

		"missing field":           {[]field{page}, 400, `the field \"ref\" is missing`},
		"repeated field":          {[]field{ref, ref}, 400, `the field \"ref\" is repeated`},
		"unknown field":           {[]field{ref, {name: "more", content: "x"}}, 400, `there is no field \"more\"`},
		"field in another case":   {[]field{ref, {name: "Count", content: "1"}}, 400, `there is no field \"Count\"`},
		"nameless part":           {[]field{ref, {name: "", content: "x"}}, 400, `has no name`},
		"file of another name":    {[]field{ref, {name: "other", file: "x"}}, 400, `\"other\" is not the name of a file`},
		"file for a text":         {[]field{{name: "ref", file: "x", content: "a"}}, 400, `\"ref\" is not the name of a file`},
		"file without a name":     {[]field{ref, {name: "scan", content: "x"}}, 400, `the file \"scan\" has no file name`},
		"text that is not UTF-8":  {[]field{{name: "ref", content: "\xff"}}, 400, `the field \"ref\" is not UTF-8`},
		"object that is no JSON":  {[]field{ref, {name: "input", content: `{`}}, 400, `the field \"input\": invalid JSON`},
		"object that is empty":    {[]field{ref, {name: "input", content: ``}}, 400, `the field \"input\": invalid JSON`},
		"object that repeats":     {[]field{ref, {name: "input", content: `{"a":1,"a":1}`}}, 400, `a member is repeated`},
		"object that is too deep": {[]field{ref, {name: "input", content: strings.Repeat(`{"a":`, 1001) + "1" + strings.Repeat("}", 1001)}}, 400, `nested deeper than 1000`},

		"empty text":             {[]field{{name: "ref", content: ""}}, 422, `[{"path":"/ref","message":"must have at least 1 character"}]`},
		"object of another type": {[]field{ref, {name: "input", content: `[1]`}}, 422, `[{"path":"/input","message":"must be an object"}]`},
		"null object":            {[]field{ref, {name: "input", content: `null`}}, 422, `[{"path":"/input","message":"must be an object"}]`},
		"no integer":             {[]field{ref, {name: "count", content: "two"}}, 422, `[{"path":"/count","message":"must be an integer"}]`},
		"all violations":         {[]field{{name: "ref", content: ""}, {name: "count", content: "0"}, {name: "urgent", content: "1"}}, 422, `[{"path":"/count","message":"must be at least 1"},{"path":"/ref","message":"must have at least 1 character"},{"path":"/urgent","message":"must be a boolean"}]`},
		"too many files":         {[]field{ref, page, page, page}, 422, `[{"path":"/pages","message":"must have at most 2 items"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, kind := form(t, test.fields...)
			b.do("POST", "/orders", strings.NewReader(body), "Content-Type", kind).want(t, test.status, test.want)
		})
	}
	b.json("POST", "/orders", `{"ref":"a"}`).want(t, 200, `"kind":"application/json"`)
	b.do("POST", "/orders", strings.NewReader("x"), "Content-Type", "text/plain").want(t, 400, "must be application/json or multipart/form-data")
	b.do("POST", "/orders", nil).want(t, 400, "a body is required")
}

func TestRawMultipart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(uploadOrder, readUpload)
	b.start()
	const part = "--x\r\nContent-Disposition: form-data; name=\"ref\"\r\n\r\na"
	for name, test := range map[string]struct{ body, kind string }{
		"no boundary":          {part + "\r\n--x--\r\n", "multipart/form-data"},
		"another boundary":     {part + "\r\n--x--\r\n", "multipart/form-data; boundary=y"},
		"no end":               {part, "multipart/form-data; boundary=x"},
		"ends after a part":    {part + "\r\n--x\r\n", "multipart/form-data; boundary=x"},
		"ends after a header":  {part + "\r\n--x\r\nContent-Disposition: form-data; name=\"count\"\r\n", "multipart/form-data; boundary=x"},
		"ends before a text":   {part + "\r\n--x\r\nContent-Disposition: form-data; name=\"count\"\r\n\r\n", "multipart/form-data; boundary=x"},
		"ends in the boundary": {part + "\r\n--x-", "multipart/form-data; boundary=x"},
		"ends in a header":     {"--x\r\nContent-Dispo", "multipart/form-data; boundary=x"},
		"no form":              {"hello", "multipart/form-data; boundary=x"},
		"no disposition":       {"--x\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"},
		"not form-data":        {"--x\r\nContent-Disposition: attachment; name=\"ref\"\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"},
		"no parts":             {"--x--\r\n", "multipart/form-data; boundary=x"},
		"another multipart":    {part + "\r\n--x--\r\n", "multipart/mixed; boundary=x"},
		"header without colon": {"--x\r\nnonsense\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.do("POST", "/orders", strings.NewReader(test.body), "Content-Type", test.kind).want(t, 400, `"X_MALFORMED"`)
		})
	}
	for _, end := range []string{"--x--", "--x--\r\n", "--x-- \r\n"} {
		b.do("POST", "/orders", strings.NewReader(part+"\r\n"+end), "Content-Type", "multipart/form-data; boundary=x").want(t, 200, `"ref":"a"`)
	}
	encoded := "\r\n--x\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"s\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n--x--"
	b.do("POST", "/orders", strings.NewReader(part+encoded), "Content-Type", "multipart/form-data; boundary=x").want(t, 200, `"Content":"PTQx"`)
	b.do("POST", "/orders", strings.NewReader("preamble\r\n"+part+"\r\n--x--\r\nepilogue"), "Content-Type", "multipart/form-data; boundary=x").want(t, 200, `"ref":"a"`)
}

func TestFormLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.Settings.MaxForm = 2000
	b.api.Settings.MaxBody = 100
	b.handle(uploadOrder, readUpload)
	b.start()
	sized := func(size int) (string, string) {
		fields := []field{{name: "ref", content: "a"}, {name: "scan", file: "s"}}
		empty, _ := form(t, fields...)
		fields[1].content = strings.Repeat("x", size-len(empty))
		return form(t, fields...)
	}
	for size, status := range map[int]int{2000: 200, 2001: 413, 5000: 413} {
		body, kind := sized(size)
		b.do("POST", "/orders", strings.NewReader(body), "Content-Type", kind).want(t, status)
		b.do("POST", "/orders", unsized{strings.NewReader(body)}, "Content-Type", kind).want(t, status)
	}
	b.json("POST", "/orders", `{"ref":"a","input":{"x":"`+strings.Repeat("x", 100)+`"}}`).want(t, 413)
}

// Nothing is missing from the form, so that only its end can be.
func TestFormOfOptionalFieldsMustEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "note", Method: http.MethodPost, Path: "/note",
		Bodies: []rest.Body{{MediaType: "multipart/form-data", Schema: "Reason"}},
	}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		in.Multipart(&struct{}{})
		return answer{200, 1}, in.Err()
	})
	b.start()
	for body, status := range map[string]int{"--x--": 200, "hello": 400, "--x": 400, "--x\r\n": 400, "--x-": 400, "\r\n": 400, "--y--": 400} {
		b.do("POST", "/note", strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=x").want(t, status)
	}
}

func TestRequiredFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(rest.Operation{ID: "scan", Method: http.MethodPost, Path: "/scan",
		Bodies: []rest.Body{{MediaType: "multipart/form-data", Schema: "NeedsScan", Files: []string{"scan"}}},
	}, func(_ context.Context, in *rest.Input) (rest.Response, error) {
		files, present := in.Multipart(&struct{}{})
		return answer{200, map[string]any{"files": len(files), "present": present}}, in.Err()
	})
	b.start()
	body, kind := form(t, field{name: "scan", file: "s"})
	b.do("POST", "/scan", strings.NewReader(body), "Content-Type", kind).want(t, 200, `{"files":1,"present":true}`)
	body, kind = form(t)
	b.do("POST", "/scan", strings.NewReader(body), "Content-Type", kind).want(t, 400, `the field \"scan\" is missing`)
	b.do("POST", "/scan", nil).want(t, 200, `{"files":0,"present":false}`)
}
