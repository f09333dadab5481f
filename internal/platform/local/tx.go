package local

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const (
	columns        = "seq, key, parent, type, created, updated, spec, state"
	selectResource = "SELECT " + columns + " FROM resources WHERE key = ?"
	insertResource = "INSERT INTO resources (key, parent, type, created, updated, spec, state) VALUES (?, ?, ?, ?, ?, ?, ?)"
	updateResource = "UPDATE resources SET updated = ?, spec = ?, state = ? WHERE seq = ?"
	updateSpec     = "UPDATE resources SET updated = ?, spec = ? WHERE seq = ?"
	selectTyped    = "SELECT " + columns + " FROM resources WHERE type = ? ORDER BY seq"
	insertEffect   = "INSERT INTO effects (time, op, resource, change, token) VALUES (?, ?, ?, ?, ?)"
	insertToken    = "INSERT INTO tokens (token, op, target, status, body) VALUES (?, ?, ?, ?, ?)"
	selectToken    = "SELECT status, body FROM tokens WHERE token = ? AND op = ? AND target = ?"
)

// statements are what a connection in a transaction takes.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// A tx is a transaction as operations see it.
type tx struct {
	ctx      context.Context
	store    *store
	tx       statements
	writable bool
	wrote    bool
	// horizon takes in what is read; nil where nobody asks.
	horizon *horizon
	// watches says that a horizon is wanted.
	watches bool
	// home is the project that was asked for last, as it stands: writes that share a
	// transaction are mostly about one. Nobody changes it.
	home *record
	// recent are rows that need not be read; nil where none are kept.
	recent *recent

	get, insert, update, updateSpec, effect, token, recall *sql.Stmt
}

// A record is a resource as it is stored.
type record struct {
	seq              int64
	key, parent      string
	typ              string
	created, updated time.Time
	spec             map[string]any
	state            json.RawMessage
}

// id is the last segment of the key.
func (r *record) id() string { return r.key[strings.LastIndexByte(r.key, '/')+1:] }

// stateOf decodes the state of a record. What was stored by this program always
// decodes; a damaged one is as good as new.
func stateOf[S any](r *record) S {
	var state S
	_ = json.Unmarshal(r.state, &state)
	return state
}

// load returns the record of a key, nil when there is none.
func (t *tx) load(key string) (*record, error) {
	r, kept, err := t.recent.find(key)
	if !kept {
		r, err = t.scan(t.get.QueryRowContext(t.ctx, key))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	t.saw(r)
	return r, err
}

// saw tells the horizon of a record that was read.
func (t *tx) saw(r *record) {
	if t.horizon != nil && r != nil {
		t.horizon.see(r.state)
	}
}

type scanner interface{ Scan(...any) error }

func (t *tx) scan(from scanner) (*record, error) {
	r := &record{}
	var created, updated int64
	var spec, state []byte
	err := from.Scan(&r.seq, &r.key, &r.parent, &r.typ, &created, &updated, &spec, &state)
	if err == nil {
		spec, err = t.store.show(spec, specOf(r.key))
	}
	if err == nil {
		state, err = t.store.show(state, stateName(r.key))
	}
	if err != nil {
		return nil, err
	}
	one := row{r.seq, r.parent, r.typ, created, updated, spec, state}
	if r, err = one.record(r.key); err == nil {
		t.recent.keep(r.key, one)
	}
	return r, err
}

// What is stored is sealed under these names.
func specOf(key string) string    { return "spec of " + key }
func stateName(key string) string { return "state of " + key }

// create stores a new record.
func (t *tx) create(r *record, state any) error {
	spec, recorded, err := encode(r.spec, state)
	if err != nil {
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	r.state, r.updated = json.RawMessage(recorded), r.created
	result, err := t.insert.ExecContext(t.ctx, r.key, r.parent, r.typ, r.created.UnixNano(), r.created.UnixNano(),
		t.store.hide(spec, specOf(r.key)), t.store.hide(recorded, stateName(r.key)))
	if err != nil {
		return err
	}
	if r.seq, err = result.LastInsertId(); err == nil {
		t.recent.keep(r.key, row{r.seq, r.parent, r.typ, r.created.UnixNano(), r.created.UnixNano(), spec, recorded})
	}
	return err
}

// save stores a record that was changed.
func (t *tx) save(r *record, state any, now time.Time) error {
	spec, recorded, err := encode(r.spec, state)
	if err != nil {
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	t.left(r.key)
	if bytes.Equal(r.state, recorded) {
		_, err = t.updateSpec.ExecContext(t.ctx, now.UnixNano(), t.store.hide(spec, specOf(r.key)), r.seq)
	} else {
		_, err = t.update.ExecContext(t.ctx, now.UnixNano(), t.store.hide(spec, specOf(r.key)), t.store.hide(recorded, stateName(r.key)), r.seq)
	}
	r.state, r.updated = json.RawMessage(recorded), now
	if err == nil {
		t.recent.keep(r.key, row{r.seq, r.parent, r.typ, r.created.UnixNano(), now.UnixNano(), spec, recorded})
	}
	return err
}

func encode(spec map[string]any, state any) ([]byte, []byte, error) {
	s, err := jsonvalue.Marshal(spec)
	if err != nil {
		return nil, nil, err
	}
	recorded, err := json.Marshal(state)
	return s, recorded, err
}

// left forgets the project that was read when it is changed.
func (t *tx) left(key string) {
	if t.home != nil && t.home.key == key {
		t.home = nil
	}
}

// forgetAll forgets what was read.
func (t *tx) forgetAll() {
	t.home = nil
	if t.recent != nil {
		t.recent.drop()
	}
}

// remove deletes a record and everything below it.
func (t *tx) remove(key string) error {
	if err := t.begin(); err != nil {
		return err
	}
	t.forgetAll()
	below := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(key) + "/%"
	_, err := t.tx.ExecContext(t.ctx, `DELETE FROM resources WHERE key = ? OR key LIKE ? ESCAPE '\'`, key, below)
	return err
}

// A page is a part of a list: newest first or oldest first, after a position.
type page struct {
	newest bool
	after  int64 // seq of the last record before the page; 0 for the first page
	skip   int
	limit  int
}

// list returns a part of a collection.
func (t *tx) list(parent string, p page) ([]*record, error) {
	order, bound := "ASC", "seq > ?"
	if p.newest {
		order, bound = "DESC", "(? = 0 OR seq < ?)"
	}
	args := []any{parent, p.after}
	if p.newest {
		args = append(args, p.after)
	}
	query := "SELECT " + columns + " FROM resources WHERE parent = ? AND " + bound + " ORDER BY seq " + order + " LIMIT ? OFFSET ?"
	return t.query(query, append(args, p.limit, p.skip)...)
}

// all returns a whole collection, the oldest first.
func (t *tx) all(parent string) ([]*record, error) {
	return t.query("SELECT "+columns+" FROM resources WHERE parent = ? ORDER BY seq", parent)
}

// typed returns all records of a type, the oldest first.
func (t *tx) typed(typ string) ([]*record, error) {
	return t.query(selectTyped, typ)
}

func (t *tx) query(text string, args ...any) ([]*record, error) {
	rows, err := t.tx.QueryContext(t.ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var records []*record
	for rows.Next() {
		r, err := t.scan(rows)
		if err != nil {
			return nil, err
		}
		t.saw(r)
		records = append(records, r)
	}
	return records, rows.Err()
}

// log appends to the log of effects. One statement for several effects would take longer:
// SQLite keeps copies of the pages that it changes, so that it can undo it.
func (t *tx) log(now time.Time, op, resource string, change Change, token string) error {
	if err := t.begin(); err != nil {
		return err
	}
	_, err := t.effect.ExecContext(t.ctx, now.UnixNano(), op, resource, string(change), token)
	return err
}

// remember keeps the answer to an operation that must not be carried out twice.
func (t *tx) remember(token, op, target string, response platform.Response) error {
	if err := t.begin(); err != nil {
		return err
	}
	_, err := t.token.ExecContext(t.ctx, token, op, target, response.Status, t.store.hide(response.Body, answerTo(token, op, target)))
	return err
}

// remembered returns the answer that was kept under a token.
func (t *tx) remembered(token, op, target string) (platform.Response, bool, error) {
	var row *sql.Row
	if t.recall != nil {
		row = t.recall.QueryRowContext(t.ctx, token, op, target)
	} else {
		row = t.tx.QueryRowContext(t.ctx, selectToken, token, op, target)
	}
	var response platform.Response
	var body []byte
	err := row.Scan(&response.Status, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return response, false, nil
	}
	if err == nil {
		body, err = t.store.show(body, answerTo(token, op, target))
	}
	response.Body = json.RawMessage(body)
	return response, err == nil, err
}

// forget drops the answers that were kept under a token.
func (t *tx) forget(token string) error {
	if token == "" {
		return nil
	}
	if err := t.begin(); err != nil {
		return err
	}
	_, err := t.tx.ExecContext(t.ctx, "DELETE FROM tokens WHERE token = ?", token)
	return err
}

// attempt does something that may be refused with nothing of it left.
func (t *tx) attempt(do func() error) error {
	if err := t.begin(); err != nil {
		return err
	}
	if _, err := t.tx.ExecContext(t.ctx, "SAVEPOINT attempt"); err != nil {
		return err
	}
	failed := do()
	if failed != nil {
		t.forgetAll() // it may have been read as it was changed
		if _, err := t.tx.ExecContext(t.ctx, "ROLLBACK TO attempt"); err != nil {
			return err
		}
	}
	if _, err := t.tx.ExecContext(t.ctx, "RELEASE attempt"); err != nil {
		return err
	}
	return failed
}

func answerTo(token, op, target string) string {
	return "answer to " + op + " of " + target + " under " + token
}

// begin notes that the operation has written.
func (t *tx) begin() error {
	if !t.writable {
		return errors.New("an operation that only reads tried to write")
	}
	t.wrote = true
	return nil
}
