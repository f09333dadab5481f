package history

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// An Once is what a node has done that runs once for each environment.
type Once struct {
	// Run is the run that did it; Output is what it has left, as whoever noted it
	// wrote it.
	Run    string
	Output []byte
}

// Once returns what a node of an environment has done, and false where it has done
// nothing yet. An environment is a template's on a target, with what tells environments
// of one template apart.
func (s *Store) Once(ctx context.Context, environment, place string) (Once, bool, error) {
	var o Once
	var sealed []byte
	err := s.db.QueryRowContext(ctx, "SELECT run, sealed FROM once WHERE environment = ? AND place = ?", environment, place).Scan(&o.Run, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	if err == nil {
		o.Output, err = s.key.Open(sealed)
	}
	if err != nil {
		return o, false, s.explain(err)
	}
	return o, true, nil
}

// DidOnce notes what a node has done. What was noted first stays.
func (s *Store) DidOnce(ctx context.Context, environment, place string, o Once) error {
	sealed, err := s.key.Seal(o.Output)
	if err == nil {
		_, err = s.db.ExecContext(ctx, "INSERT INTO once(environment, place, run, sealed, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			environment, place, o.Run, sealed, time.Now().UnixMicro())
	}
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// ForgetOnce forgets what the nodes of an environment have done, since the environment
// is gone.
func (s *Store) ForgetOnce(ctx context.Context, environment string) error {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM once WHERE environment = ?", environment); err != nil {
		return s.explain(err)
	}
	return nil
}
