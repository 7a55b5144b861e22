package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// detach is Linux's MNT_DETACH: gone from the tree at once, from the kernel when the last user lets go.
const detach = 0x2

// removeMounts unmounts what pods left below the directories of the cluster: root file systems, volumes, namespaces.
func removeMounts() error {
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	var failures []error
	for _, point := range slices.Backward(mountsBelow(string(info), stateDir, runDir)) {
		if err := syscall.Unmount(point, detach); err != nil && !errors.Is(err, syscall.ENOENT) {
			failures = append(failures, fmt.Errorf("unmount %s: %w", point, err))
		}
	}
	return errors.Join(failures...)
}

// mountsBelow lists mount points in the order of their mounting (proc_pid_mountinfo(5), field 5).
func mountsBelow(mountinfo string, roots ...string) []string {
	var points []string
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := unescape(fields[4])
		for _, root := range roots {
			if strings.HasPrefix(point, root+"/") {
				points = append(points, point)
			}
		}
	}
	return points
}

// unescape undoes the kernel's \040 for a space and its like.
func unescape(path string) string {
	for i := 0; i+3 < len(path); i++ {
		if path[i] != '\\' {
			continue
		}
		if code, err := strconv.ParseUint(path[i+1:i+4], 8, 8); err == nil {
			path = path[:i] + string([]byte{byte(code)}) + path[i+4:]
		}
	}
	return path
}
