package git

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain gives git a home of its own: no setting of whoever runs the tests counts.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": filepath.Join(home, "config"),
	} {
		_ = os.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(home, "config"), []byte("[user]\nname = Ada\nemail = ada@example.com\n[init]\ndefaultBranch = main\n[protocol \"file\"]\nallow = always\n"), 0o600); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}

// sh runs git as a person would.
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

// origin makes a bare repository with some files on main, and a working copy of it.
func origin(t *testing.T, files map[string]string) (bare, copied string) {
	t.Helper()
	dir := t.TempDir()
	bare, copied = filepath.Join(dir, "origin.git"), filepath.Join(dir, "copy")
	sh(t, dir, "init", "-q", "--bare", bare)
	sh(t, dir, "clone", "-q", bare, copied)
	if len(files) > 0 {
		commit(t, copied, files)
	}
	return bare, copied
}

func commit(t *testing.T, copied string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sh(t, copied, "add", "-A")
	sh(t, copied, "commit", "-q", "-m", "change")
	sh(t, copied, "push", "-q", "origin", "HEAD:main")
	return sh(t, copied, "rev-parse", "HEAD")
}

func open(t *testing.T, address string) *Repository {
	t.Helper()
	u, err := ParseURL(address, "/")
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&Program{}).Open(t.Context(), filepath.Join(t.TempDir(), "cache.git"), u)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func path(t *testing.T, s string) Path {
	t.Helper()
	p, err := ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func branch(t *testing.T, s string) Branch {
	t.Helper()
	b, err := ParseBranch(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func reason(t *testing.T, err error, want Reason) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) || failed.Reason != want {
		t.Fatalf("the error is %v (%#v), want one with the reason %q", err, failed, want)
	}
	return failed
}

func TestAFileIsFetchedFromTheTip(t *testing.T) {
	bare, copied := origin(t, map[string]string{"a/b/t.json": "{}\n", "other": "x"})
	r := open(t, "file://"+bare)
	ctx := t.Context()
	tip, err := r.Fetch(ctx, branch(t, "main"))
	if err != nil || string(tip) != sh(t, copied, "rev-parse", "HEAD") {
		t.Fatalf("tip %q, %v", tip, err)
	}
	file, err := r.File(ctx, tip, path(t, "/a/b/t.json"))
	if err != nil || file.Mode != "100644" {
		t.Fatalf("%+v, %v", file, err)
	}
	text, err := r.Blob(ctx, file.Blob)
	if err != nil || string(text) != "{}\n" {
		t.Fatalf("%q, %v", text, err)
	}
	second := commit(t, copied, map[string]string{"a/b/t.json": "[]\n"})
	tips, err := r.Tips(ctx, branch(t, "main"), branch(t, "gone"))
	if err != nil || len(tips) != 1 || string(tips[branch(t, "main")]) != second {
		t.Fatalf("%v, %v", tips, err)
	}
	if gone, err := r.Fetch(ctx, branch(t, "gone")); gone != "" || err != nil {
		t.Fatalf("a branch that is not there: %q, %v", gone, err)
	}
	_, err = r.File(ctx, tip, path(t, "a/missing.json"))
	reason(t, err, NoFile)
}

func TestNothingButAFileIsRead(t *testing.T) {
	bare, copied := origin(t, map[string]string{"folder/t.json": "{}", "t.json": "{}"})
	for name, to := range map[string]string{"link.json": "/etc/passwd", "up": "..", "in": "folder"} {
		if err := os.Symlink(to, filepath.Join(copied, name)); err != nil {
			t.Skip(err)
		}
	}
	sh(t, copied, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", bare, "sub")
	commit(t, copied, nil)
	r := open(t, bare)
	tip, err := r.Fetch(t.Context(), branch(t, "main"))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"link.json": "symbolic link", "up/t.json": "symbolic link", "in/t.json": "symbolic link", "sub": "submodule", "sub/t.json": "submodule", "folder": "a folder", "t.json/x.json": "goes on behind",
	} {
		_, err := r.File(t.Context(), tip, path(t, at))
		if e := reason(t, err, NotAFile); !strings.Contains(e.Message, want) {
			t.Errorf("%s: %s, want %q in it", at, e.Message, want)
		}
		_, err = r.Make(t.Context(), Identity{}, tip, path(t, at), []byte("x"), "x")
		reason(t, err, NotAFile)
	}
}

func TestAPushChangesOneFileOnly(t *testing.T) {
	bare, copied := origin(t, map[string]string{"a/t.json": "{}\n", "a/other.json": "1", "z": "2"})
	if err := os.Chmod(filepath.Join(copied, "a/t.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := commit(t, copied, map[string]string{"y": "3"})
	r := open(t, "file://"+bare)
	ctx := t.Context()
	tip, err := r.Fetch(ctx, branch(t, "main"))
	if err != nil {
		t.Fatal(err)
	}
	sh(t, copied, "config", "user.email", "ada@work.example")
	who, err := (&Program{}).Identity(ctx, copied)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range []string{"a/t.json", "new/folder/t.json"} {
		if tip, err = r.Make(ctx, who, tip, path(t, at), []byte("[]\n"), "Change it\n\nBecause."); err != nil {
			t.Fatal(err)
		}
		if err = r.Push(ctx, tip, branch(t, "main"), false); err != nil {
			t.Fatal(err)
		}
		if got := sh(t, bare, "rev-parse", "main"); got != string(tip) {
			t.Fatalf("push %d: main is at %s, want %s", i, got, tip)
		}
	}
	if got := sh(t, bare, "diff", "--name-status", before, "main"); got != "M\ta/t.json\nA\tnew/folder/t.json" {
		t.Errorf("the pushes changed\n%s", got)
	}
	if got := sh(t, bare, "ls-tree", "main", "a/t.json"); !strings.HasPrefix(got, "100755") {
		t.Errorf("the file has lost its mode: %s", got)
	}
	if got := sh(t, bare, "log", "-1", "--format=%an <%ae> %cn <%ce>%n%B", "main"); got != "Ada <ada@work.example> Ada <ada@work.example>\nChange it\n\nBecause." {
		t.Errorf("the commit says\n%s", got)
	}
	sh(t, bare, "fsck", "--strict")
}

func TestTheFirstPushMakesABranch(t *testing.T) {
	for _, name := range []string{"main", "feature/x", "--force", "-"} {
		t.Run(name, func(t *testing.T) {
			bare, _ := origin(t, nil)
			r := open(t, bare)
			ctx := t.Context()
			if tip, err := r.Fetch(ctx, branch(t, name)); tip != "" || err != nil {
				t.Fatalf("%q, %v", tip, err)
			}
			who, err := (&Program{}).Identity(ctx, "")
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.Make(ctx, who, "", path(t, "/x/t.json"), []byte("{}"), "Begin")
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Push(ctx, c, branch(t, name), false); err != nil {
				t.Fatal(err)
			}
			if got := sh(t, bare, "rev-parse", "--verify", "--end-of-options", "refs/heads/"+name); !strings.HasSuffix(got, string(c)) {
				t.Errorf("the branch is at %s, want %s", got, c)
			}
			if tip, err := r.Fetch(ctx, branch(t, name)); tip != c || err != nil {
				t.Errorf("fetched again: %q, %v", tip, err)
			}
		})
	}
}

func TestAPushIsNeverForced(t *testing.T) {
	bare, copied := origin(t, map[string]string{"t.json": "{}"})
	r := open(t, "file://"+bare)
	ctx := t.Context()
	tip, err := r.Fetch(ctx, branch(t, "main"))
	if err != nil {
		t.Fatal(err)
	}
	who, err := (&Program{}).Identity(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := r.Make(ctx, who, tip, path(t, "t.json"), []byte("[1]"), "Mine")
	if err != nil {
		t.Fatal(err)
	}
	theirs := commit(t, copied, map[string]string{"t.json": "[2]"})
	// Also where somebody's configuration would force it.
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "remote.origin.push")
	t.Setenv("GIT_CONFIG_VALUE_0", "+refs/*:refs/*")
	reason(t, r.Push(ctx, mine, branch(t, "main"), false), Moved)
	if got := sh(t, bare, "rev-parse", "main"); got != theirs {
		t.Errorf("main is at %s, want %s", got, theirs)
	}
}

func TestAHookThatRefusesIsHeard(t *testing.T) {
	bare, _ := origin(t, map[string]string{"t.json": "{}"})
	hook := "#!/bin/sh\necho 'no pushes on Fridays' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bare, "hooks", "pre-receive"), []byte(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	r := open(t, bare)
	ctx := t.Context()
	tip, err := r.Fetch(ctx, branch(t, "main"))
	if err != nil {
		t.Fatal(err)
	}
	who, err := (&Program{}).Identity(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Make(ctx, who, tip, path(t, "t.json"), []byte("[]"), "Change")
	if err != nil {
		t.Fatal(err)
	}
	if e := reason(t, r.Push(ctx, c, branch(t, "main"), false), Refused); !strings.Contains(e.Error(), "no pushes on Fridays") {
		t.Errorf("the error says %v", e)
	}
	if now, err := r.Resolve(ctx, branch(t, "main")); now != tip || err != nil {
		t.Errorf("what was refused counts as pushed: %s, %v", now, err)
	}
}

func TestSecretsOfAnAddressStayInIt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for _, address := range []string{"http://ada:hunter2@" + host + "/x.git", "http://hunter2@" + host + "/x.git", "http://" + host + "/x.git"} {
		r := open(t, address)
		_, err := r.Fetch(t.Context(), branch(t, "main"))
		e := reason(t, err, Unauthorized)
		if strings.Contains(e.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", e)
		}
		if !strings.Contains(e.Error(), "http://"+host+"/x.git") {
			t.Errorf("the error does not name the repository: %v", e)
		}
		_ = filepath.WalkDir(r.Dir(), func(file string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if text, _ := os.ReadFile(file); strings.Contains(string(text), "hunter2") {
					t.Errorf("%s holds the secret", file)
				}
			}
			return nil
		})
	}
	server.Close()
	_, err := open(t, "http://ada:hunter2@"+host+"/x.git").Fetch(t.Context(), branch(t, "main"))
	if e := reason(t, err, Unreachable); strings.Contains(e.Error(), "hunter2") {
		t.Errorf("the error shows the secret: %v", e)
	}
}

func TestNoConfigurationStartsAProgramForAnAddress(t *testing.T) {
	witness := filepath.Join(t.TempDir(), "started")
	t.Setenv("GIT_CONFIG_COUNT", "2")
	t.Setenv("GIT_CONFIG_KEY_0", "url.ext::sh -c touch% "+witness+" .insteadOf")
	t.Setenv("GIT_CONFIG_VALUE_0", "https://example.invalid/")
	t.Setenv("GIT_CONFIG_KEY_1", "protocol.allow")
	t.Setenv("GIT_CONFIG_VALUE_1", "always")
	if _, err := open(t, "https://example.invalid/x").Fetch(t.Context(), branch(t, "main")); err == nil {
		t.Error("the fetch succeeded")
	}
	if _, err := os.Stat(witness); err == nil {
		t.Error("a program was started")
	}
}

func TestTheRepositoryOfAHookIsLeftAlone(t *testing.T) {
	bare, copied := origin(t, map[string]string{"t.json": "{}"})
	t.Setenv("GIT_DIR", filepath.Join(copied, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(copied, "wrong"))
	t.Setenv("GIT_WORK_TREE", copied)
	r := open(t, bare)
	if tip, err := r.Fetch(t.Context(), branch(t, "main")); tip == "" || err != nil {
		t.Errorf("%q, %v", tip, err)
	}
}

func TestWhatTakesTooLongIsEnded(t *testing.T) {
	dir := t.TempDir()
	slow := filepath.Join(dir, "slow")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\necho asking for hunter2 >&2\nsleep 600 & echo $! >'"+dir+"/pid'\nwait\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := &Program{Path: slow, Local: 300 * time.Millisecond}
	_, err := p.Version(t.Context())
	reason(t, err, TimedOut)
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Skip("the program was ended before it began")
	}
	gone := false
	for range 100 {
		if exec.Command("kill", "-0", strings.TrimSpace(string(pid))).Run() != nil {
			gone = true
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !gone {
		t.Error("what it has started still runs")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Version(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that nobody waits for ends with %v", err)
	}
}

func TestAMachineWithoutGitIsToldSo(t *testing.T) {
	_, err := (&Program{Path: filepath.Join(t.TempDir(), "git")}).Version(t.Context())
	reason(t, err, NotInstalled)
	t.Setenv("PATH", t.TempDir())
	_, err = (&Program{}).Version(t.Context())
	reason(t, err, NotInstalled)
}

func TestACommitNeedsSomebody(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
	t.Setenv("GIT_CONFIG_VALUE_0", "true")
	_, err := (&Program{}).Identity(t.Context(), t.TempDir())
	reason(t, err, NoIdentity)
}

func TestWhatIsKeptStays(t *testing.T) {
	bare, _ := origin(t, map[string]string{"t.json": "{}"})
	r := open(t, bare)
	ctx := t.Context()
	h, err := r.Save(ctx, []byte("precious"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.Save(ctx, []byte("other"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Keep(ctx, "backup/x/1", h); err != nil {
		t.Fatal(err)
	}
	if err := r.Keep(ctx, "backup/x/1", other); err == nil {
		t.Error("a backup was replaced by another one")
	}
	if err := r.Keep(ctx, "../heads/main", other); err == nil {
		t.Error("a name outside of refs/nf was taken")
	}
	sh(t, r.Dir(), "gc", "--quiet", "--prune=now")
	kept, err := r.List(ctx, "backup/x/")
	if err != nil || len(kept) != 1 || kept[0] != (Kept{"backup/x/1", h}) {
		t.Fatalf("%v, %v", kept, err)
	}
	if text, err := r.Blob(ctx, h); string(text) != "precious" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestLocksThatAreLeftBehindAreTakenAway(t *testing.T) {
	bare, _ := origin(t, map[string]string{"t.json": "{}"})
	r := open(t, bare)
	lock := filepath.Join(r.Dir(), "refs", "nf", "remote", "main.lock")
	if err := os.MkdirAll(filepath.Dir(lock), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// A git that is still at work is waited for.
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = os.Remove(lock)
	}()
	if _, err := r.Fetch(t.Context(), branch(t, "main")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(lock, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Program{}).Open(t.Context(), r.Dir(), r.URL()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("an old lock is still there")
	}
}
