package service

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// A page token is the store's position behind a fingerprint of the list that it belongs to, so
// that it is good for that list alone.
const fingerprintSize = 8

var errToken = model.NewError(model.ErrorCodeInvalidRequest, "the pageToken is not one of this list")

func makeToken(position string, query port.TaskQuery) string {
	return base64.RawURLEncoding.EncodeToString(append(fingerprint(query), position...))
}

func openToken(token string, query port.TaskQuery) (position string, err error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", errToken.WithCause(err)
	}
	rest, found := bytes.CutPrefix(data, fingerprint(query))
	if !found || token != makeToken(string(rest), query) { // the decoder skips line breaks
		return "", errToken
	}
	return string(rest), nil
}

func fingerprint(query port.TaskQuery) []byte {
	list := []string{query.OwnerID, "", ""}
	if query.Status != nil {
		list[1] = "=" + string(*query.Status)
	}
	if query.TaskType != nil {
		list[2] = "=" + *query.TaskType
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", list))
	return sum[:fingerprintSize]
}
