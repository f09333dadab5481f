package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

// The tests leave the keyring of whoever runs them alone.
func TestMain(m *testing.M) {
	_ = os.Setenv(seal.PlaceVariable, string(seal.File))
	os.Exit(m.Run())
}

// unreadable looks for texts in all files of a folder, logs of SQLite included.
func unreadable(t *testing.T, dir string, texts ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s can be read in %s", text, path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func value(s string) json.RawMessage { return json.RawMessage(`"` + s + `"`) }

func TestOverridesAreKeptSealedByTemplate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, o := range []Override{
		{Name: "B", Value: value("planted-first")},
		{Name: "B", Value: value("planted-second"), Literal: true},
		{Name: "A", Value: json.RawMessage(`{"planted-key":[1]}`), Open: true},
	} {
		if err := s.SetOverride(t.Context(), "Shop", o); err != nil {
			t.Fatal(err)
		}
	}
	unreadable(t, dir, "planted-")
	again := open(t, dir)
	got, err := again.Overrides(t.Context(), "Shop")
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if a, b := got[0], got[1]; a.Name != "A" || string(a.Value) != `{"planted-key":[1]}` || !a.Open || a.Literal ||
		b.Name != "B" || string(b.Value) != `"planted-second"` || b.Open || !b.Literal || b.At.IsZero() {
		t.Errorf("%+v", got)
	}
	if got, err := again.Overrides(t.Context(), "Other"); err != nil || len(got) != 0 {
		t.Errorf("another template has %+v, %v", got, err)
	}
	names, err := again.OverrideNames(t.Context(), "Shop")
	if err != nil || strings.Join(names, " ") != "A B" {
		t.Errorf("%v, %v", names, err)
	}
	for _, want := range []bool{true, false} {
		if removed, err := again.RemoveOverride(t.Context(), "Shop", "A"); err != nil || removed != want {
			t.Errorf("removed: %v, %v", removed, err)
		}
	}
}

func TestASealedValueIsReadOnlyWhereItBelongs(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.SetOverride(t.Context(), "Shop", Override{Name: "A", Value: value("x")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec("UPDATE overrides SET template = 'Other', name = 'B'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Overrides(t.Context(), "Other"); err == nil || !strings.Contains(err.Error(), "B of Other is damaged or belongs elsewhere") {
		t.Errorf("error %v", err)
	}
}

func TestGlobalSecrets(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	set := func(path string, v any) error {
		return s.ChangeGlobal(t.Context(), "db", func(g *Global) error { return g.Set(strings.Split(path, "."), v) })
	}
	for path, v := range map[string]any{
		"host": "planted-host", "credentials.password": "planted-word", "ips": []any{"10.0.0.1"},
	} {
		if err := set(path, v); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"host.name": "host is a value without members", "ips.7": `"7" is no position in it`, "ips.first": "no position",
	} {
		if err := set(path, "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	if err := set("ips.1", "planted-address"); err != nil {
		t.Error(err)
	}
	if err := s.ChangeGlobal(t.Context(), "db", func(g *Global) error {
		g.Files = map[string]GlobalFile{"cert": {Data: []byte("planted-certificate"), Path: "/etc/cert"}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	unreadable(t, dir, "planted-", "cGxhbnRlZC")
	g, ok, err := open(t, dir).Global(t.Context(), "db")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	text, _ := json.Marshal(g)
	if want := `{"values":{"credentials":{"password":"planted-word"},"host":"planted-host","ips":["10.0.0.1","planted-address"]},` +
		`"files":{"cert":{"data":"cGxhbnRlZC1jZXJ0aWZpY2F0ZQ==","path":"/etc/cert"}}}`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	remove := func(path ...string) (removed bool) {
		if err := s.ChangeGlobal(t.Context(), "db", func(g *Global) error {
			removed = g.Remove(path)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return removed
	}
	if !remove("ips", "0") || remove("ips", "5") || remove("nothing") || remove("credentials", "nothing") || !remove("credentials", "password") {
		t.Error("removing tells what was not so")
	}
	if ids, err := s.GlobalIDs(t.Context()); err != nil || strings.Join(ids, " ") != "db" {
		t.Errorf("%v, %v", ids, err)
	}
	if !remove() {
		t.Error("there were values")
	}
	if err := s.ChangeGlobal(t.Context(), "db", func(g *Global) error { g.Files = nil; return nil }); err != nil {
		t.Fatal(err)
	}
	if ids, err := s.GlobalIDs(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("an empty secret is still there: %v, %v", ids, err)
	}
	if _, ok, err := s.Global(t.Context(), "db"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestChangesOfManyProcessesAreAllKept(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			if err := s.ChangeGlobal(t.Context(), "db", func(g *Global) error { return g.Set([]string{fmt.Sprint(i)}, "x") }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	g, _, err := open(t, dir).Global(t.Context(), "db")
	if err != nil || len(g.Values) != 10 {
		t.Errorf("%v, %v", g, err)
	}
}

func TestAChangeThatFailsChangesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	no := errors.New("no")
	if err := s.ChangeGlobal(t.Context(), "db", func(g *Global) error { _ = g.Set([]string{"a"}, "x"); return no }); !errors.Is(err, no) {
		t.Error(err)
	}
	if _, ok, err := s.Global(t.Context(), "db"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestNoKeyIsMadeWhereRunsWereSealedWithOneThatIsGone(t *testing.T) {
	for name, tt := range map[string]func(s *Store){
		"by a key that was noted": func(s *Store) {
			if err := s.SetOverride(t.Context(), "t", Override{Name: "A", Value: value("x")}); err != nil {
				t.Fatal(err)
			}
		},
		"before keys were noted": func(s *Store) {
			if _, err := s.db.Exec("INSERT INTO kept VALUES ('t', 'args.X', x'00', 1)"); err != nil {
				t.Fatal(err)
			}
		},
		"with an index that was lost": func(s *Store) { begin(t, s, "r1", "t") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			tt(s)
			if name == "with an index that was lost" {
				if _, err := s.db.Exec("DELETE FROM runs"); err != nil {
					t.Fatal(err)
				}
			}
			_ = s.Close()
			_ = os.Remove(filepath.Join(dir, keyName))
			err := open(t, dir).SetOverride(t.Context(), "t", Override{Name: "B", Value: value("x")})
			if err == nil || !strings.Contains(err.Error(), "is missing: "+filepath.Join(dir, keyName)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestATemplateHasBegunWithItsFirstRunOnATarget(t *testing.T) {
	s := open(t, t.TempDir())
	begun := func(template, target string, want bool) {
		t.Helper()
		if got, err := s.Begun(t.Context(), template, target); err != nil || got != want {
			t.Errorf("%s on %s has begun: %v, %v", template, target, got, err)
		}
	}
	begun("t", "", false)
	begin(t, s, "r1", "t")
	begun("t", "", true)
	begun("t", "northflank", false)
	for _, r := range []Run{{ID: "r2", Template: "v", Teardown: true}, {ID: "r3", Template: "v", Rehearsal: true}} {
		if _, err := s.Add(t.Context(), r, nil); err != nil {
			t.Fatal(err)
		}
		begun("v", "", false)
	}
	begun("u", "", false)
	if _, err := s.db.Exec("DELETE FROM runs"); err != nil {
		t.Fatal(err)
	}
	begun("t", "", true)
}

func TestAnIndexWithoutSecretsIsBroughtUpToDate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	begin(t, s, "r1", "t")
	for _, q := range []string{"DROP TABLE sealing", "DROP TABLE overrides", "DROP TABLE globals", "DROP TABLE begun", "DROP INDEX runs_of_template", "DROP TABLE once",
		"ALTER TABLE runs DROP COLUMN source", "ALTER TABLE runs DROP COLUMN revision", "ALTER TABLE runs DROP COLUMN modified", "ALTER TABLE runs DROP COLUMN version",
		"PRAGMA user_version = 2"} {
		if _, err := s.db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	s = open(t, dir)
	if begun, err := s.Begun(t.Context(), "t", ""); err != nil || !begun {
		t.Errorf("the template has begun: %v, %v", begun, err)
	}
	if got, err := s.Overrides(t.Context(), "t"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
