package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// olderState copies a folder of testdata/older to where the test may write, with its
// databases made of their text.
func olderState(t *testing.T, name string) (state string) {
	t.Helper()
	from := filepath.Join("testdata", "older", name)
	state = t.TempDir()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(state, rel)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		database, isDatabase := strings.CutSuffix(to, ".sql")
		if !isDatabase {
			return os.WriteFile(to, text, 0o600)
		}
		return fillDatabase(database, string(text))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NF_STATE", state)
	return state
}

// fillDatabase carries SQL out on a database, and makes it where there is none.
func fillDatabase(path, script string) error {
	if err := journal.EnsureFile(path); err != nil {
		return err
	}
	db, err := journal.OpenDatabase(path, "journal_mode(wal)")
	if err != nil {
		return err
	}
	_, err = db.Exec(script)
	if closed := db.Close(); err == nil {
		err = closed
	}
	return err
}

// answered runs a command that has to end with the code, and returns what it has written.
func answered(t *testing.T, code int, args ...string) (out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		t.Fatalf("nf-run %s ended with %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// answeredJSON is answered of a command that succeeds, with what it has written as JSON.
func answeredJSON[T any](t *testing.T, args ...string) (value T) {
	t.Helper()
	out, _ := answered(t, exitOK, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &value); err != nil {
		t.Fatalf("nf-run %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return value
}

type olderRun struct {
	ID, Template, File, Status string
	Interrupted                bool
	Nodes                      []struct {
		Ref, Status string
		Attempts    []struct {
			Input struct {
				Spec struct{ Billing struct{ Storage int } }
			}
		}
	}
}

type olderSecrets struct {
	Global []struct{ Path string }
	Kept   []struct{ Place, Function, MadeAt, Value string }
}

func TestStateOfOlderVersions(t *testing.T) {
	for name, ids := range map[string]struct{ ended, cut string }{
		"first":  {"20261129-170038-588-2lo00", "20261129-170038-827-vfsk3"},
		"linked": {"20261129-170039-269-quocf", "20261129-170040-936-g6ht0"},
	} {
		t.Run(name, func(t *testing.T) {
			state := olderState(t, name)
			platform := filepath.Join(state, "local", "platform.db")

			runs := answeredJSON[[]olderRun](t, "runs")
			if len(runs) != 2 || runs[0].ID != ids.cut || runs[0].Status != "running" || !runs[0].Interrupted ||
				runs[1].ID != ids.ended || runs[1].Status != "success" || runs[1].Template != "Shop" || runs[1].File != "/srv/shop/shop.json" {
				t.Fatalf("runs: %+v", runs)
			}
			nodes := func(id string) (all string) {
				for _, node := range answeredJSON[olderRun](t, "show", id).Nodes {
					if node.Ref != "" {
						all += fmt.Sprintf("%s=%s×%d ", node.Ref, node.Status, len(node.Attempts))
					}
				}
				return strings.TrimSpace(all)
			}
			if got := nodes(ids.ended); got != "project=success×1 orders=success×1 session=success×1" {
				t.Errorf("the run that has ended: %s", got)
			}
			if got := nodes(ids.cut); got != "project=success×1 orders=running×1 session=pending×0" {
				t.Errorf("the run that was cut off: %s", got)
			}
			// A node's input and answer, and no secret in them.
			if text, _ := answered(t, exitOK, "show", ids.ended, "--node", "session"); !strings.Contains(text, "SESSION_KEY") || !strings.Contains(text, "***") {
				t.Errorf("the node of the run that has ended:\n%s", text)
			}

			secret := answeredJSON[olderSecrets](t, "secrets", "list", "--reveal", "--force").Kept
			if len(secret) != 1 || secret[0].Place != "args.SESSION_KEY" || len(secret[0].Value) != 32 {
				t.Fatalf("kept secrets: %+v", secret)
			}
			before := count(t, platform, "SELECT count(*) FROM resources")
			answered(t, exitOK, "resume", ids.cut)
			if got := nodes(ids.cut); got != "project=success×1 orders=success×1 session=success×1" {
				t.Errorf("the run that was resumed: %s", got)
			}
			if after := count(t, platform, "SELECT count(*) FROM resources"); after != before || before < 3 {
				t.Errorf("%d resources before and %d after", before, after)
			}
			storage := 0
			for _, node := range answeredJSON[olderRun](t, "show", ids.cut).Nodes {
				if node.Ref == "orders" {
					storage = node.Attempts[len(node.Attempts)-1].Input.Spec.Billing.Storage
				}
			}
			if storage != 8192 {
				t.Errorf("the argument of the resumed run came to %d", storage)
			}

			// A new run of the template in the old folder has the old secret.
			answered(t, exitOK, "run", filepath.Join(state, "shop.json"), "--arg", "SIZE=8192")
			again := answeredJSON[olderSecrets](t, "secrets", "list", "--reveal", "--force").Kept
			if len(again) != 1 || again[0] != secret[0] {
				t.Errorf("kept before %+v, after %+v", secret, again)
			}
			if runs := answeredJSON[[]olderRun](t, "runs"); len(runs) != 3 || runs[0].Status != "success" || runs[1].Status != "success" || runs[1].Interrupted {
				t.Errorf("runs afterwards: %+v", runs)
			}
			answered(t, exitOK, "runs", "--state", state) // and the folder opens once more
		})
	}
}

func count(t *testing.T, path, query string) (n int) {
	t.Helper()
	db, err := journal.OpenDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// linkedState is the folder that has links, with the files and the repository that they lead to.
func linkedState(t *testing.T) (state, files string) {
	t.Helper()
	state = olderState(t, "linked")
	files, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(state, "shop.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shop.json", "staging.json"} {
		if err := os.WriteFile(filepath.Join(files, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	repository := filepath.Join(files, "shop.git")
	if out, err := exec.Command("git", "init", "--quiet", "--bare", "--initial-branch=main", repository).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	export, err := os.Open(filepath.Join(state, "shop.git.export"))
	if err != nil {
		t.Fatal(err)
	}
	defer export.Close()
	load := exec.Command("git", "-C", repository, "fast-import", "--quiet")
	load.Stdin = export
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	links := filepath.Join(state, "sync", "links.json")
	stored, err := os.ReadFile(links)
	if err != nil {
		t.Fatal(err)
	}
	// What a link has come to is filed under where it leads. How is written down here, and
	// not taken from the code, which could change it.
	place := func(folder, repository string) []byte {
		sum := sha256.Sum256([]byte(folder + "/shop.json\x00file://" + repository + "\x00main\x00infra/shop.json"))
		return []byte(hex.EncodeToString(sum[:10]))
	}
	was := place("/srv/shop", "/srv/shop")
	if !bytes.Contains(stored, was) {
		t.Fatalf("the links have no place %s", was)
	}
	stored = bytes.ReplaceAll(stored, was, place(files, files+"/shop"))
	stored = bytes.ReplaceAll(stored, []byte("file:///srv/shop.git"), []byte("file://"+files+"/shop.git"))
	stored = bytes.ReplaceAll(stored, []byte("/srv/shop/"), []byte(files+"/"))
	if err := os.WriteFile(links, stored, 0o600); err != nil {
		t.Fatal(err)
	}
	// The sealed address leads nowhere; Git takes the repository for it, if it was opened right.
	config := filepath.Join(files, "gitconfig")
	if err := os.WriteFile(config, fmt.Appendf(nil, "[url %q]\n\tinsteadOf = https://x:glpat-of-before@127.0.0.1:1/shop.git\n", "file://"+repository), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", config)
	return state, files
}

func TestLinksOfAnOlderVersion(t *testing.T) {
	state, files := linkedState(t)
	type link struct{ Name, Status, Repository string }
	status := func(name string) link {
		t.Helper()
		links := answeredJSON[struct{ Links []link }](t, "sync", "status", filepath.Join(files, name)).Links
		if len(links) != 1 {
			t.Fatalf("links of %s: %+v", name, links)
		}
		return links[0]
	}
	// Both sides are what they were when they last agreed: the base is found again.
	if l := status("shop.json"); l.Name != "Shop" || l.Status != "in-sync" {
		t.Errorf("the link: %+v", l)
	}
	if l := status("staging.json"); l.Name != "Staging" || l.Status != "new" || strings.Contains(l.Repository, "glpat") {
		t.Errorf("the link with a sealed address: %+v", l)
	}
	type argument struct{ Name, From, Value string }
	arguments := answeredJSON[struct{ Arguments []argument }](t, "args", "list", filepath.Join(files, "shop.json")).Arguments
	if len(arguments) != 2 || arguments[0] != (argument{"SESSION_KEY", "stored", "***"}) || arguments[1] != (argument{"SIZE", "stored", "6144"}) {
		t.Errorf("the stored arguments: %+v", arguments)
	}
	if global := answeredJSON[olderSecrets](t, "secrets", "list").Global; len(global) != 1 || global[0].Path != "mail.values.password" {
		t.Errorf("the global secrets: %+v", global)
	}

	// A change here is pushed from the old base, and nothing of the state was lost by it.
	path := filepath.Join(files, "shop.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte("7.0-latest"), []byte("8.0-latest"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if l := status("shop.json"); l.Status != "ahead" {
		t.Errorf("with a change here: %+v", l)
	}
	for key, name := range map[string]string{"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"} {
		t.Setenv(key, name)
	}
	answered(t, exitOK, "sync", "push", path)
	if l := status("shop.json"); l.Status != "in-sync" {
		t.Errorf("after the push: %+v", l)
	}
	if runs := answeredJSON[[]olderRun](t, "runs", "--state", state); len(runs) != 2 {
		t.Errorf("runs: %+v", runs)
	}
}

func TestStateOfANewerVersionIsRefused(t *testing.T) {
	const ended, cut = "20261129-170039-269-quocf", "20261129-170040-936-g6ht0"
	for _, c := range []struct {
		name string
		file string
		args []string
		says string
	}{
		{"the index of runs", "index.db", []string{"runs"}, "index.db was written by a newer version of this program (format 99, this one knows up to "},
		{"the index of runs, for a run", "index.db", []string{"run", "shop.json"}, "index.db was written by a newer version"},
		{"a journal that is shown", "runs/" + ended + "/journal.db", []string{"show", ended}, "journal.db was written by a newer version of this program (format 99, this one knows up to "},
		{"a journal that is resumed", "runs/" + cut + "/journal.db", []string{"resume", cut}, "journal.db was written by a newer version"},
		{"the local platform", "local/platform.db", []string{"run", "shop.json"}, "platform.db was written by a newer nf-run (schema 99, this one knows "},
		{"the local platform, for a run that is resumed", "local/platform.db", []string{"resume", cut}, "platform.db was written by a newer nf-run"},
		{"the links", "sync/links.json", []string{"sync", "status", "shop.json"}, "links.json was written by a newer nf-run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, files := linkedState(t)
			path := filepath.Join(state, filepath.FromSlash(c.file))
			if filepath.Ext(path) == ".db" {
				if err := fillDatabase(path, "PRAGMA user_version = 99"); err != nil {
					t.Fatal(err)
				}
			} else {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, bytes.Replace(text, []byte(`"version": 1`), []byte(`"version": 99`), 1), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			args := append([]string(nil), c.args...)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "shop.json", filepath.Join(files, "shop.json"))
			}
			var out, errOut bytes.Buffer
			if code := run(context.Background(), args, strings.NewReader(""), &out, &errOut); code == exitOK || !strings.Contains(errOut.String(), c.says) {
				t.Errorf("code %d, want a refusal that says %q\n%s%s", code, c.says, out.String(), errOut.String())
			}
			if strings.Contains(out.String(), "running") || strings.Contains(errOut.String(), "running") {
				t.Errorf("something was begun:\n%s%s", out.String(), errOut.String())
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}
