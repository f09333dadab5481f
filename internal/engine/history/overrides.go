package history

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// An Override is an argument's value that is kept for a template.
type Override struct {
	Name string `json:"-"`
	// Value is JSON. Its strings may hold expressions, unless it is Literal.
	Value   json.RawMessage `json:"value"`
	Literal bool            `json:"literal,omitempty"`
	// Open values are no secrets: they may be shown.
	Open bool      `json:"open,omitempty"`
	At   time.Time `json:"-"`
}

// place says what a sealed value is, so that one cannot be put in the place of
// another.
type place struct {
	Of   string `json:"of"`
	Name string `json:"name"`
}

type sealedOverride struct {
	place
	Override
}

// SetOverride stores an override, sealed, over the one of the same name.
func (s *Store) SetOverride(ctx context.Context, template string, o Override) error {
	text, err := json.Marshal(sealedOverride{place{template, o.Name}, o})
	if err != nil {
		return fmt.Errorf("the value of argument %s cannot be written as JSON: %w", o.Name, err)
	}
	sealed, err := s.key.Seal(text)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, "INSERT INTO overrides(template, name, sealed, at) VALUES (?, ?, ?, ?) "+
		"ON CONFLICT DO UPDATE SET sealed = excluded.sealed, at = excluded.at", template, o.Name, sealed, time.Now().UnixMicro())
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// Overrides returns what is stored for a template, by name.
func (s *Store) Overrides(ctx context.Context, template string) ([]Override, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name, sealed, at FROM overrides WHERE template = ? ORDER BY name", template)
	if err != nil {
		return nil, s.explain(err)
	}
	type row struct {
		name   string
		sealed []byte
		at     int64
	}
	var found []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.name, &r.sealed, &r.at); err != nil {
			_ = rows.Close()
			return nil, s.explain(err)
		}
		found = append(found, r)
	}
	// The key may need the index too, and there is one connection.
	_ = rows.Close()
	if err := rows.Err(); err != nil {
		return nil, s.explain(err)
	}
	out := make([]Override, len(found))
	for i, r := range found {
		text, err := s.key.Open(r.sealed)
		if err != nil {
			return nil, fmt.Errorf("the stored override %s of %s cannot be read: %w", r.name, template, err)
		}
		var o sealedOverride
		if err := json.Unmarshal(text, &o); err != nil || o.place != (place{template, r.name}) {
			return nil, fmt.Errorf("the stored override %s of %s is damaged or belongs elsewhere", r.name, template)
		}
		o.Override.Name, o.At = r.name, instant(r.at)
		out[i] = o.Override
	}
	return out, nil
}

// RemoveOverride removes a stored override and tells whether there was one.
func (s *Store) RemoveOverride(ctx context.Context, template, name string) (bool, error) {
	result, err := s.db.ExecContext(ctx, "DELETE FROM overrides WHERE template = ? AND name = ?", template, name)
	if err != nil {
		return false, s.explain(err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// OverrideNames returns the names that are stored for a template. It needs no key.
func (s *Store) OverrideNames(ctx context.Context, template string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name FROM overrides WHERE template = ? ORDER BY name", template)
	if err != nil {
		return nil, s.explain(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, s.explain(err)
		}
		out = append(out, name)
	}
	return out, rows.Err()
}
