package engine

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

// What the first version of a state folder looks like. It is written down here
// and not taken from the code, which goes on.
const (
	firstIndex = `
CREATE TABLE runs(seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, template TEXT NOT NULL, file TEXT NOT NULL, target TEXT NOT NULL,
	policy TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL, started INTEGER NOT NULL, concluded INTEGER NOT NULL, error TEXT NOT NULL);
CREATE INDEX runs_open ON runs(template, seq) WHERE concluded = 0;
CREATE TABLE kept(template TEXT NOT NULL, place TEXT NOT NULL, sealed BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(template, place)) WITHOUT ROWID;
INSERT INTO runs VALUES (1, 'ended', 'Older', '/t.json', 'stage', 'queue', 'success', 1741064767000000, 1741064767000000, 1741064768000000, '');
INSERT INTO runs VALUES (2, 'cut', 'Older', '/t.json', 'stage', 'allow', 'running', 1741064769000000, 1741064769000000, 0, '');
PRAGMA user_version = 1;`
	firstJournal = `
CREATE TABLE header(run TEXT NOT NULL, key BLOB NOT NULL);
CREATE TABLE owner(fence INTEGER NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE log(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, node INTEGER NOT NULL, attempt INTEGER NOT NULL, data TEXT, sealed BLOB);
INSERT INTO owner VALUES (1, 4711, 'elsewhere', 1741064769000000);
PRAGMA user_version = 1;`
	firstProgram = `{"format":1,"identity":"Older","file":"/t.json","type":"template","arguments":[{"name":"SIZE","value":3}],"nodes":[` +
		`{"path":"/spec","kind":"Workflow","label":"Workflow","parent":-1,"flow":"sequential","place":"/spec","context":-1},` +
		`{"path":"/spec/spec/steps/0","kind":"Thing","ref":"a","label":"a","parent":0,"spec":{"name":"a"},"place":"refs.a","context":-1},` +
		`{"path":"/spec/spec/steps/1","kind":"Thing","ref":"b","label":"b","parent":0,"spec":{"name":"${refs.a.id}-b","size":"${args.SIZE}"},"place":"refs.b","context":-1,"uses":[{"ref":"a","on":[1]}]}]}`
)

var firstRecords = []struct {
	kind          string
	node, attempt int
	data          string
}{
	{"run.created", -1, 0, `{"template":"Older","file":"/t.json","target":"stage","policy":"allow","program":"e8ff9e5a979d4a8c","nodes":[` +
		`{"path":"/spec","kind":"Workflow","label":"Workflow","parent":-1,"flow":"sequential"},{"path":"/spec/spec/steps/0","kind":"Thing","ref":"a","label":"a","parent":0},` +
		`{"path":"/spec/spec/steps/1","kind":"Thing","ref":"b","label":"b","parent":0}]}`},
	{"run.state", -1, 0, `{"state":"pending"}`},
	{"run.state", -1, 0, `{"state":"running"}`},
	{"node.state", 0, 0, `{"state":"running"}`},
	{"node.attempt", 1, 1, `{"phase":"started","state":"running","attempt":1,"maxAttempts":3,"input":{"spec":{"name":"a"}},"hash":"d34327682b9770026f6c8f77620b8a5f"}`},
	{"node.attempt", 1, 1, `{"phase":"ended","state":"success","attempt":1,"action":"create","output":{"id":"a","name":"a"}}`},
	{"node.attempt", 2, 1, `{"phase":"started","state":"running","attempt":1,"maxAttempts":3,"input":{"spec":{"name":"a-b","size":3}},"hash":"4d617f016234d9c1427cbda112bf6cfd"}`},
}

// writeOlder makes a state folder as the first version left it: one run that has
// ended, one that was cut off in its second node, and a kept secret.
func writeOlder(t *testing.T, dir string) {
	t.Helper()
	keys := seal.NewKey(seal.KeyOptions{Path: filepath.Join(dir, "key"), Place: seal.File})
	write := func(path, schema string, rows func(db *sql.DB) error) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := journal.EnsureFile(path); err != nil {
			t.Fatal(err)
		}
		db, err := journal.OpenDatabase(path, "journal_mode(wal)")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(t.Context(), schema); err != nil {
			t.Fatal(err)
		}
		if err := rows(db); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "index.db"), firstIndex, func(db *sql.DB) error {
		sealed, err := keys.Seal([]byte("kept before"))
		if err == nil {
			_, err = db.ExecContext(t.Context(), "INSERT INTO kept VALUES ('Older', 'refs.b/spec/secret randomSecret', ?, 1741064769000000)", sealed)
		}
		return err
	})
	box, wrapped, err := seal.NewBox(keys)
	if err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "runs", "cut", "journal.db"), firstJournal, func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "INSERT INTO header VALUES ('cut', ?)", wrapped)
		for i, r := range firstRecords {
			var sealed []byte
			if i == 0 {
				sealed = box.Seal([]byte(firstProgram), "run.created -1 0")
			}
			if err == nil {
				_, err = db.ExecContext(t.Context(), "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", i+1, 1741064769000000+i*1000, r.kind, r.node, r.attempt, r.data, sealed)
			}
		}
		return err
	})
}

func TestStateOfTheFirstVersionOpens(t *testing.T) {
	dir := t.TempDir()
	writeOlder(t, dir)
	store, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	g := setUp(t)
	g.engine.Store = store

	runs, err := store.List(t.Context(), historyAll, Describe)
	if err != nil || len(runs) != 2 {
		t.Fatalf("%+v, %v", runs, err)
	}
	if r := runs[0]; r.ID != "cut" || !r.Interrupted || r.Until != "" || r.Teardown || r.Rehearsal {
		t.Errorf("the run that was cut off: %+v", r)
	}
	if r := runs[1]; r.ID != "ended" || r.Status != "success" || r.Policy != "queue" || r.ConcludedAt.Sub(r.StartedAt).Seconds() != 1 {
		t.Errorf("the run that had ended: %+v", r)
	}
	if kept, ok, err := store.Kept(t.Context(), "Older", "refs.b/spec/secret randomSecret"); err != nil || !ok || string(kept) != "kept before" {
		t.Errorf("the kept secret is %q, %v, %v", kept, ok, err)
	}
	if v := g.view("cut"); v.states() != "a=success b=running" || !v.Interrupted {
		t.Errorf("the view of the run that was cut off: %s", toJSON(t, v))
	}

	r, err := g.engine.Resume(t.Context(), "cut", g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made a-b" {
		t.Errorf("the platform %s", got)
	}
	if size := part(g.stage.requests["a-b"], "size"); size != 3.0 {
		t.Errorf("the argument was %v", size)
	}
	if g.compile(steps(node("a", ""))).run(); g.err != nil || g.result.State != StateSuccess {
		t.Errorf("a new run in the folder: %+v, %v", g.result, g.err)
	}
}

func TestTwoProcessesMigrateAnIndexAtOnce(t *testing.T) {
	dir := t.TempDir()
	writeOlder(t, dir)
	failed := make(chan error, 8)
	for range cap(failed) {
		go func() {
			s, err := history.Open(t.Context(), dir)
			if err == nil {
				_, err = s.Find(t.Context(), "ended")
				_ = s.Close()
			}
			failed <- err
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestAPartOfATemplateIsTornDownWithWhatTheRunBeforeLeft(t *testing.T) {
	source := `{"apiVersion": "v1.2", "name": "T", "arguments": {"N": 1}, "spec": ` + sequence(
		`{"kind": "Thing", "ref": "a", "spec": {"name": "a", "n": "${args.N}"}}`, `{"kind": "Thing", "ref": "b", "spec": {"name": "b", "n": "${args.N}"}}`) + `}`
	g := setUp(t)
	run := func(until string, n int) {
		g.t.Helper()
		g.compile(source, Options{Until: until, Arguments: []Layer{{Values: map[string]any{"N": n}}}}).run()
		if g.err != nil || g.result.State != StateSuccess {
			t.Fatalf("%+v, %v", g.result, g.err)
		}
	}
	run("", 1)
	run("", 2)
	run("a", 3)
	out, err := g.engine.LastOutputs(t.Context(), "T", "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range out {
		got = append(got, o.Ref+"="+toJSON(t, o.Output.(map[string]any)["n"]))
	}
	if strings.Join(got, " ") != "a=3 b=2" {
		t.Errorf("inherited %s, want a of the last run and b of the one before", got)
	}
}
