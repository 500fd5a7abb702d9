// Package load reads the two documents and everything they refer to, keeping
// the place of every value, so that each later finding can name its line.
package load

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
)

// maxFile is the size in bytes past which a document is refused unread.
const maxFile = 32 << 20

// Set is the two documents of a service and every file they refer to.
// It is not safe for concurrent use: files are read when first referred to.
type Set struct {
	root     string
	findings *diag.List
	files    map[string]*file
	reported map[string]bool
}

// file is one parsed document; root is nil if it could not be read.
type file struct {
	path string
	root *yaml.Node
}

// NewSet returns an empty set whose relative paths start at root and whose
// findings go to findings.
func NewSet(root string, findings *diag.List) *Set {
	return &Set{root: root, findings: findings, files: map[string]*file{}, reported: map[string]bool{}}
}

// Document returns the root value of the document at path, relative to the
// set's root. A document that cannot be read or parsed is a finding, and the
// value returned does not exist.
func (s *Set) Document(path string) Value {
	f := s.open(filepath.ToSlash(filepath.Clean(path)), diag.Place{File: path})
	return Value{set: s, file: f, node: f.root}
}

// Findings is the list the set reports to.
func (s *Set) Findings() *diag.List { return s.findings }

// Source returns the text of a document of the set, for excerpts.
func (s *Set) Source(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.root, filepath.FromSlash(path)))
}

// open reads a file once; from is the place that asked for it.
func (s *Set) open(path string, from diag.Place) *file {
	if f, known := s.files[path]; known {
		return f
	}
	f := &file{path: path}
	s.files[path] = f
	full := filepath.Join(s.root, filepath.FromSlash(path))
	info, err := os.Stat(full)
	switch {
	case err != nil:
		s.findings.Errorf(from, "file-unreadable", "cannot read %s: %s", path, cause(err))
	case info.IsDir():
		s.findings.Errorf(from, "file-unreadable", "%s is a folder, not a document", path)
	case info.Size() > maxFile:
		s.findings.Errorf(from, "file-too-large", "%s has %d bytes, more than the %d a document may have", path, info.Size(), maxFile)
	default:
		s.parse(f, full, from)
	}
	return f
}

func (s *Set) parse(f *file, full string, from diag.Place) {
	text, err := os.ReadFile(full)
	if err != nil {
		s.findings.Errorf(from, "file-unreadable", "cannot read %s: %s", f.path, cause(err))
		return
	}
	var document yaml.Node
	err = yaml.Load(text, &document)
	if syntax, ok := errors.AsType[*yaml.LoadError](err); ok {
		place := diag.Place{File: f.path, Line: syntax.Mark.Line, Column: syntax.Mark.Column}
		s.findings.Errorf(place, "yaml-syntax", "not well-formed YAML: %s", syntax.Message)
		return
	}
	if err != nil {
		s.findings.Errorf(diag.Place{File: f.path}, "yaml-syntax", "not well-formed YAML: %v", err)
		return
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		s.findings.Errorf(diag.Place{File: f.path, Line: 1, Column: 1}, "yaml-syntax", "the document is empty")
		return
	}
	check := checker{set: s, file: f, budget: maxNodes}
	if check.node(document.Content[0], 0) {
		f.root = document.Content[0]
	}
}

// cause strips the system call and path from an error of package os, both of
// which the finding already names.
func cause(err error) string {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}

// target splits a reference into the file it names, relative to the set's
// root, and the JSON pointer within (RFC 6901, still fragment-encoded).
func (f *file) target(ref string) (path, pointer string, err error) {
	name, fragment, _ := strings.Cut(ref, "#")
	if strings.Contains(name, "://") {
		return "", "", errors.New("remote references are not followed; copy the document beside this one")
	}
	if name == "" {
		return f.path, fragment, nil
	}
	return filepath.ToSlash(filepath.Join(filepath.Dir(f.path), filepath.FromSlash(name))), fragment, nil
}
