package model

import (
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Catalogue is the declared errors and the envelope that carries them.
type Catalogue struct {
	// Envelope is the type of the body; Code, Message, Details and Timestamp
	// are its members, "" where it has none.
	Envelope                          *Type
	Code, Message, Details, Timestamp string
	// Violations is the JSON pointer of the list of violations in the body.
	Violations string
	// Roles names the code for what the server finds out by itself.
	Roles  map[string]string
	Errors []*Error
	schema load.Value
}

// Error is one entry of the catalogue.
type Error struct {
	Code, GoName, Doc, Parent string
	Status                    int
	Retryable                 bool
	Place                     diag.Place
}

// roles are what a generated server finds out by itself and answers with the
// code that the document gives to that role.
var roles = []string{
	"malformed", "invalid", "tooLarge", "unauthenticated", "notFound", "methodNotAllowed",
	"rateLimited", "upgradeRequired", "originDenied", "internal",
}

// Error returns the entry with that code, nil if there is none.
func (c *Catalogue) Error(code string) *Error {
	for _, e := range c.Errors {
		if e.Code == code {
			return e
		}
	}
	return nil
}

// Field is the envelope's field for the member, nil if it has none.
func (c *Catalogue) Field(member string) *Field {
	for _, f := range c.Envelope.Fields {
		if f.JSON == member {
			return f
		}
	}
	return nil
}

func (b *builder) errors() {
	v := b.openapi.Get("x-tbgen-errors")
	if !v.Exists() {
		return
	}
	members := v.Get("members")
	c := &Catalogue{
		Code: members.Get("code").Text(), Message: members.Get("message").Text(), Details: members.Get("details").Text(),
		Timestamp: members.Get("timestamp").Text(), Violations: members.Get("violations").Text(),
		Roles: map[string]string{}, schema: v.Get("envelope").Follow(),
	}
	c.Envelope = b.expr(v.Get("envelope"), "Error", Documents).Named
	if c.Envelope == nil || c.Envelope.Kind != Struct || c.Field(c.Code) == nil || c.Field(c.Message) == nil {
		v.Errorf("errors-envelope", "x-tbgen-errors needs an envelope: an object with the members that members.code and members.message name")
		return
	}
	for code, entry := range v.Get("catalogue").Members() {
		c.Errors = append(c.Errors, catalogueEntry(code, entry))
	}
	b.m.Errors = c
	b.codes(v.Get("catalogue"))
	b.roles(v.Get("roles"))
	for _, e := range c.Errors {
		if e.Parent != "" && c.Error(e.Parent) == nil {
			v.At("catalogue", e.Code, "parent").Errorf("error-unknown", "error code %q is not in the catalogue", e.Parent)
		}
	}
}

// codes sees to it that the envelope's type of codes has each one.
func (b *builder) codes(catalogue load.Value) {
	enum := b.m.Errors.Field(b.m.Errors.Code).Type.Named
	if enum == nil || enum.Kind != Enum {
		catalogue.Errorf("errors-envelope", "member %q of the error envelope must be an enum of the catalogue's codes", b.m.Errors.Code)
		return
	}
	for code, entry := range catalogue.Members() {
		if enum.ValueName(code) == "" {
			entry.Errorf("error-unknown", "error code %q is no value of the schema %s", code, enum.Schema)
		}
	}
	b.types.reserve(enum.Home, "Error", enum.Place)
}

func catalogueEntry(code string, v load.Value) *Error {
	status, ok := v.Get("status").Int()
	if !ok || status < 400 || status > 599 {
		v.Errorf("error-status", "error %s needs a status between 400 and 599", code)
	}
	return &Error{
		Code: code, GoName: GoName(code), Status: status, Doc: docOf(v), Place: v.Place(),
		Parent: v.Get("parent").Text(), Retryable: v.Get("retryable").True(),
	}
}

func (b *builder) roles(v load.Value) {
	for role, code := range v.Members() {
		switch {
		case !slices.Contains(roles, role):
			code.Errorf("error-role", "role %q is none of %v", role, roles)
		case b.m.Errors.Error(code.Text()) == nil:
			code.Errorf("error-unknown", "error code %q is not in the catalogue", code.Text())
		default:
			b.m.Errors.Roles[role] = code.Text()
		}
	}
	missing := slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return v.Get(role).Exists() })
	if len(missing) > 0 {
		v.Errorf("error-role", "no code answers these roles: %s", strings.Join(missing, ", "))
	}
}

// knownErrors reports codes that the catalogue does not have.
func (b *builder) knownErrors(list load.Value) {
	for code := range list.Items() {
		if b.m.Errors == nil || b.m.Errors.Error(code.Text()) == nil {
			code.Errorf("error-unknown", "error code %q is not in the catalogue x-tbgen-errors of the document", code.Text())
		}
	}
}

func (b *builder) isEnvelope(schema load.Value) bool {
	return b.m.Errors != nil && schema.Follow().ID() == b.m.Errors.schema.ID()
}

// lifecycle reads x-tbgen-lifecycle of an enum.
func (b *builder) lifecycle(schema load.Value, t *Type) *Lifecycle {
	v := schema.Get("x-tbgen-lifecycle")
	if !v.Exists() {
		return nil
	}
	known := func(state load.Value) string {
		if t.ValueName(state.Text()) == "" {
			state.Errorf("lifecycle-state", "%q is no value of this enum", state.Text())
		}
		return state.Text()
	}
	found := &Lifecycle{
		Schema: t.Schema, Initial: known(v.Get("initial")), Stream: v.Get("stream").Text(),
		Moves: map[string][]string{}, Events: map[string]string{},
	}
	for state, targets := range v.Get("moves").Members() {
		for target := range targets.Items() {
			found.Moves[state] = append(found.Moves[state], known(target))
		}
	}
	for state := range v.Get("terminal").Items() {
		found.Terminal = append(found.Terminal, known(state))
	}
	for state, event := range v.Get("events").Members() {
		found.Events[state] = event.Text()
	}
	b.m.Lifecycles = append(b.m.Lifecycles, found)
	return found
}
