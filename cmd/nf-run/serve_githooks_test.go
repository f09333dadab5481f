//go:build unix

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostOf sends what a Git host would, signed.
func hostOf(t *testing.T, address, secret string) func(event, body string) (int, string) {
	return func(event, body string) (int, string) {
		t.Helper()
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(body))
		return request(t, "POST", address, body, "X-GitHub-Event: "+event, "X-Hub-Signature-256: sha256="+hex.EncodeToString(m.Sum(nil)))
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// A push is pulled into the linked file and runs the template; a pull request makes a
// preview, once, and its end deletes it after its teardown. All of it without a poll.
func TestServeHearsAGitHost(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	t.Setenv("NF_KEY", "file")
	dir, work := t.TempDir(), t.TempDir()
	t.Setenv("HOME", work)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(work, "gitconfig"))
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = work
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run := func(args ...string) {
		t.Helper()
		p := startProcess(t, append(args, "--state", dir)...)
		var said []string
		for p.lines.Scan() {
			said = append(said, p.lines.Text())
		}
		if err := p.Wait(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, strings.Join(said, "\n"))
		}
	}
	for _, set := range [][2]string{{"user.name", "Ada"}, {"user.email", "ada@example.com"}, {"init.defaultBranch", "main"}} {
		git("config", "--global", set[0], set[1])
	}
	bare, theirs, file, secretFile := filepath.Join(work, "origin.git"), filepath.Join(work, "theirs"), filepath.Join(work, "shop.json"), filepath.Join(work, "secret")
	const secret = "a-secret-that-nobody-guesses"
	text := func(name string) string {
		return `{"apiVersion": "v1.2", "name": "Shop", "spec": {"kind": "Project", "ref": "shop", "spec": {"name": "` + name + `", "region": "europe-west"}}}` + "\n"
	}
	for path, content := range map[string]string{file: text("First"), secretFile: secret} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q", "--bare", bare)
	run("sync", "link", file, "--repo", bare, "--branch", "main", "--path", "/shop.json", "--autorun", "on")
	run("sync", "push", file, "--no-run")
	run("sync", "hook", "set", "hub", "--host", "github", "--file", secretFile)

	p, url := serving(t, dir)
	tell := hostOf(t, url+"/git-hooks/hub", secret)
	repository := fmt.Sprintf(`"repository": {"clone_url": "file://%s"}`, bare)
	git("clone", "-q", bare, theirs)
	if err := os.WriteFile(filepath.Join(theirs, "shop.json"), []byte(text("Second")), 0o600); err != nil {
		t.Fatal(err)
	}
	git("-C", theirs, "commit", "-qam", "Another name")
	git("-C", theirs, "push", "-q")
	status, answer := tell("push", `{"ref": "refs/heads/main", "after": "0123456789abcdef0123456789abcdef01234567", `+repository+`}`)
	if status != 200 || !strings.Contains(answer, `"files":["Shop"]`) {
		t.Fatalf("%d %s", status, answer)
	}
	eventually(t, "the pushed file", func() bool {
		now, err := os.ReadFile(file)
		return err == nil && string(now) == text("Second")
	})
	eventually(t, "the run", func() bool {
		out, err := os.ReadFile(filepath.Join(dir, "sync", "links.json"))
		return err == nil && strings.Contains(string(out), `"run"`)
	})
	if status, answer = tell("push", `{"ref": "refs/heads/other", `+repository+`}`); status != 200 || !strings.Contains(answer, `"files":[]`) {
		t.Errorf("another branch: %d %s", status, answer)
	}
	if status, _ = hostOf(t, url+"/git-hooks/hub", "another-secret-of-somebody")("push", `{}`); status != 401 {
		t.Errorf("a stranger: %d", status)
	}

	do := func(method, path, body string) string {
		t.Helper()
		status, answer := request(t, method, url+path, body)
		if status != 200 {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		return answer
	}
	do("POST", "/v1/projects", `{"name": "Web"}`)
	do("PUT", "/v1/projects/web/pipelines", `{"name": "Delivery", "stages": [{"name": "Staging"}]}`)
	const previews = "/v1/projects/web/pipelines/delivery/preview-envs"
	group := func(ref, name string) string {
		return `{"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "SecretGroup", "ref": "` + ref + `", "spec": {"name": "` + name + `", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "b"}}}}]}}`
	}
	do("POST", previews, `{"apiVersion": "v1.2", "options": {"nameFormat": "pullRequest"}, "triggers": [{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/web", "prRestrictions": ["*"]}],
		"spec": `+group("settings", "settings")+`, "teardownSpec": {"spec": `+group("goodbye", "goodbye")+`}}`)
	pull := func(action string) string {
		return `{"action": "` + action + `", "pull_request": {"number": 12, "head": {"ref": "feature/x", "sha": "0123456789abcdef0123456789abcdef01234567", "repo": {"full_name": "acme/web"}},
			"base": {"repo": {"full_name": "acme/web"}}}, "repository": {"clone_url": "https://github.com/acme/web.git"}}`
	}
	status, answer = tell("pull_request", pull("opened"))
	if status != 200 || !strings.Contains(answer, `"action":"run"`) || !strings.Contains(answer, `"environmentId":"pr-12"`) {
		t.Fatalf("%d %s", status, answer)
	}
	// Who sends it once more starts nothing.
	if status, answer = tell("pull_request", pull("opened")); status != 200 || !strings.Contains(answer, `"repeated":true`) {
		t.Errorf("a replay: %d %s", status, answer)
	}
	eventually(t, "the preview", func() bool { return strings.Contains(do("GET", previews+"/runs", ""), `"status":"success"`) })
	if status, answer = tell("issue_comment", `{"action": "created", "repository": {"clone_url": "https://github.com/acme/web.git"}}`); status != 200 || !strings.Contains(answer, `"outcomes":[]`) {
		t.Errorf("a comment: %d %s", status, answer)
	}
	status, answer = tell("pull_request", pull("closed"))
	if status != 200 || !strings.Contains(answer, `"action":"delete"`) {
		t.Fatalf("%d %s", status, answer)
	}
	eventually(t, "the teardown", func() bool { return strings.Contains(do("GET", "/v1/projects/web/secrets", ""), `"goodbye"`) })
	eventually(t, "the end of the preview", func() bool { return !strings.Contains(do("GET", previews+"/previews", ""), `"pr-12"`) })
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for p.lines.Scan() {
		if strings.Contains(p.lines.Text(), secret) {
			t.Errorf("the log shows the secret: %s", p.lines.Text())
		}
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}
