package main

import (
	"context"
	"fmt"
	"time"
)

// waitFor asks again until check has no complaint. After the limit it returns the last complaint: the reason, not
// merely "timed out".
func waitFor(ctx context.Context, limit, pause time.Duration, check func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := check(limited)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-limited.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("after %s: %w", limit, err)
		}
	}
}
