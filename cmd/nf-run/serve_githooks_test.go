//go:build unix

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
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

// hooked is a template that is linked to a repository, of which somebody else has a clone.
type hooked struct {
	t                             *testing.T
	dir, work, bare, theirs, file string
}

func linkedShop(t *testing.T) *hooked {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	t.Setenv("NF_KEY", "file")
	work := t.TempDir()
	t.Setenv("HOME", work)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(work, "gitconfig"))
	h := &hooked{t: t, dir: t.TempDir(), work: work, bare: filepath.Join(work, "origin.git"), theirs: filepath.Join(work, "theirs")}
	for _, set := range [][2]string{{"user.name", "Ada"}, {"user.email", "ada@example.com"}, {"init.defaultBranch", "main"}} {
		h.git("config", "--global", set[0], set[1])
	}
	h.file = h.written("shop.json", h.text("First"))
	h.git("init", "-q", "--bare", h.bare)
	h.run("sync", "link", h.file, "--repo", h.bare, "--branch", "main", "--path", "/shop.json", "--autorun", "on")
	h.run("sync", "push", h.file, "--no-run")
	h.git("clone", "-q", h.bare, h.theirs)
	return h
}

func (h *hooked) text(name string) string {
	return `{"apiVersion": "v1.2", "name": "Shop", "spec": {"kind": "Project", "ref": "shop", "spec": {"name": "` + name + `", "region": "europe-west"}}}` + "\n"
}

func (h *hooked) written(name, content string) (path string) {
	h.t.Helper()
	path = filepath.Join(h.work, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *hooked) git(args ...string) {
	h.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = h.work
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// run runs a command, and returns what it has said.
func (h *hooked) run(args ...string) string {
	h.t.Helper()
	p := startProcess(h.t, append(args, "--state", h.dir)...)
	var said []string
	for p.lines.Scan() {
		said = append(said, p.lines.Text())
	}
	if err := p.Wait(); err != nil {
		h.t.Fatalf("%v: %v\n%s", args, err, strings.Join(said, "\n"))
	}
	return strings.Join(said, "\n")
}

// pushed pushes another name of the project, as somebody else.
func (h *hooked) pushed(name string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.theirs, "shop.json"), []byte(h.text(name)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.git("-C", h.theirs, "commit", "-qam", "Another name")
	h.git("-C", h.theirs, "push", "-q")
}

// comes waits until the file has a name of the project.
func (h *hooked) comes(name string) {
	h.t.Helper()
	eventually(h.t, "the pushed file", func() bool {
		now, err := os.ReadFile(h.file)
		return err == nil && string(now) == h.text(name)
	})
}

// A push is pulled into the linked file and runs the template; a pull request makes a
// preview, once, and its end deletes it after its teardown. All of it without a poll.
func TestServeHearsAGitHost(t *testing.T) {
	shop := linkedShop(t)
	dir := shop.dir
	const secret = "a-secret-that-nobody-guesses"
	shop.run("sync", "hook", "set", "hub", "--host", "github", "--file", shop.written("secret", secret))

	p, url := serving(t, dir)
	tell := hostOf(t, url+"/git-hooks/hub", secret)
	repository := fmt.Sprintf(`"repository": {"clone_url": "file://%s"}`, shop.bare)
	shop.pushed("Second")
	status, answer := tell("push", `{"ref": "refs/heads/main", "after": "0123456789abcdef0123456789abcdef01234567", `+repository+`}`)
	if status != 200 || !strings.Contains(answer, `"files":["Shop"]`) {
		t.Fatalf("%d %s", status, answer)
	}
	shop.comes("Second")
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
	do("POST", "/v1/projects/web/services/deployment", `{"name": "chat", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	const previews = "/v1/projects/web/pipelines/delivery/preview-envs"
	group := func(ref, name string) string {
		return `{"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "SecretGroup", "ref": "` + ref + `", "spec": {"name": "` + name + `", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "b"}}}}]}}`
	}
	do("POST", previews, `{"apiVersion": "v1.2", "options": {"nameFormat": "pullRequest"}, "triggers": [{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/web", "prRestrictions": ["*"]}],
		"spec": `+group("settings", "settings")+`, "teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"projectId": "web", "serviceId": "chat"}}}}]}}}}`)
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
	eventually(t, "the teardown", func() bool { return strings.Count(do("GET", previews+"/runs", ""), `"status":"success"`) == 2 })
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

// GitLab and Bitbucket tell of a push, signed as each of them does, and it is pulled; what is
// not signed, or by somebody else, is refused.
func TestServeHearsGitLabAndBitbucket(t *testing.T) {
	shop := linkedShop(t)
	const key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	token := "glpat-like-and-long-enough"
	sign := func(key []byte, parts string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(parts))
		return m.Sum(nil)
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	hub := func(event string) func(secret []byte, body string) []string {
		return func(secret []byte, body string) []string {
			return []string{"X-Event-Key: " + event, "X-Hub-Signature: sha256=" + hex.EncodeToString(sign(secret, body))}
		}
	}
	const after = "89abcdef0123456789abcdef0123456789abcdef"
	hosts := []struct {
		name, host, secret string
		key                []byte
		signed             func(key []byte, body string) []string
		body               string // %s is the address of the repository
	}{
		{"signing", "gitlab", "whsec_" + key, raw, func(key []byte, body string) []string {
			at := fmt.Sprint(time.Now().Unix())
			return []string{
				"X-Gitlab-Event: Push Hook", "Webhook-Id: msg_1", "Webhook-Timestamp: " + at,
				"Webhook-Signature: v1," + base64.StdEncoding.EncodeToString(sign(key, "msg_1."+at+"."+body)),
			}
		}, `{"object_kind": "push", "ref": "refs/heads/main", "after": "` + after + `", "project": {"git_http_url": "%s"}}`},
		{"token", "gitlab", token, []byte(token), func(key []byte, _ string) []string {
			return []string{"X-Gitlab-Event: Push Hook", "X-Gitlab-Token: " + string(key)}
		}, `{"object_kind": "push", "ref": "refs/heads/main", "after": "` + after + `", "project": {"git_http_url": "%s"}}`},
		{"cloud", "bitbucket", "a-secret-of-the-cloud", []byte("a-secret-of-the-cloud"), hub("repo:push"),
			`{"repository": {"links": {"html": {"href": "%s"}}}, "push": {"changes": [{"new": {"type": "branch", "name": "main", "target": {"hash": "` + after + `"}}}]}}`},
		{"center", "bitbucket", "a-secret-of-the-center", []byte("a-secret-of-the-center"), hub("repo:refs_changed"),
			`{"repository": {"links": {"clone": [{"href": "%s", "name": "http"}]}}, "changes": [{"ref": {"displayId": "main", "type": "BRANCH"}, "toHash": "` + after + `", "type": "UPDATE"}]}`},
	}
	for _, h := range hosts {
		shop.run("sync", "hook", "set", h.name, "--host", h.host, "--file", shop.written("secret", h.secret))
	}
	p, url := serving(t, shop.dir)
	for _, h := range hosts {
		body := fmt.Sprintf(h.body, "file://"+shop.bare)
		address := url + "/git-hooks/" + h.name
		shop.pushed(h.name)
		if status, answer := request(t, "POST", address, body); status != 401 {
			t.Errorf("%s, unsigned: %d %s", h.name, status, answer)
		}
		if status, answer := request(t, "POST", address, body, h.signed([]byte("somebody else, with another key."), body)...); status != 401 {
			t.Errorf("%s, signed by somebody else: %d %s", h.name, status, answer)
		}
		status, answer := request(t, "POST", address, body, h.signed(h.key, body)...)
		if status != 200 || !strings.Contains(answer, `"files":["Shop"]`) {
			t.Fatalf("%s: %d %s", h.name, status, answer)
		}
		shop.comes(h.name)
	}
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for p.lines.Scan() {
		for _, h := range hosts {
			if strings.Contains(p.lines.Text(), h.secret) {
				t.Errorf("the log shows a secret: %s", p.lines.Text())
			}
		}
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}
