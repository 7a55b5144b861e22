package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOnlyContainerdGoesThroughAProxy(t *testing.T) {
	environment := []string{"PATH=/bin", "HTTPS_PROXY=http://p", "no_proxy=x"}
	if got := partEnvironment("kubelet", environment); !slices.Equal(got, []string{"PATH=/bin"}) {
		t.Errorf("the kubelet gets %q", got)
	}
	if got := partEnvironment("containerd", environment); !slices.Equal(got, environment) {
		t.Errorf("containerd gets %q", got)
	}
}

func TestThePartsDigestFollowsItsConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "part.yaml")
	digest := func(content string, argv ...string) string {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		digest, err := part{"x", argv, []string{file}}.digest()
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	plain := digest("a: 1", "x", "--y")
	if digest("a: 1", "x", "--y") != plain {
		t.Error("the same part has two digests")
	}
	if digest("a: 2", "x", "--y") == plain || digest("a: 1", "x", "--z") == plain {
		t.Error("a changed file or flag keeps the digest")
	}
}

func TestTailKeepsTheLastLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("a\nb\nc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := tail(file, 2); got != "b\nc" {
		t.Errorf("got %q", got)
	}
}
