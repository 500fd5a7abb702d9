package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// act announces the next part of the demo.
func (d *demo) act(title string) {
	d.acts++
	heading := fmt.Sprintf("%d. %s", d.acts, title)
	if d.color {
		heading = "\x1b[1m" + heading + "\x1b[0m"
	}
	fmt.Fprintf(d.out, "\n%s\n\n", heading)
}

func (d *demo) say(line string) {
	fmt.Fprintln(d.out, "  "+line)
}

// command runs the generator, showing what it says.
func (d *demo) command(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, d.tbgen, args...) //nolint:gosec // the binary is the caller's choice
	command.Stdout, command.Stderr = d.out, os.Stderr
	return command.Run()
}
