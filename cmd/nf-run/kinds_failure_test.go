package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
)

// failures has for each kind a node, with the ref "it", that cannot succeed, and what the
// node says then.
var failures = map[string]struct {
	before   string // steps that come before the node
	node     string
	says     []string // in the error of the node, on every target
	elsewise []string // where it is carried out by the platform, if that says something else
	teardown string   // the steps of a teardown that is run after the template, and has the node
	flow     bool     // the document is a release flow
	wait     bool     // people are waited for
}{
	"Action": {node: `{"kind": "Action", "ref": "it", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "nobody"}}}}`,
		says: []string{"nobody"}},
	"Addon": {before: addonStep("first", "postgresql", "14-latest"),
		node: `{"kind": "Addon", "ref": "it", "options": {"upgradeOnVersionMismatch": true}, "spec": {"name": "database", "type": "postgresql", "version": "16-latest",
			"billing": {"deploymentPlan": "nf-compute-20", "storageClass": "ssd", "storage": 4096, "replicas": 1}}}`,
		says: []string{"from 14 to 16", "skip"}},
	"AddonBackup": {node: `{"kind": "AddonBackup", "ref": "it", "spec": {"addonId": "nobody", "backupType": "snapshot"}}`, says: []string{"nobody"}},
	"AddonImport": {node: `{"kind": "AddonImport", "ref": "it", "spec": {"addonId": "nobody", "importUrl": "https://example.com/dump.gz"}}`, says: []string{"nobody"}},
	"Approval":    {node: `{"kind": "Approval", "ref": "it", "timeoutDuration": 1, "spec": {"amount": 1}}`, wait: true, says: []string{"nobody has decided in time"}},
	"BYOCCluster": {node: `{"kind": "BYOCCluster", "ref": "it", "spec": {"name": "Ours", "provider": "aws", "integrationId": "nobody", "region": "eu-west-1", "kubernetesVersion": "1.31",
			"nodePools": [{"id": "system", "nodeType": "m6i.large", "nodeCount": 2, "diskSize": 100}]}}`, says: []string{"nobody"}},
	"BYOCIntegration": {node: `{"kind": "BYOCIntegration", "ref": "it", "updateMode": "patch", "spec": {"name": "Nobody", "provider": "aws", "features": ["byoc"],
			"aws": {"authenticationMode": "accessKey"}, "credentials": {"accessKey": "id", "secretKey": "key"}}}`, says: []string{"nobody", "patch"}},
	"BYOCRegistry": {node: `{"kind": "BYOCRegistry", "ref": "it", "spec": {"name": "Images", "provider": "aws", "region": "eu-west-1", "integrationId": "nobody"}}`, says: []string{"nobody"}},
	"Build":        {node: `{"kind": "Build", "ref": "it", "spec": {"id": "nobody", "type": "service", "branch": "main"}}`, says: []string{"nobody"}},
	"BuildService": {node: `{"kind": "BuildService", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "billing": {"deploymentPlan": "nf-compute-20"},
			"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github"},
			"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}}`, says: []string{"nobody", "patch"}},
	"BuildSource": {node: `{"kind": "BuildSource", "ref": "it", "spec": {"id": "nobody", "type": "service", "branch": "main"}}`, says: []string{"nobody"}},
	"CombinedService": {node: `{"kind": "CombinedService", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1}, "vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"},
			"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}}`, says: []string{"nobody", "patch"}},
	"Condition": {node: `{"kind": "Condition", "ref": "it", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "nobody"}}, "timeoutDuration": 1}}`,
		says: []string{"nobody"}},
	"CronJob": {node: `{"kind": "CronJob", "ref": "it", "spec": {"name": "clock", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "schedule": "0 * * * *",
			"concurrencyPolicy": "forbid", "deployment": {"internal": {"id": "nobody", "branch": "main", "buildSHA": "latest"}}}}`, says: []string{"nobody"}},
	"CustomDockerCredentials": {node: `{"kind": "CustomDockerCredentials", "ref": "it", "updateMode": "patch", "spec": {"name": "Nobody", "provider": "custom", "registryUrl": "https://registry.example.com",
			"credentials": {"username": "robot", "password": "x"}}}`, says: []string{"nobody", "patch"}},
	"CustomPlan": {node: `{"kind": "CustomPlan", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "type": ["deployment"], "configuration": {"type": "northflank",
			"resources": {"cpu": {"resources": {"limit": 1}}, "memory": {"resources": {"limit": 1024}}}}}}`, says: []string{"nobody", "patch"}},
	"DeploymentService": {node: `{"kind": "DeploymentService", "ref": "it", "spec": {"name": "web", "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1, "internal": {"id": "nobody", "branch": "main", "buildSHA": "latest"}}}}`, says: []string{"nobody"}},
	"EgressIp": {node: `{"kind": "EgressIp", "ref": "it", "updateMode": "patch", "spec": {"name": "Nobody", "spec": {"provisioningMode": "dedicated", "region": "europe-west", "mode": "include", "rules": []}}}`,
		says: []string{"nobody", "patch"}},
	"ExternalAddon": {node: `{"kind": "ExternalAddon", "ref": "it", "spec": {"name": "Uploads", "spec": {"resourceType": "s3", "provider": {"aws": {"region": "eu-west-1", "integrationId": "team/nobody"}}}}}`,
		says: []string{"nobody"}},
	"Job": {node: `{"kind": "Job", "ref": "it", "spec": {"name": "task", "billing": {"deploymentPlan": "nf-compute-20"}, "settings": {"backoffLimit": 0, "activeDeadlineSeconds": 600},
			"deployment": {"internal": {"id": "nobody", "branch": "main", "buildSHA": "latest"}}}}`, says: []string{"nobody"}},
	"JobRun": {node: `{"kind": "JobRun", "ref": "it", "spec": {"jobId": "nobody"}}`, says: []string{"nobody"}},
	"LLMModelDeployment": {node: `{"kind": "LLMModelDeployment", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "ports": [{"name": "p01", "internalPort": 8000, "public": true, "protocol": "HTTP"}],
			"spec": {"type": "custom", "configuration": {"name": "example/model", "engine": "vllm", "revision": "main"}}}}`, says: []string{"nobody", "patch"}},
	"LoadBalancer": {node: `{"kind": "LoadBalancer", "ref": "it", "spec": {"name": "Way in", "spec": {"type": "tcp", "target": {"type": "region", "targetId": "europe-west"},
			"ports": [{"id": "port-443", "port": "443", "backends": [{"id": "home/nobody", "type": "service", "port": 80, "weight": 100}]}]}}}`, says: []string{"nobody"}},
	"LoopData": {before: secretStep, node: `{"kind": "LoopData", "ref": "it", "spec": {"items": "${refs.group.secrets.variables.ITEMS}"}}`, says: []string{"spec.items", "has no value"}},
	"LoopWorkflow": {node: `{"kind": "LoopWorkflow", "ref": "it", "spec": {"iterations": [{"name": "one"}, {"name": "two"}], "steps": [
			{"kind": "JobRun", "spec": {"jobId": "nobody"}}]}}`, says: []string{"nobody"}},
	"ManualJob": {node: `{"kind": "ManualJob", "ref": "it", "spec": {"name": "task", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
			"deployment": {"internal": {"id": "nobody", "branch": "main", "buildSHA": "latest"}}}}`, says: []string{"nobody"}},
	"Message": {node: `{"kind": "Message", "ref": "it", "spec": {"kind": "RAW_WEBHOOK", "spec": {"webhookUrl": "https://127.0.0.1:9/hook", "message": "done"}}}`,
		says: []string{"127.0.0.1"}},
	"OpenTofu": {node: `{"kind": "OpenTofu", "ref": "it", "condition": "success", "spec": {"stateKey": "made", "spec": {"provider": {},
			"resource": {"terraform_data": {"thing": {"input": "fail"}}}}}}`, says: []string{"no capacity"}},
	"OpenTofuDestroy": {node: `{"kind": "OpenTofu", "ref": "made", "condition": "success", "spec": {"stateKey": "made", "spec": {"provider": {},
			"resource": {"terraform_data": {"thing": {"input": "sticks"}}}}}}`,
		teardown: `{"kind": "OpenTofuDestroy", "ref": "it", "condition": "success", "spec": {"nodeRef": "made"}}`,
		says:     []string{"it is in use"}, elsewise: []string{"teardown", "browser"}},
	"Pipeline": {node: `{"kind": "Pipeline", "ref": "it", "spec": {"name": "Train", "stages": [{"name": "Staging", "nfObjects": [{"id": "nobody", "type": "service"}]}]}}`, says: []string{"nobody"}},
	"PreviewBlueprint": {node: `{"kind": "PreviewBlueprint", "ref": "it", "updateMode": "patch", "spec": {"apiVersion": "v1.2", "name": "nobody", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}}`,
		says: []string{"nobody", "patch"}},
	"Project": {node: `{"kind": "Project", "ref": "it", "spec": {"name": "Home", "region": "us-east"}}`, says: []string{"region"}},
	"Release": {flow: true, node: `{"kind": "Release", "ref": "it", "spec": {"type": "build", "origin": {"id": "nobody", "type": "service"}, "target": {"id": "web", "type": "service"}}}`,
		says: []string{`service \"web\" does not exist`}},
	"ReleaseStage": {node: `{"kind": "ReleaseStage", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "position": 0}}`, says: []string{"nobody", "patch"}},
	"ResourceTag":  {node: `{"kind": "ResourceTag", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "color": "#0EA5E9"}}`, says: []string{"nobody", "patch"}},
	"RolloutStrategy": {node: `{"kind": "RolloutStrategy", "ref": "it", "updateMode": "patch", "spec": {"name": "nobody", "type": "canary", "details": {"canaryStrategy": "percentage",
			"config": {"canaryPercentage": 40, "stablePercentage": 60}}}}`, says: []string{"nobody", "patch"}},
	"RunTemplate": {flow: true, node: `{"kind": "RunTemplate", "ref": "it", "spec": {"templateType": "template", "templateId": "nobody"}}`, says: []string{"nobody"}},
	"SSHIdentity": {node: `{"kind": "SSHIdentity", "ref": "it", "updateMode": "patch", "spec": {"name": "Nobody", "sshPublicKeys": [{"key": "ssh-ed25519 AAAA"}]}}`, says: []string{"nobody", "patch"}},
	"SecretGroup": {node: `{"kind": "SecretGroup", "ref": "it", "spec": {"name": "group", "secretType": "environment", "priority": 1, "addonDependencies": [{"addonId": "nobody", "keys": [{"keyName": "HOST"}]}]}}`,
		says: []string{"nobody"}},
	"SecretInheritance": {node: `{"kind": "SecretInheritance", "ref": "it", "spec": {"secrets": ["nobody"]}}`, says: []string{"nobody"}},
	"Subdomain":         {node: `{"kind": "Subdomain", "ref": "it", "spec": {"domain": "nobody.example.com", "name": "shop"}}`, says: []string{"nobody.example.com"}},
	"SubdomainPath":     {node: `{"kind": "SubdomainPath", "ref": "it", "spec": {"subdomain": "nobody.example.com", "mode": "prefix", "uri": "/api"}}`, says: []string{"nobody.example.com"}},
	"Template": {node: `{"kind": "Template", "ref": "it", "updateMode": "patch", "spec": {"kind": "ResourceTemplate", "spec": {"apiVersion": "v1.2", "name": "nobody",
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}}}`, says: []string{"nobody", "patch"}},
	"Volume": {node: `{"kind": "Volume", "ref": "it", "spec": {"name": "disk", "spec": {"accessMode": "ReadWriteOnce", "storageSize": 4096}, "mounts": [{"containerMountPath": "/data"}],
			"attachedObjects": [{"id": "nobody", "type": "service"}]}}`, says: []string{"nobody"}},
	"Workflow": {node: `{"kind": "Workflow", "ref": "it", "spec": {"type": "parallel", "steps": [{"kind": "JobRun", "spec": {"jobId": "nobody"}}]}}`, says: []string{"nobody"}},
	"WorkflowTemplate": {node: `{"kind": "WorkflowTemplate", "ref": "it", "updateMode": "patch", "spec": {"apiVersion": "v1.2", "name": "nobody", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}}`,
		says: []string{"nobody", "patch"}},
	"WorkloadIdentity": {node: `{"kind": "WorkloadIdentity", "ref": "it", "spec": {"name": "Access", "spec": {"providerLinkInternalId": "nobody", "roleMode": "existing",
			"provider": {"type": "aws", "existingRoleArn": "arn:aws:iam::123456789012:role/example"}}}}`, says: []string{"nobody"}},
}

func addonStep(ref, kind, version string) string {
	return `{"kind": "Addon", "ref": "` + ref + `", "spec": {"name": "database", "type": "` + kind + `", "version": "` + version + `",
		"billing": {"deploymentPlan": "nf-compute-20", "storageClass": "ssd", "storage": 4096, "replicas": 1}}},`
}

const secretStep = `{"kind": "SecretGroup", "ref": "group", "spec": {"name": "group", "secretType": "environment", "priority": 1, "secrets": {"variables": {}}}},`

// A node that cannot do what it says fails on every target, says why, and has the run fail
// before the next step. There is one of each kind that there is.
func TestANodeOfEachKindFails(t *testing.T) {
	for _, kind := range catalog.Kinds() {
		if _, ok := failures[kind.Name]; !ok {
			t.Errorf("no failure of %s is tried", kind.Name)
		}
	}
	for kind, f := range failures {
		for _, target := range []string{"local", "northflank"} {
			t.Run(kind+" on "+target, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				modules := append(os.Environ(), "FAKE_TOFU_LOG="+filepath.Join(dir, "tofu-there"))
				_, server, end := platformBehind(t, dir, func(next platform.NodeDriver, sealer tofu.Sealer) platform.NodeDriver {
					return tofu.New(next, tofu.Options{Program: "faketofu", Dir: filepath.Join(dir, "states"), Sealer: sealer, Environment: modules})
				})
				defer end()
				env := []string{"NF_KEY=file", "NF_STATE=" + filepath.Join(dir, "state"), "NF_TOFU=faketofu", "FAKE_TOFU_LOG=" + filepath.Join(dir, "tofu")}
				document := `{"apiVersion": "v1.2", "name": "Kinds",%head "project": {"spec": {"name": "Home", "region": "europe-west"}}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [` + f.before + f.node + `%after]}}}`
				head, after := "", `, {"kind": "ResourceTag", "ref": "after", "spec": {"name": "after", "color": "#112233"}}`
				if f.flow {
					after = `, {"kind": "JobRun", "ref": "after", "spec": {"jobId": "after"}}`
					head = ` "$schema": "https://api.northflank.com/v1/schemas/release-flow",`
				}
				if f.teardown != "" {
					head = ` "teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [` + f.teardown + `]}}},`
				}
				document = strings.NewReplacer("%head", head, "%after", after).Replace(document)
				template := filepath.Join(dir, "kinds.json")
				if err := os.WriteFile(template, []byte(document), 0o600); err != nil {
					t.Fatal(err)
				}
				says := f.says
				args := []string{template, "--target", target}
				if target == "northflank" {
					env = append(env, "NORTHFLANK_API_TOKEN=t", "NORTHFLANK_API_HOST="+server.URL)
					if f.elsewise != nil {
						says = f.elsewise
					}
				}
				if f.wait {
					args = append(args, "--wait=yes")
				}
				command := "run"
				if f.teardown != "" {
					if code, out, errOut := ran(t, env, append([]string{"run"}, args...)...); code != exitOK {
						t.Fatalf("the template that is torn down ends with %d\n%s%s", code, out, errOut)
					}
					command = "teardown"
				}
				code, out, errOut := ran(t, env, append([]string{command}, args...)...)
				if code != exitFailed {
					t.Fatalf("it ends with %d\n%s%s", code, out, errOut)
				}
				reason := errOut
				if f.teardown == "" || target == "local" {
					reason = reasonOf(t, env, kind)
				}
				for _, s := range says {
					if !strings.Contains(reason, s) {
						t.Errorf("it does not say %q: %s", s, reason)
					}
				}
			})
		}
	}
}

// reasonOf is why the node "it" of the newest run has failed, with those in it.
func reasonOf(t *testing.T, env []string, kind string) string {
	t.Helper()
	code, out, errOut := ran(t, env, "show", "latest", "--json")
	var run struct {
		Status engine.State
		Nodes  []struct {
			Ref, Kind, Path string
			Status          engine.State
			Error           json.RawMessage
		}
	}
	if code != exitOK || json.Unmarshal([]byte(out), &run) != nil || run.Status != engine.StateFailure {
		t.Fatalf("%d\n%s%s", code, out, errOut)
	}
	var reasons []string
	failed, path := false, "-"
	for _, n := range run.Nodes {
		if n.Ref == "it" {
			failed, path = n.Kind == kind && n.Status == engine.StateFailure, n.Path
		}
		if strings.HasPrefix(n.Path, path) && len(n.Error) > 0 {
			reasons = append(reasons, string(n.Error))
		}
		if n.Ref == "after" && n.Status == engine.StateSuccess {
			t.Error("the step after it has succeeded")
		}
	}
	if !failed {
		t.Fatalf("it has not failed\n%s", out)
	}
	return strings.Join(reasons, "\n")
}
