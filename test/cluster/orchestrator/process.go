package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// record identifies a process beyond its pid, which the kernel gives to another one later: the same pid, started at
// another tick or after another boot of the machine, is a stranger.
type record struct {
	PID       int    `json:"pid"`
	StartTick string `json:"startTick"`
	BootID    string `json:"bootId"`
	// Digest tells what was started: command line and configuration.
	Digest string `json:"digest"`
}

// describeProcess makes the record of a living process; one that ended, or waits to be reaped, is an error.
func describeProcess(pid int, digest string) (record, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return record{}, err
	}
	ended, startTick, err := parseStat(string(stat))
	if err != nil {
		return record{}, err
	}
	if ended {
		return record{}, os.ErrProcessDone
	}
	boot, err := bootID()
	return record{pid, startTick, boot, digest}, err
}

// parseStat reads the state, the number of threads and the start time out of /proc/PID/stat (proc_pid_stat(5), fields
// 3, 20 and 22). The second field, the program's name, may hold spaces and parentheses, so fields count from the last
// parenthesis. A zombie with threads has not ended: until the last of them is gone the kernel keeps its ports open.
func parseStat(stat string) (ended bool, startTick string, err error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return false, "", fmt.Errorf("unexpected /proc stat line: %q", stat)
	}
	threads, err := strconv.Atoi(fields[17])
	return fields[0] == "X" || fields[0] == "Z" && threads <= 1, fields[19], err
}

func bootID() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err
}

// readRecord returns the record in a file, and whether the process that it names is still alive.
func readRecord(path string) (record, bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return record{}, false
	}
	var found record
	if json.Unmarshal(content, &found) != nil {
		return record{}, false
	}
	now, err := describeProcess(found.PID, found.Digest)
	return found, err == nil && now == found
}

// execPart is what a starting part does first: it writes its own record and then becomes the part's program. The pid
// stays the same, so no process ever runs unrecorded, even if whoever started it is killed in between.
func execPart(path, digest string, argv []string) error {
	self, err := describeProcess(os.Getpid(), digest)
	if err != nil {
		return err
	}
	content, err := json.Marshal(self)
	if err != nil {
		return err
	}
	if err := writeFile(path, content, 0o644); err != nil {
		return err
	}
	return syscall.Exec(argv[0], argv, os.Environ())
}

// endProcess asks a recorded process to end, insists after the grace period, and returns once it is gone.
func endProcess(ctx context.Context, path string, grace time.Duration) error {
	found, alive := readRecord(path)
	if alive {
		if err := signalAndWait(ctx, path, found.PID, syscall.SIGTERM, grace); err != nil {
			if err := signalAndWait(ctx, path, found.PID, syscall.SIGKILL, 10*time.Second); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func signalAndWait(ctx context.Context, path string, pid int, signal syscall.Signal, limit time.Duration) error {
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal process %d: %w", pid, err)
	}
	return waitFor(ctx, limit, 20*time.Millisecond, func(context.Context) error {
		if _, alive := readRecord(path); alive {
			return fmt.Errorf("process %d is still alive", pid)
		}
		return nil
	})
}

// processesWith lists the processes whose command line contains all of the words.
func processesWith(words ...string) []int {
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile("/proc/" + entry.Name() + "/cmdline")
		if err == nil && containsAll(bytes.Split(line, []byte{0}), words) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func containsAll(arguments [][]byte, words []string) bool {
	for _, word := range words {
		found := false
		for _, argument := range arguments {
			found = found || string(argument) == word
		}
		if !found {
			return false
		}
	}
	return len(words) > 0
}
