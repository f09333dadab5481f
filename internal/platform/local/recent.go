package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// A recent keeps rows as they were last read or written over the connection that writes,
// so that what is put again and again is not read anew each time. They are right as long
// as nobody has written over another connection, in this process or another one, and as
// no transaction was undone. It belongs to who is in a transaction.
type recent struct {
	version *dataVersion
	seen    any // the version that the rows are of
	rows    map[string]row
	size    int // of all rows, in bytes
	// home is the project that was asked for last; see [tx.home].
	home *record
}

// A row is a resource as it stands in the database, opened. Nobody changes its bytes.
type row struct {
	seq              int64
	parent, typ      string
	created, updated int64 // nanoseconds
	spec, state      []byte
}

// Bounds of what is kept, in bytes. It begins anew when it is full.
const (
	maxRecent = 8 << 20
	maxRow    = 64 << 10
	// rowCost is what a row takes besides its texts, about.
	rowCost = 250
)

func newRecent(ctx context.Context, conn *sql.Conn) (*recent, error) {
	version, err := newDataVersion(ctx, conn)
	return &recent{version: version, rows: map[string]row{}}, err
}

// begin forgets what others may have changed since the transaction before. It is called
// within one, which keeps them out.
func (r *recent) begin(ctx context.Context) error {
	version, err := r.version.look(ctx)
	if err != nil || version != r.seen {
		r.drop()
	}
	r.seen = version
	return err
}

// drop forgets everything.
func (r *recent) drop() {
	clear(r.rows)
	r.size, r.home = 0, nil
}

func (r *recent) keep(key string, one row) {
	if r == nil {
		return
	}
	cost := rowCost + len(key) + len(one.spec) + len(one.state)
	r.forget(key)
	if cost > maxRow {
		return
	}
	if r.size+cost > maxRecent {
		clear(r.rows)
		r.size = 0
	}
	r.rows[key] = one
	r.size += cost
}

func (r *recent) forget(key string) {
	if old, ok := r.rows[key]; ok {
		r.size -= rowCost + len(key) + len(old.spec) + len(old.state)
		delete(r.rows, key)
	}
}

// record makes a record of the row, which is its caller's own.
func (one row) record(key string) (*record, error) {
	r := &record{seq: one.seq, key: key, parent: one.parent, typ: one.typ, created: time.Unix(0, one.created), updated: time.Unix(0, one.updated),
		state: json.RawMessage(one.state)}
	if err := json.Unmarshal(one.spec, &r.spec); err != nil {
		return nil, fmt.Errorf("the stored %s is damaged: %w", key, err)
	}
	return r, nil
}

// find returns the record of a key whose row is kept.
func (r *recent) find(key string) (one *record, ok bool, err error) {
	if r == nil {
		return nil, false, nil
	}
	kept, ok := r.rows[key]
	if ok {
		one, err = kept.record(key)
	}
	return one, ok, err
}

func (r *recent) close() error {
	if r == nil {
		return nil
	}
	return r.version.close()
}
