package gitops

import (
	"context"
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// locked is a repository behind Git's own server program, which asks for a password, and
// what the user's credential helper knows of it.
type locked struct {
	address  string
	password atomic.Pointer[string] // of the server
	known    string                 // the file that the helper reads
}

func overHTTP(t *testing.T, bare string) *locked {
	t.Helper()
	backend := filepath.Join(sh(t, "", "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("there is no git http-backend")
	}
	for _, set := range []string{"http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		sh(t, bare, "config", set, "true")
	}
	l := &locked{known: filepath.Join(t.TempDir(), "password")}
	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=ada"}, InheritEnv: []string{"PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "ada" || password != *l.password.Load() {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	helper := filepath.Join(t.TempDir(), "helper")
	if err := os.WriteFile(helper, []byte("#!/bin/sh\n[ \"$1\" = get ] && echo username=ada && echo password=$(cat '"+l.known+"')\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "credential.helper")
	t.Setenv("GIT_CONFIG_VALUE_0", helper)
	l.change(t, "hunter2")
	l.learn(t)
	l.address = server.URL + "/" + filepath.Base(bare)
	return l
}

// change gives the server another password, learn tells the helper of it.
func (l *locked) change(t *testing.T, password string) {
	t.Helper()
	l.password.Store(&password)
}

func (l *locked) learn(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(l.known, []byte(*l.password.Load()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAWatchWhoseCredentialsExpire(t *testing.T) {
	bare := origin(t)
	server := overHTTP(t, bare)
	a := newClone(t, server.address, shop)
	a.push()
	b := newClone(t, bare, "")
	steps := []func(){func() {
		server.change(t, "hunter3")
		b.write(replacePlan(b.read(), "large"))
		b.push()
	}}
	for range 8 {
		steps = append(steps, nothing)
	}
	steps = append(steps, func() { server.learn(t) }, nothing, nothing)
	log := counted(t, a)
	w, moved, failed, waits := rig(t, a, steps...)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(*failed) != 1 || !strings.Contains((*failed)[0], "credential helper") || strings.Contains((*failed)[0], "hunter") {
		t.Errorf("it has told %q", *failed)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(calls), "ls-remote"); n < 3 || n > len(*waits)*2/3 {
		t.Errorf("it has asked %d times in %d rounds: %v", n, len(*waits), *waits)
	}
	if strings.Join(*moved, " ") != "updated" || !strings.Contains(a.read(), `"large"`) {
		t.Errorf("with new credentials it has brought %q:\n%s", *moved, a.read())
	}
}

// A branch and a file that are deleted are said once; the file here stays, and what comes
// back is pulled.
func TestAWatchWhoseBranchIsDeleted(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	tip := sh(t, bare, "rev-parse", "main")
	w, moved, failed, _ := rig(t, a, func() { sh(t, bare, "update-ref", "-d", "refs/heads/main") }, nothing, nothing, nothing,
		func() { sh(t, bare, "update-ref", "refs/heads/main", tip) }, nothing, nothing)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(*failed) != 1 || !strings.Contains((*failed)[0], "shop.json") || strings.Join(*moved, " ") != "deleted" && strings.Join(*moved, " ") != "deleted in-sync" {
		t.Errorf("it has told %q, and moved %q", *failed, *moved)
	}
	if a.read() != shop {
		t.Errorf("the file is %s", a.read())
	}
}

func TestAWatchWhoseFileIsDeleted(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	copied := filepath.Join(t.TempDir(), "copy")
	sh(t, "", "clone", "-q", bare, copied)
	w, moved, failed, _ := rig(t, a, func() {
		sh(t, copied, "rm", "-q", "infra/shop.json")
		sh(t, copied, "commit", "-q", "-m", "Take the shop away")
		sh(t, copied, "push", "-q", "origin", "HEAD:main")
	}, nothing, nothing, nothing, func() {
		sh(t, copied, "revert", "--no-edit", "HEAD")
		sh(t, copied, "push", "-q", "origin", "HEAD:main")
	}, nothing, nothing)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	var deleted *DeletedError
	if _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); errors.As(err, &deleted) {
		t.Error("what has come back is gone")
	}
	if len(*failed) != 1 || strings.Join(*moved, " ") != "deleted in-sync" || a.read() != shop {
		t.Errorf("it has told %q, and moved %q", *failed, *moved)
	}
}

// What happened while nobody watched is brought by the first question of a new watch, once;
// a push of ours before it ended is no news.
func TestAWatchThatBeginsAgain(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	again := func() []string {
		w, moved, failed, _ := rig(t, a, nothing, nothing)
		if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) || len(*failed) != 0 {
			t.Fatal(err, *failed)
		}
		return *moved
	}
	if moved := again(); len(moved) != 0 {
		t.Errorf("our own push was brought: %q", moved)
	}
	// A message tells nothing: what others push with the message of ours is news.
	b.write(replacePlan(b.read(), "large"))
	if _, err := b.s.Push(t.Context(), b.link, PushOptions{Message: sh(t, bare, "log", "-1", "--format=%B", "main")}); err != nil {
		t.Fatal(err)
	}
	if moved := again(); strings.Join(moved, " ") != "updated" {
		t.Errorf("it has brought %q", moved)
	}
	if moved := again(); len(moved) != 0 {
		t.Errorf("it was brought again: %q", moved)
	}
}
