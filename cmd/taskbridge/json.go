package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

// readJSON returns the JSON object that a flag gives: in place, as @FILE, or as
// @- from the standard input. An empty value is none.
func (s streams) readJSON(flag, value string) (json.RawMessage, error) {
	if value == "" {
		return nil, nil
	}
	text, err := s.contents(value)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", flag, err)}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, usageError{fmt.Errorf("%s is no JSON object: %w", flag, err)}
	}
	if object == nil {
		return nil, usageError{errors.New(flag + " is no JSON object: it is null")}
	}
	return text, nil
}

func (s streams) contents(value string) ([]byte, error) {
	switch name, file := strings.CutPrefix(value, "@"); {
	case !file:
		return []byte(value), nil
	case name == "-":
		return io.ReadAll(s.in)
	default:
		return os.ReadFile(name)
	}
}

// writeJSON writes the value in one line, and for a person in as many as read
// well.
func (s streams) writeJSON(value any) error {
	text, err := codec.Marshal(value)
	if err != nil {
		return err
	}
	if s.person {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, text, "", "  "); err != nil {
			return err
		}
		text = pretty.Bytes()
	}
	_, err = s.out.Write(append(text, '\n'))
	return err
}
