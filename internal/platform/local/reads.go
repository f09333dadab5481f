package local

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// readers are the connections that reads take, each with the statements that every
// read needs: SQLite would take one fifth of a read to understand BEGIN and ROLLBACK
// anew.
type readers struct {
	db *sql.DB
	// idle are those that nobody uses; nil stands for one that is not open yet.
	idle chan *reader
}

// maxReaders is how many reads go on at once. What they wait for is mostly the
// processor.
const maxReaders = 4

// A reader is one connection.
type reader struct {
	conn            *sql.Conn
	begin, end, get *sql.Stmt
}

func newReaders(db *sql.DB) *readers {
	db.SetMaxOpenConns(maxReaders + 1) // and what looks for changes
	db.SetMaxIdleConns(maxReaders + 1)
	r := &readers{db: db, idle: make(chan *reader, maxReaders)}
	for range maxReaders {
		r.idle <- nil
	}
	return r
}

// take waits for a connection, and fails with ErrClosed where there will be none. It goes back with give, or with drop where it is not
// known in which state it is.
func (r *readers) take(ctx context.Context) (*reader, error) {
	one, open := <-r.idle
	switch {
	case !open:
		return nil, ErrClosed
	case one != nil:
		return one, nil
	}
	one, err := openReader(ctx, r.db)
	if err != nil {
		r.idle <- nil
	}
	return one, err
}

func (r *readers) give(one *reader) { r.idle <- one }

func (r *readers) drop(one *reader) {
	defer func() { r.idle <- nil }()
	_ = one.closeStatements()
	// Closing alone would put it into the pool with the transaction that it is in.
	_ = one.conn.Raw(func(any) error { return driver.ErrBadConn })
}

// close waits for the reads that go on and closes all connections.
func (r *readers) close() error {
	var errs []error
	for range maxReaders {
		if one := <-r.idle; one != nil {
			errs = append(errs, one.close())
		}
	}
	close(r.idle)
	return errors.Join(append(errs, r.db.Close())...)
}

func openReader(ctx context.Context, db *sql.DB) (*reader, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	one := &reader{conn: conn}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{{&one.begin, "BEGIN"}, {&one.end, "ROLLBACK"}, {&one.get, selectResource}} {
		stmt, err := conn.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // closed by close, with the others
		if err != nil {
			return nil, errors.Join(err, one.close())
		}
		*s.stmt = stmt
	}
	return one, nil
}

func (one *reader) close() error { return errors.Join(one.closeStatements(), one.conn.Close()) }

func (one *reader) closeStatements() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{one.begin, one.end, one.get} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// read runs do on one snapshot of the database.
func (s *store) read(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// A read is over before anyone could give up; a context that can end would
	// cost a goroutine for each statement.
	ctx = context.WithoutCancel(ctx)
	one, err := s.reads.take(ctx)
	if err != nil {
		return explain(s.writes.dir, err)
	}
	ended := false
	defer func() {
		if !ended { // it panicked
			s.reads.drop(one)
		}
	}()
	if _, err = one.begin.ExecContext(ctx); err == nil {
		err = do(&tx{ctx: ctx, store: s, tx: one.conn, get: one.get})
		if _, undone := one.end.ExecContext(ctx); undone != nil {
			return errors.Join(explain(s.writes.dir, err), undone)
		}
	}
	ended = true
	s.reads.give(one)
	return explain(s.writes.dir, err)
}
