package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const cgroupMount = "/sys/fs/cgroup"

// cgroupTrees are the mounted hierarchies: one with cgroup v2, one for each controller with v1.
func cgroupTrees() []string {
	if exists(cgroupMount + "/cgroup.controllers") {
		return []string{cgroupMount}
	}
	entries, _ := os.ReadDir(cgroupMount)
	var trees []string
	for _, entry := range entries {
		// Controllers that share a hierarchy (cpu,cpuacct) also appear as symbolic links.
		if entry.IsDir() {
			trees = append(trees, filepath.Join(cgroupMount, entry.Name()))
		}
	}
	return trees
}

// ensureCgroup makes the cgroup under which the kubelet puts all pods: it insists on finding it.
func ensureCgroup() error {
	for _, tree := range cgroupTrees() {
		group := filepath.Join(tree, cgroupName)
		if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := prepareCgroup(tree, group); err != nil {
			return err
		}
	}
	return nil
}

// prepareCgroup passes on what a fresh cgroup does not inherit: v2's controllers, and the CPUs of v1's cpuset.
func prepareCgroup(tree, group string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(tree, file))
		if err != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(group, file), value, 0); err != nil {
			return err
		}
	}
	available, err := os.ReadFile(filepath.Join(tree, "cgroup.controllers"))
	if err != nil {
		return nil
	}
	for _, parent := range []string{tree, group} {
		for controller := range strings.FieldsSeq(string(available)) {
			// One that cannot be passed on is not the end: the kubelet says which of them it misses.
			_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+controller), 0)
		}
	}
	return nil
}

// removeCgroups ends whatever still runs in the pods' cgroups and removes them, innermost first.
func removeCgroups(ctx context.Context) error {
	return waitFor(ctx, 20*time.Second, 50*time.Millisecond, func(context.Context) error {
		var failures []error
		for _, tree := range cgroupTrees() {
			groups := cgroupsBelow(filepath.Join(tree, cgroupName))
			for _, group := range slices.Backward(groups) {
				killMembers(group)
				if err := os.Remove(group); err != nil && !errors.Is(err, os.ErrNotExist) {
					failures = append(failures, err)
				}
			}
		}
		return errors.Join(failures...)
	})
}

func cgroupsBelow(root string) []string {
	var groups []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return nil
	})
	return groups
}

func killMembers(group string) {
	members, _ := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	for member := range strings.FieldsSeq(string(members)) {
		if pid, err := strconv.Atoi(member); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
