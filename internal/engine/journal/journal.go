// Package journal keeps the record of one run in a SQLite database of its own.
//
// A journal is a log: records are only ever added, many in one commit, and a
// commit that was reported as done survives the loss of power. Every record has
// text for readers, in which secrets are masked, and may have sealed bytes for
// whoever resumes the run. One process at a time owns a journal: it holds an
// operating system lock on a separate file, which ends with the process, and a
// fencing number, so that an owner that was thought dead cannot write any more.
// Others read along, and leave requests that the owner looks for.
//
// The package knows records and owners; what a record means is its users' business.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/filelock"
	"github.com/nf-lsp/nf-lsp/internal/wal"
	"modernc.org/sqlite"
)

// A Record is one entry of a journal.
type Record struct {
	// Seq numbers the records of a journal from 1 without gaps. Append sets it.
	Seq int64
	At  time.Time
	// Type says what the record is about; Node and Attempt say of which node
	// and attempt, -1 and 0 where they do not apply.
	Type    string
	Node    int
	Attempt int
	// Data is JSON for readers. It holds no secrets.
	Data []byte
	// Sealed is for resuming; nil where Data says it all.
	Sealed []byte
}

// A Header is what a journal says of itself, unchanging.
type Header struct {
	Run string
	// Key is the sealed key of the journal's sealed values.
	Key []byte
}

// Errors that callers tell apart.
var (
	// ErrOwned: another living process owns the journal.
	ErrOwned = errors.New("another process is executing this run")
	// ErrFenced: another process has taken the journal over.
	ErrFenced = errors.New("another process has taken this run over")
	// ErrNone: there is no journal.
	ErrNone = errors.New("there is no journal")
)

// A VersionError says that a file was written by a newer version.
type VersionError struct {
	Path         string
	Found, Known int
}

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (format %d, this one knows up to %d): update to read it", e.Path, e.Found, e.Known)
}

const (
	schemaVersion = 1
	databaseName  = "journal.db"
	lockName      = "lock"
	requestsName  = "requests"
)

const schema = `
CREATE TABLE header(run TEXT NOT NULL, key BLOB NOT NULL);
CREATE TABLE owner(fence INTEGER NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE log(
	seq     INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL, -- microseconds since 1970, UTC
	type    TEXT    NOT NULL,
	node    INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	data    TEXT,
	sealed  BLOB
);
`

// OpenDatabase opens the SQLite database at path, which must exist, with the
// given pragmas beside those that durability needs. It is shared with the index
// of runs, so that both are equally durable.
func OpenDatabase(path string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(30000)", "synchronous(full)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	name := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	db, err := sql.Open("sqlite", "file:"+name+"?mode=rw&"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// EnsureFile makes an empty file that only its owner can read, if there is none.
func EnsureFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// checkVersion compares a database's version with the one that is known here.
func checkVersion(ctx context.Context, c *sql.Conn, path string, known int) (found int, err error) {
	if err := c.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return 0, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if found > known {
		return found, &VersionError{Path: path, Found: found, Known: known}
	}
	return found, nil
}

// An Owner is the process that may write a journal.
type Owner struct {
	dir  string
	lock *os.File
	db   *sql.DB
	conn *sql.Conn
	log  *wal.Log // SQLite's write-ahead log, to be synced; nil before the database was opened
	room *wal.Room
	// file is the database, to be synced. It stays open as long as the connection,
	// since closing a file gives up the locks that SQLite has on it in this process.
	file   *os.File
	header Header
	fence  int64
	writer writer
	ended  chan struct{} // closed when the journal is given up
	giveUp sync.Once
}

// Create makes the journal of a new run in dir, which it makes too, with its
// first records. When it returns, all of that is durable and owned.
func Create(ctx context.Context, dir string, h Header, first []Record) (*Owner, error) {
	if err := os.MkdirAll(filepath.Join(dir, requestsName), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder of run %s: %w", h.Run, diskfull.Explain(filepath.Dir(dir), err))
	}
	o := &Owner{dir: dir, header: h, fence: 1, ended: make(chan struct{})}
	if err := o.acquire(); err != nil {
		return nil, err
	}
	err := o.create(ctx, first)
	if err != nil {
		o.release()
		return nil, fmt.Errorf("cannot make the journal of run %s: %w", h.Run, diskfull.Explain(dir, err))
	}
	o.writer.start(o, int64(len(first)))
	go o.beat()
	return o, nil
}

func (o *Owner) create(ctx context.Context, first []Record) error {
	path := filepath.Join(o.dir, databaseName)
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return errors.New("there is one already")
	}
	// SQLite syncs at each step of making a database. Nobody knows of this one
	// before all of it is there, so that it is brought to the disk at the end.
	if err := o.open(ctx, path, "OFF"); err != nil {
		return err
	}
	tx, err := o.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO header VALUES (?, ?)", o.header.Run, o.header.Key); err != nil {
		return err
	}
	host, _ := os.Hostname()
	if _, err := tx.ExecContext(ctx, "INSERT INTO owner VALUES (?, ?, ?, ?)", o.fence, os.Getpid(), host, time.Now().UnixMicro()); err != nil {
		return err
	}
	for i := range first {
		first[i].Seq = int64(i + 1)
		if err := insert(ctx, tx, &first[i]); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if _, err := o.conn.ExecContext(ctx, "PRAGMA synchronous = FULL"); err != nil {
		return err
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	if err := o.log.Sync(); errors.Is(err, fs.ErrNotExist) { // see takeSyncing
		return wal.SyncFolders(o.dir, filepath.Dir(o.dir))
	} else if err != nil {
		return err
	}
	return wal.SyncFolders(filepath.Dir(o.dir))
}

// Take makes this process the owner of an existing journal. It fails with
// ErrOwned while another process is alive that owns it.
func Take(ctx context.Context, dir string) (*Owner, error) {
	path := filepath.Join(dir, databaseName)
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNone
		}
		return nil, err
	}
	o := &Owner{dir: dir, ended: make(chan struct{})}
	if err := o.acquire(); err != nil {
		return nil, err
	}
	last, err := o.take(ctx, path)
	if err != nil {
		o.release()
		return nil, diskfull.Explain(dir, err)
	}
	o.writer.start(o, last)
	go o.beat()
	return o, nil
}

func (o *Owner) take(ctx context.Context, path string) (last int64, err error) {
	if err := o.open(ctx, path, "FULL"); err != nil {
		return 0, err
	}
	found, err := checkVersion(ctx, o.conn, path, schemaVersion)
	if err != nil {
		return 0, err
	}
	if found == 0 {
		return 0, ErrNone // its maker died before the first commit
	}
	if o.header, err = readHeader(ctx, o.conn); err != nil {
		return 0, fmt.Errorf("cannot read %s: %w", path, err)
	}
	host, _ := os.Hostname()
	if err := o.conn.QueryRowContext(ctx, "UPDATE owner SET fence = fence + 1, pid = ?, host = ?, since = ? RETURNING fence",
		os.Getpid(), host, time.Now().UnixMicro()).Scan(&o.fence); err != nil {
		return 0, fmt.Errorf("cannot take over the journal %s: %w", path, err)
	}
	if err := o.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM log").Scan(&last); err != nil {
		return 0, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return last, nil
}

// open opens the database, and makes an empty one where there is none.
func (o *Owner) open(ctx context.Context, path, synchronous string) (err error) {
	if o.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	o.room, o.log = wal.New(path), wal.NewLog(path)
	if o.db, err = OpenDatabase(path); err != nil {
		return err
	}
	if o.conn, err = o.db.Conn(ctx); err == nil {
		_, err = o.conn.ExecContext(ctx, "PRAGMA synchronous = "+synchronous+"; PRAGMA journal_mode = WAL")
	}
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	return nil
}

func readHeader(ctx context.Context, c *sql.Conn) (h Header, err error) {
	err = c.QueryRowContext(ctx, "SELECT run, key FROM header").Scan(&h.Run, &h.Key)
	return h, err
}

// acquire takes the operating system's lock. A process that only looks whether
// there is an owner holds it for an instant, so it is tried for a while.
func (o *Owner) acquire() error {
	f, err := os.OpenFile(filepath.Join(o.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make the lock of a run: %w", diskfull.Explain(o.dir, err))
	}
	for range 20 {
		ok, err := filelock.Try(f, filelock.Exclusive)
		if err != nil {
			_ = f.Close()
			return fmt.Errorf("cannot lock %s: %w", f.Name(), err)
		}
		if ok {
			o.lock = f
			o.show()
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = f.Close()
	return ErrOwned
}

// Discard moves the folder of a journal that nobody owns to another place, for
// good. forget is called first, with all owners to be kept out; where it fails
// nothing is moved. A folder that is not there is no error.
func Discard(dir, to string, forget func() error) error {
	o := &Owner{dir: dir}
	switch err := o.acquire(); {
	case errors.Is(err, fs.ErrNotExist):
		return forget()
	case err != nil:
		return err
	}
	defer o.release()
	if err := forget(); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		o.release() // a folder with an open file is not moved there
		o.lock = nil
	}
	if err := os.Rename(dir, to); err != nil && !errors.Is(err, fs.ErrNotExist) { // somebody else was faster
		return err
	}
	return nil
}

func (o *Owner) release() {
	if o.room != nil {
		_ = o.room.Close()
	}
	if o.log != nil {
		_ = o.log.Close()
	}
	if o.conn != nil {
		_ = o.conn.Close()
	}
	if o.db != nil {
		_ = o.db.Close()
	}
	if o.file != nil {
		_ = o.file.Close()
	}
	if o.lock != nil {
		_ = o.lock.Close() // and with it the lock
	}
}

// Alive tells whether a process owns the journal in dir.
func Alive(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	ok, err := filelock.Try(f, filelock.Exclusive)
	return err == nil && !ok
}

// Header returns what the journal says of itself.
func (o *Owner) Header() Header { return o.header }

// Fence returns the owner's fencing number, which grows with every owner.
func (o *Owner) Fence() int64 { return o.fence }

// Read calls fn with every record from seq on that is committed, in order.
func (o *Owner) Read(ctx context.Context, seq int64, fn func(Record) error) error {
	o.writer.conn.Lock()
	defer o.writer.conn.Unlock()
	return read(ctx, o.conn, seq, fn)
}

// Close writes what was appended and gives the journal up.
func (o *Owner) Close() error {
	o.giveUp.Do(func() { close(o.ended) })
	err := o.writer.stop()
	_ = o.room.Close()
	if err == nil {
		o.fold()
	}
	o.release()
	return err
}

// fold brings what is in the write-ahead log into the database, and that to the
// disk, so that closing has nothing left to sync: the log is on the disk already,
// which SQLite does not know. Where it does not come to its end, because somebody
// reads, closing does all of it.
func (o *Owner) fold() {
	if !o.log.Synced() {
		return
	}
	ctx := context.Background()
	if _, err := o.conn.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return
	}
	var busy, frames, folded int
	err := o.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &folded)
	if err != nil || busy != 0 || frames != folded {
		_, _ = o.conn.ExecContext(ctx, "PRAGMA synchronous = FULL")
		return
	}
	if o.file.Sync() != nil {
		// The log is all that is certain: it is left where it is.
		_ = o.conn.Raw(func(c any) error {
			_, err := c.(sqlite.FileControl).FileControlPersistWAL("main", 1)
			return err
		})
	}
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

const insertRecord = "INSERT INTO log(seq, at, type, node, attempt, data, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)"

func insert(ctx context.Context, e execer, r *Record) error {
	_, err := e.ExecContext(ctx, insertRecord, recordArgs(r)...)
	return err
}

func recordArgs(r *Record) []any {
	args := []any{r.Seq, r.At.UnixMicro(), r.Type, r.Node, r.Attempt, nil, nil}
	if r.Data != nil {
		args[5] = string(r.Data)
	}
	if r.Sealed != nil {
		args[6] = r.Sealed
	}
	return args
}

func read(ctx context.Context, c *sql.Conn, seq int64, fn func(Record) error) error {
	rows, err := c.QueryContext(ctx, "SELECT seq, at, type, node, attempt, data, sealed FROM log WHERE seq >= ? ORDER BY seq", seq)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Record
		var at int64
		if err := rows.Scan(&r.Seq, &at, &r.Type, &r.Node, &r.Attempt, &r.Data, &r.Sealed); err != nil {
			return err
		}
		r.At = time.UnixMicro(at).UTC()
		if err := fn(r); err != nil {
			return err
		}
	}
	return rows.Err()
}
