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
		_, err := importArchive(ctx, arguments[1])
		return err
	}
	if err := ensurePackages(ctx, imageNeeds); err != nil {
		return err
	}
	for _, image := range arguments {
		if err := loadImage(ctx, image); err != nil {
			return err
		}
	}
	return nil
}

func loadImage(ctx context.Context, image string) error {
	start := time.Now()
	source, err := findImage(ctx, image)
	if err != nil {
		return err
	}
	if alreadyLoaded(ctx, image, source.id) {
		say("%s is in the cluster already", image)
		return nil
	}
	dir, err := os.MkdirTemp(stateDir, "load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "image.tar")
	if err := source.export(ctx, file); err != nil {
		return err
	}
	imported, err := importArchive(ctx, file)
	if err != nil {
		return err
	}
	say("loaded %s in %.1f s", image, time.Since(start).Seconds())
	return rememberLoaded(image, source.id, imported)
}

// localImage is an image in the machine's own storage. Neither tool is asked to pull what is not there.
type localImage struct {
	id     string
	export func(ctx context.Context, file string) error
}

func findImage(ctx context.Context, image string) (localImage, error) {
	if command("buildah")() {
		if id, err := output(ctx, "buildah", "inspect", "--type", "image", "--format", "{{.FromImageID}}", image); err == nil {
			return localImage{id, func(ctx context.Context, file string) error {
				_, err := output(ctx, "buildah", "push", "--quiet", image, "docker-archive:"+file+":"+image)
				return err
			}}, nil
		}
	}
	if command("docker")() {
		if id, err := output(ctx, "docker", "image", "inspect", "--format", "{{.Id}}", image); err == nil {
			return localImage{id, func(ctx context.Context, file string) error {
				_, err := output(ctx, "docker", "save", "--output", file, image)
				return err
			}}, nil
		}
	}
	return localImage{}, fmt.Errorf("no image %s in the storage of buildah or docker: build it first", image)
}
