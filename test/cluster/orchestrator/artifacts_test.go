package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

func moduleFiles() fstest.MapFS {
	return fstest.MapFS{
		"kubernetes/go.mod": {Data: []byte("module a\n")},
		"helm/go.mod":       {Data: []byte("module b\n")},
		"pause/main.go":     {Data: []byte("package main\n")},
		"argocd/go.mod":     {Data: []byte("module c\n")},
		"README.md":         {Data: []byte("# cluster\n")},
	}
}

func TestTheKeyFollowsTheModulesOfItsFamilyAndNothingElse(t *testing.T) {
	key := func(files fstest.MapFS) string {
		key, err := artifactKey(files, clusterFamily.sources)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	plain := key(moduleFiles())
	readme, helm, argocd := moduleFiles(), moduleFiles(), moduleFiles()
	argocd["argocd/go.mod"] = &fstest.MapFile{Data: []byte("other")}
	readme["README.md"] = &fstest.MapFile{Data: []byte("other")}
	helm["helm/go.sum"] = &fstest.MapFile{Data: []byte("x")}
	if key(readme) != plain {
		t.Error("the key follows the README")
	}
	if key(argocd) != plain {
		t.Error("the key follows a module of another family")
	}
	if key(helm) == plain {
		t.Error("the key ignores a module's file")
	}
}

func TestRequiredVersionReadsBothFormsOfRequire(t *testing.T) {
	goMod := "module x\n\nrequire helm.sh/helm/v3 v3.22.0\n\nrequire (\n\tk8s.io/client-go v0.37.0 // indirect\n)\n"
	for module, want := range map[string]string{
		"helm.sh/helm/v3": "v3.22.0", "k8s.io/client-go": "v0.37.0", "k8s.io/client": "v0.0.0",
	} {
		if got := requiredVersion(goMod, module); got != want {
			t.Errorf("%s: %s", module, got)
		}
	}
}

func TestPruneKeepsTheNewestBuildsAndAllElse(t *testing.T) {
	cache := t.TempDir()
	for i, name := range []string{"a", "b", "c"} {
		if err := os.MkdirAll(filepath.Join(cache, name, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		used := time.Unix(int64(1000-i), 0)
		if err := os.Chtimes(filepath.Join(cache, name), used, used); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(cache, "orchestrator"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := prune(cache, 2); err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]bool{"a": true, "b": true, "c": false, "orchestrator": true} {
		if exists(filepath.Join(cache, name)) != kept {
			t.Errorf("%s is there: %v", name, !kept)
		}
	}
}
