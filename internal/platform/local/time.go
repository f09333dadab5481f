package local

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/filelock"
)

// A state folder has a time of its own: the one outside, and what rehearsals in
// virtual time have been ahead of it. What was recorded in a virtual hour stays
// over when that hour is not over outside. The time only goes forward, and is
// stored before anything happens in it.
//
// While a platform is in virtual time, no other process may use its folder: it
// would see everything jump.

const (
	timeLockName = "time.lock"
	aheadKey     = "ahead"
	// lockWait is how long a platform waits for others to let go.
	lockWait = 10 * time.Second
)

// ErrInUse says that virtual time and another process do not go together.
var ErrInUse = errors.New("virtual time needs the local platform for itself")

// takeLock keeps platforms in virtual time and all others apart.
func (p *Platform) takeLock(ctx context.Context) (*os.File, error) {
	if err := makeFolder(p.dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(p.dir, timeLockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, folderError(p.dir, err)
	}
	mode, wait := filelock.Shared, lockWait
	if p.virtual {
		mode, wait = filelock.Exclusive, time.Second
	}
	for deadline := time.Now().Add(wait); ; {
		ok, err := filelock.Try(f, mode)
		if ok {
			return f, nil
		}
		if err == nil && time.Now().After(deadline) {
			err = fmt.Errorf("%w: another process is using %s", ErrInUse, p.dir)
			if !p.virtual {
				err = fmt.Errorf("%w: a rehearsal is using %s", ErrInUse, p.dir)
			}
		}
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Open opens the database now instead of with the first operation.
func (p *Platform) Open(ctx context.Context) error {
	_, err := p.open(ctx)
	return err
}

// now is the folder's time. It does not fall behind what was seen of it before,
// though the clock outside may be set back: what has ended has ended. From there on
// it goes on at its pace.
func (s *store) now(clock func() time.Time) time.Time {
	s.latestMu.Lock()
	defer s.latestMu.Unlock()
	now := clock().Round(0).Add(s.ahead + s.slip)
	if back := s.latest.Sub(now); back > 0 {
		s.slip += back
		now = s.latest
	}
	s.latest = now
	return now
}

// readLatest reads when the newest operation was carried out, in the folder's time.
func readLatest(ctx context.Context, db querier) (time.Time, error) {
	var at int64
	err := db.QueryRowContext(ctx, "SELECT time FROM effects ORDER BY seq DESC LIMIT 1").Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.Unix(0, at), err
}

// inside is a time of the clock in the folder's time.
func (s *store) inside(t time.Time) time.Time { return t.Add(s.ahead) }

// outside is a recorded time as it is shown: that of the clock.
func (s *store) outside(t time.Time) time.Time { return t.Add(-s.ahead) }

// readAhead reads how far the folder's time is ahead of the one outside.
func readAhead(ctx context.Context, db querier) (time.Duration, error) {
	var text string
	err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", aheadKey).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the time of the local platform cannot be read: %w", err)
	}
	return time.Duration(n), nil
}

// keepTime stores how far virtual time has come, before something is read or
// written in it.
func (p *Platform) keepTime(ctx context.Context, s *store) error {
	if !p.virtual {
		return nil
	}
	ahead := s.ahead + time.Until(p.clock())
	s.aheadMu.Lock()
	defer s.aheadMu.Unlock()
	if ahead <= s.stored {
		return nil
	}
	err := s.write(ctx, func(t *tx) error {
		if err := t.begin(); err != nil {
			return err
		}
		_, err := t.tx.ExecContext(t.ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
			aheadKey, strconv.FormatInt(int64(ahead), 10))
		return err
	})
	if err == nil {
		s.stored = ahead
	}
	return err
}

// A horizon is when what was read changes by itself: the next beginning or end
// of a step of all records that were read.
type horizon struct {
	now  time.Time
	next time.Time // zero for never
}

// see takes a record's steps in, wherever they stand in its state.
func (h *horizon) see(state json.RawMessage) {
	if !bytes.Contains(state, []byte(`"for":`)) {
		return // it has no steps
	}
	d := json.NewDecoder(bytes.NewReader(state))
	d.UseNumber() // times are longer than what a float keeps
	var v any
	if d.Decode(&v) == nil {
		h.walk(v)
	}
}

func (h *horizon) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			h.walk(e)
		}
	case map[string]any:
		at, isStep := integer(v["at"])
		length, lasts := integer(v["for"])
		if isStep && lasts {
			s := step{At: at, For: length}
			h.at(time.Unix(0, s.At))
			if end, ends := s.end(); ends {
				h.at(end)
			}
			return
		}
		for _, e := range v {
			h.walk(e)
		}
	}
}

func integer(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

func (h *horizon) at(t time.Time) {
	if t.After(h.now) && (h.next.IsZero() || t.Before(h.next)) {
		h.next = t
	}
}
