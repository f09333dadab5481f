package history

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Kept returns the value that is kept for a template under the name of the
// place that made it, and false when there is none.
func (s *Store) Kept(ctx context.Context, template, place string) ([]byte, bool, error) {
	var sealed []byte
	err := s.db.QueryRowContext(ctx, "SELECT sealed FROM kept WHERE template = ? AND place = ?", template, place).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.explain(err)
	}
	value, err := s.key.Open(sealed)
	return value, err == nil, err
}

// Keep stores a value, sealed, unless there is one already, and returns the
// value that is kept: the first wins, whoever made it.
func (s *Store) Keep(ctx context.Context, template, place string, value []byte) ([]byte, error) {
	sealed, err := s.key.Seal(value)
	if err != nil {
		return nil, err
	}
	result, err := s.db.ExecContext(ctx, "INSERT INTO kept(template, place, sealed, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		template, place, sealed, time.Now().UnixMicro())
	if err != nil {
		return nil, s.explain(err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 1 {
		return value, nil
	}
	kept, _, err := s.Kept(ctx, template, place)
	return kept, err
}

// A KeptPlace names a kept value without telling it.
type KeptPlace struct {
	Template, Place string
	At              time.Time
}

// KeptPlaces lists what is kept for a template, or for all when it is empty.
func (s *Store) KeptPlaces(ctx context.Context, template string) ([]KeptPlace, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT template, place, at FROM kept WHERE ? IN ('', template) ORDER BY template, place", template)
	if err != nil {
		return nil, s.explain(err)
	}
	defer func() { _ = rows.Close() }()
	var out []KeptPlace
	for rows.Next() {
		var k KeptPlace
		var at int64
		if err := rows.Scan(&k.Template, &k.Place, &at); err != nil {
			return nil, s.explain(err)
		}
		k.At = instant(at)
		out = append(out, k)
	}
	return out, rows.Err()
}

// Forget removes a kept value, so that the next run makes a new one. It tells
// whether there was one.
func (s *Store) Forget(ctx context.Context, template, place string) (bool, error) {
	result, err := s.db.ExecContext(ctx, "DELETE FROM kept WHERE template = ? AND place = ?", template, place)
	if err != nil {
		return false, s.explain(err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
