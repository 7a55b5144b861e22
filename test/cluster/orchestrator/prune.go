package main

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// prune removes all but the newest builds of the cache.
func prune(cache string, keep int) error {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return err
	}
	type built struct {
		path string
		used time.Time
	}
	var builds []built
	for _, entry := range entries {
		path := filepath.Join(cache, entry.Name())
		// Only a build has a bin directory; the cache also holds the lock and the orchestrator.
		if !exists(filepath.Join(path, "bin")) {
			continue
		}
		if info, err := entry.Info(); err == nil {
			builds = append(builds, built{path, info.ModTime()})
		}
	}
	slices.SortFunc(builds, func(a, b built) int { return cmp.Or(b.used.Compare(a.used), cmp.Compare(a.path, b.path)) })
	var failures []error
	for _, old := range builds[min(keep, len(builds)):] {
		failures = append(failures, os.RemoveAll(old.path))
	}
	return errors.Join(failures...)
}
