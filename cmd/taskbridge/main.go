// Taskbridge is the reference server of the TaskBridge protocol and its client
// on the command line.
//
//	taskbridge serve  [--listen HOST:PORT] [--store memory] [--auth dev]
//	taskbridge run    TYPE [--input JSON|@FILE] [--metadata JSON|@FILE] [--id KEY] [--detach]
//	taskbridge watch  TASK [--after EVENT] [--transport auto|ws|sse|poll] [--json]
//	taskbridge act    TASK ACTION [--suspension ID] [--payload JSON|@FILE] [--id KEY]
//	taskbridge cancel TASK [--reason TEXT]
//	taskbridge get    TASK
//	taskbridge list   [--status STATUS] [--type TYPE] [--limit N]
//
// Run creates a task and follows it to its end; watch follows one that is there
// already. Either goes on where it was whenever the connection is cut. On a
// terminal the course of the task is shown with a bar that moves; otherwise, or
// with --json, every event is one line of JSON, and remarks go to the standard
// error. JSON is given in place, or as @FILE, or as @- for the standard input.
//
// The server and the credential are taken from --url and --token, or else from
// the variables TASKBRIDGE_URL and TASKBRIDGE_TOKEN; without either they are
// http://127.0.0.1:8080 and dev-local, which suit `taskbridge serve`. With
// NO_COLOR set nothing is coloured.
//
// # Exit status
//
//	0    done; a task that was followed has completed
//	1    the task has failed
//	2    the command was not understood
//	3    the task was cancelled
//	4    the server refused the request
//	5    the server could not be reached or understood
//	130  interrupted
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/show"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := execute(ctx, os.Args[1:], standardStreams())
	stop()
	os.Exit(status)
}

// standardStreams returns the streams of the process and what they can do.
func standardStreams() streams {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		s.person = true
		s.style = show.Style{Color: os.Getenv("NO_COLOR") == "", Live: os.Getenv("TERM") != "dumb"}
		if width, _, err := term.GetSize(fd); err == nil {
			s.style.Width = width
		}
	}
	return s
}
