package journal

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
)

// A writer commits what is appended, in two steps that take place beside one another.
// One goroutine writes: SQLite leaves its log to the operating system
// (synchronous=NORMAL). Another one brings to the disk what was written, and tells who
// waits for that. While either is on its way, what comes in gathers and shares the next.
//
// The log is read up to the first place at which it does not fit together, so that a
// record that is durable makes those before it durable too.
type writer struct {
	owner *Owner
	conn  sync.Mutex // the connection is used by one at a time
	// toDisk makes what was written durable; nil where SQLite does so itself.
	toDisk func() error

	mu      sync.Mutex
	wake    *sync.Cond // of the goroutine that writes
	settle  *sync.Cond // of the goroutine that brings to the disk
	pending []appended
	written []appended // in the order in which they were written; or failed to be
	due     bool       // what was written is to be brought to the disk now
	delayed bool       // it will be due
	last    int64
	err     error // the first failure; nothing is written after it
	closing bool
	ending  bool // nothing more will be written
	done    chan struct{}

	begin, fence, insert, commit, rollback *sql.Stmt
}

// longestDelay is how long what is written waits at most for more to share its way to
// the disk. People do not notice it, and a chain of nodes that take less saves most of
// its syncs.
const longestDelay = 3 * time.Millisecond

// An Addition is what is added to a journal as a whole.
type Addition struct {
	Records []Record
	// Ready, which may be nil, waits for what the records rely on before anything is
	// written. Where it fails, they and all that follow are not written.
	Ready func() error
	// Written, which may be nil, is called when the records are on their way to the
	// disk: from then on they survive the end of this process, while a loss of power
	// may still take them.
	Written func()
	// Done, which may be nil, is called when they are durable, or with the reason why
	// they are not.
	Done func(error)
	// Urgent says that somebody waits for Done.
	Urgent bool
}

type appended struct {
	Addition
	err error // why it was not written
}

func (w *writer) start(o *Owner, last int64) {
	w.owner, w.last = o, last
	w.wake, w.settle = sync.NewCond(&w.mu), sync.NewCond(&w.mu)
	w.done = make(chan struct{})
	go w.write()
	go w.bringToDisk()
}

// Append adds records. It sets their Seq before it returns and does not wait. What is
// appended together is committed together, in the order of the calls, and the functions
// of the additions are called in that order too, those of a kind from one goroutine.
func (o *Owner) Append(a Addition) {
	w := &o.writer
	w.mu.Lock()
	for i := range a.Records {
		w.last++
		a.Records[i].Seq = w.last
	}
	w.pending = append(w.pending, appended{Addition: a})
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

// write writes what is appended until the journal is given up.
func (w *writer) write() {
	ctx := context.Background()
	for {
		w.mu.Lock()
		for len(w.pending) == 0 && !w.closing {
			w.wake.Wait()
		}
		batch, err := w.pending, w.err
		w.pending = nil
		w.mu.Unlock()
		if len(batch) == 0 {
			w.unprepare() // before the other goroutine ends, after which the connection is closed
			w.mu.Lock()
			w.ending = true
			w.mu.Unlock()
			w.settle.Signal()
			return
		}
		if err == nil {
			if err = w.writeBatch(ctx, batch); err != nil {
				err = w.fail(err)
			}
		}
		urgent := err != nil
		for i := range batch {
			batch[i].err = err
			urgent = urgent || batch[i].Urgent
		}
		w.mu.Lock()
		w.written = append(w.written, batch...)
		switch {
		case urgent:
			w.due = true
		case !w.delayed:
			w.delayed = true
			time.AfterFunc(longestDelay, w.isDue)
		}
		w.mu.Unlock()
		if urgent {
			w.settle.Signal()
		}
	}
}

func (w *writer) isDue() {
	w.mu.Lock()
	w.due, w.delayed = true, false
	w.mu.Unlock()
	w.settle.Signal()
}

// writeBatch writes a batch when what it relies on is durable.
func (w *writer) writeBatch(ctx context.Context, batch []appended) error {
	for _, a := range batch {
		if a.Ready == nil {
			continue
		}
		if err := a.Ready(); err != nil {
			return err
		}
	}
	crash.Here(crash.CommitBefore)
	if err := w.transact(ctx, batch); err != nil {
		return err
	}
	crash.Here(crash.CommitWritten)
	for _, a := range batch {
		if a.Written != nil {
			a.Written()
		}
	}
	return nil
}

// bringToDisk makes durable what was written, and tells whoever waits for it.
func (w *writer) bringToDisk() {
	defer close(w.done)
	var broken error // why nothing more becomes durable
	for {
		w.mu.Lock()
		for (len(w.written) == 0 || !w.due) && !w.ending {
			w.settle.Wait()
		}
		batch := w.written
		w.written, w.due = nil, false
		w.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		synced := false
		// Where one could not be written, those before it were.
		if broken == nil && batch[0].err == nil && w.toDisk != nil {
			if err := w.toDisk(); err != nil {
				broken = w.fail(w.explain(err))
			}
			synced = broken == nil
		}
		if broken == nil && batch[0].err == nil {
			crash.Here(crash.CommitAfter)
		}
		for _, a := range batch {
			if a.err == nil {
				a.err = broken
			}
			if a.Done != nil {
				a.Done(a.err)
			}
		}
		if synced {
			w.owner.room.Keep() // while nobody waits
		}
	}
}

// fail keeps anything more from being written. It returns the first failure.
func (w *writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	return w.err
}

// transact commits a batch. The fencing number is looked at within the same
// transaction, which keeps all other writers out.
func (w *writer) transact(ctx context.Context, batch []appended) (err error) {
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
		for i := range a.Records {
			if _, err := w.insert.ExecContext(ctx, recordArgs(&a.Records[i])...); err != nil {
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
	w.toDisk = w.owner.log.Sync
	return nil
}

func (w *writer) unprepare() {
	for _, stmt := range []*sql.Stmt{w.fence, w.insert, w.commit, w.rollback, w.begin} {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
}
