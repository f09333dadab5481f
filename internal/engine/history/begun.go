package history

import (
	"context"
	"database/sql"
	"errors"
)

// ErrBegun: another run of the template was faster to be the first one.
var ErrBegun = errors.New("the template has run before")

// Begun tells whether a template has ever run on a target, runs that were removed
// from the history included. Rehearsals and teardowns are no beginning.
func (s *Store) Begun(ctx context.Context, template, target string) (bool, error) {
	_, begun, err := s.firstRun(ctx, s.db, template, target)
	return begun, err
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// firstRun returns the ID of the first run of a template on a target.
func (s *Store) firstRun(ctx context.Context, q rowQuerier, template, target string) (run string, begun bool, err error) {
	err = q.QueryRowContext(ctx, "SELECT run FROM begun WHERE template = ? AND target = ?", template, target).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, s.explain(err)
	}
	return run, true, nil
}
