package main

import (
	"fmt"
	"os"
)

// say prints one message for the reader. Messages go to stderr: stdout belongs to results.
func say(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "cluster: "+format+"\n", arguments...)
}
