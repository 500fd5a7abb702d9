package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taskbridge/tbgen/cmd/tbgen/testdata/orders/gen/model"
)

// These tests run the packages generated from testdata/orders.

func TestUnionsRoundTrip(t *testing.T) {
	t.Parallel()
	header := model.TickHeader{N: 7, Order: "o1"}
	cases := map[string]model.Tick{
		`{"kind":"opened","n":7,"order":"o1","by":"ann"}`:  model.OpenedTick{TickHeader: header, By: new("ann")},
		`{"kind":"closed","n":7,"order":"o1","total":1.5}`: model.ClosedTick{TickHeader: header, Total: 1.5},
		`{"kind":"lost","n":7,"order":"o1","why":"old"}`:   model.Lost{TickHeader: header, Why: new(model.LostWhyOld)},
	}
	for text, want := range cases {
		got, err := model.UnmarshalTick([]byte(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
		if back, err := json.Marshal(got); err != nil || string(back) != text {
			t.Errorf("%s is written as %s, %v", text, back, err)
		}
		if got.Header() != header {
			t.Errorf("%s: header %v", text, got.Header())
		}
	}
}

func TestAnUnknownArmKeepsItsBytes(t *testing.T) {
	t.Parallel()
	text := `{ "n":9, "kind":"painted","order":"o2", "colour":[1.0] }`
	got, err := model.UnmarshalTick([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	unknown, ok := got.(model.UnknownTick)
	if !ok || unknown.Kind() != "painted" || unknown.Header().N != 9 || string(unknown.Raw) != text {
		t.Errorf("got %#v", got)
	}
}

func TestUnionsWithinObjects(t *testing.T) {
	t.Parallel()
	text := `{"items":[{"kind":"opened","n":1,"order":"o1"},{"kind":"new","n":2,"order":"o1"}],"more":true,"latest":{"kind":"closed","n":3,"order":"o1","total":2}}`
	var page model.TickPage
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 2 || page.Items[1].Kind() != "new" || page.Latest.(model.ClosedTick).Total != 2 || !page.More {
		t.Errorf("page is %#v", page)
	}
	if back, err := json.Marshal(page); err != nil || string(back) != text {
		t.Errorf("written as %s, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"items":[{"kind":7}]}`), &page); err == nil {
		t.Error("an event without a tag was accepted")
	}
}

func TestEnumsAndLifecycles(t *testing.T) {
	t.Parallel()
	if !model.OrderStateInWork.Valid() || model.OrderState("lost").Valid() {
		t.Error("Valid does not know the values")
	}
	want := []model.OrderState{model.OrderStateNew, model.OrderStateInWork, model.OrderStateDone}
	if diff := cmp.Diff(want, model.OrderStateValues()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if !model.OrderStateNew.CanMoveTo(model.OrderStateInWork) || !model.OrderStateDone.CanMoveTo(model.OrderStateDone) ||
		model.OrderStateNew.CanMoveTo(model.OrderStateDone) || model.OrderState("lost").CanMoveTo("lost") {
		t.Error("CanMoveTo does not follow the lifecycle")
	}
	if !model.OrderStateDone.Terminal() || model.OrderStateNew.Terminal() || !model.TickKindClosed.Terminal() || model.TickKindOpened.Terminal() {
		t.Error("Terminal is wrong")
	}
}

func TestErrorsAreTypedAndCoded(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	err := error(model.NewError(model.FailureCodeBadValue, "too many lines").WithCause(cause))
	if !errors.Is(err, model.ErrBadValue) || !errors.Is(err, model.ErrBadForm) || errors.Is(err, model.ErrWho) || !errors.Is(err, cause) {
		t.Errorf("errors.Is does not follow code, parent and cause of %v", err)
	}
	if got := model.FailureCodeBadValue.HTTPStatus(); got != http.StatusUnprocessableEntity {
		t.Errorf("status %d", got)
	}
	if !model.FailureCodeBroken.Retryable() || model.FailureCodeWho.Retryable() {
		t.Error("Retryable is wrong")
	}
	coded, ok := errors.AsType[*model.Error](err)
	if !ok {
		t.Fatal("not a *model.Error")
	}
	body, marshalErr := json.Marshal(coded.Envelope(time.Now()))
	if marshalErr != nil || string(body) != `{"error":"BAD_VALUE","text":"too many lines"}` {
		t.Errorf("envelope %s, %v", body, marshalErr)
	}
	read := model.UnmarshalError(http.StatusTeapot, body)
	if read == nil || !errors.Is(read, model.ErrBadValue) || read.HTTPStatus() != http.StatusTeapot {
		t.Errorf("read back as %v", read)
	}
	if model.UnmarshalError(500, []byte(`<html>`)) != nil {
		t.Error("another body was read as an error")
	}
}

func TestOptionalAndNullableMembers(t *testing.T) {
	t.Parallel()
	text := `{"ref":"r","lines":[{"sku":"s"}]}`
	var order model.NewOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		t.Fatal(err)
	}
	if order.Gift != nil || order.Labels != nil || order.Extra != nil || order.Lines[0].Count != nil {
		t.Errorf("absent members are there: %#v", order)
	}
	if back, err := json.Marshal(order); err != nil || string(back) != text {
		t.Errorf("written as %s, %v", back, err)
	}
}
