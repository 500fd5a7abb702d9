package rest

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/schema"
)

// Input is a request that is being judged. Generated code asks it for every
// parameter and the body as typed values, then for the verdict ([Input.Err]);
// until then the values mean nothing. It belongs to one goroutine.
type Input struct {
	api  *API
	op   *Operation
	w    http.ResponseWriter
	r    *http.Request
	path map[string]string // parameters in the path

	query      url.Values // once it has been read
	body       *Body      // the one that the request has, once it is known
	judged     bool       // whether the body is known
	form       *Problem   // the first thing wrong with the form
	violations []schema.Violation
}

// Err returns what is wrong with the request as far as it has been asked for:
// the first fault of its form (400, 413), else every violation of a schema
// (422), else nil.
func (in *Input) Err() error {
	switch {
	case in.form != nil:
		return in.form
	case len(in.violations) > 0:
		return &Problem{Kind: Invalid, Message: "the request is not valid", Violations: in.violations}
	default:
		return nil
	}
}

// refusef notes a fault of the form, of which the first counts.
func (in *Input) refusef(kind Kind, err error, format string, args ...any) {
	if in.form == nil {
		in.form = &Problem{Kind: kind, Message: fmt.Sprintf(format, args...), Err: err}
	}
}

// violate notes violations; prefix is put before their paths.
func (in *Input) violate(prefix string, violations ...schema.Violation) {
	for _, v := range violations {
		in.violations = append(in.violations, schema.Violation{Path: prefix + v.Path, Message: v.Message})
	}
}

// accept validates a tree and, if it is valid, decodes its text into a typed
// value. Without a text the tree is written out.
func (in *Input) accept(name string, tree any, text []byte, prefix string, into any) {
	if violations := in.api.Schemas.Validate(name, tree); len(violations) > 0 {
		in.violate(prefix, violations...)
		return
	}
	if text == nil {
		var err error
		if text, err = codec.Marshal(tree); err != nil {
			in.refusef(Internal, err, "internal error")
			return
		}
	}
	if violation := decode(text, into); violation != nil {
		in.violate(prefix, *violation)
	}
}
