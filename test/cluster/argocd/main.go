// Command argocd is what of Argo CD takes part in syncing, in one binary: the first argument names the part, the rest
// are that part's own flags. The parts are Argo CD's, unchanged; the store between them is miniredis, with which Argo
// CD's own tests run, because nothing here has to last. A part lasts as long as its standard input is open, so that it
// ends with whoever started it, even if that was killed.
package main

import (
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
)

var parts = map[string]func(){
	"application-controller": run(controller.NewCommand),
	"redis":                  serveRedis,
	"repo-server":            run(reposerver.NewCommand),
}

func main() {
	part, known := func() {}, false
	if len(os.Args) > 1 {
		part, known = parts[os.Args[1]]
	}
	if !known {
		names := slices.Sorted(maps.Keys(parts))
		fmt.Fprintf(os.Stderr, "usage: argocd %s [flags of that part]\n", strings.Join(names, "|"))
		os.Exit(2)
	}
	// Every part reads its flags from os.Args, as if it were a program of its own.
	os.Args = os.Args[1:]
	go endWithStarter()
	part()
}

func endWithStarter() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	log.Fatal("standard input has ended, so whoever started this part has gone")
}

func run(command func() *cobra.Command) func() {
	return func() {
		if err := command().Execute(); err != nil {
			os.Exit(1) // cobra has said why
		}
	}
}

// serveRedis answers on the address that is its only argument, until it is ended.
func serveRedis() {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	// Its clock moves only by hand; without it nothing that Argo CD caches for a time would ever expire.
	for range time.Tick(time.Second) {
		server.FastForward(time.Second)
	}
}
