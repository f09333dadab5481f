package gitops

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

func TestBothVersionsAreSavedBeforeAnythingIsOverwritten(t *testing.T) {
	_, a, b := twoClones(t)
	a.write(strings.Replace(shop, `"Shop"`, `"Our shop"`, 1))
	mine := a.read()
	d := a.pull()
	if d.Outcome != Merged || len(d.Backups) != 2 {
		t.Fatalf("%+v", d)
	}
	if got := sh(t, d.Cache, "cat-file", "blob", d.Backups[0]) + "\n"; got != mine {
		t.Errorf("ours is saved as\n%s", got)
	}
	if got := sh(t, d.Cache, "cat-file", "blob", d.Backups[1]) + "\n"; got != b.read() {
		t.Errorf("theirs is saved as\n%s", got)
	}
	all, err := a.s.Backups(t.Context(), a.link)
	if err != nil || len(all) != 2 || all[0].Name != d.Backups[1] || all[1].Side != "ours" || all[1].Sealed {
		t.Fatalf("%+v, %v", all, err)
	}
	if got, err := a.s.Backup(t.Context(), a.link, filepath.Base(d.Backups[0])); err != nil || got != mine {
		t.Errorf("ours is shown as %v\n%s", err, got)
	}
	if _, err := a.s.Backup(t.Context(), a.link, "ours"); err == nil {
		t.Error("half a name was taken for one")
	}
}

// What a push would refuse is in no backup as it is, and no backup is ever pushed.
func TestBackupsWithSecretsAreSealed(t *testing.T) {
	bare, a, _ := twoClones(t)
	const secret = "pl41n-t3xt-0f-s0mebody"
	mine := strings.Replace(shop, `"name": "Shop",`, `"name": "Shop",
  "argumentOverrides": { "KEY": "`+secret+`" },`, 1)
	a.write(mine)
	if _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); err == nil || a.read() != mine {
		t.Fatalf("without a key it was overwritten: %v", err)
	}
	a.s.Sealer = folderSealer{}
	d := a.pull()
	if d.Outcome != Merged || len(d.Backups) != 2 || !strings.HasSuffix(d.Backups[0], "-ours-sealed") {
		t.Fatalf("%+v", d)
	}
	if got, err := a.s.Backup(t.Context(), a.link, d.Backups[0]); err != nil || got != mine {
		t.Errorf("%v\n%s", err, got)
	}
	for object := range strings.Lines(sh(t, d.Cache, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")) {
		if name, blob := strings.CutSuffix(strings.TrimSpace(object), " blob"); blob {
			if text := sh(t, d.Cache, "cat-file", "blob", name); strings.Contains(text, secret) {
				t.Errorf("the cache holds\n%s", text)
			}
		}
	}
	a.write(a.read() + "\n")
	a.write(strings.Replace(a.read(), `"argumentOverrides": { "KEY": "`+secret+`" },`, "", 1))
	a.push()
	if refs := sh(t, bare, "for-each-ref", "--format=%(refname)"); refs != "refs/heads/main" {
		t.Errorf("the repository has the refs %s", refs)
	}
}

func TestNobodyElseReadsACache(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such modes there")
	}
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	a.write(replacePlan(shop, "large"))
	a.push()
	open := func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		return err
	}
	if err := filepath.Walk(a.s.Dir, open); err != nil {
		t.Fatal(err)
	}
}

// What is saved is encrypted where a push would refuse it, in files of any kind.
func TestWhatHoldsSecrets(t *testing.T) {
	for text, want := range map[string]bool{
		shop:                                false,
		`{"argumentOverrides": {"A": "x"}}`: true,
		`{"a": [{"b": "sk_live_4eC39HqLyjWDarjtT1zdp7dc"}]}`:    true,
		`{"DB_PASSWORD": ["q9fK2mZx81LwRt5v"]}`:                 true,
		`{"DB_PASSWORD": "${args.PASSWORD}", "b": "password"}`:  false,
		`{"at": "postgres://shop:hunter2@db.example.com/x"}`:    true,
		`{"at": "https://example.com/hunter2", "n": [1, null]}`: false,
	} {
		if holdsSecrets(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
