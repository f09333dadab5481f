package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Global is a global secret: what `secrets.ID` reads in every template.
type Global struct {
	ID string `json:"-"`
	// Values are objects, arrays, texts, numbers and truth values, as
	// encoding/json decodes them.
	Values map[string]any `json:"values,omitempty"`
	// Files stand under their identifiers.
	Files map[string]GlobalFile `json:"files,omitempty"`
	At    time.Time             `json:"-"`
}

// A GlobalFile is a file of a global secret.
type GlobalFile struct {
	Data []byte `json:"data"`
	// Path is where the file belongs in a container; it may be empty.
	Path string `json:"path,omitempty"`
}

type sealedGlobal struct {
	place
	Global
}

const kindGlobal = "global secret"

// Global returns a global secret, and false when there is none.
func (s *Store) Global(ctx context.Context, id string) (*Global, bool, error) {
	var sealed []byte
	var at int64
	err := s.db.QueryRowContext(ctx, "SELECT sealed, at FROM globals WHERE id = ?", id).Scan(&sealed, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.explain(err)
	}
	g, err := s.openGlobal(id, sealed)
	if err != nil {
		return nil, false, err
	}
	g.At = instant(at)
	return g, true, nil
}

func (s *Store) openGlobal(id string, sealed []byte) (*Global, error) {
	text, err := s.key.Open(sealed)
	if err != nil {
		return nil, fmt.Errorf("the global secret %s cannot be read: %w", id, err)
	}
	var g sealedGlobal
	if err := json.Unmarshal(text, &g); err != nil || g.place != (place{kindGlobal, id}) {
		return nil, fmt.Errorf("the global secret %s is damaged or belongs elsewhere", id)
	}
	g.ID = id
	return &g.Global, nil
}

// ChangeGlobal changes a global secret; one that does not exist is empty. Other
// processes are kept out meanwhile, so that no change is lost. A secret without
// anything in it is removed.
func (s *Store) ChangeGlobal(ctx context.Context, id string, change func(*Global) error) error {
	// Within the transaction the index answers nobody else, the key's register
	// included.
	if err := s.key.Ready(); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(err)
	}
	defer func() { _ = tx.Rollback() }()
	g := &Global{ID: id}
	var sealed []byte
	err = tx.QueryRowContext(ctx, "SELECT sealed FROM globals WHERE id = ?", id).Scan(&sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return s.explain(err)
	default:
		if g, err = s.openGlobal(id, sealed); err != nil {
			return err
		}
	}
	if err := change(g); err != nil {
		return err
	}
	if len(g.Values) == 0 && len(g.Files) == 0 {
		_, err = tx.ExecContext(ctx, "DELETE FROM globals WHERE id = ?", id)
	} else {
		var text []byte
		if text, err = json.Marshal(sealedGlobal{place{kindGlobal, id}, *g}); err != nil {
			return fmt.Errorf("the global secret %s cannot be written as JSON: %w", id, err)
		}
		if sealed, err = s.key.Seal(text); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO globals(id, sealed, at) VALUES (?, ?, ?) "+
			"ON CONFLICT DO UPDATE SET sealed = excluded.sealed, at = excluded.at", id, sealed, time.Now().UnixMicro())
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// GlobalIDs returns the identifiers of all global secrets. It needs no key.
func (s *Store) GlobalIDs(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM globals ORDER BY id")
	if err != nil {
		return nil, s.explain(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, s.explain(err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// Set puts a value at a path of names and array positions; without a path it
// replaces all values. What is missing on the way is made: objects.
func (g *Global) Set(path []string, value any) error {
	if len(path) == 0 {
		object, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("the values of a global secret are an object")
		}
		g.Values = object
		return nil
	}
	if g.Values == nil {
		g.Values = map[string]any{}
	}
	_, err := put(g.Values, path, 0, value)
	return err
}

// put returns the value in with the new one at path[depth:].
func put(in any, path []string, depth int, value any) (any, error) {
	if depth == len(path) {
		return value, nil
	}
	name := path[depth]
	switch parent := in.(type) {
	case nil:
		part, err := put(nil, path, depth+1, value)
		return map[string]any{name: part}, err
	case map[string]any:
		part, err := put(parent[name], path, depth+1, value)
		if err == nil {
			parent[name] = part
		}
		return parent, err
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i > len(parent) {
			return nil, fmt.Errorf("%s is an array of %d: %q is no position in it", strings.Join(path[:depth], "."), len(parent), name)
		}
		if i == len(parent) {
			parent = append(parent, nil)
		}
		part, err := put(parent[i], path, depth+1, value)
		if err == nil {
			parent[i] = part
		}
		return parent, err
	}
	return nil, fmt.Errorf("%s is a value without members: remove it first", strings.Join(path[:depth], "."))
}

// Remove removes what is at a path, everything where it is empty, and tells
// whether there was something.
func (g *Global) Remove(path []string) bool {
	if len(path) == 0 {
		had := len(g.Values) > 0
		g.Values = nil
		return had
	}
	_, removed := cut(g.Values, path)
	return removed
}

// cut returns the value without what is at the path.
func cut(in any, path []string) (any, bool) {
	name := path[0]
	switch parent := in.(type) {
	case map[string]any:
		part, ok := parent[name]
		if !ok {
			return in, false
		}
		if len(path) == 1 {
			delete(parent, name)
			return parent, true
		}
		part, removed := cut(part, path[1:])
		parent[name] = part
		return parent, removed
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(parent) {
			return in, false
		}
		if len(path) == 1 {
			return slices.Delete(parent, i, i+1), true
		}
		part, removed := cut(parent[i], path[1:])
		parent[i] = part
		return parent, removed
	}
	return in, false
}
