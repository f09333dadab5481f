package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Reader reads a journal along with its owner, or after it.
type Reader struct {
	dir    string
	db     *sql.DB
	conn   *sql.Conn
	header Header
}

// Open opens a journal for reading. It fails with ErrNone where there is none.
func Open(ctx context.Context, dir string) (*Reader, error) {
	path := filepath.Join(dir, databaseName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 && !Alive(dir) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	r := &Reader{dir: dir}
	if r.db, err = OpenDatabase(path, "query_only(1)"); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, path); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Reader) prepare(ctx context.Context, path string) (err error) {
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	found, err := checkVersion(ctx, r.conn, path, schemaVersion)
	if err != nil {
		return err
	}
	if found == 0 {
		return ErrNone
	}
	if r.header, err = readHeader(ctx, r.conn); err != nil {
		return fmt.Errorf("cannot read %s: %w", path, err)
	}
	return nil
}

// Header returns what the journal says of itself.
func (r *Reader) Header() Header { return r.header }

// Read calls fn with every record from seq on that is committed, in order.
func (r *Reader) Read(ctx context.Context, seq int64, fn func(Record) error) error {
	if err := read(ctx, r.conn, seq, fn); err != nil {
		return fmt.Errorf("cannot read the journal in %s: %w", r.dir, err)
	}
	return nil
}

// Last returns the number of the last record that is committed.
func (r *Reader) Last(ctx context.Context) (seq int64, err error) {
	if err := r.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM log").Scan(&seq); err != nil {
		return 0, fmt.Errorf("cannot read the journal in %s: %w", r.dir, err)
	}
	return seq, nil
}

// The pace at which Follow looks for new records: fast after it found some.
const (
	quickest = 5 * time.Millisecond
	slowest  = 80 * time.Millisecond
)

// ErrAbandoned ends a Follow whose journal has no owner any more.
var ErrAbandoned = errors.New("the process that executed this run is gone")

// Follow calls fn with every record from seq on, those to come included. It
// ends when fn returns an error, when ctx is done, or with ErrAbandoned when
// everything was read and nobody owns the journal.
func (r *Reader) Follow(ctx context.Context, seq int64, fn func(Record) error) error {
	wait, quiet := quickest, time.Duration(0)
	for {
		// Whether there is an owner is asked before reading, so that nothing
		// that an owner wrote last is missed.
		abandoned := quiet >= time.Second && !Alive(r.dir)
		before := seq
		err := r.Read(ctx, seq, func(rec Record) error {
			seq = rec.Seq + 1
			return fn(rec)
		})
		switch {
		case err != nil:
			return err
		case seq > before:
			wait, quiet = quickest, 0
		case abandoned:
			return ErrAbandoned
		case quiet >= time.Second:
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		quiet += wait
		wait = min(wait*3/2, slowest)
	}
}

// Close ends the reading.
func (r *Reader) Close() error {
	if r.conn != nil {
		_ = r.conn.Close()
	}
	return r.db.Close()
}
