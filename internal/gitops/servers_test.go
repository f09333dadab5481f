package gitops

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// daemon serves a repository by git's own server, and returns its address.
func daemon(t *testing.T, bare string) string {
	t.Helper()
	for _, set := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "daemon.receivepack"} {
		sh(t, bare, "config", set, "true")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	_, port, _ := net.SplitHostPort(at)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", "--port="+port, "--base-path="+filepath.Dir(bare), filepath.Dir(bare))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", at); err == nil {
			_ = c.Close()
			return "git://" + at + "/" + filepath.Base(bare)
		} else if time.Now().After(end) {
			t.Skip("git daemon does not answer: ", err)
		}
	}
}

func TestOverGitDaemon(t *testing.T) {
	bare := origin(t)
	address := daemon(t, bare)
	a := newClone(t, address, shop)
	a.push()
	b := newClone(t, address, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	a.write(strings.Replace(shop, `"Shop"`, `"Our shop"`, 1))
	if d := a.push(); d.Outcome != Pushed || len(d.Backups) != 2 {
		t.Errorf("%+v", d)
	}
	b.pull()
	want := replacePlan(strings.Replace(shop, `"Shop"`, `"Our shop"`, 1), "large")
	if a.read() != want || b.read() != want {
		t.Errorf("one has\n%s\nthe other\n%s", a.read(), b.read())
	}
	// The branch goes, and with it the file.
	sh(t, bare, "update-ref", "-d", "refs/heads/main")
	var deleted *DeletedError
	if _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); !errors.As(err, &deleted) || a.read() != want {
		t.Errorf("a pull ended with %v", err)
	}
	if _, err := a.s.Push(t.Context(), a.link, PushOptions{}); !errors.As(err, &deleted) {
		t.Errorf("a push ended with %v", err)
	}
}

func TestABranchThatIsNamedLikeAnOption(t *testing.T) {
	bare := origin(t)
	dir := t.TempDir()
	s := &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
	for i, name := range []string{"--force", "-d", "--upload-pack=touch pwned"} {
		branch, err := git.ParseBranch(name)
		if strings.Contains(name, " ") {
			if err == nil {
				t.Errorf("%q was taken for a branch", name)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		c := &clone{t: t, s: s, link: Link{Name: name, File: filepath.Join(dir, fmt.Sprintf("%d.json", i)), URL: must(git.ParseURL(bare, "/")), Branch: branch, Path: must(git.ParsePath("shop.json"))}}
		c.write(shop)
		if _, err := s.Link(t.Context(), c.link); err != nil {
			t.Fatal(err)
		}
		c.push()
		c.write(replacePlan(shop, "large"))
		c.push()
		if got := sh(t, bare, "rev-list", "--count", "refs/heads/"+name); got != "2" {
			t.Errorf("%s has %s commits", name, got)
		}
		if d := c.pull(); d.Outcome != InSync {
			t.Errorf("%+v", d)
		}
	}
}

func TestAFileWithAByteOrderMark(t *testing.T) {
	bare := origin(t)
	const mark = "\ufeff"
	a := newClone(t, bare, mark+shop)
	a.push()
	b := newClone(t, bare, "")
	if b.read() != mark+shop {
		t.Errorf("the other has %q", b.read()[:10])
	}
	if d := a.push(); d.Outcome != InSync {
		t.Errorf("%+v", d)
	}
	b.write(shop) // an editor has taken it away, and somebody has changed something
	b.write(replacePlan(b.read(), "large"))
	b.push()
	a.write(strings.Replace(a.read(), `"Shop"`, `"Our shop"`, 1))
	a.push()
	b.pull()
	for _, text := range []string{a.read(), b.read()} {
		if !strings.Contains(text, `"large"`) || !strings.Contains(text, `"Our shop"`) || strings.Count(text, mark) > 1 || strings.LastIndex(text, mark) > 0 {
			t.Errorf("the file is %q", text)
		}
	}
}

// A working copy with a detached HEAD, in the middle of a rebase or in a bisection, has no
// say in which branch is pushed to, and is left where it stands.
func TestAWorkingCopyWithADetachedHead(t *testing.T) {
	c, bare, root := inCopy(t)
	sh(t, root, "checkout", "-q", "--detach")
	head := sh(t, root, "rev-parse", "HEAD")
	hook(t, root, "pre-commit", "git show :infra/shop.json | grep -q large\n")
	c.write(replacePlan(shop, "large"))
	if d := c.push(); d.Outcome != Pushed || sh(t, bare, "rev-parse", "main") != string(d.Commit) {
		t.Errorf("%+v", d)
	}
	if sh(t, root, "rev-parse", "HEAD") != head {
		t.Error("the HEAD of the working copy has moved")
	}
}

// Another git holds the index of the working copy, or was cut short there: no push needs it.
func TestALockedIndexOfTheWorkingCopy(t *testing.T) {
	c, _, root := inCopy(t)
	lock := filepath.Join(root, ".git", "index.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	hook(t, root, "pre-commit", "git diff --cached --quiet && exit 1; exit 0\n")
	c.write(replacePlan(shop, "large"))
	c.push()
	if _, err := os.Stat(lock); err != nil {
		t.Error("the lock of somebody else was taken away")
	}
}

// A lock in the cache that another git holds is waited for; one that was left behind is named.
func TestALockedCache(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	lock := filepath.Join(a.s.Dir, a.link.cache()+".git", "refs", "nf", "remote", "main.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.write(replacePlan(shop, "large"))
	released := time.AfterFunc(time.Second, func() { _ = os.Remove(lock) })
	defer released.Stop()
	b := newClone(t, bare, "")
	b.write(strings.Replace(shop, `"Shop"`, `"Their shop"`, 1))
	b.push()
	if d := a.push(); d.Outcome != Pushed || !strings.Contains(a.read(), `"Their shop"`) {
		t.Errorf("%+v", d)
	}
}

func TestASubmoduleOnTheWay(t *testing.T) {
	bare, inner := origin(t), origin(t)
	work := t.TempDir()
	sh(t, work, "init", "-q")
	if err := os.WriteFile(filepath.Join(work, "shop.json"), []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	sh(t, work, "add", "-A")
	sh(t, work, "commit", "-qm", "inner")
	sh(t, work, "push", "-q", inner, "HEAD:main")
	outer := t.TempDir()
	sh(t, outer, "init", "-q")
	sh(t, outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "infra")
	sh(t, outer, "commit", "-qm", "outer")
	sh(t, outer, "push", "-q", bare, "HEAD:main")
	dir := t.TempDir()
	s := &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
	l := Link{Name: "Shop", File: filepath.Join(dir, "shop.json"), URL: must(git.ParseURL(bare, "/")), Branch: must(git.ParseBranch("main")), Path: must(git.ParsePath("infra/shop.json"))}
	_, err := s.Link(t.Context(), l)
	var failed *git.Error
	if !errors.As(err, &failed) || failed.Reason != git.NotAFile || !strings.Contains(err.Error(), "submodule") {
		t.Errorf("the link ended with %v", err)
	}
}
