package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/taskbridge/tbgen/impl/rest"
	"github.com/taskbridge/tbgen/impl/schema"
)

// BenchmarkCreate is a request from the router to the response, without the
// network.
func BenchmarkCreate(b *testing.B) {
	set, err := schema.Load([]byte(schemas))
	if err != nil {
		b.Fatal(err)
	}
	api := &rest.API{Schemas: set, Problem: worded}
	router := chi.NewRouter()
	router.Method(createOrder.Method, createOrder.Path, api.Handle(createOrder, readOrder))
	const body = `{"ref":"a","count":2,"price":1.5,"input":{"x":[1,2,3]},"lines":[{"item":"x","count":1},{"item":"y","count":2}]}`
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		request := httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		if router.ServeHTTP(recorder, request); recorder.Code != http.StatusCreated {
			b.Fatal(recorder.Body)
		}
	}
}
