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

func TestADigestFollowsProgramFlagsAndConfiguration(t *testing.T) {
	digest := func(program, configuration string, flags ...string) string {
		dir := t.TempDir()
		files := map[string]string{"program": program, "part.yaml": configuration}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p := part{"x", append([]string{"program"}, flags...), []string{filepath.Join(dir, "part.yaml")}}
		digest, err := p.digest(filepath.Join(dir, "program"))
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	plain := digest("v1", "a: 1", "--y")
	if digest("v1", "a: 1", "--y") != plain {
		t.Error("the same program in another place has another digest")
	}
	for name, other := range map[string]string{
		"program": digest("v2", "a: 1", "--y"), "configuration": digest("v1", "a: 2", "--y"), "flags": digest("v1", "a: 1", "--z"),
	} {
		if other == plain {
			t.Errorf("another %s has the same digest", name)
		}
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
