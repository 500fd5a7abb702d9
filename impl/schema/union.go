package schema

import (
	"maps"
	"slices"
)

// union turns a union whose branches are told apart by the constant of a
// required member into a choice by that member. Then only the branch that a
// value names is tried: its violations are the ones that matter, and a union
// within a union does not cost two to the power of its depth.
func (r *rewriter) union(schema map[string]any, keyword string) {
	branches, _ := schema[keyword].([]any)
	if len(branches) < 2 {
		return
	}
	all := make([]tags, len(branches))
	for i, branch := range branches {
		all[i] = r.tags(branch, 0)
		if keyword == "anyOf" && !all[i].object {
			return
		}
	}
	member, ok := tagMember(schema, all)
	if !ok {
		return
	}
	var choices, values []any
	for i, branch := range branches {
		own := all[i].values[member]
		values = append(values, own...)
		choices = append(choices, map[string]any{"if": named(member, own), "then": branch})
	}
	choice := named(member, values)
	choice["type"], choice["allOf"] = "object", choices
	parts, _ := schema["allOf"].([]any)
	schema["allOf"] = append(slices.Clip(parts), choice)
	delete(schema, keyword)
}

// named is the schema of objects whose member has one of the values.
func named(member string, values []any) map[string]any {
	return map[string]any{
		"required":   []any{member},
		"properties": map[string]any{member: map[string]any{"enum": values}},
	}
}

// tagMember finds the member that tells all branches apart: the one that the
// discriminator names, else the first by name.
func tagMember(schema map[string]any, all []tags) (string, bool) {
	candidates := slices.Sorted(maps.Keys(all[0].values))
	if discriminator, ok := schema["discriminator"].(map[string]any); ok {
		if member, ok := discriminator["propertyName"].(string); ok {
			candidates = append([]string{member}, candidates...)
		}
	}
	for _, member := range candidates {
		if apart(member, all) {
			return member, true
		}
	}
	return "", false
}

// apart reports whether the member is required in every branch, with values
// that no other branch has.
func apart(member string, all []tags) bool {
	seen := map[any]bool{}
	for _, branch := range all {
		values := branch.values[member]
		if len(values) == 0 || !slices.Contains(branch.required, member) {
			return false
		}
		for _, value := range values {
			if seen[value] {
				return false
			}
			seen[value] = true
		}
	}
	return true
}

// tags is what a schema says about the members that could tell it apart.
type tags struct {
	object   bool             // whether it admits objects alone
	required []string         // members it requires
	values   map[string][]any // members → the strings they are bound to
}

// tags gathers what a schema, with all that it refers to, says.
func (r *rewriter) tags(schema any, depth int) tags {
	found := tags{values: map[string][]any{}}
	for part := range follow(r.root, schema) {
		if types := texts(part["type"]); len(types) == 1 && types[0] == "object" {
			found.object = true
		}
		found.required = append(found.required, texts(part["required"])...)
		properties, _ := part["properties"].(map[string]any)
		for member, property := range properties {
			found.bind(member, constants(r.root, property))
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if branches, ok := part[keyword].([]any); ok && depth < maxAlternatives {
				found.add(r.anyTags(branches, depth+1))
			}
		}
	}
	return found
}

// anyTags is what all branches of a union say.
func (r *rewriter) anyTags(branches []any, depth int) tags {
	common := r.tags(branches[0], depth)
	for _, branch := range branches[1:] {
		other := r.tags(branch, depth)
		common.object = common.object && other.object
		common.required = slices.DeleteFunc(common.required, func(member string) bool {
			return !slices.Contains(other.required, member)
		})
		for member, values := range common.values {
			if others, ok := other.values[member]; ok {
				common.values[member] = append(slices.Clip(values), others...)
			} else {
				delete(common.values, member)
			}
		}
	}
	return common
}

// add joins what another part of the same schema says.
func (t *tags) add(other tags) {
	t.object = t.object || other.object
	t.required = append(t.required, other.required...)
	for member, values := range other.values {
		t.bind(member, values)
	}
}

// bind notes the values of a member; of two lists what is in both.
func (t *tags) bind(member string, values []any) {
	if len(values) == 0 {
		return
	}
	if earlier, ok := t.values[member]; ok {
		values = slices.DeleteFunc(slices.Clone(earlier), func(value any) bool { return !slices.Contains(values, value) })
	}
	t.values[member] = values
}

// constants returns the strings that a schema is bound to, nil if it admits
// anything else.
func constants(document map[string]any, schema any) []any {
	for part := range follow(document, schema) {
		values, ok := part["enum"].([]any)
		if value, bound := part["const"]; bound {
			values, ok = []any{value}, true
		}
		if ok && !slices.ContainsFunc(values, notString) {
			return values
		}
	}
	return nil
}

func notString(value any) bool {
	_, ok := value.(string)
	return !ok
}
