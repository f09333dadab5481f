package local

import (
	"context"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// TestMigration opens a folder with the program of a version later, and then
// with the old one again.
func TestMigration(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	put := func() error {
		p := New(Options{Dir: dir})
		defer func() { _ = p.Close() }()
		_, err := p.Do(ctx, platform.OpCreateOrUpdateProject, platform.Params{}, []byte(`{"name": "shop"}`))
		return err
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	present := migrations
	t.Cleanup(func() { migrations = present })
	migrations = append(present[:len(present):len(present)], "ALTER TABLE effects ADD COLUMN process TEXT NOT NULL DEFAULT ''")
	if err := put(); err != nil {
		t.Fatalf("the later version: %v", err)
	}
	p := New(Options{Dir: dir})
	effects, err := p.Effects(ctx, 0)
	if err != nil || len(effects) != 2 || effects[0].Change != Created || effects[1].Change != Nothing {
		t.Errorf("what was there before is %v, %v", effects, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	migrations = present
	if err := put(); err == nil || !strings.Contains(err.Error(), "newer nf-run") {
		t.Errorf("the old version says %v", err)
	}
}

// TestAnOlderFolderIsSearchedByType opens a folder of the version that had no index of
// types: what is in it is found, and by the index.
func TestAnOlderFolderIsSearchedByType(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	present := migrations
	t.Cleanup(func() { migrations = present })
	migrations = present[:2]
	older := New(Options{Dir: dir})
	for _, name := range []string{"shop", "desk"} {
		if _, err := older.Do(ctx, platform.OpCreateProject, platform.Params{}, []byte(`{"name": "`+name+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	migrations = present
	p := New(Options{Dir: dir})
	defer func() { _ = p.Close() }()
	if _, err := p.Do(ctx, platform.OpCreateProject, platform.Params{}, []byte(`{"name": "bar"}`)); err != nil {
		t.Fatal(err)
	}
	var found []string
	var plan string
	err := p.store.read(ctx, func(t *tx) error {
		records, err := t.typed("project")
		for _, r := range records {
			found = append(found, r.id())
		}
		if err != nil {
			return err
		}
		var skip int
		return t.tx.QueryRowContext(ctx, "EXPLAIN QUERY PLAN "+selectTyped, "project").Scan(&skip, &skip, &skip, &plan)
	})
	if err != nil || strings.Join(found, " ") != "shop desk bar" {
		t.Errorf("found %q, %v", found, err)
	}
	if !strings.Contains(plan, "USING INDEX resources_by_type") {
		t.Errorf("they are looked for by: %s", plan)
	}
}

// TestTheLogOnlyGrows tries to change what was done.
func TestTheLogOnlyGrows(t *testing.T) {
	ctx := context.Background()
	p := New(Options{Dir: t.TempDir()})
	defer func() { _ = p.Close() }()
	if _, err := p.Do(ctx, platform.OpCreateProject, platform.Params{}, []byte(`{"name": "shop"}`)); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"DELETE FROM effects", "UPDATE effects SET op = 'x'"} {
		if _, err := p.store.writes.db.Exec(statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// TestATornWrite undoes a write that fails half-way and carries out the others
// of its transaction.
func TestATornWrite(t *testing.T) {
	ctx := context.Background()
	p := New(Options{Dir: t.TempDir()})
	defer func() { _ = p.Close() }()
	s, err := p.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	whole := func(name string) func(*tx) error {
		return func(t *tx) error { return t.log(p.clock(), "op", name, Created, "") }
	}
	jobs := []*job{
		{ctx: ctx, store: s, do: whole("first"), written: make(chan error, 1)},
		{ctx: ctx, store: s, written: make(chan error, 1), do: func(t *tx) error {
			if err := t.log(p.clock(), "op", "torn", Created, ""); err != nil {
				return err
			}
			panic("half-way")
		}},
		{ctx: ctx, store: s, do: whole("last"), written: make(chan error, 1)},
	}
	s.writes.commit(jobs)
	for i, j := range jobs {
		if err := <-j.written; (err != nil) != (i == 1) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	effects, err := p.Effects(ctx, 0)
	if err != nil || len(effects) != 2 || effects[0].Resource != "first" || effects[1].Resource != "last" {
		t.Errorf("the log is %v, %v", effects, err)
	}
}
