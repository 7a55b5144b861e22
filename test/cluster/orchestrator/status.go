package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

var errDown = errors.New("the cluster is down")

// status prints what runs, and fails unless all of it does.
func status(ctx context.Context) error {
	whole := true
	for _, p := range clusterParts("") {
		found, alive := readRecord(recordFile(p.name))
		whole = whole && alive
		printPart(p.name, found, alive)
	}
	if found, alive := readRecord(recordFile("registry")); alive {
		printPart("registry", found, alive)
	}
	if !whole {
		return errDown
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return printVersions(limited)
}

func printPart(name string, found record, alive bool) {
	if alive {
		fmt.Printf("%-24s runs, pid %d\n", name, found.PID)
	} else {
		fmt.Printf("%-24s does not run\n", name)
	}
}

func printVersions(ctx context.Context) error {
	a, err := newAPI()
	if err != nil {
		return err
	}
	var kubernetes struct{ GitVersion string }
	if err := a.get(ctx, "/version", &kubernetes); err != nil {
		return err
	}
	if err := errors.Join(checkNode(a)(ctx), checkDNS(ctx)); err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	containerd, err := output(ctx, "containerd", "--version")
	if err != nil {
		return err
	}
	fmt.Printf("%-24s %s\n", "Kubernetes", kubernetes.GitVersion)
	fmt.Printf("%-24s %s\n", "containerd", strings.Fields(containerd)[2])
	fmt.Printf("%-24s %s, %s\n", "Helm", pinnedVersion("helm", "helm.sh/helm/v3"), pinnedVersion("helm", "helm.sh/helm/v4"))
	fmt.Printf("%-24s %s\n", "kubeconfig", kubeconfigFile())
	return nil
}
