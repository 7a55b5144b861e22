package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// load imports images into the cluster under their names: from the storage of buildah or docker, or, after --archive,
// from a file as `docker save` makes it.
func load(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return usageError("load IMAGE... | load --archive FILE")
	}
	if err := checkAlive("containerd"); err != nil {
		return errDown
	}
	if arguments[0] == "--archive" {
		if len(arguments) != 2 {
			return usageError("load --archive FILE")
		}
		return importArchive(ctx, arguments[1])
	}
	if err := ensurePackages(ctx, imageNeeds); err != nil {
		return err
	}
	for _, image := range arguments {
		start := time.Now()
		if err := loadImage(ctx, image); err != nil {
			return err
		}
		say("loaded %s in %.1f s", image, time.Since(start).Seconds())
	}
	return nil
}

func loadImage(ctx context.Context, image string) error {
	dir, err := os.MkdirTemp(stateDir, "load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "image.tar")
	if err := exportImage(ctx, image, file); err != nil {
		return err
	}
	return importArchive(ctx, file)
}

// exportImage writes an image of the machine's own storage to a file; neither tool is asked to pull.
func exportImage(ctx context.Context, image, file string) error {
	if command("buildah")() {
		if _, err := output(ctx, "buildah", "inspect", "--type", "image", image); err == nil {
			_, err := output(ctx, "buildah", "push", "--quiet", image, "docker-archive:"+file+":"+image)
			return err
		}
	}
	if command("docker")() {
		if _, err := output(ctx, "docker", "image", "inspect", image); err == nil {
			_, err := output(ctx, "docker", "save", "--output", file, image)
			return err
		}
	}
	return fmt.Errorf("no image %s in the storage of buildah or docker: build it first", image)
}
