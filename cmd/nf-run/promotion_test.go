//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A promotion is the example of docs/promotion.md at work: a server, a bare repository
// whose hook tells it of pushes, and a working copy.
type promotion struct {
	t        *testing.T
	url      string
	copyDir  string
	git, env []string
}

func promoting(t *testing.T) *promotion {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	t.Setenv("NF_KEY", "file")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("NORTHFLANK_API_TOKEN", "")
	t.Setenv("NF_SERVE_TOKENS", "hook=of-the-hook ann=of-ann ben=of-ben")
	server, url := serving(t, t.TempDir(), "--git-repository", "github.com/example-org/*")
	go func() {
		for server.lines.Scan() { // a log that nobody reads holds a server up
		}
	}()
	here := t.TempDir()
	p := &promotion{t: t, url: url, copyDir: filepath.Join(here, "copy"),
		env: []string{"NORTHFLANK_API_TOKEN=of-the-hook", "NORTHFLANK_API_HOST=" + url, "NF_STATE=" + filepath.Join(here, "state")},
		git: []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=ann", "GIT_COMMITTER_EMAIL=ann@example.org"}}
	template, err := filepath.Abs("../../testdata/templates/promotion.json")
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := ran(t, p.env, "remote", "run", template, "--target", "northflank"); code != 0 {
		t.Fatalf("the pipeline: %d\n%s%s", code, out, errOut)
	}
	bare := filepath.Join(here, "shop.git")
	p.run(here, "init", "-q", "--bare", "-b", "dev", bare)
	hook := "#!/bin/sh\nexec nf-run trigger receive --repo https://github.com/example-org/shop --target northflank\n"
	if err := os.WriteFile(filepath.Join(bare, "hooks", "post-receive"), []byte(hook), 0o700); err != nil { //nolint:gosec // a hook is a program
		t.Fatal(err)
	}
	p.run(here, "init", "-q", "-b", "dev", p.copyDir)
	p.run(p.copyDir, "remote", "add", "origin", bare)
	return p
}

// run runs Git and returns what it says.
func (p *promotion) run(dir string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), p.git...), p.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// commit changes a file, and returns the commit.
func (p *promotion) commit(file, text, message string) string {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.copyDir, file), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.run(p.copyDir, "add", file)
	p.run(p.copyDir, "commit", "-qm", message)
	return strings.TrimSpace(p.run(p.copyDir, "rev-parse", "HEAD"))
}

// push pushes the branch dev, whose hook says why nothing is started.
func (p *promotion) push(says string) {
	p.t.Helper()
	if out := p.run(p.copyDir, "push", "origin", "dev"); !strings.Contains(out, says) {
		p.t.Errorf("the hook does not say %q:\n%s", says, out)
	}
}

// nfRun runs a command as somebody who looks after releases does.
func (p *promotion) nfRun(args ...string) string {
	p.t.Helper()
	code, out, errOut := ran(p.t, p.env, append(args, "--target", "northflank")...)
	if code != 0 {
		p.t.Fatalf("nf-run %v: %d\n%s%s", args, code, out, errOut)
	}
	return out
}

// promote merges one branch into another, without a commit of its own, and pushes that.
func (p *promotion) promote(from, to string) {
	p.t.Helper()
	p.run(p.copyDir, "checkout", "-q", "-B", to, "--no-track", p.base(to, from))
	p.run(p.copyDir, "merge", "-q", "--ff-only", from)
	p.run(p.copyDir, "push", "-q", "origin", to)
	p.run(p.copyDir, "checkout", "-q", from)
}

// base is a branch as it is, or what it begins as.
func (p *promotion) base(branch, otherwise string) string {
	p.t.Helper()
	if strings.TrimSpace(p.run(p.copyDir, "branch", "--list", branch)) == "" {
		return otherwise
	}
	return branch
}

// get reads from the server.
func (p *promotion) get(path string) any {
	p.t.Helper()
	status, body := request(p.t, "GET", p.url+path, "", "Authorization: Bearer of-the-hook")
	var answer any
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
		p.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return jsonvalue.Get(answer, "data")
}

// released waits until the newest run of a stage has a state, and returns its id.
func (p *promotion) released(stage, state string, runs int) string {
	p.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		rows := jsonvalue.List(p.get("/v1/projects/shop/pipelines/delivery/release-flows/"+stage+"/runs"), "runs")
		if len(rows) == runs && runs > 0 && jsonvalue.String(rows[0], "status") == state {
			return jsonvalue.String(rows[0], "id")
		}
		if len(rows) == runs && runs == 0 {
			return ""
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s does not come to %s: %v", stage, state, rows)
		}
	}
}

// deployed is the commit that a service runs.
func (p *promotion) deployed(service string) string {
	p.t.Helper()
	return jsonvalue.String(p.get("/v1/projects/shop/services/"+service), "deployment.internal.deployedSHA")
}

func (p *promotion) runs(service, commit string) {
	p.t.Helper()
	if got := p.deployed(service); got != commit {
		p.t.Errorf("%s runs %q, want %q", service, got, commit)
	}
}

// approve approves a release with somebody's token.
func (p *promotion) approve(run, token string, want int) {
	p.t.Helper()
	p.decide(run, token, `{"node": "clearance", "reason": "it looks well"}`, want)
}

func (p *promotion) decide(run, token, decision string, want int) {
	p.t.Helper()
	status, body := request(p.t, "POST", p.url+"/page/runs/"+run+"/approve", decision, "Authorization: Bearer "+token, "Content-Type: application/json")
	if status != want {
		p.t.Errorf("decided by %s: %d %s", token, status, body)
	}
}

// TestACommitIsPromotedToProduction follows a commit from its push through the branches
// dev, staging and production: what is merged into a branch is released there, the same
// image each time, and in production when two people have approved it. What one of them
// rejects stays where it was, what waits for it comes after, and a rollback goes back.
func TestACommitIsPromotedToProduction(t *testing.T) {
	p := promoting(t)
	first := p.commit("Dockerfile", "FROM nginx:1.27\n", "Serve the shop")
	p.run(p.copyDir, "push", "-q", "origin", "dev")
	p.released("development", "success", 1)
	p.runs("shop-dev", first)
	p.runs("shop-staging", "")

	p.promote("dev", "staging")
	p.released("staging", "success", 1)
	p.runs("shop-staging", first)
	p.released("production", "", 0)

	p.promote("staging", "production")
	waiting := p.released("production", "approval_wait", 1)
	p.runs("shop-production", "")
	p.approve(waiting, "of-nobody", 401)
	p.approve(waiting, "of-ann", 202)
	p.approve(waiting, "of-ann", 202) // counts once
	if state := jsonvalue.String(p.get("/v1/projects/shop/pipelines/delivery/release-flows/production/runs"), "runs.0.status"); state != "approval_wait" {
		t.Errorf("one person has cleared it: %s", state)
	}
	p.runs("shop-production", "")
	p.approve(waiting, "of-ben", 202)
	p.released("production", "success", 1)
	p.runs("shop-production", first)
	if builds := jsonvalue.List(p.get("/v1/projects/shop/services/shop-image/build"), "builds"); len(builds) != 1 {
		t.Errorf("%d images were built of one commit", len(builds))
	}

	// What is no change of the program starts nothing, and what nobody promotes stays
	// where it is.
	p.run(p.copyDir, "checkout", "-q", "dev")
	p.commit("README.md", "The shop.\n", "Explain")
	p.push("[other-paths]")
	p.commit("Dockerfile", "FROM nginx:1.28\n", "Try [skip ci]")
	p.push("[commit-flag]")
	p.released("development", "success", 1)
	second := p.commit("Dockerfile", "FROM nginx:1.29\n", "Serve faster")
	p.push("development")
	p.released("development", "success", 2)
	p.runs("shop-dev", second)
	p.runs("shop-staging", first)
	p.runs("shop-production", first)

	// Two merges are released in their order: the second waits for the first, also when
	// that is rejected.
	p.promote("dev", "staging")
	p.released("staging", "success", 2)
	p.promote("staging", "production")
	rejected := p.released("production", "approval_wait", 2)
	p.run(p.copyDir, "checkout", "-q", "dev")
	third := p.commit("Dockerfile", "FROM nginx:1.30\n", "Serve safely")
	p.push("development")
	p.released("development", "success", 3)
	p.promote("dev", "staging")
	p.released("staging", "success", 3)
	p.promote("staging", "production")
	p.released("production", "queued", 3)
	p.decide(rejected, "of-ann", `{"node": "clearance", "reject": true, "reason": "not today"}`, 202)
	next := p.released("production", "approval_wait", 3)
	p.runs("shop-production", first)
	p.approve(next, "of-ann", 202)
	p.approve(next, "of-ben", 202)
	p.released("production", "success", 3)
	p.runs("shop-production", third)

	// A rollback takes no build and no approval.
	list := p.nfRun("release", "list", "shop/delivery", "production")
	for _, id := range []string{waiting, rejected, next} {
		if !strings.Contains(list, id) {
			t.Errorf("%s is not listed:\n%s", id, list)
		}
	}
	p.nfRun("release", "rollback", "shop/delivery", "production", waiting)
	p.runs("shop-production", first)
}
