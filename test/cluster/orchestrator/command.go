package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// output runs a command and returns what it printed; its error carries what it said on stderr.
func output(ctx context.Context, name string, arguments ...string) (string, error) {
	return pipe(ctx, "", name, arguments...)
}

// pipe is output with something to read on stdin.
func pipe(ctx context.Context, input, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
