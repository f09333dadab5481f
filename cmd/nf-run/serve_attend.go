package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// attendance is how often a server looks for what time asks for, at least: other
// processes of the state folder add to that.
const attendance = 20 * time.Second

// attend has the platform do what time asks for: end the preview environments whose time
// is over, run cron jobs and what cron triggers ask for, back addons up. stop ends that and waits for it.
func (c *command) attend(ctx context.Context, embedded *local.Platform) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var attending sync.WaitGroup
	attending.Go(func() {
		said, since := "", time.Now()
		for {
			next, err := embedded.EndPreviews(ctx)
			due, failed := embedded.RunSchedules(ctx, since)
			strikes, runs, missed := embedded.RunTriggers(ctx, since)
			err = errors.Join(err, failed, missed)
			for _, at := range []time.Time{due, strikes} {
				if next.IsZero() || !at.IsZero() && at.Before(next) {
					next = at
				}
			}
			if ctx.Err() != nil {
				return
			}
			for _, r := range runs {
				c.tellScheduled(r)
			}
			// A failure that lasts is said once.
			if err == nil {
				said = ""
			} else if said != err.Error() {
				said = err.Error()
				fmt.Fprintf(c.errOut, "nf-run: what time asks for cannot be done: %s\n", said)
			}
			wait := attendance
			if left := time.Until(next); left > 0 && err == nil {
				wait = min(wait, left)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	})
	return func() {
		cancel()
		attending.Wait()
	}
}

// tellScheduled says what came of the time of a cron trigger.
func (c *command) tellScheduled(r local.ScheduledRun) {
	came := "run " + r.Run
	if r.Run == "" {
		came = "no run: " + r.Message
	}
	fmt.Fprintf(c.errOut, "nf-run: %s, by schedule at %s: %s\n", r.Resource, r.At.Format(time.RFC3339), came)
}
