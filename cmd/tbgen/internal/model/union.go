package model

import (
	"slices"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// unionExpr is a sealed interface for objects that a constant member tells
// apart; other choices are refused with their place.
func (b *builder) unionExpr(schema load.Value, name string, home Home) *Expr {
	keyword := "oneOf"
	if !schema.Get(keyword).IsList() {
		keyword = "anyOf"
	}
	branches := slices.Collect(schema.Get(keyword).Items())
	tag := tagOf(schema, branches)
	if tag == "" {
		schema.Get(keyword).Errorf("union-without-tag",
			"the branches of this %s cannot be told apart: no member is a different constant in each; give each branch a required member with its own const", keyword)
		return &Expr{Go: "json.RawMessage"}
	}
	t := b.newType(schema, name, home, Union)
	t.Union = &UnionType{Tag: tag}
	t.Union.TagType = &Type{
		Name: t.Name + GoName(tag), Home: home, Kind: Enum, Place: schema.Place(),
		Doc: "tells the arms of [" + t.Name + "] apart; it is the member \"" + tag + "\" on the wire.",
	}
	b.types.declare(schema.ID()+"#tag", t.Union.TagType)
	b.types.reserve(home, "Unknown"+t.Name, schema.Place())
	for _, branch := range branches {
		b.addArm(t, branch)
	}
	return &Expr{Named: t}
}

// tagOf is the member whose constant differs in every branch: the
// discriminator's (an object in OpenAPI, a plain string in AsyncAPI), else the
// first that serves.
func tagOf(schema load.Value, branches []load.Value) string {
	discriminator := schema.Get("discriminator")
	if named := discriminator.Get("propertyName").Text() + discriminator.Text(); named != "" && tells(named, branches) {
		return named
	}
	if len(branches) == 0 {
		return ""
	}
	for member := range branches[0].Follow().Get("properties").Members() {
		if tells(member, branches) {
			return member
		}
	}
	return ""
}

func tells(member string, branches []load.Value) bool {
	seen := map[string]bool{}
	for _, branch := range branches {
		constant := branch.Follow().At("properties", member, "const")
		if !constant.IsString() || seen[constant.Text()] {
			return false
		}
		seen[constant.Text()] = true
	}
	return len(branches) > 0
}

// addArm makes the object a branch names an arm of the union.
func (b *builder) addArm(union *Type, branch load.Value) {
	target := branch.Follow()
	value := target.At("properties", union.Union.Tag, "const").Text()
	arm := b.expr(branch, union.Schema+"_"+value, union.Home).Named
	switch {
	case arm == nil || arm.Kind != Struct:
		branch.Errorf("union-arm", "a branch told apart by member %q must be an object with properties", union.Union.Tag)
		return
	case arm.ArmOf != nil:
		branch.Errorf("union-arm", "%s is an arm of %s already; an object can be an arm of one union only", arm.Name, arm.ArmOf.Union.Name)
		return
	}
	tagType := union.Union.TagType
	tag := &EnumValue{Name: tagType.Name + GoName(value), Value: value}
	b.types.reserve(tagType.Home, tag.Name, branch.Place())
	tagType.Values = append(tagType.Values, tag)
	arm.ArmOf = &Arm{Type: arm, Tag: tag, Union: union}
	for _, constant := range arm.Constants {
		if constant.JSON == union.Union.Tag {
			constant.Tag = tag
		}
	}
	union.Union.Arms = append(union.Union.Arms, arm.ArmOf)
}

// finishUnions finds the header of every union, once all its arms are known.
func (b *builder) finishUnions() {
	for _, t := range slices.Clone(b.types.all) {
		if t.Kind != Union || len(t.Union.Arms) == 0 {
			continue
		}
		common := slices.Clone(t.Union.Arms[0].Type.Fields)
		for _, arm := range t.Union.Arms[1:] {
			common = slices.DeleteFunc(common, func(f *Field) bool { return !has(arm.Type, f) })
		}
		common = slices.DeleteFunc(common, func(f *Field) bool { return !f.Required })
		if len(common) > 0 {
			t.Union.Header = b.types.declare(t.Name+"#header", &Type{
				Name: t.Name + "Header", Home: t.Home, Kind: Struct, Place: t.Place, Fields: common,
				Doc: "holds the members that every [" + t.Name + "] has.",
			})
		}
	}
}

func has(t *Type, field *Field) bool {
	return slices.ContainsFunc(t.Fields, func(f *Field) bool {
		return f.JSON == field.JSON && f.Required == field.Required && f.Type.In(t.Home) == field.Type.In(t.Home)
	})
}
