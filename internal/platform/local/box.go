package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A Box makes what is stored unreadable to others. A value opens only under the
// label that it was sealed with.
type Box interface {
	Seal(plain []byte, label string) []byte
	Open(sealed []byte, label string) ([]byte, error)
}

// A Boxer opens the box whose key a folder holds, sealed. Without a key it makes
// one and returns it with its box.
type Boxer func(sealedKey []byte) (box Box, newKey []byte, err error)

// sealMark stands in front of what is sealed. What is not is JSON, or the 32 bytes
// of an older folder's secret.
const sealMark = 0

// openBox opens the folder's box. Folders that were never sealed have none as long
// as nobody gives a Boxer.
func openBox(ctx context.Context, db *sql.DB, boxer Boxer) (Box, error) {
	const query = "SELECT key FROM sealing"
	var key []byte
	err := db.QueryRowContext(ctx, query).Scan(&key)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return nil, err
	case boxer == nil && err == nil:
		return nil, errors.New("what the local platform has stored is sealed, and nobody gave the key")
	case boxer == nil:
		return nil, nil
	case err == nil:
		box, _, err := boxer(key)
		return box, err
	}
	box, key, err := boxer(nil)
	if err != nil {
		return nil, err
	}
	result, err := db.ExecContext(ctx, "INSERT OR IGNORE INTO sealing (one, key) VALUES (1, ?)", key)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return box, err
	}
	// Another process was faster.
	if err := db.QueryRowContext(ctx, query).Scan(&key); err != nil {
		return nil, err
	}
	box, _, err = boxer(key)
	return box, err
}

// hide seals JSON that is about to be stored. Where nothing is sealed it stays
// text.
func (s *store) hide(plain []byte, label string) any {
	if s.box == nil {
		return string(plain)
	}
	return s.hideBytes(plain, label)
}

func (s *store) hideBytes(plain []byte, label string) []byte {
	if s.box == nil {
		return plain
	}
	return append([]byte{sealMark}, s.box.Seal(plain, label)...)
}

// show opens what was stored, sealed or not.
func (s *store) show(stored []byte, label string) ([]byte, error) {
	if len(stored) == 0 || stored[0] != sealMark {
		return stored, nil
	}
	if s.box == nil {
		return nil, fmt.Errorf("the stored %s is sealed, and nobody gave the key", label)
	}
	plain, err := s.box.Open(stored[1:], label)
	if err != nil {
		return nil, fmt.Errorf("the stored %s cannot be read: %w", label, err)
	}
	return plain, nil
}
