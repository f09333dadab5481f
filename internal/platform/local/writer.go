package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nf-lsp/nf-lsp/internal/wal"
)

// A writer carries out writes, one transaction after the other. A caller that finds
// nobody writing writes by itself; the others queue up and share the next transaction.
// A transaction is written first and brought to the disk after, for all that were
// written by then: a durable commit costs the same for one write as for many. The next
// one is written meanwhile, as soon as there are as many in it as wait for the disk:
// what comes one after the other would share less.
type writer struct {
	db   *sql.DB
	conn *sql.Conn
	dir  string
	room *wal.Room

	begin, end, undo                                       *sql.Stmt
	get, insert, update, updateSpec, effect, token, recall *sql.Stmt
	// recent is used by who is in a transaction.
	recent *recent

	mu     sync.Mutex
	wake   *sync.Cond // of the goroutine that carries out the queue
	queue  []*job
	busy   bool // somebody is in a transaction
	begun  bool // the goroutines that carry out the queue are there
	closed bool
	// settling says that somebody brings to the disk what he alone waits for.
	settling bool
	// riding were written by the queue and wait for the disk; carried is how many more
	// are on their way there.
	riding  []*job
	carried int
	// drained says that nothing more will come from the queue.
	drained bool
	ended   chan struct{} // closed when both goroutines have ended

	// committed numbers the transactions that are written.
	committed atomic.Int64

	syncing sync.Mutex // held by who brings the log to the disk; guards what follows
	// log is the write-ahead log; nil where SQLite syncs by itself.
	log    *wal.Log
	synced int64 // the last transaction that is on the disk
	// unsynced is why the log could not be brought to the disk; nil while it can. What
	// the operating system has lost then it does not tell a second time, so that nothing
	// more is written. It is read without waiting for who brings the log to the disk.
	unsynced atomic.Pointer[error]
}

// A job is one write and where its outcome goes.
type job struct {
	ctx     context.Context
	store   *store
	do      func(*tx) error
	written chan error // has room for the outcome
	number  int64      // of the transaction; set before the outcome comes
	// lasts says that the outcome comes when what was written is on the disk.
	lasts bool
}

// maxBatch bounds the writes of one transaction, so that other processes get
// their turn.
const maxBatch = 128

func newWriter(ctx context.Context, db *sql.DB, dir string) (*writer, error) {
	path := filepath.Join(dir, databaseName)
	w := &writer{db: db, dir: dir, room: wal.New(path), ended: make(chan struct{})}
	w.wake = sync.NewCond(&w.mu)
	var err error
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	if err = w.takeSyncing(ctx, path); err != nil {
		return nil, errors.Join(err, w.closeConnection())
	}
	if w.recent, err = newRecent(ctx, w.conn); err != nil {
		return nil, errors.Join(err, w.closeConnection())
	}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.end, "COMMIT"},
		{&w.undo, "ROLLBACK"},
		{&w.get, selectResource},
		{&w.insert, insertResource},
		{&w.update, updateResource},
		{&w.updateSpec, updateSpec},
		{&w.effect, insertEffect},
		{&w.token, insertToken},
		{&w.recall, selectToken},
	} {
		stmt, err := w.conn.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // closed by closeConnection, with the others
		if err != nil {
			return nil, errors.Join(err, w.closeConnection())
		}
		*s.stmt = stmt
	}
	return w, nil
}

// takeSyncing takes over from SQLite to sync its write-ahead log, so that what was
// written is told while it is on its way to the disk. SQLite goes on to sync what it
// copies from the log into the database. A file system that cannot have such a log has
// a rollback journal, which SQLite goes on to sync as well.
func (w *writer) takeSyncing(ctx context.Context, path string) error {
	var mode string
	if err := w.conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return err
	}
	w.log = wal.NewLog(path)
	return nil
}

func (w *writer) closeConnection() error {
	errs := []error{w.recent.close()}
	for _, stmt := range []*sql.Stmt{w.begin, w.end, w.undo, w.get, w.insert, w.update, w.updateSpec, w.effect, w.token, w.recall} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// close waits for the writes that were accepted and closes the database.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	for w.busy && !w.begun {
		w.wake.Wait()
	}
	begun := w.begun
	w.mu.Unlock()
	if begun {
		w.wake.Broadcast()
		<-w.ended
	}
	err := w.room.Close()
	// Who has not waited yet for what it wrote is told later on, of what was done here.
	err = errors.Join(err, w.sync(w.committed.Load()))
	w.syncing.Lock()
	defer w.syncing.Unlock()
	if w.log != nil {
		err = errors.Join(err, w.log.Close())
	}
	err = errors.Join(err, w.closeConnection())
	// The last connection of all processes folds the log into the database.
	return errors.Join(err, w.db.Close())
}

// do carries a write out and waits until it is durable. A caller that gives up while
// its write is carried out does not learn the outcome.
func (w *writer) do(ctx context.Context, s *store, do func(*tx) error) error {
	j := &job{ctx: ctx, store: s, do: do, written: make(chan error, 1), lasts: true}
	alone, err := w.give(j)
	if err == nil {
		err = j.wait()
	}
	if !alone {
		return err
	}
	if err == nil {
		err = w.sync(j.number)
	}
	w.settled()
	return err
}

// start carries a write out and returns when it is written, which the end of the process
// does not undo. durable returns when a loss of power does not either.
func (w *writer) start(ctx context.Context, s *store, do func(*tx) error) (durable func() error, err error) {
	j := &job{ctx: ctx, store: s, do: do, written: make(chan error, 1)}
	if _, err = w.give(j); err == nil {
		err = j.wait()
	}
	if err != nil {
		return nil, err
	}
	return func() error { return w.sync(j.number) }, nil
}

// give carries a job out alone where nobody writes, or puts it into the queue. Of one
// that lasts and is alone the caller brings to the disk what was written, and says so
// with settled.
func (w *writer) give(j *job) (alone bool, err error) {
	w.mu.Lock()
	switch {
	case w.closed:
		w.mu.Unlock()
		return false, ErrClosed
	case w.busy || len(w.queue) > 0 || j.lasts && w.ahead() > 0:
		w.queue = append(w.queue, j)
		if !w.begun {
			w.begun = true
			go w.drain()
			go w.carry()
		}
		w.mu.Unlock()
		w.wake.Broadcast()
		return false, nil
	}
	w.busy, w.settling = true, w.settling || j.lasts
	w.mu.Unlock()
	for range w.commit([]*job{j}) {
		j.written <- nil
	}
	w.free()
	return true, nil
}

// settled lets the next transaction begin of those that wait for the disk.
func (w *writer) settled() {
	w.mu.Lock()
	w.settling = false
	w.mu.Unlock()
	w.wake.Broadcast()
}

// wait waits for the outcome.
func (j *job) wait() error {
	select {
	case err := <-j.written:
		return err
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// free lets the next transaction begin.
func (w *writer) free() {
	w.mu.Lock()
	w.busy = false
	w.mu.Unlock()
	w.wake.Broadcast()
}

// drain carries out the queue until the writer is closed. It stays when the queue is
// empty: SQLite needs a deep stack, which a new goroutine would have to grow for
// each write anew.
func (w *writer) drain() {
	defer w.wake.Broadcast()
	for {
		w.mu.Lock()
		for w.busy || len(w.queue) == 0 && !w.closed || w.gathers() {
			w.wake.Wait()
		}
		batch := w.queue
		if len(batch) > maxBatch {
			batch = batch[:maxBatch:maxBatch]
		}
		w.queue = w.queue[len(batch):]
		if len(w.queue) == 0 {
			w.queue = nil
		}
		w.busy, w.drained = len(batch) > 0, len(batch) == 0
		w.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		written := w.commit(batch)
		w.mu.Lock()
		w.busy = false
		w.riding = append(w.riding, written...)
		w.mu.Unlock()
		w.wake.Broadcast()
	}
}

// carry brings to the disk what drain has written, while that one goes on, and says so to
// those who wait.
func (w *writer) carry() {
	defer close(w.ended)
	for {
		w.mu.Lock()
		for len(w.riding) == 0 && !w.drained {
			w.wake.Wait()
		}
		carried := w.riding
		w.riding, w.carried = nil, len(carried)
		w.mu.Unlock()
		if len(carried) == 0 {
			return
		}
		err := w.sync(carried[len(carried)-1].number)
		for _, j := range carried {
			j.written <- err
		}
		w.mu.Lock()
		w.carried = 0
		w.mu.Unlock()
		w.wake.Broadcast()
	}
}

// ahead is how many writes the disk is at work for, or has to be.
func (w *writer) ahead() int {
	n := len(w.riding) + w.carried
	if w.settling {
		n++
	}
	return n
}

// gathers tells whether all in the queue wait for the disk, which is at work for more than
// they are: by the time that it is done there are more of them, and they share a
// transaction. As many need not wait.
func (w *writer) gathers() bool {
	return len(w.queue) > 0 && len(w.queue) < w.ahead() && !slices.ContainsFunc(w.queue, func(j *job) bool { return !j.lasts })
}

// commit writes a batch and answers every job but those that are written and are to last,
// which it returns. One at a time calls it.
func (w *writer) commit(batch []*job) (written []*job) {
	errs := make([]error, len(batch))
	err := w.broken()
	if err == nil {
		err = w.transact(batch, errs)
	}
	if errors.Is(err, errTorn) {
		// One write failed half-way, which takes a full disk or a bug: the others
		// are carried out again, each on its own.
		err = nil
		for i := range batch {
			if one := w.transact(batch[i:i+1], errs[i:i+1]); one != nil && !errors.Is(one, errTorn) {
				errs[i] = errors.Join(errs[i], one)
			}
		}
	}
	number := w.committed.Load()
	for i, j := range batch {
		if err != nil && errs[i] == nil {
			errs[i] = err
		}
		j.number = number
		if errs[i] == nil && j.lasts {
			written = append(written, j)
		} else {
			j.written <- errs[i]
		}
	}
	w.room.Keep()
	return written
}

// broken is why nothing more can be written; nil while it can.
func (w *writer) broken() error {
	if err := w.unsynced.Load(); err != nil {
		return *err
	}
	return nil
}

// sync returns when a transaction is on the disk.
func (w *writer) sync(number int64) error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	if w.log == nil || w.synced >= number {
		return nil
	}
	if err := w.broken(); err != nil {
		return err
	}
	last := w.committed.Load()
	if err := w.log.Sync(); err != nil {
		err = fmt.Errorf("what was written could not be brought to the disk: %w", err)
		w.unsynced.Store(&err)
		return err
	}
	w.synced = last
	return nil
}

// errTorn says that a write failed after it had changed something, so that its
// transaction was undone.
var errTorn = errors.New("a write failed half-way")

// transact carries out jobs in one transaction; errs receives what each answers.
func (w *writer) transact(batch []*job, errs []error) (err error) {
	// The transaction outlives any one caller.
	ctx := context.Background()
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return err
	}
	ended, wrote := false, false
	defer func() {
		if ended {
			return
		}
		if _, undone := w.undo.ExecContext(ctx); err != nil || undone != nil || wrote {
			w.recent.drop() // it may hold what was undone
		}
	}()
	if err := w.recent.begin(ctx); err != nil {
		return err
	}
	t := &tx{
		ctx: ctx, tx: w.conn, writable: true, recent: w.recent, home: w.recent.home,
		get: w.get, insert: w.insert, update: w.update, updateSpec: w.updateSpec, effect: w.effect, token: w.token, recall: w.recall,
	}
	for i, j := range batch {
		if errs[i] = j.ctx.Err(); errs[i] != nil {
			continue
		}
		t.store, t.wrote = j.store, false
		errs[i] = guard(t, j.do)
		wrote = wrote || t.wrote
		if errs[i] != nil && t.wrote {
			return errTorn
		}
	}
	w.recent.home = t.home
	if !wrote {
		return nil
	}
	if _, err = w.end.ExecContext(ctx); err != nil {
		return err
	}
	ended = true
	w.committed.Add(1)
	return nil
}

// guard keeps a write that panics from taking the others with it.
func guard(t *tx, do func(*tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the local platform failed: %v", r)
		}
	}()
	return do(t)
}
