package journal

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
)

// A writer commits what is appended. While one commit is on its way to the
// disk, further appends gather and share the next one.
//
// A commit is written first and brought to the disk after: SQLite leaves its log
// to the operating system (synchronous=NORMAL), and the writer syncs it before
// anybody is told that the commit is durable. Nothing is written before what was
// written earlier is durable.
type writer struct {
	owner *Owner
	conn  sync.Mutex // the connection is used by one at a time
	// toDisk makes what was written durable; nil where SQLite does so itself.
	toDisk func() error

	mu      sync.Mutex
	wake    *sync.Cond
	pending []appended
	last    int64
	err     error // the first failure; nothing is written after it
	closing bool
	done    chan struct{}

	begin, fence, insert, commit, rollback *sql.Stmt
}

type appended struct {
	records []Record
	written func()
	done    func(error)
}

func (w *writer) start(o *Owner, last int64) {
	w.owner, w.last = o, last
	w.wake = sync.NewCond(&w.mu)
	w.done = make(chan struct{})
	go w.loop()
}

// Append adds records and calls done once they are durable, or with the reason
// why they are not. Before that it calls written, which may be nil, when they are
// on their way to the disk: from then on they survive the end of this process,
// while a loss of power may still take them. It sets their Seq before it returns
// and does not wait. What is appended together is committed together, in the
// order of the calls, and written and done are called in that order too, from one
// goroutine.
func (o *Owner) Append(records []Record, written func(), done func(error)) {
	w := &o.writer
	w.mu.Lock()
	for i := range records {
		w.last++
		records[i].Seq = w.last
	}
	w.pending = append(w.pending, appended{records, written, done})
	w.mu.Unlock()
	w.wake.Signal()
}

func (w *writer) stop() error {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	w.wake.Signal()
	<-w.done
	return w.err
}

func (w *writer) loop() {
	defer close(w.done)
	ctx := context.Background()
	for {
		w.mu.Lock()
		for len(w.pending) == 0 && !w.closing {
			w.wake.Wait()
		}
		batch, err := w.pending, w.err
		w.pending = nil
		closing := w.closing
		w.mu.Unlock()
		if len(batch) == 0 && closing {
			w.unprepare()
			return
		}
		room := false
		if err == nil {
			crash.Here(crash.CommitBefore)
			if err = w.commitBatch(ctx, batch); err != nil {
				w.mu.Lock()
				w.err = err
				w.mu.Unlock()
			} else {
				crash.Here(crash.CommitAfter)
				room = w.toDisk != nil
			}
		}
		for _, a := range batch {
			if a.done != nil {
				a.done(err)
			}
		}
		if room {
			w.owner.room.Keep() // while nobody waits
		}
	}
}

// commitBatch writes a batch and makes it durable.
func (w *writer) commitBatch(ctx context.Context, batch []appended) error {
	if err := w.write(ctx, batch); err != nil {
		return err
	}
	crash.Here(crash.CommitWritten)
	for _, a := range batch {
		if a.written != nil {
			a.written()
		}
	}
	if w.toDisk == nil {
		return nil
	}
	if err := w.toDisk(); err != nil {
		return w.explain(err)
	}
	return nil
}

// write commits a batch. The fencing number is looked at within the same
// transaction, which keeps all other writers out.
func (w *writer) write(ctx context.Context, batch []appended) (err error) {
	w.conn.Lock()
	defer w.conn.Unlock()
	if w.begin == nil {
		if err := w.prepare(ctx); err != nil {
			return w.explain(err)
		}
	}
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return w.explain(err)
	}
	defer func() {
		if err != nil {
			_, _ = w.rollback.ExecContext(ctx)
		}
	}()
	var fence int64
	if err := w.fence.QueryRowContext(ctx).Scan(&fence); err != nil {
		return w.explain(err)
	}
	if fence != w.owner.fence {
		return ErrFenced
	}
	for _, a := range batch {
		for i := range a.records {
			if _, err := w.insert.ExecContext(ctx, recordArgs(&a.records[i])...); err != nil {
				return w.explain(err)
			}
		}
	}
	if _, err := w.commit.ExecContext(ctx); err != nil {
		return w.explain(err)
	}
	return nil
}

func (w *writer) explain(err error) error {
	return fmt.Errorf("cannot write the journal in %s: %w", w.owner.dir, diskfull.Explain(w.owner.dir, err))
}

func (w *writer) prepare(ctx context.Context) error {
	if err := w.takeSyncing(ctx); err != nil {
		return err
	}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.fence, "SELECT fence FROM owner"},
		{&w.insert, insertRecord},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.begin, "BEGIN IMMEDIATE"},
	} {
		stmt, err := w.owner.conn.PrepareContext(ctx, s.text)
		if err != nil {
			return err
		}
		*s.stmt = stmt
	}
	return nil
}

// takeSyncing takes over from SQLite to sync its write-ahead log. A file system
// that cannot have one has a rollback journal, which SQLite goes on to sync.
func (w *writer) takeSyncing(ctx context.Context) error {
	var mode string
	if err := w.owner.conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		return err
	}
	if _, err := w.owner.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return err
	}
	w.toDisk = w.owner.syncLog
	return nil
}

func (w *writer) unprepare() {
	for _, stmt := range []*sql.Stmt{w.fence, w.insert, w.commit, w.rollback, w.begin} {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
}
