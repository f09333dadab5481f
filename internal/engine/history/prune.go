package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// NoLimit keeps runs whatever their number or age.
const NoLimit = -1

// A Retention says how long runs are kept. What goes beyond either limit goes.
type Retention struct {
	// Runs is how many runs of each template are kept, the newest.
	Runs int
	// Days is for how many days a run is kept after it has ended.
	Days int
}

// DefaultRetention bounds what a state folder takes where nobody says otherwise.
var DefaultRetention = Retention{Runs: 100, Days: NoLimit}

// A Pruned is a run that was removed, or would be.
type Pruned struct {
	Run
	// Bytes is what its folder took on the disk.
	Bytes int64
}

// prunable chooses the runs beyond the limits. Those that go on, wait for a person
// or were cut off stay, and so does what a teardown refers to: the newest
// successful run of each template, target and part.
const prunable = `WHERE seq IN (
	SELECT seq FROM (
		SELECT seq, concluded, status,
			row_number() OVER (PARTITION BY template ORDER BY seq DESC) AS age,
			max(CASE WHEN status = 'success' AND NOT teardown THEN seq END) OVER (PARTITION BY template, target, until) AS needed
		FROM runs WHERE ?1 IN ('', template))
	WHERE concluded <> 0 AND status <> 'unknown' AND seq <> coalesce(needed, 0)
		AND (?2 >= 0 AND age > ?2 OR ?3 >= 0 AND concluded < ?4))
ORDER BY seq`

// Prune removes what goes beyond the limits, of one template or, where that is
// empty, of all: the runs' lines in the index and the folders with their journals.
// A run that somebody goes on with meanwhile stays. With dry, nothing is removed.
func (s *Store) Prune(ctx context.Context, template string, keep Retention, now time.Time, dry bool) ([]Pruned, error) {
	if !dry {
		s.emptyTrash()
	}
	runs, err := query(ctx, s.db, prunable, template, keep.Runs, keep.Days, stamp(now.AddDate(0, 0, -max(keep.Days, 0))))
	if err != nil {
		return nil, s.explain(err)
	}
	var out []Pruned
	for _, r := range runs {
		p := Pruned{r, size(s.RunDir(r.ID))}
		if !dry {
			switch err := s.remove(ctx, r); {
			case errors.Is(err, journal.ErrOwned):
				continue
			case err != nil:
				return out, fmt.Errorf("run %s cannot be removed: %w", r.ID, err)
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// remove takes a run out of the index and its folder away. Whoever dies in
// between leaves a run that the index finds again, or a folder in the trash.
func (s *Store) remove(ctx context.Context, r Run) error {
	if err := os.MkdirAll(filepath.Join(s.dir, trashName), 0o700); err != nil {
		return err
	}
	trash := filepath.Join(s.dir, trashName, r.ID)
	err := journal.Discard(s.RunDir(r.ID), trash, func() error {
		_, err := s.db.ExecContext(ctx, "DELETE FROM runs WHERE id = ? AND concluded <> 0 AND status <> 'unknown'", r.ID)
		crash.Here(crash.Forgotten)
		return err
	})
	if err != nil {
		return err
	}
	crash.Here(crash.Discarded)
	return os.RemoveAll(trash)
}

// emptyTrash removes what an earlier prune could not.
func (s *Store) emptyTrash() {
	dir := filepath.Join(s.dir, trashName)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(dir, e.Name())) // the next one tries again
	}
}

// size is what a folder takes.
func size(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil //nolint:nilerr // it is about to be removed
		}
		if info, err := e.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}
