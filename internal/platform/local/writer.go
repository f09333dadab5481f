package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/wal"
)

// A writer carries out writes in the order they come. Those that come while a
// commit is on its way share the next one: a durable commit costs the same for
// one write as for many.
type writer struct {
	db   *sql.DB
	dir  string
	room *wal.Room

	get, insert, update, effect, token, recall *sql.Stmt

	mu     sync.Mutex
	wake   *sync.Cond
	queue  []*job
	begun  bool // the goroutine that carries writes out is there
	closed bool
	ended  chan struct{} // closed when it has ended
}

// A job is one write and where its outcome goes.
type job struct {
	ctx   context.Context
	store *store
	do    func(*tx) error
	done  chan error
}

// maxBatch bounds the writes of one transaction, so that other processes get
// their turn.
const maxBatch = 128

func newWriter(ctx context.Context, db *sql.DB, dir string) (*writer, error) {
	w := &writer{db: db, dir: dir, room: wal.New(filepath.Join(dir, databaseName)), ended: make(chan struct{})}
	w.wake = sync.NewCond(&w.mu)
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.get, selectResource},
		{&w.insert, insertResource},
		{&w.update, updateResource},
		{&w.effect, insertEffect},
		{&w.token, insertToken},
		{&w.recall, selectToken},
	} {
		stmt, err := db.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // closed by close, with the others
		if err != nil {
			return nil, errors.Join(err, w.closeStatements())
		}
		*s.stmt = stmt
	}
	return w, nil
}

func (w *writer) closeStatements() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{w.get, w.insert, w.update, w.effect, w.token, w.recall} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// close waits for the writes that were accepted and closes the database.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	begun := w.begun
	w.mu.Unlock()
	if begun {
		w.wake.Signal()
		<-w.ended
	}
	err := errors.Join(w.room.Close(), w.closeStatements())
	// The last connection of all processes folds the log into the database.
	return errors.Join(err, w.db.Close())
}

// do queues a write and waits for its commit. A caller that gives up while its
// write is carried out does not learn the outcome.
func (w *writer) do(ctx context.Context, s *store, do func(*tx) error) error {
	j := &job{ctx: ctx, store: s, do: do, done: make(chan error, 1)}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.queue = append(w.queue, j)
	if !w.begun {
		w.begun = true
		go w.drain()
	}
	w.mu.Unlock()
	w.wake.Signal()
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain carries out the queue until the writer is closed. It stays when the queue is
// empty: SQLite needs a deep stack, which a new goroutine would have to grow for
// each write anew.
func (w *writer) drain() {
	defer close(w.ended)
	for {
		w.mu.Lock()
		for len(w.queue) == 0 && !w.closed {
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
		w.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		w.commit(batch)
		w.room.Keep() // while nobody waits
	}
}

// commit carries out a batch and answers every job.
func (w *writer) commit(batch []*job) {
	errs := make([]error, len(batch))
	err := w.transact(batch, errs)
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
	for i, j := range batch {
		if err != nil && errs[i] == nil {
			errs[i] = err
		}
		j.done <- errs[i]
	}
}

// errTorn says that a write failed after it had changed something, so that its
// transaction was undone.
var errTorn = errors.New("a write failed half-way")

// transact carries out jobs in one transaction; errs receives what each answers.
func (w *writer) transact(batch []*job, errs []error) error {
	// The transaction outlives any one caller.
	ctx := context.Background()
	sqlTx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = sqlTx.Rollback() }()
	t := &tx{
		ctx: ctx, tx: sqlTx, writable: true,
		get: sqlTx.StmtContext(ctx, w.get), insert: sqlTx.StmtContext(ctx, w.insert),
		update: sqlTx.StmtContext(ctx, w.update), effect: sqlTx.StmtContext(ctx, w.effect),
		token: sqlTx.StmtContext(ctx, w.token), recall: sqlTx.StmtContext(ctx, w.recall),
	}
	wrote := false
	for i, j := range batch {
		if errs[i] = j.ctx.Err(); errs[i] != nil {
			continue
		}
		t.store, t.wrote = j.store, false
		errs[i] = guard(t, j.do)
		if errs[i] != nil && t.wrote {
			return errTorn
		}
		wrote = wrote || t.wrote
	}
	if !wrote {
		return nil
	}
	return sqlTx.Commit()
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
