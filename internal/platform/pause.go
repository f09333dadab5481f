package platform

import (
	"context"
	"time"
)

type pauseKey struct{}

// WithPause returns a context whose calls tell how long they are going to wait
// for the platform's rate limit. Who bounds a call does not count such a wait: it
// is not the platform that is slow.
func WithPause(ctx context.Context, pause func(d time.Duration)) context.Context {
	return context.WithValue(ctx, pauseKey{}, pause)
}

// Pause tells who made the call that it waits for the rate limit from now on.
func Pause(ctx context.Context, d time.Duration) {
	if pause, ok := ctx.Value(pauseKey{}).(func(time.Duration)); ok {
		pause(d)
	}
}
