package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// artifact is one program built from a pinned module.
type artifact struct {
	name string
	// dir is the module's folder below the sources.
	dir, target string
	// version names the module whose version the program reports, and pins the variables that hold it.
	version  string
	linkWith func(version string) []string
}

// family is what is built from the same sources, and cached and pruned together: a change in one family builds nothing
// of another one again.
type family struct {
	// cache is the family's own directory below the cache, or the cache itself.
	cache string
	// sources are the folders that its artifacts are built from.
	sources []string
}

var (
	clusterFamily = family{"", []string{"kubernetes", "helm", "pause"}}
	argocdFamily  = family{"argocd", []string{"argocd"}}
)

var kubernetesArtifacts = []artifact{
	{"kubernetes", "kubernetes", ".", "k8s.io/kubernetes", kubernetesVersion},
	{"pause", ".", "./pause", "", nil},
}

// toolArtifacts are what talks to a cluster, this one or any other. Both Helms come from one module: with the same
// dependencies most packages are compiled once.
var toolArtifacts = []artifact{
	{"kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", "k8s.io/kubernetes", kubernetesVersion},
	{"helm3", "helm", "helm.sh/helm/v3/cmd/helm", "helm.sh/helm/v3", helm3Version},
	{"helm4", "helm", "helm.sh/helm/v4/cmd/helm", "helm.sh/helm/v4", helm4Version},
}

const argocdModule = "github.com/argoproj/argo-cd/v3"

var argocdArtifacts = []artifact{{"argocd", "argocd", ".", argocdModule, argocdVersion}}

func kubernetesVersion(version string) []string {
	const in = "k8s.io/component-base/version."
	major, minor := majorMinor(version)
	return []string{in + "gitVersion=" + version, in + "gitMajor=" + major, in + "gitMinor=" + minor}
}

// helm3Version also says for which Kubernetes Helm 3 renders where it is not told one; left unset that is 1.20, which
// charts with a kubeVersion refuse. Helm 4 finds both in its own build information.
func helm3Version(version string) []string {
	_, minor := majorMinor(pinnedVersion("helm", "k8s.io/client-go"))
	const in = "helm.sh/helm/v3/pkg/"
	return []string{
		"helm.sh/helm/v3/internal/version.version=" + version,
		in + "chartutil.k8sVersionMajor=1", in + "chartutil.k8sVersionMinor=" + minor,
		in + "lint/rules.k8sVersionMajor=1", in + "lint/rules.k8sVersionMinor=" + minor,
	}
}

func helm4Version(version string) []string {
	return []string{"helm.sh/helm/v4/internal/version.version=" + version}
}

func argocdVersion(version string) []string {
	return []string{argocdModule + "/common.version=" + strings.TrimPrefix(version, "v")}
}

func majorMinor(version string) (major, minor string) {
	numbers := strings.Split(strings.TrimPrefix(version, "v"), ".")
	return numbers[0], numbers[1]
}

// pinnedVersion reads a required module's version from the go.mod in a folder of the sources.
func pinnedVersion(dir, module string) string {
	content, err := os.ReadFile(filepath.Join(sources(), dir, "go.mod"))
	if err != nil {
		return "v0.0.0"
	}
	return requiredVersion(string(content), module)
}

func requiredVersion(goMod, module string) string {
	line := regexp.MustCompile(`(?m)^\s*(?:require\s+)?` + regexp.QuoteMeta(module) + `\s+(v\S+)`)
	if found := line.FindStringSubmatch(goMod); found != nil {
		return found[1]
	}
	return "v0.0.0"
}

// sources is the folder of this module, and cacheDir keeps what was built, outside the repository and beyond `down`.
// cluster.sh names both, because it puts the orchestrator itself there.
func sources() string  { return os.Getenv("MIGRATION_GATE_CLUSTER_SOURCES") }
func cacheDir() string { return os.Getenv("MIGRATION_GATE_CLUSTER_CACHE") }

// artifactKey changes with every file in the source folders of a family, and with the platform.
func artifactKey(root fs.FS, dirs []string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, dir := range dirs {
		err := fs.WalkDir(root, dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(root, path)
			fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read the sources of the cluster: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
