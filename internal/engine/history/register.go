package history

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
)

// register remembers in the index which key has sealed what is stored.
type register struct{ s *Store }

// Recipient implements [seal.Register].
func (r register) Recipient() (recipient string, sealed bool, err error) {
	ctx := context.Background()
	err = r.s.db.QueryRowContext(ctx, "SELECT recipient FROM sealing").Scan(&recipient)
	if err == nil {
		return recipient, true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", false, r.s.explain(err)
	}
	// The index is older than its register, or it was lost: runs are sealed too.
	const any = "SELECT EXISTS(SELECT 1 FROM kept) OR EXISTS(SELECT 1 FROM overrides) OR EXISTS(SELECT 1 FROM globals) OR EXISTS(SELECT 1 FROM runs)"
	if err := r.s.db.QueryRowContext(ctx, any).Scan(&sealed); err != nil {
		return "", false, r.s.explain(err)
	}
	if !sealed {
		runs, err := os.ReadDir(filepath.Join(r.s.dir, runsName))
		if err != nil {
			return "", false, &UnusableError{r.s.dir, err}
		}
		sealed = len(runs) > 0
	}
	return "", sealed, nil
}

// Enter implements [seal.Register].
func (r register) Enter(recipient string) (standing string, err error) {
	ctx := context.Background()
	err = r.s.db.QueryRowContext(ctx, "SELECT recipient FROM sealing").Scan(&standing)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = r.s.db.ExecContext(ctx, "INSERT OR IGNORE INTO sealing(one, recipient) VALUES (1, ?)", recipient); err == nil {
			err = r.s.db.QueryRowContext(ctx, "SELECT recipient FROM sealing").Scan(&standing)
		}
	}
	if err != nil {
		return "", r.s.explain(err)
	}
	return standing, nil
}
