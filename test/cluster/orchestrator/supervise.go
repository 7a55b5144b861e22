package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ensurePart leaves a part alone that runs as it should, and (re)starts any other. Its process is the leader of a
// session of its own, so it outlives the shell; its output goes to its log file.
func ensurePart(ctx context.Context, p part) error {
	program, err := exec.LookPath(p.argv[0])
	if err != nil {
		return err
	}
	argv := append([]string{program}, p.argv[1:]...)
	digest, err := p.digest(program)
	if err != nil {
		return err
	}
	found, alive := readRecord(recordFile(p.name))
	if alive && found.Digest == digest {
		return nil
	}
	if alive {
		say("restarting %s: it changed", p.name)
	}
	if err := endProcess(ctx, recordFile(p.name), 10*time.Second); err != nil {
		return err
	}
	return startPart(p.name, digest, argv)
}

func startPart(name, digest string, argv []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(logFile(name)), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(logFile(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(self, append([]string{"exec-part", recordFile(name), digest}, argv...)...)
	command.Dir, command.Stdout, command.Stderr = "/", log, log
	command.Env = partEnvironment(name, os.Environ())
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	// Reaping a part that dies while we still run lets checkAlive see it.
	go func() { _ = command.Wait() }()
	return waitFor(context.Background(), 5*time.Second, 5*time.Millisecond, func(context.Context) error {
		return checkAlive(name)
	})
}

// partEnvironment keeps proxies away from every part but the one that pulls images: the parts talk to one another.
func partEnvironment(name string, environment []string) []string {
	if name == "containerd" {
		return environment
	}
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		key, _, _ := strings.Cut(strings.ToLower(variable), "=")
		return strings.HasSuffix(key, "_proxy")
	})
}

// checkAlive complains about a part that does not run, with the end of its log.
func checkAlive(name string) error {
	if _, alive := readRecord(recordFile(name)); alive {
		return nil
	}
	return fmt.Errorf("%s does not run; the end of %s:\n%s", name, logFile(name), tail(logFile(name), 8))
}

func tail(path string, lines int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// digest tells two parts apart by flags, configuration and program: a new build of the same content is the same program,
// wherever it lies.
func (p part) digest(program string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", p.argv[1:])
	for _, path := range append([]string{program}, p.files...) {
		file, err := os.Open(path)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
