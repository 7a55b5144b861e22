package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// up brings the cluster to the state "ready" from any other: nothing there, all there, or the ruins of a killed `up`.
// Each step first looks whether it is already done.
func up(ctx context.Context) error {
	start := time.Now()
	if err := ensurePackages(ctx, slices.Concat(clusterNeeds, imageNeeds)); err != nil {
		return err
	}
	bin, err := build(ctx, clusterFamily, slices.Concat(kubernetesArtifacts, toolArtifacts))
	if err != nil {
		return err
	}
	built := time.Now()
	if err := prepareMachine(ctx); err != nil {
		return err
	}
	l, err := prepareNode(ctx)
	if err != nil {
		return err
	}
	if err := startCluster(ctx, bin, l); err != nil {
		return err
	}
	say("ready in %s (programs %s, cluster %s)", elapsed(time.Since(start)), elapsed(built.Sub(start)), elapsed(time.Since(built)))
	say("export KUBECONFIG=%s", kubeconfigFile())
	return nil
}

// prepareMachine makes room: a cluster from before the machine's last start is dead, and its unsynced data with it; one
// that a `down` began to take apart is of no use either.
func prepareMachine(ctx context.Context) error {
	now, err := bootID()
	if err != nil {
		return err
	}
	then, err := os.ReadFile(state("boot-id"))
	restarted := err == nil && strings.TrimSpace(string(then)) != now
	if restarted || exists(removing()) {
		say("the last cluster ended with the machine's restart or an unfinished `down`: removing what is left of it")
		if err := removeAll(ctx); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(removedDir); err != nil {
		return err
	}
	if err := saveChains(ctx); err != nil {
		return err
	}
	return writeFile(state("boot-id"), []byte(now+"\n"), 0o644)
}

// prepareNode makes all that the parts find at their start.
func prepareNode(ctx context.Context) (layout, error) {
	l := newLayout()
	l.CNIPlugins = cniPlugins()
	l.ForwardDNS = hasResolver()
	if err := saveSysctls(); err != nil {
		return l, err
	}
	bridged, err := ensureForwarding(ctx)
	if err != nil {
		return l, err
	}
	l.MasqueradeAll = !bridged
	if err := ensureNetwork(ctx); err != nil {
		return l, err
	}
	if err := ensureCgroup(); err != nil {
		return l, err
	}
	if err := ensureCertificates(state("pki")); err != nil {
		return l, err
	}
	return l, writeConfiguration(l)
}

// startCluster starts the parts, those that need the API server once it answers, and waits until pods can run.
func startCluster(ctx context.Context, bin string, l layout) error {
	parts := map[string]part{}
	for _, p := range clusterParts(filepath.Join(bin, "kubernetes")) {
		parts[p.name] = p
	}
	start := func(names ...string) error {
		for _, name := range names {
			if err := ensurePart(ctx, parts[name]); err != nil {
				return fmt.Errorf("start %s: %w", name, err)
			}
		}
		return nil
	}
	if err := start("etcd", "containerd", "kube-apiserver"); err != nil {
		return err
	}
	if err := awaitReady(ctx, "containerd", checkContainerd); err != nil {
		return err
	}
	if err := ensurePauseImage(ctx, filepath.Join(bin, "pause")); err != nil {
		return err
	}
	a, err := newAPI()
	if err != nil {
		return err
	}
	if err := awaitReady(ctx, "kube-apiserver", checkAPI(a)); err != nil {
		return err
	}
	if err := start("kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns"); err != nil {
		return err
	}
	if err := awaitReady(ctx, "kube-apiserver", func(ctx context.Context) error { return applyDNS(ctx, a, l) }); err != nil {
		return err
	}
	if err := awaitReady(ctx, "kube-controller-manager", checkControllers(a)); err != nil {
		return err
	}
	if err := awaitReady(ctx, "kubelet", checkNode(a)); err != nil {
		return err
	}
	if err := awaitHealth(ctx); err != nil {
		return err
	}
	return awaitReady(ctx, "coredns", checkDNS)
}
