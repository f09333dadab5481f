package local

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A store is the database of a state folder. Writes go through one connection
// and share commits; reads have connections of their own and never wait for a
// write.
type store struct {
	writes *writer
	reads  *readers
	memory *memory // nil where nothing is kept
	secret []byte
	macs   sync.Pool // hash.Hash with the secret as its key
	box    Box       // nil where nothing is sealed
	// ahead is what the folder's time was ahead of the one outside when it was
	// opened; see time.go.
	ahead   time.Duration
	aheadMu sync.Mutex
	stored  time.Duration // ahead as it is stored by now
	lock    *os.File
	// latest is the newest time that was seen here, slip how far the clock outside
	// has been set back behind it.
	latestMu sync.Mutex
	latest   time.Time
	slip     time.Duration
}

const (
	// databaseName is the file in the state folder.
	databaseName = "platform.db"
	// busyTimeout is how long an operation waits for other processes.
	busyTimeout = 30 * time.Second
	// checkpointPages is how many pages of 4 KB the log takes before they are brought
	// into the database. A write changes eight, most of them the same as the write
	// before: four times as many as SQLite takes make a quarter of the work.
	checkpointPages = 4000
	// applicationID marks the file as ours: "NFlp".
	applicationID = 0x4e466c70
)

// migrations bring a database from the version that is their position to the
// next. They only ever add.
var migrations = []string{`
	CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
	CREATE TABLE resources (
		seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation
		key     TEXT NOT NULL UNIQUE,              -- projects/p/services/s
		parent  TEXT NOT NULL,                     -- projects/p/services
		type    TEXT NOT NULL,                     -- combined, build, ...
		created INTEGER NOT NULL,                  -- nanoseconds
		updated INTEGER NOT NULL,
		spec    TEXT NOT NULL,                     -- JSON, as it was asked for
		state   TEXT NOT NULL                      -- JSON, what was recorded
	);
	CREATE INDEX resources_by_parent ON resources (parent, seq);
	CREATE TABLE tokens (
		token  TEXT NOT NULL,
		op     TEXT NOT NULL,
		target TEXT NOT NULL,
		status INTEGER NOT NULL,
		body   TEXT NOT NULL,
		PRIMARY KEY (token, op, target)
	) WITHOUT ROWID;
	CREATE TABLE effects (
		seq      INTEGER PRIMARY KEY AUTOINCREMENT,
		time     INTEGER NOT NULL,
		op       TEXT NOT NULL,
		resource TEXT NOT NULL,
		change   TEXT NOT NULL,
		token    TEXT NOT NULL
	);
	CREATE TRIGGER effects_stay BEFORE UPDATE ON effects BEGIN SELECT RAISE(ABORT, 'the log of effects is append-only'); END;
	CREATE TRIGGER effects_are_kept BEFORE DELETE ON effects BEGIN SELECT RAISE(ABORT, 'the log of effects is append-only'); END;
`, `
	CREATE TABLE sealing (
		one INTEGER PRIMARY KEY CHECK (one = 1),
		key BLOB NOT NULL -- opens specs, states, answers and the secret; itself sealed
	);
`, `
	CREATE INDEX resources_by_type ON resources (type, seq); -- what a server looks for by the clock
`, `
	CREATE TABLE deliveries ( -- which answers under a token are forgotten some day; see deliveries.go
		seq    INTEGER PRIMARY KEY AUTOINCREMENT,
		token  TEXT NOT NULL,
		op     TEXT NOT NULL,
		target TEXT NOT NULL,
		told   INTEGER NOT NULL, -- nanoseconds of the clock outside
		UNIQUE (token, op, target)
	);
	CREATE INDEX deliveries_by_time ON deliveries (told);
	-- Nobody knows when those were told that are there already: they are kept as if it were today.
	INSERT INTO deliveries (token, op, target, told)
		SELECT token, op, target, CAST(strftime('%s', 'now') AS INTEGER) * 1000000000 FROM tokens
		WHERE op IN ('git-event/send-git-event', 'webhook/call-webhook');
`}

// openStore opens the database of a folder and makes both where they are not
// there.
func openStore(ctx context.Context, dir string, boxer Boxer) (*store, error) {
	if dir == "" {
		return nil, errors.New("the local platform needs a state folder")
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(filepath.Join(dir, databaseName))
	if err != nil {
		return nil, fmt.Errorf("the state folder %s: %w", dir, err)
	}
	writes, err := sql.Open("sqlite", dataSource(path, "_txlock=immediate"))
	if err != nil {
		return nil, explain(dir, err)
	}
	writes.SetMaxIdleConns(1)
	s := &store{}
	if err := prepareDatabase(ctx, writes, dir); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	if s.box, err = openBox(ctx, writes, boxer); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	if s.secret, err = s.installationSecret(ctx, writes); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	if s.ahead, err = readAhead(ctx, writes); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	s.stored = s.ahead
	if s.latest, err = readLatest(ctx, writes); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	if s.writes, err = newWriter(ctx, writes, dir); err != nil {
		return nil, errors.Join(explain(dir, err), writes.Close())
	}
	reads, err := sql.Open("sqlite", dataSource(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(explain(dir, err), s.writes.close())
	}
	s.reads = newReaders(reads)
	return s, nil
}

func (s *store) close() error {
	err := s.writes.close()
	if s.memory != nil {
		err = errors.Join(err, s.memory.close())
	}
	return errors.Join(err, s.reads.close(), s.lock.Close())
}

func dataSource(path, extra string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	return fmt.Sprintf("%s?_pragma=busy_timeout(%d)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(%d)&%s",
		u.String(), busyTimeout.Milliseconds(), checkpointPages, extra)
}

// makeFolder makes the state folder, for its owner only: it holds credentials.
func makeFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("the state folder %s is a file: name a folder with --state or NF_STATE", dir)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return folderError(dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return folderError(dir, err)
	}
	return nil
}

func folderError(dir string, err error) error {
	err = diskfull.Explain(dir, err)
	var full *diskfull.Error
	if errors.As(err, &full) {
		return err
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("the state folder %s cannot be used: %w; name another one with --state or NF_STATE", dir, err)
}

// explain puts what SQLite says about a folder into words.
func explain(dir string, err error) error {
	err = diskfull.Explain(dir, err)
	var full *diskfull.Error
	if errors.As(err, &full) {
		// Nothing was done, and the same may be when there is room.
		return &platform.Error{Status: http.StatusInsufficientStorage, ID: platform.ErrorInternal, Message: full.Error(), Retryable: true}
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	file := filepath.Join(dir, databaseName)
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return fmt.Errorf("the state folder %s cannot be written: make it writable, or name another one with --state or NF_STATE (%w)", dir, err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged or no database of this program: move it away, or name another state folder with --state or NF_STATE (%w)", file, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s has been locked by another process for %s (%w)", file, busyTimeout, err)
	}
	return fmt.Errorf("%s: %w", file, err)
}

// prepareDatabase switches to write-ahead logging and brings the schema up to
// date.
func prepareDatabase(ctx context.Context, db *sql.DB, dir string) error {
	// Switching a new file to WAL fails at once, without the busy timeout, when
	// another process does the same.
	deadline := time.Now().Add(busyTimeout)
	for {
		_, err := db.ExecContext(ctx, "PRAGMA journal_mode=WAL")
		if err == nil {
			break
		}
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	if current, err := schemaVersion(ctx, db, dir); err != nil || current == len(migrations) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// Another process may have migrated while this one waited for the lock.
	current, err := schemaVersion(ctx, tx, dir)
	if err != nil {
		return err
	}
	for _, script := range migrations[current:] {
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
	}
	pragmas := fmt.Sprintf("PRAGMA user_version=%d; PRAGMA application_id=%d", len(migrations), applicationID)
	if _, err := tx.ExecContext(ctx, pragmas); err != nil {
		return err
	}
	return tx.Commit()
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion reads the version of the schema and refuses a file that is not
// ours or is of a newer version.
func schemaVersion(ctx context.Context, db querier, dir string) (int, error) {
	var version, application, tables int
	row := db.QueryRowContext(ctx, `SELECT
		(SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_master)`)
	if err := row.Scan(&version, &application, &tables); err != nil {
		return 0, err
	}
	file := filepath.Join(dir, databaseName)
	switch {
	case tables > 0 && application != applicationID:
		return 0, fmt.Errorf("%s is a database of another program: move it away, or name another state folder with --state or NF_STATE", file)
	case version > len(migrations):
		return 0, newerSchema(file, version)
	}
	return version, nil
}

// installationSecret is what credentials and host names of this state folder
// are derived from.
func (s *store) installationSecret(ctx context.Context, db *sql.DB) ([]byte, error) {
	const query, name = "SELECT value FROM meta WHERE key='secret'", "secret"
	var stored []byte
	err := db.QueryRowContext(ctx, query).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		fresh := make([]byte, 32)
		if _, err := rand.Read(fresh); err != nil {
			return nil, err
		}
		if _, err := db.ExecContext(ctx, "INSERT OR IGNORE INTO meta (key, value) VALUES ('secret', ?)", s.hideBytes(fresh, name)); err != nil {
			return nil, err
		}
		err = db.QueryRowContext(ctx, query).Scan(&stored)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if len(stored) != 32 {
		return s.show(stored, name)
	}
	if s.box != nil { // of an older version
		_, err = db.ExecContext(ctx, "UPDATE meta SET value = ? WHERE key='secret' AND value = ?", s.hideBytes(stored, name), stored)
	}
	return stored, err
}

func isBusy(err error) bool {
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		code := failure.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return err != nil && strings.Contains(err.Error(), "database is locked")
}

// write runs do in a transaction that it may share with other writes of this
// process. What do has written is undone when it returns an error.
func (s *store) write(ctx context.Context, do func(*tx) error) error {
	return explain(s.writes.dir, s.writes.do(ctx, s, do))
}

// start is write that returns when what do has written survives the end of this process.
// durable waits until it survives a loss of power, too.
func (s *store) start(ctx context.Context, do func(*tx) error) (durable func() error, err error) {
	settled, err := s.writes.start(ctx, s, do)
	if err != nil {
		return nil, explain(s.writes.dir, err)
	}
	return func() error { return explain(s.writes.dir, settled()) }, nil
}
