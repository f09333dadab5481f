package engine

import (
	"fmt"
	"time"
)

// worthSaying is the shortest wait for a platform's rate limit that is told.
const worthSaying = 2 * time.Second

// paused tells the loop that a call waits for the platform's rate limit. It is
// called by the call's goroutine, and waits for nothing.
func (x *execution) paused(by time.Duration) {
	if by < worthSaying {
		return
	}
	select {
	case x.pauses <- by:
	default: // others have told it
	}
}

// tellPause says why nothing seems to happen, once for all calls that wait for the
// same end.
func (x *execution) tellPause(by time.Duration, now time.Time) {
	if end := now.Add(by); end.Sub(x.pausedUntil) > time.Second {
		x.pausedUntil = end
		x.remark(-1, "info", fmt.Sprintf("the platform's rate limit is spent: requests wait for %s", by.Round(time.Second)), now)
	}
}
