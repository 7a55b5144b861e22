package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// down ends the cluster and removes all that it put on the machine, except the cache of built programs. The lock's file
// may go while it is held: whoever waits for it looks again which file is there.
func down(ctx context.Context) error {
	start := time.Now()
	if exists(stateDir) {
		if err := removeAll(ctx); err != nil {
			return err
		}
		say("removed in %s", elapsed(time.Since(start)))
	} else {
		say("nothing to remove")
	}
	return errors.Join(removeStrays(), os.RemoveAll(removedDir), os.Remove(lockFile))
}

// removedDir is the state on its way out: no half-deleted state directory is ever taken for a cluster.
const removedDir = stateDir + ".removed"

// removing marks a cluster that is being taken apart: whoever finds it goes on with that.
func removing() string { return state("removing") }

// removeAll goes on after a failure, to remove as much as can be. The state goes last, so that `down` can be repeated.
func removeAll(ctx context.Context) error {
	if err := writeFile(removing(), nil, 0o644); err != nil {
		return err
	}
	err := errors.Join(
		endProcesses(ctx),
		removeCgroups(ctx),
		removeMounts(),
		removeChains(ctx),
		removeNetwork(ctx),
		restoreSysctls(),
	)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(runDir), os.RemoveAll(removedDir), os.Rename(stateDir, removedDir)); err != nil {
		return err
	}
	return os.RemoveAll(removedDir)
}

// endProcesses first ends the kubelet, which would start everything again, then lets containerd take its pods apart.
func endProcesses(ctx context.Context) error {
	failure := endProcess(ctx, recordFile("kubelet"), 10*time.Second)
	if _, alive := readRecord(recordFile("containerd")); alive {
		if err := removePods(ctx); err != nil {
			say("containerd did not remove all pods, so they are removed by force: %v", err)
		}
	}
	for _, name := range []string{
		"coredns", "kube-proxy", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd", "registry", "containerd",
	} {
		failure = errors.Join(failure, endProcess(ctx, recordFile(name), 10*time.Second))
	}
	// A shim serves one pod and outlives containerd, by design.
	for _, pid := range processesWith("-address", containerdSocket()) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return failure
}

// removePods asks containerd to. The program that knows how is the one of a part that still runs: it fits, and can be
// called even if a newer build has pushed its file out of the cache.
func removePods(ctx context.Context) error {
	for _, name := range []string{"etcd", "kube-apiserver", "kube-scheduler"} {
		if found, alive := readRecord(recordFile(name)); alive {
			_, err := output(ctx, fmt.Sprintf("/proc/%d/exe", found.PID), "remove-pods", containerdSocket())
			return err
		}
	}
	return errors.New("no part of Kubernetes runs any more")
}

// removeStrays removes the little that Kubernetes, containerd and the network plugins write to fixed places. A directory goes
// only when it is empty: someone else may use it.
func removeStrays() error {
	links, _ := filepath.Glob("/var/log/containers/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, stateDir+"/") {
			_ = os.Remove(link)
		}
	}
	results, _ := filepath.Glob("/var/lib/cni/*/" + cniNetwork + "-*")
	loopbacks, _ := filepath.Glob("/var/lib/cni/results/cni-loopback-*")
	for _, file := range append(results, loopbacks...) {
		_ = os.Remove(file)
	}
	for _, dir := range []string{
		"/var/log/containers", "/var/lib/cni/results", "/var/lib/cni",
		"/run/containerd/s", "/run/containerd/fifo", "/run/containerd",
	} {
		_ = os.Remove(dir)
	}
	return nil
}
