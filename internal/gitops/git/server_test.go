package git

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// overHTTP serves a repository by Git's own server program, for one user.
func overHTTP(t *testing.T, bare string) string {
	t.Helper()
	backend := filepath.Join(sh(t, "", "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("there is no git http-backend")
	}
	sh(t, bare, "config", "http.receivepack", "true")
	sh(t, bare, "config", "uploadpack.allowFilter", "true")
	sh(t, bare, "config", "uploadpack.allowAnySHA1InWant", "true")
	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=ada"}, InheritEnv: []string{"PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "ada" || password != "hunter2" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://") + "/" + filepath.Base(bare)
}

func TestAServerThatAsksForCredentials(t *testing.T) {
	bare, _ := origin(t, map[string]string{"a/t.json": "{}\n", "big": strings.Repeat("x", 1<<16)})
	at := overHTTP(t, bare)
	helper := filepath.Join(t.TempDir(), "helper")
	if err := os.WriteFile(helper, []byte("#!/bin/sh\n[ \"$1\" = get ] && echo username=ada && echo password=hunter2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	withHelper := func() {
		t.Setenv("GIT_CONFIG_COUNT", "1")
		t.Setenv("GIT_CONFIG_KEY_0", "credential.helper")
		t.Setenv("GIT_CONFIG_VALUE_0", helper)
	}
	work := func(t *testing.T, address string) {
		r := open(t, address)
		ctx := t.Context()
		tip, err := r.Fetch(ctx, branch(t, "main"))
		if err != nil || string(tip) != sh(t, bare, "rev-parse", "main") {
			t.Fatalf("%q, %v", tip, err)
		}
		file, err := r.File(ctx, tip, path(t, "a/t.json"))
		if err != nil {
			t.Fatal(err)
		}
		// The content of a file comes when it is asked for, and that of others never.
		if text, err := r.Blob(ctx, file.Blob); err != nil || !strings.Contains(string(text), "}") {
			t.Fatalf("%q, %v", text, err)
		}
		missing := sh(t, r.Dir(), "-c", "remote.origin.url=none", "rev-list", "--objects", "--missing=print", "refs/nf/remote/main")
		if !strings.Contains(missing, "?") {
			t.Error("all contents were fetched")
		}
		who, err := (&Program{}).Identity(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.Make(ctx, who, tip, path(t, "a/t.json"), []byte("{} "+address[:9]+"\n"), "Change")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Push(ctx, c, branch(t, "main"), false); err != nil {
			t.Fatal(err)
		}
		if got := sh(t, bare, "rev-parse", "main"); got != string(c) {
			t.Errorf("main is at %s, want %s", got, c)
		}
		if got := sh(t, bare, "diff", "--name-only", "main~1", "main"); got != "a/t.json" {
			t.Errorf("the push changed %s", got)
		}
	}
	t.Run("in the address", func(t *testing.T) { work(t, "http://ada:hunter2@"+at) })
	t.Run("none", func(t *testing.T) {
		_, err := open(t, "http://"+at).Fetch(t.Context(), branch(t, "main"))
		if e := reason(t, err, Unauthorized); !strings.Contains(e.Message, "credential helper") {
			t.Errorf("it is not said what to do: %v", e)
		}
	})
	t.Run("wrong ones", func(t *testing.T) {
		_, err := open(t, "http://ada:expired@"+at).Fetch(t.Context(), branch(t, "main"))
		if e := reason(t, err, Unauthorized); strings.Contains(e.Error(), "expired@") {
			t.Errorf("the password is shown: %v", e)
		}
	})
	t.Run("a repository that is not there", func(t *testing.T) {
		_, err := open(t, "http://ada:hunter2@"+strings.Replace(at, "origin", "nowhere", 1)).Fetch(t.Context(), branch(t, "main"))
		reason(t, err, NotFound)
	})
	withHelper()
	t.Run("of a credential helper", func(t *testing.T) { work(t, "http://"+at) })
}

// The first fetch brings the tip alone, without history, files of it only when they are read;
// a later one what was added since.
func TestAFetchBringsNoMoreThanItHasTo(t *testing.T) {
	bare, copied := origin(t, map[string]string{"t.json": "one\n", "other.json": "other\n"})
	commit(t, copied, map[string]string{"t.json": "two\n"})
	for _, set := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		sh(t, bare, "config", set, "true")
	}
	r := open(t, "file://"+bare)
	held := func() (commits string, blobs int) {
		t.Helper()
		tip, err := r.Fetch(t.Context(), branch(t, "main"))
		if err != nil {
			t.Fatal(err)
		}
		objects := sh(t, r.Dir(), "-c", "remote.origin.url=file:///nowhere", "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
		return sh(t, r.Dir(), "rev-list", "--count", string(tip)), strings.Count(objects, "blob")
	}
	if commits, blobs := held(); commits != "1" || blobs != 0 {
		t.Errorf("the first fetch has brought %s commits and %d files", commits, blobs)
	}
	commit(t, copied, map[string]string{"t.json": "three\n"})
	if commits, blobs := held(); commits != "2" || blobs != 0 {
		t.Errorf("then there are %s commits and %d files", commits, blobs)
	}
	tip, err := r.Resolve(t.Context(), branch(t, "main"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := r.File(t.Context(), tip, path(t, "t.json"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.Blob(t.Context(), file.Blob); err != nil || string(text) != "three\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, blobs := held(); blobs != 1 {
		t.Errorf("one file was read, and %d are here", blobs)
	}
}
