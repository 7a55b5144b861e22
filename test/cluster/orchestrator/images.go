package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ctr runs containerd's own client on the images that the kubelet sees.
func ctr(ctx context.Context, arguments ...string) (string, error) {
	return output(ctx, "ctr", append([]string{"--address", containerdSocket(), "--namespace", "k8s.io"}, arguments...)...)
}

func importArchive(ctx context.Context, file string) (importedImage, error) {
	said, err := ctr(ctx, "images", "import", file)
	return parseImported(said), err
}

// ensurePauseImage gives containerd the image of the process that holds each pod's namespaces.
func ensurePauseImage(ctx context.Context, program string) error {
	present, err := ctr(ctx, "images", "list", "--quiet")
	if err != nil {
		return err
	}
	for name := range strings.Lines(present) {
		if strings.TrimSpace(name) == pauseImage {
			return nil
		}
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	archive, err := imageOf("pause", binary, pauseImage)
	if err != nil {
		return err
	}
	file := filepath.Join(stateDir, "pause.tar")
	if err := writeFile(file, archive, 0o644); err != nil {
		return err
	}
	defer os.Remove(file)
	_, err = importArchive(ctx, file)
	return err
}

// imageOf makes an image in the form of `docker save` that holds one static program and nothing else.
func imageOf(name string, program []byte, tag string) ([]byte, error) {
	layer, err := tarOf(entry{name, program, 0o755})
	if err != nil {
		return nil, err
	}
	digest := func(content []byte) string { sum := sha256.Sum256(content); return hex.EncodeToString(sum[:]) }
	image, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{"/" + name}, "User": "65535:65535"},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return nil, err
	}
	imageFile := digest(image) + ".json"
	manifest, err := json.Marshal([]map[string]any{{"Config": imageFile, "RepoTags": []string{tag}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return nil, fmt.Errorf("describe image %s: %w", tag, err)
	}
	return tarOf(entry{imageFile, image, 0o644}, entry{"layer.tar", layer, 0o644}, entry{"manifest.json", manifest, 0o644})
}

type entry struct {
	name    string
	content []byte
	mode    int64
}

func tarOf(entries ...entry) ([]byte, error) {
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	for _, e := range entries {
		if err := archive.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content))}); err != nil {
			return nil, err
		}
		if _, err := archive.Write(e.content); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), archive.Close()
}
