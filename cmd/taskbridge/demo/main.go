// Demo shows the whole way in one go: that the generated code is current, a
// server started on a free port, a task observed through the generated client
// while a proxy cuts the connection twice, the task's question answered, and the
// server held against its documents. `make demo` runs it.
//
// It exits with 1 at the first thing that is not as it should be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// demo is what the acts share.
type demo struct {
	out    io.Writer
	color  bool
	tbgen  string // the generator's binary
	report string // where the report of the contract check goes
	acts   int
}

func main() {
	d := &demo{out: os.Stdout}
	d.color = term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""
	flag.StringVar(&d.tbgen, "tbgen", "bin/tbgen", "the generator's `binary`")
	flag.StringVar(&d.report, "report", "build/contract.html", "the `file` for the report of the contract check")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := d.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run plays the acts one after the other.
func (d *demo) run(ctx context.Context) (err error) {
	d.act("Is the generated code what the documents say?")
	if err := d.command(ctx, "generate", "--check"); err != nil {
		return fmt.Errorf("the generated code is not current: %w", err)
	}
	d.say("Yes: `tbgen generate --check` finds no difference.")

	d.act("A server, and a proxy that will cut its connections")
	s, err := openStage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	d.say("server  " + s.serverURL)
	d.say("proxy   " + s.proxyURL)

	d.act("A task, observed through the proxy by the generated client")
	taskID, seen, err := d.observe(ctx, s)
	if err != nil {
		return err
	}
	if err := d.compare(ctx, s, taskID, seen); err != nil {
		return err
	}

	d.act("Does the server keep to its documents?")
	if err := d.command(ctx, "test", "--target", s.serverURL, "--token", "dev-alice", "--other-token", "dev-bob",
		"--report", "html="+d.report); err != nil {
		return fmt.Errorf("the contract check: %w", err)
	}
	fmt.Fprintln(d.out)
	d.say("The report is in " + d.report)
	return nil
}
