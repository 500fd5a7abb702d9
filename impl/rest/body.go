package rest

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/schema"
)

// MediaType returns the media type of the body, as the operation has it. It is
// "" if there is no body, which is malformed where one is required, and if the
// body is of a media type that the operation does not have, which is malformed.
// A body of no bytes is none, whatever its content type.
func (in *Input) MediaType() string {
	if !in.judged {
		in.judged = true
		in.body = in.kindOfBody()
	}
	if in.body == nil {
		return ""
	}
	return in.body.MediaType
}

// kindOfBody returns the body of the operation that the request has, nil for
// none.
func (in *Input) kindOfBody() *Body {
	if len(in.op.Bodies) == 0 {
		return nil
	}
	if in.empty() {
		if in.op.BodyRequired {
			in.refusef(Malformed, nil, "a body is required")
		}
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(only(in.r.Header.Values("Content-Type")))
	if err != nil {
		in.refusef(Malformed, err, "the Content-Type is missing or malformed; it must be %s", in.accepted())
		return nil
	}
	at := slices.IndexFunc(in.op.Bodies, func(b Body) bool { return strings.EqualFold(b.MediaType, mediaType) })
	charset, hasCharset := parameters["charset"]
	switch {
	case at < 0:
		in.refusef(Malformed, nil, "the Content-Type must be %s", in.accepted())
	case hasCharset && !strings.EqualFold(charset, "utf-8"):
		in.refusef(Malformed, nil, "the charset must be utf-8")
	case !identity(in.r.Header):
		in.refusef(Malformed, nil, "the body must have no Content-Encoding")
	default:
		return &in.op.Bodies[at]
	}
	return nil
}

// accepted lists the media types of the operation.
func (in *Input) accepted() string {
	var names []string
	for _, body := range in.op.Bodies {
		names = append(names, body.MediaType)
	}
	return strings.Join(names, " or ")
}

func identity(header http.Header) bool {
	for _, encoding := range header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return false
		}
	}
	return true
}

// empty reports whether the request has no body, or one of no bytes.
func (in *Input) empty() bool {
	if in.r.ContentLength >= 0 {
		return in.r.ContentLength == 0
	}
	buffered := bufio.NewReader(in.r.Body)
	_, err := buffered.Peek(1)
	in.r.Body = struct {
		io.Reader
		io.Closer
	}{buffered, in.r.Body}
	return errors.Is(err, io.EOF)
}

// limited returns the body with a limit to it. It is not ok if the length that
// the caller declares is beyond it; then nothing is read.
func (in *Input) limited(limit int64) (body io.Reader, ok bool) {
	if in.r.ContentLength > limit {
		in.tooLarge(limit)
		return nil, false
	}
	return http.MaxBytesReader(innermost(in.w), in.r.Body, limit), true
}

func (in *Input) tooLarge(limit int64) {
	in.refusef(TooLarge, nil, "the body is larger than %d bytes", limit)
}

// broken notes an error of reading the body, or of what it should be.
func (in *Input) broken(err error, what string) {
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		in.tooLarge(over.Limit)
		return
	}
	in.refusef(Malformed, err, "%s", what)
}

// JSON decodes the JSON body into a typed value and reports whether there is
// one.
func (in *Input) JSON(into any) (present bool) {
	if mediaType := in.MediaType(); mediaType == "" || strings.HasPrefix(mediaType, "multipart/") {
		return false
	}
	body, ok := in.limited(in.api.Settings.maxBody())
	if !ok {
		return true
	}
	text, err := io.ReadAll(body)
	if err != nil {
		in.broken(err, "the body is incomplete")
		return true
	}
	tree, err := schema.Parse(text, in.api.Settings.maxDepth())
	if err != nil {
		in.refusef(Malformed, nil, "%v", err)
		return true
	}
	in.accept(in.body.Schema, tree, text, "", into)
	return true
}
