package platform

import (
	"context"
	"fmt"
	"time"
)

// Poll asks once how a wait stands. A wait that has ended badly (a failed
// build, a resource that is gone) is an error; a plain transport error may be
// polled again. Poll itself does not sleep: [Progress.After] suggests the delay.
func (d *Driver) Poll(ctx context.Context, w Wait) (Progress, error) {
	resp, err := d.target.Do(ctx, w.Op, Params{Path: w.Path}, nil)
	if err != nil {
		return Progress{}, fmt.Errorf("waiting for %s: %w", w.Subject, err)
	}
	var data map[string]any
	if err := resp.Data(&data); err != nil {
		return Progress{}, fmt.Errorf("waiting for %s: %w", w.Subject, err)
	}
	next := w
	next.Polls++
	return Progress{Output: data, Next: next, After: pollDelay(w.Polls)}, nil
}

// pollDelay grows from 50 ms to 5 s, so that short waits end at once and long
// ones cost few requests.
func pollDelay(polls int) time.Duration {
	delay := 50 * time.Millisecond
	for range min(polls, 10) {
		delay = delay * 8 / 5
	}
	return min(delay, 5*time.Second)
}
