package local

import (
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// What a Git host or a caller of a webhook tells is known again by its delivery, so that
// it starts nothing twice. That is kept for as long as somebody may reasonably send it
// again: hosts do for days, and what is signed with its time is refused after minutes.
const (
	// deliveriesKept is how long a delivery is known.
	deliveriesKept = 90 * 24 * time.Hour
	// mostDeliveries is how many are known at most, the newest ones. An answer has about
	// a kilobyte.
	mostDeliveries = 20_000
)

const (
	insertDelivery = "INSERT OR REPLACE INTO deliveries (token, op, target, told) VALUES (?, ?, ?, ?)"
	oldDeliveries  = "told < ? OR seq <= (SELECT max(seq) FROM deliveries) - ?"
	forgetAnswers  = "DELETE FROM tokens WHERE (token, op, target) IN (SELECT token, op, target FROM deliveries WHERE " + oldDeliveries + ")"
	forgetOld      = "DELETE FROM deliveries WHERE " + oldDeliveries
)

// rememberDelivery keeps the answer to a delivery that was told at a time of the clock
// outside, and forgets those of long ago and the oldest of too many.
func (t *tx) rememberDelivery(token, op, target string, response platform.Response, told time.Time) error {
	if err := t.remember(token, op, target, response); err != nil {
		return err
	}
	if _, err := t.tx.ExecContext(t.ctx, insertDelivery, token, op, target, told.UnixNano()); err != nil {
		return err
	}
	for _, forget := range []string{forgetAnswers, forgetOld} {
		if _, err := t.tx.ExecContext(t.ctx, forget, told.Add(-deliveriesKept).UnixNano(), mostDeliveries); err != nil {
			return err
		}
	}
	return nil
}
