// Package history keeps the state folder: an index of all runs, the folders
// with their journals, and the values that are kept from run to run.
//
//	index.db          the index and the kept values, shared by all processes
//	key               opens what is sealed in the index and the journals
//	runs/ID/          the journal of a run, its lock, requests to its owner
//	trash/ID/         a run that is being removed
//
// The index says what `runs` lists and who comes next in a queue. What happened
// in a run is the journal's to say: where a run's owner died, the index is set
// right from the journal. The package does not know what journals contain.
package history

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

const (
	indexName = "index.db"
	keyName   = "key"
	runsName  = "runs"
	trashName = "trash"
)

// migrations bring an index from the version that is their position to the next.
// They only ever add, so that an older index is read as it is.
var migrations = []string{`
CREATE TABLE runs(
	seq       INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of creation over all processes
	id        TEXT NOT NULL UNIQUE,
	template  TEXT NOT NULL,
	file      TEXT NOT NULL,
	target    TEXT NOT NULL,
	policy    TEXT NOT NULL,
	status    TEXT NOT NULL,
	created   INTEGER NOT NULL, -- microseconds since 1970, UTC; 0 where it has not come to that
	started   INTEGER NOT NULL,
	concluded INTEGER NOT NULL,
	error     TEXT NOT NULL
);
CREATE INDEX runs_open ON runs(template, seq) WHERE concluded = 0;
CREATE TABLE kept(
	template TEXT NOT NULL,
	place    TEXT NOT NULL,
	sealed   BLOB NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY(template, place)
) WITHOUT ROWID;
`, `
ALTER TABLE runs ADD COLUMN until     TEXT    NOT NULL DEFAULT ''; -- the path of the last node that is run; empty for all
ALTER TABLE runs ADD COLUMN teardown  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN rehearsal INTEGER NOT NULL DEFAULT 0;
`, `
CREATE TABLE sealing(
	one       INTEGER PRIMARY KEY CHECK(one = 1),
	recipient TEXT NOT NULL -- the public half of the key that seals what is stored
);
CREATE TABLE overrides(
	template TEXT NOT NULL,
	name     TEXT NOT NULL,
	sealed   BLOB NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY(template, name)
) WITHOUT ROWID;
CREATE TABLE globals(
	id     TEXT PRIMARY KEY,
	sealed BLOB NOT NULL,
	at     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE begun(
	template TEXT NOT NULL,
	target   TEXT NOT NULL,
	run      TEXT NOT NULL, -- the first one
	PRIMARY KEY(template, target)
) WITHOUT ROWID;
INSERT OR IGNORE INTO begun(template, target, run) SELECT template, target, id FROM runs ORDER BY seq;
`, `
CREATE INDEX runs_of_template ON runs(template, seq);
`, `
CREATE TABLE once(
	environment TEXT NOT NULL, -- what nodes that run once run once for
	place       TEXT NOT NULL,
	run         TEXT NOT NULL, -- that did it
	sealed      BLOB NOT NULL, -- what it has left
	at          INTEGER NOT NULL,
	PRIMARY KEY(environment, place)
) WITHOUT ROWID;
`, `
ALTER TABLE runs ADD COLUMN source   TEXT    NOT NULL DEFAULT ''; -- the hash of the document's text
ALTER TABLE runs ADD COLUMN revision TEXT    NOT NULL DEFAULT ''; -- the commit that the text is of
ALTER TABLE runs ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;  -- the text is not the one that the commit has
ALTER TABLE runs ADD COLUMN version  INTEGER NOT NULL DEFAULT 0;  -- of a stored document
`}

// checkpoint is how many pages of the write-ahead log are brought into the index
// at once: so few that reading them takes no time for who opens the folder next.
const checkpoint = "200"

// A Run is a line of the index.
type Run struct {
	ID string
	// Seq grows in the order of creation over all processes.
	Seq int64
	// Template is the identity of the template; File is where it was read from.
	Template, File string
	Target, Policy string
	// Until is the path of the node that the run stops after; empty for the
	// whole template.
	Until string
	// Teardown runs end what an earlier run has set up. Rehearsal runs were
	// told to fail, or went on in a time of their own.
	Teardown, Rehearsal bool
	// Source is the hash of the document's text, Commit the commit that it is of, whose
	// text it is not where it is Modified; Version counts the versions of a stored
	// document. They are empty where that is not known.
	Source, Commit string
	Modified       bool
	Version        int
	// Status is the run's state in the API's words.
	Status string
	// CreatedAt, StartedAt and ConcludedAt are zero as long as it has not come
	// to that.
	CreatedAt, StartedAt, ConcludedAt time.Time
	// Error says why a run failed, without secrets.
	Error string
	// Interrupted runs have not concluded and nobody executes them.
	Interrupted bool
	// Silent says that the process that executes the run gives no sign of life.
	Silent bool
	// First says of a run that is added that it was made ready as the first of its
	// template on its target. It is not kept.
	First bool
}

// Concluded tells whether the run has ended for good.
func (r Run) Concluded() bool { return !r.ConcludedAt.IsZero() }

// A Store is a state folder. It is safe for concurrent use.
type Store struct {
	dir string
	db  *sql.DB
	key *seal.Key
}

// An UnusableError says that a state folder cannot be used.
type UnusableError struct {
	Dir string
	Err error
}

// Error implements error.
func (e *UnusableError) Error() string {
	return fmt.Sprintf("the state folder %s cannot be used: %v", e.Dir, e.Err)
}

// Unwrap returns the reason.
func (e *UnusableError) Unwrap() error { return e.Err }

// Options are what a state folder may be opened with beside its defaults.
type Options struct {
	// Keyring replaces the operating system's.
	Keyring seal.SystemKeyring
}

// Open opens a state folder and makes what is missing in it.
func Open(ctx context.Context, dir string) (*Store, error) { return OpenWith(ctx, dir, Options{}) }

// OpenWith is Open with options.
func OpenWith(ctx context.Context, dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, &UnusableError{dir, err}
	}
	s := &Store{dir: dir}
	s.key = seal.NewKey(seal.KeyOptions{Path: filepath.Join(dir, keyName), System: o.Keyring, Register: register{s}})
	path := filepath.Join(dir, indexName)
	if err := os.MkdirAll(filepath.Join(dir, runsName), 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	if err := journal.EnsureFile(path); err != nil {
		return nil, unusable(dir, err)
	}
	if s.db, err = journal.OpenDatabase(path, "journal_mode(wal)", "wal_autocheckpoint("+checkpoint+")"); err != nil {
		return nil, unusable(dir, err)
	}
	// The first processes of a new folder may get into each other's way while
	// they switch the index to write-ahead logging.
	for try := range 20 {
		if err = s.prepare(ctx); !busy(err) {
			break
		}
		time.Sleep(time.Duration(5+5*try) * time.Millisecond)
	}
	if err != nil {
		_ = s.db.Close()
		var newer *journal.VersionError
		if errors.As(err, &newer) {
			return nil, err
		}
		return nil, unusable(dir, err)
	}
	return s, nil
}

func unusable(dir string, err error) error {
	return &UnusableError{dir, diskfull.Explain(dir, err)}
}

func busy(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "SQLITE_BUSY") || strings.Contains(err.Error(), "database is locked"))
}

func (s *Store) prepare(ctx context.Context) error {
	var found int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found == len(migrations) {
		return nil
	}
	if found > len(migrations) {
		return &journal.VersionError{Path: filepath.Join(s.dir, indexName), Found: found, Known: len(migrations)}
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil || found >= len(migrations) {
		return err // somebody else was faster
	}
	for _, script := range migrations[found:] {
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

// Exists tells whether there is a state folder at dir, so that looking at the
// history of nothing makes no folder.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, indexName))
	return !errors.Is(err, fs.ErrNotExist)
}

// KeyFile is the path of the key file of the state folder at dir.
func KeyFile(dir string) string { return filepath.Join(dir, keyName) }

// Close closes the index.
func (s *Store) Close() error { return s.db.Close() }

// Leave gives the folder up as a process does that ends: what is on the disk in
// the write-ahead log of the index stays there, and whoever opens the folder next
// reads it. Closing would bring it into the index first, which waits for the disk
// several times, here and at the next run. Only the end of the process frees what
// the store holds.
func (s *Store) Leave() {}

// Dir returns the state folder's absolute path.
func (s *Store) Dir() string { return s.dir }

// RunDir returns the folder of a run.
func (s *Store) RunDir(id string) string { return filepath.Join(s.dir, runsName, id) }

// Sealer returns what seals the folder's secrets.
func (s *Store) Sealer() seal.Sealer { return s.key }

// Key returns the key that seals the folder's secrets.
func (s *Store) Key() *seal.Key { return s.key }

// NewID makes the ID of a run that is created now. IDs sort by time.
func NewID(now time.Time) string {
	var r [5]byte
	_, _ = rand.Read(r[:])
	suffix := strings.ToLower(base32.HexEncoding.EncodeToString(r[:]))[:5]
	return now.UTC().Format("20060102-150405-") + fmt.Sprintf("%03d-", now.UTC().Nanosecond()/1e6) + suffix
}

// ValidID tells whether a text can be the ID of a run, which is the name of its
// folder too.
func ValidID(id string) bool {
	if id == "" || len(id) > 100 || id[0] == '.' || id[0] == '-' {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}
