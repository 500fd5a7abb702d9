// Package show tells the course of a task as its events come in: to a person on
// a terminal, with a bar that moves, or to a program as one JSON event a line.
package show

import (
	"fmt"
	"io"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/impl/codec"
)

// Printer shows events in the order in which they are given. It is not safe
// for concurrent use.
type Printer interface {
	// Event shows one event.
	Event(event model.TaskEvent) error
	// Note shows a remark that is no event, such as a cut.
	Note(text string) error
	// Close leaves the output in order when no further event follows.
	Close() error
}

// lines writes every event as a line of JSON.
type lines struct {
	out, notes io.Writer
}

// NewLines returns a Printer for programs: one event a line, in the JSON of
// the wire. Remarks go to notes, so that out holds events alone.
func NewLines(out, notes io.Writer) Printer {
	return lines{out, notes}
}

func (l lines) Event(event model.TaskEvent) error {
	data, err := codec.Marshal(event)
	if err != nil {
		return err
	}
	_, err = l.out.Write(append(data, '\n'))
	return err
}

func (l lines) Note(text string) error {
	_, err := fmt.Fprintln(l.notes, clean(text))
	return err
}

func (l lines) Close() error { return nil }
