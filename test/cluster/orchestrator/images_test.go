package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"testing"
)

func filesOf(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name], _ = io.ReadAll(reader)
	}
}

func TestAnImageHoldsItsProgramAndNothingElse(t *testing.T) {
	archive, err := imageOf("pause", []byte("program"), "localhost/x:1")
	if err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, archive)
	var manifest []struct {
		Config           string
		RepoTags, Layers []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest[0].RepoTags[0] != "localhost/x:1" {
		t.Errorf("its name is %q", manifest[0].RepoTags)
	}
	if _, there := files[manifest[0].Config]; !there {
		t.Errorf("the manifest's config %s is missing", manifest[0].Config)
	}
	layer := filesOf(t, files[manifest[0].Layers[0]])
	if len(layer) != 1 || string(layer["pause"]) != "program" {
		t.Errorf("its layer holds %q", layer)
	}
}

func TestParseImportedFindsFullNameAndDigest(t *testing.T) {
	const digest = "sha256:f6a14b7d57b024afe5a7eb13660769347b72b4c6825b99cfe10a727993d80577"
	got := parseImported("unpacking docker.io/library/x:1 (" + digest + ")...done\n")
	if got != (importedImage{"docker.io/library/x:1", digest}) {
		t.Errorf("got %+v", got)
	}
	if parseImported("something else") != (importedImage{}) {
		t.Error("finds an image in other words")
	}
}
