package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// beatEvery is how often an owner shows that it is alive: more than that its process
	// is there, as its lock shows. A process that is stopped, or whose machine stands
	// still, holds its lock and does nothing.
	beatEvery = 2 * time.Second
	// silentAfter is after how long without a sign an owner counts as silent.
	silentAfter = 10 * time.Second
)

// A Holder is the process that owns a journal, as it has said of itself.
type Holder struct {
	PID   int
	Host  string
	Since time.Time
	// Heard is when it has last shown that it is alive.
	Heard time.Time
}

// Silent tells whether the holder has not been heard of for longer than one that does
// its work. It may be slow to the extreme: nothing is taken from it for that.
func (h Holder) Silent(now time.Time) bool { return now.Sub(h.Heard) > silentAfter }

// String names the process.
func (h Holder) String() string { return fmt.Sprintf("process %d on %s", h.PID, h.Host) }

// Holder returns who owns the journal, and false where nobody does.
func (r *Reader) Holder(ctx context.Context) (h Holder, ok bool, err error) {
	if !Alive(r.dir) {
		return Holder{}, false, nil
	}
	var since int64
	if err := r.conn.QueryRowContext(ctx, "SELECT pid, host, since FROM owner").Scan(&h.PID, &h.Host, &since); err != nil {
		return Holder{}, false, fmt.Errorf("cannot read the journal in %s: %w", r.dir, err)
	}
	h.Since, h.Heard = time.UnixMicro(since).UTC(), heard(r.dir)
	return h, true, nil
}

// Quiet tells whether the owner of the journal in dir, if there is one, is silent. It
// costs little.
func Quiet(dir string, now time.Time) bool {
	at := heard(dir)
	return !at.IsZero() && Holder{Heard: at}.Silent(now)
}

// heard is when the owner of a journal has last shown that it is alive.
func heard(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, lockName))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC()
}

// beat shows that the owner is alive until it gives the journal up.
func (o *Owner) beat() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			o.show()
		case <-o.ended:
			return
		}
	}
}

// show shows that the owner is alive. Where it cannot, nothing is lost but that.
func (o *Owner) show() {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(o.dir, lockName), now, now)
}
