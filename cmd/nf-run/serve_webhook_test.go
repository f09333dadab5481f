//go:build unix

package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServeRunsWhatAWebhookIsFor makes a preview by the address of its webhook,
// which no log shows, and once more while its triggers are paused.
func TestServeRunsWhatAWebhookIsFor(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	p, url := serving(t, t.TempDir(), "--token", "ci=s3cret-value", "--webhook-limit", "6")
	do := func(method, path, body string) string {
		t.Helper()
		status, answer := request(t, method, url+path, body, "Authorization: Bearer s3cret-value")
		if status != 200 {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		return answer
	}
	do("POST", "/v1/projects", `{"name": "Shop"}`)
	do("PUT", "/v1/projects/shop/pipelines", `{"name": "Delivery", "stages": [{"name": "Staging"}]}`)
	const previews = "/v1/projects/shop/pipelines/delivery/preview-envs"
	document := func(paused string) string {
		return `{"apiVersion": "v1.2", "paused": ` + paused + `, "options": {"nameFormat": "branch"}, "webhook": {"enabled": true}, "triggers": [{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/shop"}],
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings", "secretType": "environment",
			"priority": 1, "secrets": {"variables": {"BRANCH": "${refs.source.branch}", "PULL": "${refs.source.pullRequestId}", "KEY": "${args.key}"}}}}]}}}`
	}
	do("POST", previews, document("false"))
	var hook struct{ Data struct{ Path string } }
	if err := json.Unmarshal([]byte(do("GET", "/v1/documents/projects:shop:pipelines:delivery:preview-envs/webhook", "")), &hook); err != nil {
		t.Fatal(err)
	}
	address := url + hook.Data.Path
	status, answer := request(t, "GET", address+"?source%2Ebranch=feature%2Fx&source.pullRequestId=12&key=h1dden", "")
	if status != 200 || strings.Contains(answer, "h1dden") || !strings.Contains(answer, `"name":"feature-x"`) {
		t.Fatalf("%d %s", status, answer)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if runs := do("GET", previews+"/runs", ""); strings.Contains(runs, `"status":"success"`) {
			break
		} else if time.Now().After(end) {
			t.Fatal(runs)
		}
	}
	secrets := do("GET", "/v1/projects/shop/secrets/settings", "")
	for _, want := range []string{`"BRANCH":"feature/x"`, `"KEY":"h1dden"`} {
		if !strings.Contains(secrets, want) {
			t.Errorf("no %s: %s", want, secrets)
		}
	}
	do("POST", previews, document("true"))
	if status, answer = request(t, "POST", address, ""); status != 202 || !strings.Contains(answer, "paused") {
		t.Errorf("while it is paused: %d %s", status, answer)
	}
	if status, _ = request(t, "GET", address+"x", ""); status != 404 {
		t.Errorf("another address: %d", status)
	}
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(hook.Data.Path, "/previews/")
	hooked := 0
	for p.lines.Scan() {
		if line := p.lines.Text(); strings.Contains(line, token) || strings.Contains(line, "h1dden") || strings.Contains(line, "s3cret-value") {
			t.Errorf("the log shows a secret: %s", line)
		} else if strings.Contains(line, `"operation":"webhook"`) {
			hooked++
		}
	}
	if err := p.Wait(); err != nil || hooked != 3 {
		t.Errorf("%d requests to webhooks in the log: %v", hooked, err)
	}
}

// TestServeGoesOnWithWhatAWebhookHasStarted kills a server while it builds for a webhook,
// and while it tears the environment down: the next server ends both, and does nothing
// twice.
func TestServeGoesOnWithWhatAWebhookHasStarted(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	p, url := serving(t, dir, "--delay", "build=2s", "--delay", "deploy=2s")
	do := func(method, path, body string) string {
		t.Helper()
		status, answer := request(t, method, url+path, body)
		if status != 200 {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		return answer
	}
	until := func(path, want string) {
		t.Helper()
		for end := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			answer := do("GET", path, "")
			if strings.Contains(answer, want) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s never says %s: %s", path, want, answer)
			}
		}
	}
	again := func() {
		t.Helper()
		_ = p.Process.Kill()
		_ = p.Wait()
		p, url = serving(t, dir, "--delay", "build=2s", "--delay", "deploy=2s")
	}
	do("POST", "/v1/projects", `{"name": "Shop"}`)
	do("POST", "/v1/projects/shop/services/build", `{"name": "builder", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://github.com/acme/shop",
		"projectType": "github", "projectBranch": "main"}, "buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
	do("POST", "/v1/projects/shop/services/deployment", `{"name": "chat", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	do("POST", "/v1/projects/shop/preview-blueprints", `{"apiVersion": "v1.2", "name": "previews", "triggers": [{"kind": "webhook", "ref": "hook", "spec": {"token": "chosen-by-somebody"}}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "BuildSource", "condition": "success", "spec": {"id": "builder", "type": "service", "defaults": {"branch": "main"}}}]}},
		"teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Condition", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"projectId": "shop", "serviceId": "chat"}}}}]}}}}`)
	const previews, builds = "/v1/projects/shop/preview-blueprints/previews", "/v1/projects/shop/services/builder/build"
	if status, answer := request(t, "POST", url+"/previews/chosen-by-somebody?name=one", ""); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	until(builds, `"status":"BUILDING"`)
	again()
	until(previews+"/runs", `"status":"success"`)
	if n := strings.Count(do("GET", builds, ""), `"sha"`); n != 1 {
		t.Errorf("%d builds", n)
	}
	do("POST", "/v1/projects/shop/services/chat/restart", "")
	do("DELETE", previews+"/previews/one", "")
	until(previews+"/runs", `"status":"running"`)
	again()
	until(previews+"/previews", `"previewEnvironments":[]`)
	if n := strings.Count(do("GET", previews+"/runs", ""), `"environmentId":"one"`); n != 2 {
		t.Errorf("%d runs", n)
	}
}
