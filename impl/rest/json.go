package rest

import "net/http"

// JSON is a response with a JSON body, for an answer that has no type of its
// own.
func JSON(status int, body any) Response { return jsonResponse{status, body} }

type jsonResponse struct {
	status int
	body   any
}

// WriteResponse implements [Response].
func (j jsonResponse) WriteResponse(w http.ResponseWriter) error {
	return WriteJSON(w, j.status, j.body)
}
