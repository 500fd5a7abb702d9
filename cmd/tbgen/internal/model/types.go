package model

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
)

// Home is the generated package a type belongs to.
type Home int

const (
	// Documents is the package of everything the documents declare publicly.
	Documents Home = iota
	// Ports is the package of the store and service interfaces.
	Ports
)

// Kind is what a named type is in Go.
type Kind int

const (
	// Struct is an object.
	Struct Kind = iota
	// Enum is a string with listed values.
	Enum
	// Union is one of several objects told apart by a constant member.
	Union
)

// Type is a named Go type.
type Type struct {
	Name   string
	Home   Home
	Kind   Kind
	Schema string
	Doc    string
	Place  diag.Place
	// Fields are a struct's members but its constants, in the document's order.
	Fields []*Field
	// Constants are the members that always have one value.
	Constants []*Constant
	// Values are an enum's.
	Values []*EnumValue
	// Lifecycle is set on an enum that declares its moves.
	Lifecycle *Lifecycle
	// TerminalTags are set on the enum of a union's tags: those with which a
	// stream ends.
	TerminalTags []*EnumValue
	// Union is set on a union, ArmOf on each struct that is one of its arms.
	Union *UnionType
	ArmOf *Arm
}

// Field is a member of a struct.
type Field struct {
	Name     string
	JSON     string
	Type     *Expr
	Required bool
	Doc      string
}

// Constant is a member with one possible value.
type Constant struct {
	Name  string
	JSON  string
	Value string
	// Tag is set where the constant tells the arms of a union apart.
	Tag *EnumValue
}

// EnumValue is one value of an enum.
type EnumValue struct {
	Name  string
	Value string
	Doc   string
}

// UnionType is a type that is one of its arms.
type UnionType struct {
	// Tag is the member that tells the arms apart; TagType lists its values.
	Tag     string
	TagType *Type
	Arms    []*Arm
	// Header holds the fields that every arm has; nil if there are none.
	Header *Type
}

// Arm is one alternative of a union.
type Arm struct {
	Type  *Type
	Tag   *EnumValue
	Union *Type
}

// Lifecycle is the declared states of an enum and the moves between them.
type Lifecycle struct {
	Schema   string              `json:"schema"`
	Initial  string              `json:"initial"`
	Moves    map[string][]string `json:"moves"`
	Terminal []string            `json:"terminal"`
	Events   map[string]string   `json:"events,omitempty"`
	Stream   string              `json:"stream,omitempty"`
}

// ValueName is the Go name of the constant for value.
func (t *Type) ValueName(value string) string {
	for _, v := range t.Values {
		if v.Value == value {
			return v.Name
		}
	}
	return ""
}

// OwnFields are the fields that a struct declares itself: all of them, but
// those it has from its union's header.
func (t *Type) OwnFields() []*Field {
	if t.ArmOf == nil || t.ArmOf.Union.Union.Header == nil {
		return t.Fields
	}
	header := t.ArmOf.Union.Union.Header
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f *Field) bool {
		return slices.ContainsFunc(header.Fields, func(h *Field) bool { return h.JSON == f.JSON })
	})
}

// typeTable holds the named types by the schema they come from, and sees to it
// that no two things in one package have one name.
type typeTable struct {
	findings *diag.List
	byID     map[string]*Type
	order    map[string]int
	taken    [2]map[string]diag.Place
	all      []*Type
}

func newTypeTable(findings *diag.List) *typeTable {
	return &typeTable{
		findings: findings, byID: map[string]*Type{}, order: map[string]int{},
		taken: [2]map[string]diag.Place{{}, {}},
	}
}

// declare adds a type whose name no other in its package may have.
func (t *typeTable) declare(id string, declared *Type) *Type {
	t.byID[id] = declared
	t.reserve(declared.Home, declared.Name, declared.Place)
	t.all = append(t.all, declared)
	return declared
}

func (t *typeTable) reserve(home Home, name string, place diag.Place) {
	if first, clash := t.taken[home][name]; clash {
		t.findings.Add(diag.Finding{
			Rule: "name-clash", Place: place, Related: []diag.Place{first},
			Message: "two things would be called " + name + " in one Go package",
			Hint:    "rename one of the two schemas",
		})
		return
	}
	t.taken[home][name] = place
}

// sorted are the types of one package in the order of the documents.
func (t *typeTable) sorted(home Home) []*Type {
	var found []*Type
	for _, candidate := range t.all {
		if candidate.Home == home {
			found = append(found, candidate)
		}
	}
	slices.SortStableFunc(found, func(a, b *Type) int {
		return cmp.Or(strings.Compare(a.Place.File, b.Place.File)*-1, cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
	})
	return found
}
