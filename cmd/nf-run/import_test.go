//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Whatever a project holds that nodes make is imported, and planning it there says that
// nothing would change.
func TestAnImportedProjectIsPlannedUnchanged(t *testing.T) {
	dir := t.TempDir()
	embedded, server, end := platformThatRuns(t, dir)
	defer end()
	do := func(op, body string, path ...string) {
		t.Helper()
		at := map[string]string{}
		for i := 0; i < len(path); i += 2 {
			at[path[i]] = path[i+1]
		}
		if _, err := embedded.Do(t.Context(), op, platform.Params{Path: at}, json.RawMessage(body)); err != nil {
			t.Fatalf("%s: %v", op, err)
		}
	}
	in := []string{"projectId", "shop"}
	do(platform.OpCreateProject, `{"name": "Shop", "region": "europe-west"}`)
	do(platform.OpCreateDomain, `{"domain": "example.com", "certificates": {"mode": "wildcard"}, "options": {"autoVerify": true}}`)
	do(platform.OpPutSubdomain, `{"name": "www", "options": {"tlsMode": "default", "minTlsProtocolVersion": "TLSV1_2"}, "cdn": {"northflank": {"enabled": true, "options": {"http3": {"enabled": true}}}}}`, "domain", "example.com")
	do(platform.OpPutSubdomain, `{"name": "api"}`, "domain", "example.com")
	do(platform.OpPutSubdomain, `{"name": "other"}`, "domain", "example.com")
	do(platform.OpAddSubdomainPath, `{"mode": "prefix", "uri": "/v1", "options": {"priority": 10}}`, "domain", "example.com", "subdomain", "api")
	var paths struct{ Paths []struct{ Name string } }
	response, err := embedded.Do(t.Context(), platform.OpListSubdomainPaths, platform.Params{Path: map[string]string{"domain": "example.com", "subdomain": "api"}}, nil)
	if err == nil {
		err = response.Data(&paths)
	}
	if err != nil || len(paths.Paths) != 1 {
		t.Fatalf("%v, %+v", err, paths)
	}
	do(platform.OpCreateDeploymentService, `{"name": "web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1.27"}},
		"ports": [{"name": "http", "internalPort": 80, "public": true, "protocol": "HTTP", "domains": ["www.example.com", "`+paths.Paths[0].Name+`"],
		"security": {"credentials": [{"username": "staff", "password": "", "type": "basic-auth"}, {"username": "guest", "password": "planted-guest", "type": "basic-auth"}]}}],
		"runtimeEnvironment": {"WELCOME": "Welcome, ${USER}", "BUILT": "${{ BUILD_DATE }}", "COST": "$5 \\${x}"}}`, in...)
	do(platform.OpCreateManualJob, `{"name": "migrate", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "runOnSourceChange": "never", "activeDeadlineSeconds": 600,
		"deployment": {"external": {"imagePath": "migrate/migrate:4"}}}`, in...)
	do(platform.OpPutPipeline, `{"name": "Train", "description": "To production", "stages": [{"name": "Staging", "nfObjects": [{"id": "web", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow", "spec": {
		"apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "JobRun", "ref": "first", "spec": {"jobId": "migrate", "runtimeEnvironment": {"KEY": "planted-in-a-flow"}}},
			{"kind": "JobRun", "spec": {"jobId": "migrate", "runtimeEnvironment": {"OF": "${refs.first.id}"}}}]}}}}}]}`, in...)
	do(platform.OpCreateWorkflow, `{"apiVersion": "v1.2", "name": "Nightly", "arguments": {"WHO": "world"}, "argumentOverrides": {"WHO": "planted-in-a-workflow"}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "JobRun", "spec": {"jobId": "migrate", "runtimeEnvironment": {"HELLO": "${args.WHO}"}}}]}}}`, in...)
	do(platform.OpCreatePreviewBlueprint, `{"apiVersion": "v1.2", "name": "Looks", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "DeploymentService", "ref": "look", "spec": {"name": "look-${args.name}", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1.27"}}}}]}}}`, in...)
	do(platform.OpCreateModel, `{"name": "chat", "ports": [{"name": "p01", "internalPort": 8000, "public": true, "protocol": "HTTP"}],
		"spec": {"type": "custom", "configuration": {"name": "example/model", "engine": "vllm", "revision": "main"}}}`, in...)
	do(platform.OpCreateCloudIntegration, `{"name": "our aws", "provider": "aws", "features": ["byoc"], "aws": {"authenticationMode": "accessKey"}, "credentials": {"accessKey": "id", "secretKey": "one"}}`)
	do(platform.OpCreateExternalAddon, `{"name": "bucket", "spec": {"resourceType": "s3", "provider": {"aws": {"region": "eu-west-1", "integrationId": "team/our-aws"}}}}`, in...)

	env := []string{"NF_KEY=file", "NORTHFLANK_API_TOKEN=t", "NORTHFLANK_API_HOST=" + server.URL, "NF_STATE=" + filepath.Join(dir, "state")}
	template, secrets := filepath.Join(dir, "shop.json"), filepath.Join(dir, "secrets.json")
	code, out, errOut := ran(t, env, "import", "shop", "--out", template, "--args-out", secrets)
	if code != exitOK || strings.Count(errOut, "left out") != 1 || !strings.Contains(errOut, "left out: the value of argument WEB_PASSWORD: the platform does not tell it") {
		t.Fatalf("%d\n%s%s", code, out, errOut)
	}
	read, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	text := string(read)
	for _, want := range []string{`"${refs.wwwExampleCom.fullName}"`, `"${refs.` + "api", `"kind": "SubdomainPath"`, `"id": "${refs.web.id}"`, `"OF": "${refs.first.id}"`, `"HELLO": "${args.WHO}"`,
		`"WHO": "${template.args.`, `"KEY": "${template.args.`, `"name": "look-${args.name}"`, `"kind": "LLMModelDeployment"`, `"kind": "ExternalAddon"`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(text, "planted") || strings.Contains(text, "other.example.com") {
		t.Error("there is a secret, or what the project does not use")
	}
	if code, out, errOut = ran(t, env, "check", template); code != exitOK {
		t.Errorf("%d\n%s%s", code, out, errOut)
	}
	code, out, errOut = ran(t, env, "plan", template, "--args-file", secrets, "--target", "northflank", "--json")
	var plan struct {
		Nodes    []struct{ Ref, Kind, Action, Diff string }
		Problems []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(out), &plan); code != exitOK || err != nil {
		t.Fatalf("%d, %v, %v\n%s\n%s", code, err, plan.Problems, text, errOut)
	}
	seen := map[string]bool{}
	for _, n := range plan.Nodes {
		if n.Action != "" && n.Action != "unchanged" {
			t.Errorf("%s %s would be %s: %s", n.Kind, n.Ref, n.Action, n.Diff)
		}
		seen[n.Kind] = n.Action == "unchanged"
	}
	for _, kind := range []string{"Project", "Subdomain", "SubdomainPath", "DeploymentService", "ManualJob", "Pipeline", "WorkflowTemplate", "PreviewBlueprint", "LLMModelDeployment", "ExternalAddon"} {
		if !seen[kind] {
			t.Errorf("%s is not said to be unchanged", kind)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s", text, out)
	}
}
