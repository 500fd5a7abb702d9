// Package config reads tbgen.yaml: which documents to read, and where the
// generated packages go.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// DefaultFile is the file read where none is named.
const DefaultFile = "tbgen.yaml"

// Config is the content of tbgen.yaml. Paths are relative to its folder.
type Config struct {
	// OpenAPI and AsyncAPI are the documents; one of them may be "".
	OpenAPI  string `yaml:"openapi"`
	AsyncAPI string `yaml:"asyncapi"`
	// Module is the path of the Go module that the code is generated into;
	// "" is that of the go.mod beside the file.
	Module  string  `yaml:"module"`
	Targets Targets `yaml:"targets"`

	// Root is the folder of the file.
	Root string `yaml:"-"`
}

// Targets are the generated packages. One with no folder is not generated.
type Targets struct {
	Model    Target `yaml:"model"`
	Port     Target `yaml:"port"`
	Server   Target `yaml:"server"`
	Client   Target `yaml:"client"`
	Contract Target `yaml:"contract"`
}

// Target is one generated package.
type Target struct {
	// Dir is its folder, relative to the config file, with slashes.
	Dir string `yaml:"dir"`
	// Package is its Go name; "" is the last element of Dir.
	Package string `yaml:"package"`
}

// Wanted reports whether the target is to be generated.
func (t Target) Wanted() bool { return t.Dir != "" }

// Error says what is wrong with the config and how to mend it.
type Error struct {
	File string
	Err  error
	Hint string
}

// Error is the file and the cause, with the hint on a line of its own.
func (e *Error) Error() string {
	text := e.File + ": " + e.Err.Error()
	if e.Hint != "" {
		text += "\n  hint: " + e.Hint
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Read reads the config at the path. A member it does not know, a missing
// document and targets that cannot be are errors; all are *Error.
func Read(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{File: file, Err: errors.New("there is no such file"), Hint: "run in the folder of a " + DefaultFile + " or name one with --config"}
	}
	if err != nil {
		return nil, &Error{File: file, Err: err}
	}
	c := &Config{Root: filepath.Dir(file)}
	if err := yaml.Load(bytes.TrimSpace(text), c, yaml.WithKnownFields()); err != nil {
		return nil, &Error{File: file, Err: err}
	}
	if err := c.complete(); err != nil {
		return nil, &Error{File: file, Err: err}
	}
	return c, nil
}

// complete fills in what has a default and refuses what cannot be.
func (c *Config) complete() error {
	if c.OpenAPI == "" && c.AsyncAPI == "" {
		return errors.New("neither openapi nor asyncapi names a document")
	}
	if c.Module == "" {
		module, err := moduleOf(c.Root)
		if err != nil {
			return err
		}
		c.Module = module
	}
	for _, t := range c.all() {
		if t.Wanted() && t.Package == "" {
			t.Package = strings.ReplaceAll(path.Base(t.Dir), "-", "")
		}
	}
	if c.needsModel() && !c.Targets.Model.Wanted() {
		return errors.New("targets.model is missing: the other generated packages use its types")
	}
	if c.Targets.Server.Wanted() && c.OpenAPI == "" {
		return errors.New("targets.server needs an openapi document")
	}
	return nil
}

func (c *Config) all() []*Target {
	t := &c.Targets
	return []*Target{&t.Model, &t.Port, &t.Server, &t.Client, &t.Contract}
}

func (c *Config) needsModel() bool {
	return c.Targets.Port.Wanted() || c.Targets.Server.Wanted() || c.Targets.Client.Wanted()
}

// Dirs are the folders of the wanted targets.
func (c *Config) Dirs() []string {
	var dirs []string
	for _, t := range c.all() {
		if t.Wanted() {
			dirs = append(dirs, t.Dir)
		}
	}
	return dirs
}

// Import is the import path of a target.
func (c *Config) Import(t Target) string { return path.Join(c.Module, t.Dir) }

// moduleOf reads the module path from the go.mod in dir.
func moduleOf(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("module is not set and there is no go.mod beside the file: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), "module "); found {
			return strings.Trim(strings.TrimSpace(rest), `"`), nil
		}
	}
	return "", errors.New("module is not set and the go.mod beside the file names none")
}
