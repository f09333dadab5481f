package gitops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

var rounds = flag.Int("sync.rounds", 5, "how many rounds of edits the clones make")

// TestMain gives git a home of its own, and is the process that is killed in the middle of a
// pull or a push.
func TestMain(m *testing.M) {
	if task := os.Getenv("SYNC_TASK"); task != "" {
		os.Exit(perform(task))
	}
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": filepath.Join(home, "config")} {
		_ = os.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(home, "config"), []byte("[user]\nname = Ada\nemail = ada@example.com\n[init]\ndefaultBranch = main\n"), 0o600); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}

// perform does one task in a process of its own; 4 is a conflict.
func perform(task string) int {
	var l struct{ Dir, File, Runs string }
	if err := json.Unmarshal([]byte(os.Getenv("SYNC_LINK")), &l); err != nil {
		panic(err)
	}
	s := &Syncer{Dir: l.Dir, Git: &git.Program{}}
	if l.Runs != "" {
		s.Owe = owesAlways
	}
	links, err := s.For(l.File, "")
	if err == nil {
		switch task {
		case "push":
			_, err = s.Push(context.Background(), links[0], PushOptions{})
		case "pull":
			_, err = s.Pull(context.Background(), links[0], merge.Options{})
		}
		if err == nil {
			err = s.Start(context.Background(), links[0], startIn(l.Runs))
		}
	}
	var conflict *ConflictError
	switch {
	case errors.As(err, &conflict):
		return 4
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// clone is one person's file with links of their own.
type clone struct {
	t    *testing.T
	s    *Syncer
	link Link
	runs string // the file of the runs that were started; empty where none is owed
	told int    // how much of it was looked at
}

func sh(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func origin(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	bare := filepath.Join(t.TempDir(), "origin.git")
	sh(t, "", "init", "-q", "--bare", bare)
	return bare
}

func newClone(t *testing.T, bare, text string) *clone {
	t.Helper()
	dir := t.TempDir()
	c := &clone{t: t, s: &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}}
	c.link = Link{Name: "Shop", File: filepath.Join(dir, "shop.json")}
	c.link.URL, c.link.Branch, c.link.Path = must(git.ParseURL(bare, "/")), must(git.ParseBranch("main")), must(git.ParsePath("/infra/shop.json"))
	if text != "" {
		c.write(text)
	}
	if _, err := c.s.Link(t.Context(), c.link); err != nil {
		t.Fatal(err)
	}
	return c
}

// twoClones are those of two people, of whom the second has pushed another plan of the cache.
func twoClones(t *testing.T) (bare string, a, b *clone) {
	t.Helper()
	bare = origin(t)
	a = newClone(t, bare, shop)
	a.push()
	b = newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	return bare, a, b
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (c *clone) write(text string) {
	c.t.Helper()
	if err := os.WriteFile(c.link.File, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clone) read() string {
	c.t.Helper()
	text, err := os.ReadFile(c.link.File)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

func (c *clone) push() Done {
	c.t.Helper()
	d, err := c.s.Push(c.t.Context(), c.link, PushOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

func (c *clone) pull() Done {
	c.t.Helper()
	d, err := c.s.Pull(c.t.Context(), c.link, merge.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// process runs a task in a process of its own, which a point may kill; it returns the exit
// code, -1 for one that was killed.
func (c *clone) process(task string, at string) int {
	c.t.Helper()
	link, _ := json.Marshal(map[string]string{"Dir": c.s.Dir, "File": c.link.File, "Runs": c.runs})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SYNC_TASK="+task, "SYNC_LINK="+string(link), "NF_CRASH_AT="+at)
	var out bytes.Buffer
	cmd.Stderr = &out
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code == 0 || code == 4 || code == -1 {
		return code
	}
	c.t.Fatalf("%s ended with %v: %s", task, err, out.String())
	return 1
}

const shop = `{
  "name": "Shop",
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "parallel",
      "steps": [
        { "kind": "Addon", "ref": "db", "spec": { "name": "database", "plan": "small" } },
        { "kind": "Addon", "ref": "cache", "spec": { "name": "cache", "plan": "small" } }
      ]
    }
  }
}
`

func TestAProcessMayEndAtEachStep(t *testing.T) {
	for _, task := range []string{"push", "pull"} {
		for _, point := range []crash.Point{fetched, saved, committed, pushed, overwritten, agreed} {
			t.Run(task+" "+string(point), func(t *testing.T) {
				bare := origin(t)
				a := newClone(t, bare, shop)
				a.push()
				b := newClone(t, bare, "")
				theirs := strings.Replace(shop, `"database", "plan": "small"`, `"database", "plan": "large"`, 1)
				b.write(theirs)
				b.push()
				before := sh(t, bare, "rev-parse", "main")
				ours := strings.Replace(shop, `"cache", "plan": "small"`, `"cache", "plan": "medium"`, 1)
				a.write(ours)
				want := strings.Replace(theirs, `"cache", "plan": "small"`, `"cache", "plan": "medium"`, 1)
				code := a.process(task, string(point)+":1")
				passed := task == "push" || point != committed && point != pushed
				if killed := code == -1; killed != passed {
					t.Fatalf("the process ended with %d", code)
				}
				if now := a.read(); now != ours && now != want {
					t.Fatalf("the file is neither the old nor the new one:\n%s", now)
				}
				// Whoever comes next finishes it.
				a.push()
				if a.read() != want {
					t.Errorf("the file is\n%s", a.read())
				}
				if got := sh(t, bare, "show", "main:infra/shop.json") + "\n"; got != want {
					t.Errorf("the repository has\n%s", got)
				}
				b.pull()
				if b.read() != want {
					t.Errorf("the other clone has\n%s", b.read())
				}
				sh(t, bare, "merge-base", "--is-ancestor", before, "main")
				sh(t, filepath.Join(a.s.Dir, a.link.cache()+".git"), "fsck", "--no-dangling")
			})
		}
	}
}

// Clones edit at once, and processes are killed. Each edit is in the final file, or in a
// conflict that was named; history is never rewritten.
func TestManyClonesAtOnce(t *testing.T) {
	for _, tt := range []struct {
		people int
		over   string
	}{{2, "files"}, {5, "files"}, {5, "http"}} {
		people := tt.people
		t.Run(fmt.Sprintf("%d clones over %s", people, tt.over), func(t *testing.T) {
			bare := origin(t)
			address := bare
			if tt.over == "http" {
				address = overHTTP(t, bare).address
			}
			first := newClone(t, address, shop)
			first.push()
			clones := []*clone{first}
			for len(clones) < people {
				clones = append(clones, newClone(t, address, ""))
			}
			want := make([]map[string]string, people) // what each has written, by a mark in the text
			named := make([]int, people)
			plans := make([][]string, people) // those of the cache that each has written, and nothing has named since
			var tips []string
			for round := range *rounds {
				var wait sync.WaitGroup
				for i, c := range clones {
					if want[i] == nil {
						want[i] = map[string]string{}
					}
					wait.Go(func() {
						r := rand.New(rand.NewPCG(uint64(round), uint64(i)))
						tree := syntax.Parse(c.read())
						steps := tree.Find("/spec/spec/steps")
						b := edit.New(tree)
						value := fmt.Sprintf(`"round-%d"`, round)
						b.Set(step(steps, "db").Get("spec"), edit.After("name"), fmt.Sprintf("by-%d", i), value)
						want[i]["value"] = fmt.Sprintf(`"by-%d": %s`, i, value)
						if r.IntN(3) == 0 {
							ref := fmt.Sprintf("node-%d-%d", i, round)
							b.InsertElement(steps, r.IntN(steps.Len()+1), fmt.Sprintf(`{"kind": "Addon", "ref": "%s", "spec": {"name": "%s"}}`, ref, ref))
							want[i][ref] = fmt.Sprintf(`"ref": "%s"`, ref)
						}
						if r.IntN(4) == 0 { // what others change, too
							if n := len(plans[i]); n > 0 && strings.Contains(c.read(), plans[i][n-1]) {
								plans[i] = plans[i][:n-1] // whoever writes it anew takes it back
							}
							plan := fmt.Sprintf(`"plan-%d-%d"`, i, round)
							plans[i] = append(plans[i], plan)
							b.Set(step(steps, "cache").Get("spec"), edit.Last(), "plan", plan)
						}
						text, err := b.Apply()
						if err != nil {
							t.Error(err)
						}
						c.write(text)
						at := ""
						if r.IntN(3) == 0 {
							points := Points()
							at = string(points[r.IntN(len(points))]) + ":1"
						}
						if c.process([]string{"push", "push", "pull"}[r.IntN(3)], at) == 4 {
							named[i]++
							var told *ConflictError
							if _, err := c.s.Pull(t.Context(), c.link, merge.Options{}); errors.As(err, &told) && strings.HasPrefix(told.Conflicts[0].Node, "cache") {
								plans[i] = nil
							}
							if _, err := c.s.Resolve(t.Context(), c.link, Resolution{Side: merge.Theirs, Merge: merge.Options{AllowErrors: true}}); err != nil {
								var conflict *ConflictError
								if !errors.As(err, &conflict) {
									t.Error(err)
								}
							}
						}
					})
				}
				wait.Wait()
				tips = append(tips, sh(t, bare, "rev-parse", "main"))
			}
			for range people + 1 {
				for i, c := range clones {
					_, err := c.s.Push(t.Context(), c.link, PushOptions{})
					var conflict *ConflictError
					if errors.As(err, &conflict) {
						plans[i] = nil
						_, err = c.s.Resolve(t.Context(), c.link, Resolution{Side: merge.Theirs})
					}
					if err != nil {
						t.Fatal(err)
					}
					c.pull()
				}
			}
			final := sh(t, bare, "show", "main:infra/shop.json") + "\n"
			history := sh(t, bare, "log", "-p", "--format=", "main")
			for i, c := range clones {
				if c.read() != final {
					t.Errorf("clone %d has\n%s\nand the repository\n%s", i, c.read(), final)
				}
				for _, plan := range plans[i] { // somebody may have written another one since
					if !strings.Contains(history, plan) {
						t.Errorf("the plan %s of clone %d is lost, and no conflict has named it", plan, i)
					}
				}
				for _, mark := range want[i] {
					if !strings.Contains(final, mark) {
						t.Errorf("%s of clone %d is lost, in\n%s", mark, i, final)
					}
				}
			}
			for _, tip := range tips {
				sh(t, bare, "merge-base", "--is-ancestor", tip, "main")
			}
			t.Logf("%d rounds of %d clones, %s commits, conflicts named: %v", *rounds, people, sh(t, bare, "rev-list", "--count", "main"), named)
		})
	}
}

// step finds a node by its ref.
func step(steps syntax.Value, ref string) syntax.Value {
	for e := range steps.Elements() {
		if e.Get("ref").Text() == ref {
			return e
		}
	}
	panic("there is no node " + ref)
}

// replacePlan gives the cache another plan.
func replacePlan(text, plan string) string {
	const before = `"name": "cache", "plan": "`
	from := strings.Index(text, before) + len(before)
	return text[:from] + plan + text[from+strings.Index(text[from:], `"`):]
}

// Status and log go by the hunks of Git, and by what is meant.
func TestStatusAndLogNameNodes(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, strings.ReplaceAll(shop, "\n", "\r\n"))
	a.push()
	b := newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	b.write(strings.Replace(b.read(), `"ref": "cache", `, `"ref": "cache",   `, 1)) // means the same
	b.push()
	a.write(strings.Replace(a.read(), `"name": "database", "plan": "small"`, `"name": "database", "plan": "medium"`, 1))
	st, err := a.s.Status(t.Context(), a.link, false, merge.Options{})
	if err != nil || st.Outcome != Diverged || changes.Summary(st.Ours) != "change db" || changes.Summary(st.Theirs) != "change cache" {
		t.Errorf("%+v, %v", st, err)
	}
	entries, err := b.s.Log(t.Context(), b.link, 10)
	if err != nil || len(entries) != 3 || len(entries[0].Changes) != 0 || changes.Summary(entries[1].Changes) != "change cache" || len(entries[2].Changes) == 0 {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestAFileThatSomebodyWritesMeanwhileIsLeftAlone(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	w, err := a.s.begin(t.Context(), a.link)
	if err != nil {
		t.Fatal(err)
	}
	defer w.unlock()
	old, err := w.local()
	if err != nil {
		t.Fatal(err)
	}
	a.write("{}\n")
	if err := w.overwrite(old, shop+"\n"); err == nil || a.read() != "{}\n" {
		t.Errorf("it was overwritten: %v", err)
	}
}

func TestARefusedPushChangesNothing(t *testing.T) {
	bare, a, _ := twoClones(t)
	if err := os.WriteFile(filepath.Join(bare, "hooks", "pre-receive"), []byte("#!/bin/sh\necho reviewed changes only >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := sh(t, bare, "rev-parse", "main")
	mine := strings.Replace(shop, `"Shop"`, `"Our shop"`, 1)
	a.write(mine)
	_, err := a.s.Push(t.Context(), a.link, PushOptions{})
	if err == nil || !strings.Contains(err.Error(), "reviewed changes only") {
		t.Fatalf("the push ended with %v", err)
	}
	if a.read() != mine || sh(t, bare, "rev-parse", "main") != before {
		t.Error("something was changed")
	}
}

func TestRewrittenHistoryIsFollowedOnlyWhenAsked(t *testing.T) {
	bare, a, b := twoClones(t)
	a.pull()
	b.pull()
	// Somebody takes the last commit back, and makes another one.
	sh(t, bare, "update-ref", "refs/heads/main", "main~1")
	c := newClone(t, bare, "")
	c.write(strings.Replace(shop, `"Shop"`, `"Another shop"`, 1))
	c.push()
	mine := a.read()
	a.write(strings.Replace(mine, `"name": "database"`, `"name": "database", "more": 1`, 1))
	mine = a.read()
	for task, do := range map[string]func() error{
		"pull":   func() error { _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); return err },
		"push":   func() error { _, err := a.s.Push(t.Context(), a.link, PushOptions{}); return err },
		"status": func() error { _, err := a.s.Status(t.Context(), a.link, false, merge.Options{}); return err },
	} {
		var rewritten *RewrittenError
		if err := do(); !errors.As(err, &rewritten) {
			t.Errorf("a %s ended with %v", task, err)
		}
	}
	if a.read() != mine {
		t.Error("the file was changed")
	}
	a.s.Rewritten = true
	if d := a.pull(); d.Outcome != Merged || !strings.Contains(a.read(), `"Another shop"`) || !strings.Contains(a.read(), `"more": 1`) {
		t.Errorf("%+v\n%s", d, a.read())
	}
	a.s.Rewritten = false
	a.push()
	c.pull()
	if c.read() != a.read() {
		t.Error("the two differ")
	}
}

// A cache that has lost the history behind the tip, as one does that was made anew by a
// process that ended, is no sign that somebody has rewritten it.
func TestAHistoryThatIsNotHereIsNotRewritten(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	for _, plan := range []string{"medium", "large", "huge"} {
		b.write(replacePlan(b.read(), plan))
		b.push()
	}
	cache := filepath.Join(a.s.Dir, a.link.cache()+".git")
	sh(t, cache, "-c", "remote.origin.url=file://"+bare, "fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/nf/remote/main")
	a.write(strings.Replace(a.read(), `"name": "database"`, `"name": "database", "more": 1`, 1))
	if d := a.pull(); d.Outcome != Merged || !strings.Contains(a.read(), `"huge"`) || !strings.Contains(a.read(), `"more": 1`) {
		t.Errorf("%+v\n%s", d, a.read())
	}
	a.push()
}

func TestLineEndsOfASystemAreNoChange(t *testing.T) {
	bare := origin(t)
	windows := strings.ReplaceAll(shop, "\n", "\r\n")
	a := newClone(t, bare, windows)
	a.push()
	if got := sh(t, bare, "show", "main:infra/shop.json") + "\n"; got != shop {
		t.Errorf("the repository has %q", got)
	}
	if d := a.push(); d.Outcome != InSync {
		t.Errorf("%+v", d)
	}
	b := newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	a.pull()
	if want := replacePlan(windows, "large"); a.read() != want {
		t.Errorf("the file is %q", a.read())
	}
}

func TestWhatIsNoFileOfTheRepositoryIsRefused(t *testing.T) {
	bare := origin(t)
	work := t.TempDir()
	sh(t, work, "init", "-q")
	if err := os.MkdirAll(filepath.Join(work, "infra"), 0o700); err != nil {
		t.Fatal(err)
	}
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	for _, c := range []struct {
		name, want string
		make       func(path string) error
	}{
		{"a pointer of Git LFS", "kept by Git LFS", func(path string) error { return os.WriteFile(path, []byte(pointer), 0o600) }},
		{"a symbolic link", "symbolic link", func(path string) error { return os.Symlink("/etc/passwd", path) }},
		{"bytes that are no text", "is no text", func(path string) error { return os.WriteFile(path, []byte("a\x00b"), 0o600) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(work, "infra", "shop.json")
			_ = os.Remove(path)
			if err := c.make(path); err != nil {
				t.Skip(err)
			}
			sh(t, work, "add", "-A")
			sh(t, work, "commit", "-qm", c.name)
			sh(t, work, "push", "-q", bare, "HEAD:main")
			dir := t.TempDir()
			s := &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
			l := Link{Name: "Shop", File: filepath.Join(dir, "shop.json"), URL: must(git.ParseURL(bare, "/")), Branch: must(git.ParseBranch("main")), Path: must(git.ParsePath("infra/shop.json"))}
			if err := os.WriteFile(l.File, []byte(shop), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := s.Link(t.Context(), l)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the link ended with %v, want %q in it", err, c.want)
			}
			if text, _ := os.ReadFile(l.File); string(text) != shop {
				t.Error("the file was changed")
			}
		})
	}
}

// folderSealer seals by turning bytes around, which is enough to see that it is asked.
type folderSealer struct{}

func (folderSealer) Seal(plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0x55
	}
	return out, nil
}

func (s folderSealer) Open(sealed []byte) ([]byte, error) { return s.Seal(sealed) }

func TestAddressesWithSecretsAreSealed(t *testing.T) {
	s := &Syncer{Dir: t.TempDir(), Git: &git.Program{}, Sealer: folderSealer{}}
	l := Link{Name: "Shop", File: "/shop.json", URL: must(git.ParseURL("https://ada:hunter2@example.com/x.git", "/")), Branch: must(git.ParseBranch("main")), Path: must(git.ParsePath("x.json"))}
	if err := s.add(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.path())
	if err != nil || strings.Contains(string(text), "hunter2") {
		t.Fatalf("%v, the links are\n%s", err, text)
	}
	links, err := s.Links(t.TempDir())
	if err != nil || len(links) != 1 || links[0].URL.Raw() != l.URL.Raw() {
		t.Fatalf("%v, %v", links, err)
	}
	l.Shared, l.File = true, filepath.Join(t.TempDir(), "shop.json")
	if err := s.add(t.Context(), l); err == nil {
		t.Error("a password was shared")
	}
}

func TestSharedLinks(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sh(t, root, "init", "-q")
	file := filepath.Join(root, "infra", "shop.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	bare := origin(t)
	s := &Syncer{Dir: t.TempDir(), Git: &git.Program{}}
	on := true
	l := Link{Name: "Shop", File: file, URL: must(git.ParseURL(bare, "/")), Branch: must(git.ParseBranch("main")), Path: must(git.ParsePath("x.json")), Autorun: &on, Shared: true}
	if _, err := s.Link(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	// Somebody else, with a state of their own, has it.
	other := &Syncer{Dir: t.TempDir(), Git: &git.Program{}}
	links, err := other.For(file, "")
	if err != nil || len(links) != 1 || !links[0].Shared || links[0].Name != "Shop" || links[0].Autorun == nil || !*links[0].Autorun {
		t.Fatalf("%+v, %v", links, err)
	}
	if names := NamesOf(other.Dir, file); len(names) != 1 || names[0] != "Shop" {
		t.Errorf("the names of the file are %q", names)
	}
	if _, err := other.Push(t.Context(), links[0], PushOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := other.Unlink(t.Context(), links); err != nil {
		t.Fatal(err)
	}
	if _, err := s.For(file, ""); err == nil {
		t.Error("the link is still there")
	}
}

func TestASharedLinkDoesNotLeadOutOfItsProject(t *testing.T) {
	outside := t.TempDir()
	for _, file := range []string{"../x.json", "/etc/passwd", "out/x.json", "a/../../x.json", "out"} {
		root := t.TempDir()
		sh(t, root, "init", "-q")
		if err := os.Symlink(outside, filepath.Join(root, "out")); err != nil {
			t.Skip(err)
		}
		text, _ := json.Marshal(sharedFile{Version: 1, Links: []linkText{{Name: "Shop", File: file, Repository: "https://example.com/x", Branch: "main", Path: "/x.json"}}})
		if err := os.MkdirAll(filepath.Join(root, SharedFolder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, SharedFolder, SharedName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &Syncer{Dir: t.TempDir(), Git: &git.Program{}}
		if links, err := s.Links(root); err == nil || !strings.Contains(err.Error(), "leads out of the project") {
			t.Errorf("%s: %+v, %v", file, links, err)
		}
	}
}

func TestPointsAreOfTheirOwn(t *testing.T) {
	seen := map[crash.Point]bool{}
	for _, p := range append(crash.Points(), Points()...) {
		if seen[p] {
			t.Errorf("there are two points %s", p)
		}
		seen[p] = true
	}
}

func TestOverridesAreTaken(t *testing.T) {
	without, taken, err := TakeOverrides("{\n  \"name\": \"Shop\",\n  \"argumentOverrides\": {\"A\": \"x\", \"B\": 12345678901234567890, \"C\": {\"d\": [1]}},\n  \"arguments\": {}\n}\n")
	if err != nil || without != "{\n  \"name\": \"Shop\",\n  \"arguments\": {}\n}\n" {
		t.Fatalf("%q, %v", without, err)
	}
	if got := fmt.Sprintf("%s", taken); got != `[{A "x"} {B 12345678901234567890} {C {"d": [1]}}]` {
		t.Errorf("taken: %s", got)
	}
	if _, _, err := TakeOverrides(`{"argumentOverrides": "x"}`); err == nil {
		t.Error("what is no object was taken")
	}
	if same, taken, err := TakeOverrides(shop); same != shop || taken != nil || err != nil {
		t.Error("a template without overrides was changed")
	}
}
