package main

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
)

// importedImage is an image as containerd knows it: by its full name and the digest of its manifest.
type importedImage struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// loadedImage remembers from which image of the machine's storage one in the cluster was made. The storage's id and
// containerd's digest of the same image differ, since the formats do.
type loadedImage struct {
	Source string        `json:"source"`
	Image  importedImage `json:"image"`
}

func loadedFile() string { return state("loaded.json") }

// alreadyLoaded tells whether the cluster still has, under this name, what was made from this very image.
func alreadyLoaded(ctx context.Context, image, source string) bool {
	known, found := readLoaded()[image]
	if !found || known.Source != source || known.Image.Digest == "" {
		return false
	}
	listed, err := ctr(ctx, "images", "list", "name=="+known.Image.Name)
	return err == nil && strings.Contains(listed, known.Image.Digest)
}

func rememberLoaded(image, source string, imported importedImage) error {
	all := readLoaded()
	all[image] = loadedImage{source, imported}
	content, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return writeFile(loadedFile(), content, 0o644)
}

// readLoaded returns nothing where there is nothing to read: then images are loaded once more than needed.
func readLoaded() map[string]loadedImage {
	all := map[string]loadedImage{}
	if content, err := os.ReadFile(loadedFile()); err == nil {
		_ = json.Unmarshal(content, &all)
	}
	return all
}

var unpacking = regexp.MustCompile(`(?m)^unpacking (\S+) \((sha256:[0-9a-f]{64})\)`)

// parseImported reads what `ctr images import` says about the image that it imported.
func parseImported(said string) importedImage {
	if found := unpacking.FindStringSubmatch(said); found != nil {
		return importedImage{found[1], found[2]}
	}
	return importedImage{}
}
