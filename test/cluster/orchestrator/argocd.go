package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// argocd prints the directory of Argo CD's program and, in its folder manifests, of the definitions and settings of the
// same version.
func argocd(ctx context.Context) error {
	bin, err := build(ctx, argocdFamily, argocdArtifacts)
	if err != nil {
		return err
	}
	manifests := filepath.Join(bin, "manifests")
	if !exists(manifests) {
		lock := filepath.Join(filepath.Dir(bin), "manifests.lock")
		if err := withLock(ctx, lock, func() error { return copyManifests(ctx, manifests) }); err != nil {
			return err
		}
	}
	fmt.Println(bin)
	return nil
}

// copyManifests takes them from the module that the program was built from.
func copyManifests(ctx context.Context, target string) error {
	if exists(target) {
		return nil
	}
	described, err := goCommand(ctx, filepath.Join(sources(), "argocd"), "mod", "download", "-json", argocdModule).Output()
	if err != nil {
		return fmt.Errorf("find the sources of Argo CD: %w", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(described, &module); err != nil {
		return fmt.Errorf("find the sources of Argo CD: %w", err)
	}
	unfinished := target + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	for _, part := range []string{"crds", "base/config"} {
		from := os.DirFS(filepath.Join(module.Dir, "manifests", part))
		if err := os.CopyFS(filepath.Join(unfinished, filepath.Base(part)), from); err != nil {
			return err
		}
	}
	return os.Rename(unfinished, target)
}
