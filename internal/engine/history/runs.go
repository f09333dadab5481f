package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// ErrNoRun: there is no run with that ID.
var ErrNoRun = errors.New("there is no such run")

const columns = "seq, id, template, file, target, policy, until, teardown, rehearsal, source, revision, modified, version, status, created, started, concluded, error"

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

func scan(row interface{ Scan(...any) error }) (r Run, err error) {
	var created, started, concluded int64
	err = row.Scan(&r.Seq, &r.ID, &r.Template, &r.File, &r.Target, &r.Policy, &r.Until, &r.Teardown, &r.Rehearsal, &r.Source, &r.Commit, &r.Modified, &r.Version,
		&r.Status, &created, &started, &concluded, &r.Error)
	r.CreatedAt, r.StartedAt, r.ConcludedAt = instant(created), instant(started), instant(concluded)
	return r, err
}

func query(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, text string, args ...any) ([]Run, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+columns+" FROM runs "+text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Run
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Add puts a new run at the end of the index and returns it with its number.
// The caller owns the run's journal already. admit is asked, with all other
// processes kept out, about the unconcluded runs of the same template, oldest
// first; when it returns an error the run is not added. Neither is one that is not
// the first of its template and should be: that is ErrBegun.
func (s *Store) Add(ctx context.Context, r Run, admit func(earlier []Run) error) (Run, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return r, s.explain(err)
	}
	defer func() { _ = tx.Rollback() }()
	earlier, err := query(ctx, tx, "WHERE template = ? AND concluded = 0 ORDER BY seq", r.Template)
	if err != nil {
		return r, s.explain(err)
	}
	if admit != nil {
		if err := admit(s.mark(earlier)); err != nil {
			return r, err
		}
	}
	if r.First {
		if _, begun, err := s.firstRun(ctx, tx, r.Template, r.Target); err != nil {
			return r, err
		} else if begun {
			return r, ErrBegun
		}
	}
	err = tx.QueryRowContext(ctx, "INSERT INTO runs(id, template, file, target, policy, until, teardown, rehearsal, source, revision, modified, version, status, created, started, concluded, error) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
		r.ID, r.Template, r.File, r.Target, r.Policy, r.Until, r.Teardown, r.Rehearsal, r.Source, r.Commit, r.Modified, r.Version, r.Status, stamp(r.CreatedAt), stamp(r.StartedAt), stamp(r.ConcludedAt), r.Error).Scan(&r.Seq)
	if err != nil {
		return r, s.explain(err)
	}
	if !r.Rehearsal && !r.Teardown {
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO begun(template, target, run) VALUES (?, ?, ?)", r.Template, r.Target, r.ID); err != nil {
			return r, s.explain(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return r, s.explain(err)
	}
	return r, nil
}

// Reopen puts a run that had concluded back among those that go on. The caller
// owns its journal; of what is new in r, only Rehearsal is written. admit is asked as by Add, about all other unconcluded runs
// of the template.
func (s *Store) Reopen(ctx context.Context, r Run, admit func(others []Run) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(err)
	}
	defer func() { _ = tx.Rollback() }()
	others, err := query(ctx, tx, "WHERE template = ? AND concluded = 0 AND id <> ? ORDER BY seq", r.Template, r.ID)
	if err != nil {
		return s.explain(err)
	}
	if err := admit(s.mark(others)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE runs SET status = 'pending', concluded = 0, error = '', rehearsal = ? WHERE id = ?", r.Rehearsal, r.ID); err != nil {
		return s.explain(err)
	}
	if err := tx.Commit(); err != nil {
		return s.explain(err)
	}
	return nil
}

func (s *Store) explain(err error) error {
	return fmt.Errorf("cannot use the index of runs in %s: %w", s.dir, diskfull.Explain(s.dir, err))
}

// mark finds the runs whose owners are gone, or silent.
func (s *Store) mark(runs []Run) []Run {
	now := time.Now()
	for i := range runs {
		if r := &runs[i]; !r.Concluded() {
			r.Interrupted = !journal.Alive(s.RunDir(r.ID))
			r.Silent = !r.Interrupted && journal.Quiet(s.RunDir(r.ID), now)
		}
	}
	return runs
}

// Update writes a run's status, times and error. It does not wait for the disk: what
// a loss of power takes is in the run's journal already, by which Settle sets the
// index right.
func (s *Store) Update(ctx context.Context, r Run) error {
	err := s.lazily(ctx, func(c *sql.Conn) error {
		_, err := c.ExecContext(ctx, "UPDATE runs SET status = ?, started = ?, concluded = ?, error = ? WHERE id = ?",
			r.Status, stamp(r.StartedAt), stamp(r.ConcludedAt), r.Error, r.ID)
		return err
	})
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// lazily writes what is not lost with the index.
func (s *Store) lazily(ctx context.Context, write func(*sql.Conn) error) (err error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return err
	}
	defer func() {
		_, full := c.ExecContext(context.WithoutCancel(ctx), "PRAGMA synchronous = FULL")
		err = errors.Join(err, full)
	}()
	return write(c)
}

// Before returns the unconcluded runs of the same template that were created
// before the given one, oldest first.
func (s *Store) Before(ctx context.Context, r Run) ([]Run, error) {
	runs, err := query(ctx, s.db, "WHERE template = ? AND concluded = 0 AND seq < ? ORDER BY seq", r.Template, r.Seq)
	if err != nil {
		return nil, s.explain(err)
	}
	return s.mark(runs), nil
}

// A Filter chooses runs.
type Filter struct {
	// Template is an identity; empty for all.
	Template string
	// Limit is the greatest number of runs; 0 is no limit.
	Limit int
}

// A Describer reads from a run's journal what the index should say of it.
type Describer func(ctx context.Context, id, dir string) (Run, error)

// List returns runs, newest first. Only the journals of runs whose owners died
// before the index knew how they ended are opened, and those that the index has
// lost; describe reads them.
func (s *Store) List(ctx context.Context, f Filter, describe Describer) ([]Run, error) {
	if err := s.Adopt(ctx, describe); err != nil {
		return nil, err
	}
	where, args := "", []any{}
	if f.Template != "" {
		where, args = "WHERE template = ? ", append(args, f.Template)
	}
	where += "ORDER BY seq DESC"
	if f.Limit > 0 {
		where, args = where+" LIMIT ?", append(args, f.Limit)
	}
	runs, err := query(ctx, s.db, where, args...)
	if err != nil {
		return nil, s.explain(err)
	}
	for i := range s.mark(runs) {
		if runs[i].Interrupted {
			runs[i] = s.Settle(ctx, runs[i], describe)
		}
	}
	return runs, nil
}

// Settle sets the line of an interrupted run right by its journal. A run whose
// journal never came to be is aborted: nothing of it was done.
func (s *Store) Settle(ctx context.Context, r Run, describe Describer) Run {
	d, err := describe(ctx, r.ID, s.RunDir(r.ID))
	switch {
	case errors.Is(err, journal.ErrNone):
		d = r
		d.Status, d.ConcludedAt, d.Error = "aborted", r.CreatedAt, "its process ended before anything was done"
	case err != nil:
		return r // listing goes on; who opens the run is told
	}
	d.Seq, d.CreatedAt, d.Interrupted = r.Seq, r.CreatedAt, !d.Concluded()
	if d.Status != r.Status || d.Concluded() {
		if err := s.Update(ctx, d); err != nil {
			return r
		}
	}
	return d
}

// Adopt adds the runs to the index whose journals it does not know.
func (s *Store) Adopt(ctx context.Context, describe Describer) error {
	entries, err := os.ReadDir(filepath.Join(s.dir, runsName))
	if err != nil {
		return &UnusableError{s.dir, err}
	}
	var known int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM runs").Scan(&known); err != nil {
		return s.explain(err)
	}
	if known >= len(entries) {
		return nil
	}
	for _, e := range entries {
		var n int
		if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE id = ?", e.Name()).Scan(&n); err != nil {
			return s.explain(err)
		}
		dir := s.RunDir(e.Name())
		if n > 0 || journal.Alive(dir) {
			continue
		}
		r, err := describe(ctx, e.Name(), dir)
		if err != nil {
			continue
		}
		if _, err := s.Add(ctx, r, nil); err != nil {
			return err
		}
	}
	return nil
}

// Find returns the run with the ID, or the only one whose ID begins with it.
func (s *Store) Find(ctx context.Context, id string) (Run, error) {
	low := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(id)
	runs, err := query(ctx, s.db, `WHERE id LIKE ? ESCAPE '\' ORDER BY seq DESC LIMIT 3`, low+"%")
	if err != nil {
		return Run{}, s.explain(err)
	}
	for _, r := range runs {
		if r.ID == id {
			return s.mark([]Run{r})[0], nil
		}
	}
	switch {
	case len(runs) == 0 || id == "":
		return Run{}, fmt.Errorf("%w: %q", ErrNoRun, id)
	case len(runs) > 1:
		return Run{}, fmt.Errorf("several runs begin with %q, for example %s and %s: write more of the ID", id, runs[0].ID, runs[1].ID)
	}
	return s.mark(runs)[0], nil
}
