package load

import (
	"iter"
	"net/url"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
)

// Value is one value of a document with its place. The zero Value does not
// exist; asking it for members gives values that do not exist either, so that
// a chain of Get needs one check at its end. Values are cheap to copy.
type Value struct {
	set     *Set
	file    *file
	node    *yaml.Node
	pointer string
}

// Exists reports whether the document has the value. An explicit null exists.
func (v Value) Exists() bool { return v.node != nil }

// Place is where the value stands; of a member it is where its value begins.
func (v Value) Place() diag.Place {
	if v.file == nil {
		return diag.Place{}
	}
	if v.node == nil {
		return diag.Place{File: v.file.path}
	}
	return diag.Place{File: v.file.path, Line: v.node.Line, Column: v.node.Column}
}

// File is the path of the document that holds the value.
func (v Value) File() string { return v.file.path }

// Pointer is the value's JSON pointer within its file (RFC 6901).
func (v Value) Pointer() string { return v.pointer }

// ID names the value uniquely within its set: file, "#", JSON pointer.
func (v Value) ID() string { return v.file.path + "#" + v.pointer }

// Errorf reports an error at the value's place.
func (v Value) Errorf(rule, format string, args ...any) {
	v.set.findings.Errorf(v.Place(), rule, format, args...)
}

// IsMap reports whether the value is an object.
func (v Value) IsMap() bool { return v.kind() == yaml.MappingNode }

// IsList reports whether the value is an array.
func (v Value) IsList() bool { return v.kind() == yaml.SequenceNode }

// IsScalar reports whether the value is a string, number, boolean or null.
func (v Value) IsScalar() bool { return v.kind() == yaml.ScalarNode }

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.IsScalar() && v.plain().ShortTag() == "!!str" }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.IsScalar() && v.plain().ShortTag() == "!!null" }

func (v Value) kind() yaml.Kind {
	if v.node == nil {
		return 0
	}
	return v.plain().Kind
}

// plain is the value's node behind an alias.
func (v Value) plain() *yaml.Node {
	if v.node.Kind == yaml.AliasNode {
		return v.node.Alias
	}
	return v.node
}

// Get returns the member called name, without following a reference.
func (v Value) Get(name string) Value {
	if v.IsMap() {
		content := v.plain().Content
		for i := 0; i < len(content); i += 2 {
			if content[i].Value == name {
				return v.child(name, content[i+1])
			}
		}
	}
	return Value{set: v.set, file: v.file}
}

// At returns the value that the names lead to, following references between them.
func (v Value) At(names ...string) Value {
	for _, name := range names {
		v = v.Follow().Get(name)
	}
	return v
}

// Members yields the members of an object in the order of the document.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if !v.IsMap() {
			return
		}
		content := v.plain().Content
		for i := 0; i < len(content); i += 2 {
			if !yield(content[i].Value, v.child(content[i].Value, content[i+1])) {
				return
			}
		}
	}
}

// KeyPlace is where the name of the object's member stands.
func (v Value) KeyPlace(name string) diag.Place {
	if v.IsMap() {
		for i, content := 0, v.plain().Content; i < len(content); i += 2 {
			if content[i].Value == name {
				return diag.Place{File: v.file.path, Line: content[i].Line, Column: content[i].Column}
			}
		}
	}
	return v.Place()
}

// Items yields the elements of an array.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsList() {
			return
		}
		for i, element := range v.plain().Content {
			if !yield(v.child(strconv.Itoa(i), element)) {
				return
			}
		}
	}
}

func (v Value) child(name string, node *yaml.Node) Value {
	escaped := strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	return Value{set: v.set, file: v.file, node: node, pointer: v.pointer + "/" + escaped}
}

// Text is the value's text if it is a scalar, else "".
func (v Value) Text() string {
	if !v.IsScalar() || v.IsNull() {
		return ""
	}
	return v.plain().Value
}

// Texts are the texts of an array's scalars; a lone scalar counts as an array of one.
func (v Value) Texts() []string {
	if v.IsScalar() {
		return []string{v.Text()}
	}
	var texts []string
	for item := range v.Items() {
		texts = append(texts, item.Text())
	}
	return texts
}

// IsBool reports whether the value is a boolean.
func (v Value) IsBool() bool { return v.IsScalar() && v.plain().ShortTag() == "!!bool" }

// True reports whether the value is the boolean true.
func (v Value) True() bool {
	return v.IsBool() && strings.EqualFold(v.plain().Value, "true")
}

// Int is the value as an integer, if it is one.
func (v Value) Int() (int, bool) {
	if !v.IsScalar() {
		return 0, false
	}
	n, err := strconv.Atoi(v.plain().Value)
	return n, err == nil
}

// Ref is the text of the value's $ref, "" without one.
func (v Value) Ref() string { return v.Get("$ref").Text() }

// Follow returns the value behind a chain of references, or v itself if it is
// none. A reference that leads nowhere or round in a circle is a finding, told
// once, and the value returned does not exist.
func (v Value) Follow() Value {
	for range maxDepth {
		ref := v.Ref()
		if ref == "" {
			return v
		}
		next := v.step(ref)
		if !next.Exists() {
			return next
		}
		v = next
	}
	v.oncef("ref-cycle", "reference %q leads round in a circle", v.Ref())
	return Value{set: v.set, file: v.file}
}

// step follows one reference.
func (v Value) step(ref string) Value {
	none := Value{set: v.set, file: v.file}
	place := v.Get("$ref")
	path, fragment, err := v.file.target(ref)
	if err != nil {
		place.oncef("ref-remote", "cannot follow %q: %v", ref, err)
		return none
	}
	f := v.set.open(path, place.Place())
	if f.root == nil {
		return none
	}
	found := Value{set: v.set, file: f, node: f.root}.lookup(fragment)
	if !found.Exists() {
		place.oncef("ref-unresolved", "reference %q leads nowhere: %s has no value at %q", ref, path, fragment)
	}
	return found
}

// lookup walks a fragment-encoded JSON pointer from a file's root.
func (v Value) lookup(fragment string) Value {
	if fragment == "" || fragment == "/" {
		return v
	}
	for raw := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
		name, err := url.PathUnescape(raw)
		if err != nil {
			name = raw
		}
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		v = v.element(name)
	}
	return v
}

func (v Value) element(name string) Value {
	if index, err := strconv.Atoi(name); err == nil && v.IsList() && index >= 0 && index < len(v.plain().Content) {
		return v.child(name, v.plain().Content[index])
	}
	return v.Get(name)
}

// oncef reports an error at v's place unless it has been told before.
func (v Value) oncef(rule, format string, args ...any) {
	key := rule + v.ID()
	if !v.set.reported[key] {
		v.set.reported[key] = true
		v.Errorf(rule, format, args...)
	}
}
