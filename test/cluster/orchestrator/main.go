// Command orchestrator builds, starts and removes a real Kubernetes on one machine. It uses the standard library alone,
// so that it compiles in a second; cluster.sh compiles and calls it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

const usage = `usage: npm run cluster -- COMMAND
  up                     build what is missing, start the cluster, wait until it is ready; may be repeated
  down                   end it and remove everything but the cache
  status                 say what runs; exit code 1 unless all does
  load IMAGE...          copy images from buildah's or docker's storage into the cluster
  load --archive FILE    the same from a file as "docker save" writes it
  kubeconfig             print the path of the kubeconfig
  tools                  print the directory of kubectl, helm3 and helm4, built if need be; needs no cluster
  argocd                 print the directory of Argo CD's program and manifests, built if need be; needs no cluster
  registry               start a plain-HTTP registry beside the cluster and print its HOST:PORT`

// usageError is a command line that makes no sense; its text is the right one.
type usageError string

func (e usageError) Error() string { return "usage: npm run cluster -- " + string(e) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := dispatch(ctx, os.Args[1:]); err != nil {
		say("%v", err)
		stop()
		os.Exit(exitCode(err))
	}
}

func exitCode(err error) int {
	var wrong usageError
	if errors.As(err, &wrong) {
		return 2
	}
	return 1
}

func dispatch(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return usageError("up | down | status | load | kubeconfig | tools | argocd | registry")
	}
	rest := arguments[1:]
	switch arguments[0] {
	case "up":
		return changing(ctx, up)
	case "down":
		return changing(ctx, down)
	case "registry":
		return changing(ctx, registry)
	case "load":
		if err := requireRoot(); err != nil {
			return err
		}
		return load(ctx, rest)
	case "status":
		return status(ctx)
	case "kubeconfig":
		return printKubeconfig()
	case "tools":
		return tools(ctx)
	case "argocd":
		return argocd(ctx)
	case "exec-part":
		return execPart(rest[0], rest[1], rest[2:])
	case "help", "--help", "-h":
		fmt.Println(usage)
		return nil
	}
	return usageError("up | down | status | load | kubeconfig | tools | argocd | registry")
}

// changing runs a command that changes the cluster: as root, and one at a time.
func changing(ctx context.Context, work func(context.Context) error) error {
	if err := requireRoot(); err != nil {
		return err
	}
	return withLock(ctx, lockFile, func() error { return work(ctx) })
}

func requireRoot() error {
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		return nil
	}
	return errors.New("the local cluster needs root on Linux; to use a cluster that you have, give its context: --context NAME")
}

func printKubeconfig() error {
	if !exists(kubeconfigFile()) {
		return errDown
	}
	fmt.Println(kubeconfigFile())
	return nil
}

// tools prints where kubectl, helm3 and helm4 are.
func tools(ctx context.Context) error {
	bin, err := build(ctx, clusterFamily, toolArtifacts)
	if err != nil {
		return err
	}
	fmt.Println(bin)
	return nil
}
