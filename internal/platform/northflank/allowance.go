package northflank

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// An allowance is what the rate limit leaves, as the platform's last answer told
// it: "Use the API" of its guides names the headers. All requests of a target
// share it, so that a hundred of them do not each learn of the end by a refusal.
type allowance struct {
	clock Clock

	mu sync.Mutex
	// none says that nothing is left before until.
	none  bool
	until time.Time
}

// longestReset bounds a wait that a header asks for: the window is an hour, and
// a wrong header must not stop a run for a year.
const longestReset = 2 * time.Hour

// await waits until there is something left.
func (a *allowance) await(ctx context.Context) error {
	for {
		a.mu.Lock()
		wait := time.Duration(0)
		if a.none {
			if wait = a.until.Sub(a.clock.Now()); wait <= 0 {
				a.none = false
			}
		}
		a.mu.Unlock()
		if wait <= 0 {
			return ctx.Err()
		}
		platform.Pause(ctx, wait)
		if err := a.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// note reads what an answer says of the limit.
func (a *allowance) note(answer *http.Response) {
	refused := answer.StatusCode == http.StatusTooManyRequests
	left, err := strconv.Atoi(answer.Header.Get("X-Ratelimit-Remaining"))
	if !refused && (err != nil || left > 0) {
		return
	}
	wait, known := seconds(answer.Header.Get("X-Ratelimit-Reset"))
	if after, ok := a.retryAfter(answer.Header.Get("Retry-After")); ok && refused {
		wait, known = max(wait, after), true
	}
	if !known {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.none, a.until = true, a.clock.Now().Add(min(max(wait, time.Second), longestReset))
}

// spent tells whether the platform has said when there is more.
func (a *allowance) spent() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.none
}

// retryAfter reads the header of that name: seconds, or a date.
func (a *allowance) retryAfter(text string) (time.Duration, bool) {
	if wait, ok := seconds(text); ok {
		return wait, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(a.clock.Now()), 0), true
	}
	return 0, false
}

func seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
