package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWaitForAsksUntilThereIsNoComplaint(t *testing.T) {
	asked := 0
	err := waitFor(t.Context(), time.Minute, time.Nanosecond, func(context.Context) error {
		if asked++; asked < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestWaitForEndsWithTheLastComplaint(t *testing.T) {
	err := waitFor(t.Context(), time.Millisecond, time.Hour, func(context.Context) error { return errors.New("no disk") })
	if err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("got %v", err)
	}
}

func TestWaitForEndsWithItsCallersCause(t *testing.T) {
	cause := errors.New("the part has ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := waitFor(ctx, time.Minute, time.Hour, func(context.Context) error {
		cancel(cause)
		return errors.New("refused")
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestALockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := tryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tryLock(path); err == nil {
		t.Error("a second holder got it")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := tryLock(path)
	if err != nil {
		t.Fatal("a freed lock cannot be had:", err)
	}
	second.Close()
}
