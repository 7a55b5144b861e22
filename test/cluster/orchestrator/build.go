package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// build makes sure that the family's artifacts exist and returns the directory that holds them. A second call finds
// them there.
func build(ctx context.Context, f family, artifacts []artifact) (string, error) {
	cache := filepath.Join(cacheDir(), f.cache)
	key, err := artifactKey(os.DirFS(sources()), f.sources)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(cache, key, "bin")
	if len(missing(bin, artifacts)) > 0 {
		err = withLock(ctx, filepath.Join(cache, "build.lock"), func() error { return buildMissing(ctx, bin, artifacts) })
	}
	if err != nil {
		return "", err
	}
	touch(filepath.Join(cache, key))
	return bin, prune(cache, 2)
}

func missing(bin string, artifacts []artifact) []artifact {
	var absent []artifact
	for _, a := range artifacts {
		if !exists(filepath.Join(bin, a.name)) {
			absent = append(absent, a)
		}
	}
	return absent
}

func buildMissing(ctx context.Context, bin string, artifacts []artifact) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	// Another run may have built some of them while this one waited for the lock.
	absent := missing(bin, artifacts)
	for i, a := range absent {
		title := fmt.Sprintf("building %s (%d of %d)", strings.TrimSpace(a.name+" "+a.pinned()), i+1, len(absent))
		if err := buildOne(ctx, bin, a, newProgress(title)); err != nil {
			return err
		}
	}
	return nil
}

func (a artifact) pinned() string {
	if a.version == "" {
		return ""
	}
	return pinnedVersion(a.dir, a.version)
}

// buildOne builds into a file of another name first, so that an interrupted build leaves nothing that looks complete.
func buildOne(ctx context.Context, bin string, a artifact, shown *progress) error {
	dir := filepath.Join(sources(), a.dir)
	shown.total = countPackages(ctx, dir, a.target)
	defer shown.stop()
	flags := []string{"-s", "-w"}
	if a.linkWith != nil {
		for _, value := range a.linkWith(a.pinned()) {
			flags = append(flags, "-X", value)
		}
	}
	target := filepath.Join(bin, a.name)
	command := goCommand(ctx, dir, "build", "-v", "-trimpath", "-buildvcs=false",
		"-ldflags", strings.Join(flags, " "), "-o", target+".new", a.target)
	said, err := runShown(command, shown)
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", a.name, err, said)
	}
	return os.Rename(target+".new", target)
}

// goCommand runs Go in one of our modules, whatever workspace the repository lies in. Without cgo the programs are static.
func goCommand(ctx context.Context, dir string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	return command
}

// countPackages tells how many packages a program consists of, of which the ones not in Go's own cache get compiled.
func countPackages(ctx context.Context, dir, target string) int {
	names, err := goCommand(ctx, dir, "list", "-deps", target).Output()
	if err != nil {
		return 0 // the build itself says what is wrong
	}
	return strings.Count(string(names), "\n")
}

// runShown runs `go build -v`, which names each package that it compiles, and returns the last other lines it said.
func runShown(command *exec.Cmd, shown *progress) (string, error) {
	stderr, err := command.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	var said []string
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "go: downloading ") {
			shown.downloaded()
		} else if strings.ContainsAny(line, " :") {
			said = append(said, line)
		} else {
			shown.compiled()
		}
	}
	err = errors.Join(lines.Err(), command.Wait())
	return strings.Join(said[max(0, len(said)-20):], "\n"), err
}

func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now) // only the order of pruning hangs on it
}
