package engine

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// defaultAttempts is how often a failing node is tried.
const defaultAttempts = 3

// Delays before another attempt without settings of the node's own: they double
// from the first to the longest, of which a random part is left out so that
// nodes which failed together do not come back together.
const (
	firstDelay   = time.Second
	longestDelay = 30 * time.Second
)

// Timeouts of waits whose nodes set none. Conditions (and actions that wait)
// check for what should happen soon; builds, job runs and backups do the work
// themselves.
const (
	ConditionTimeout = time.Hour
	WorkTimeout      = 4 * time.Hour
)

func (n *Node) attempts() int {
	if n.MaxAttempts > 0 {
		return n.MaxAttempts
	}
	return defaultAttempts
}

// delay is how long to wait after the attempt with the given number; random is
// in [0, 1).
func (n *Node) delay(attempt int, random float64) time.Duration {
	if n.BackoffSeconds > 0 {
		return time.Duration(n.BackoffSeconds) * time.Second
	}
	d := firstDelay
	for range attempt - 1 {
		if d *= 2; d >= longestDelay {
			d = longestDelay
			break
		}
	}
	return d/2 + time.Duration(random*float64(d/2))
}

// timeout is how long a wait of the node may last.
func (n *Node) timeout(w *platform.Wait) time.Duration {
	if w.Timeout > 0 {
		return w.Timeout
	}
	switch n.Kind {
	case "Condition", "Action":
		return ConditionTimeout
	}
	return WorkTimeout
}

// A verdict is what an error means for a node.
type verdict uint8

const (
	// final errors do not go away by trying again.
	final verdict = iota
	// again: another attempt may succeed.
	again
	// lost: no answer came, so that the effect is not known.
	lost
	// undecided: only a person can tell what has happened.
	undecided
	// cut: the run was told to stop.
	cut
)

func judge(err error) verdict {
	var refusal *platform.Error
	var unsupported *platform.UnsupportedError
	var outcome *platform.OutcomeError
	var unsure *platform.UndecidedError
	var invalid *InvalidError
	var panicked *panicError
	var late *timeoutError
	switch {
	case errors.As(err, &unsure):
		return undecided
	case errors.As(err, &unsupported), errors.As(err, &invalid), errors.As(err, &panicked), errors.As(err, &late):
		return final
	case errors.As(err, &outcome):
		return again
	case errors.As(err, &refusal):
		if refusal.Retryable || refusal.Status >= 500 || refusal.Status == http.StatusTooManyRequests || refusal.Status == http.StatusRequestTimeout {
			return again
		}
		return final
	case errors.Is(err, context.Canceled):
		return cut
	}
	return lost
}

// explain makes an error fit for readers. private are texts that are hidden in it
// beside the known secrets.
func (m *masker) explain(err error, private []string) *ErrorInfo {
	if len(private) > 0 {
		m = m.with(private)
	}
	info := &ErrorInfo{Message: m.hide(err.Error())}
	var refusal *platform.Error
	if errors.As(err, &refusal) {
		info.Code, info.ID = refusal.Status, refusal.ID
		if refusal.Details != nil {
			details := map[string]any{}
			for k, v := range refusal.Details {
				details[m.hide(k)] = m.hideIn(v)
			}
			info.Details = details
		}
	}
	var property *ResolveError
	if errors.As(err, &property) {
		info.Property = property.Pointer
	}
	return info
}
