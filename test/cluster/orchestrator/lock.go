package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A first `up` builds everything; whoever waits for it has to wait that long.
const lockLimit = 40 * time.Minute

// withLock runs one at a time whatever is called under the lock of this file. The kernel frees the lock of a process
// that dies.
func withLock(ctx context.Context, path string, work func() error) error {
	lock, err := acquire(ctx, path)
	if err != nil {
		return err
	}
	defer lock.Close()
	return work()
}

func acquire(ctx context.Context, path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	var lock *os.File
	told := false
	err := waitFor(ctx, lockLimit, 200*time.Millisecond, func(context.Context) error {
		var err error
		lock, err = tryLock(path)
		if err != nil && !told {
			told = true
			say("waiting for another run that holds %s", path)
		}
		return err
	})
	return lock, err
}

// tryLock also makes sure that the locked file is still the one at the path: its last holder may have removed it.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	ours, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(ours, there) {
		return nil, errors.Join(errors.New("the lock file was replaced"), file.Close())
	}
	return file, nil
}
