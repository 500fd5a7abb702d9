package load

import (
	yaml "go.yaml.in/yaml/v4"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
)

const (
	// maxNodes bounds the values of one file with its aliases expanded, so
	// that a "billion laughs" document is refused instead of walked.
	maxNodes = 4_000_000
	// maxDepth bounds the nesting of one file.
	maxDepth = 1000
)

// checker walks a parsed file once and reports what YAML allows and a document
// must not have: duplicate members, members that are no strings, bombs.
type checker struct {
	set    *Set
	file   *file
	budget int
}

// node reports whether the value and all below it are sound.
func (c *checker) node(n *yaml.Node, depth int) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if c.budget--; c.budget == 0 || depth > maxDepth {
		c.set.findings.Errorf(c.place(n), "document-too-deep",
			"the document nests or repeats (by aliases) more than a document may: %d values, %d levels", maxNodes, maxDepth)
		c.budget = 0
		return false
	}
	sound := true
	if n.Kind == yaml.MappingNode {
		sound = c.keys(n)
	}
	for _, child := range n.Content {
		if c.budget == 0 {
			return false
		}
		sound = c.node(child, depth+1) && sound
	}
	return sound
}

func (c *checker) keys(n *yaml.Node) bool {
	sound := true
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			c.set.findings.Errorf(c.place(key), "yaml-key", "a member name must be a string")
			sound = false
			continue
		}
		if first, twice := seen[key.Value]; twice {
			c.set.findings.Add(diag.Finding{
				Rule: "yaml-duplicate-key", Place: c.place(key),
				Message: "member \"" + key.Value + "\" stands here twice", Hint: "remove one of the two",
				Related: []diag.Place{c.place(first)},
			})
			sound = false
		}
		seen[key.Value] = key
	}
	return sound
}

func (c *checker) place(n *yaml.Node) diag.Place {
	return diag.Place{File: c.file.path, Line: n.Line, Column: n.Column}
}
