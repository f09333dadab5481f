package carrier_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// carriedKinds are nodes of the kinds that are carried, with what a node that refers to
// theirs is given. Pipelines and stages have tests of their own.
var carriedKinds = []struct {
	kind    string
	before  string // steps that the node needs
	node    string
	value   string // what another node reads
	want    string
	carried int // how many nodes are
}{
	{kind: "BYOCRegistry", before: integration, node: `{"kind": "BYOCRegistry", "ref": "it", "spec": {"name": "Images", "provider": "aws", "region": "eu-west-1", "integrationId": "${refs.aws.id}"}}`,
		value: "${refs.it.id}", want: "images", carried: 1},
	{kind: "CustomPlan", node: `{"kind": "CustomPlan", "ref": "it", "spec": {"name": "example-large", "type": ["deployment"], "configuration": {"type": "kubernetes",
			"resources": {"cpu": {"resources": {"request": 2, "limit": 4}}, "memory": {"resources": {"request": 4096, "limit": 8192}}}}}}`,
		value: "${refs.it.id}", want: "example-large", carried: 1},
	{kind: "WorkloadIdentity", before: integration, node: `{"kind": "WorkloadIdentity", "ref": "it", "spec": {"name": "Bucket access", "spec": {"providerLinkInternalId": "${refs.aws.id}",
			"roleMode": "existing", "provider": {"type": "aws", "existingRoleArn": "arn:aws:iam::123456789012:role/example"}}}}`,
		value: "${refs.it.id}", want: "bucket-access", carried: 1},
	{kind: "ExternalAddon", before: integration, node: `{"kind": "ExternalAddon", "ref": "it", "condition": "success", "spec": {"name": "Uploads",
			"spec": {"resourceType": "s3", "provider": {"aws": {"region": "eu-west-1", "integrationId": "team/${refs.aws.id}"}}}}}`,
		value: "${refs.it.id} is ${refs.it.status}", want: "uploads is running", carried: 1},
	{kind: "OpenTofu", before: integration, node: `{"kind": "OpenTofu", "ref": "it", "condition": "success", "spec": {"stateKey": "bucket", "spec": {"provider": {"aws": {"region": "eu-west-1", "integrationId": "${refs.aws.id}"}},
			"resource": {"aws_s3_bucket": {"uploads": {"bucket": "example"}}}, "output": {"name": {"value": "\\${aws_s3_bucket.uploads.id}"}}}}}`,
		value: "${refs.it.outputs.name.value}", want: "value-of-aws_s3_bucket.uploads.id", carried: 1},
	{kind: "Action and Condition of VCS", node: `{"kind": "Action", "ref": "copy", "spec": {"kind": "VCS", "spec": {"type": "createRepoFromSource", "data": {
			"sourceData": {"repoUrl": "https://github.com/example/starter", "vcsService": "github"}, "targetData": {"name": "site", "accountLogin": "me", "vcsService": "github"}}}}},
		{"kind": "Condition", "ref": "it", "spec": {"kind": "VCS", "spec": {"type": "createRepoFromSourceSuccess", "data": {"trackerId": "${refs.copy.trackerId}"}}}}`,
		value: "${refs.it.projectUrl}", want: "https://github.com/me/site", carried: 2},
}

const integration = `{"kind": "BYOCIntegration", "ref": "aws", "spec": {"name": "Example AWS", "provider": "aws", "features": ["byoc", "registry-pull", "opentofu", "workload-identity"],
	"aws": {"authenticationMode": "crossAccountRole", "permissionCheckLevel": "enabled"}, "credentials": {"roleArn": "arn:aws:iam::123456789012:role/example", "externalId": "x"}}},`

// Each kind for which the API has no operation is made in a template that is gone
// afterwards; what it leaves is there for others, and a second run makes nothing new.
func TestEachKindIsCarried(t *testing.T) {
	for _, tt := range carriedKinds {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			template := `{"apiVersion": "v1.2", "name": "Kinds", "project": {"spec": {"name": "Kinds", "region": "europe-west"}}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				` + tt.before + tt.node + `,
				{"kind": "SecretGroup", "spec": {"name": "after", "secretType": "environment", "priority": 1, "secrets": {"variables": {"VALUE": "` + tt.value + `"}}}}]}}}`
			for i := range 2 {
				result := w.run(template)
				if result.State != engine.StateSuccess {
					t.Fatalf("run %d: %s: %+v", i+1, result.State, result.Error)
				}
				group := w.read(platform.OpGetProjectSecret, map[string]string{"projectId": "kinds", "secretId": "after"})
				if got := jsonvalue.String(group, "secrets.variables.VALUE"); got != tt.want {
					t.Errorf("who refers to it is given %q, want %q", got, tt.want)
				}
				w.tidy((i + 1) * tt.carried)
			}
			for resource, times := range w.made() {
				if times != 1 {
					t.Errorf("%s was made %d times", resource, times)
				}
			}
		})
	}
}

// The API starts no teardown of a template that the platform keeps, and a node does: what
// OpenTofu has made in the template's run is destroyed by it, once.
func TestATeardownIsStartedByANode(t *testing.T) {
	w := newWorld(t, nil)
	made := json.RawMessage(`{"name": "Bucket", "apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "OpenTofu", "ref": "made", "condition": "success", "spec": {"stateKey": "made", "spec": {"provider": {}, "resource": {"terraform_data": {"thing": {"input": "x"}}}}}}]}},
		"teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "OpenTofuDestroy", "ref": "gone", "condition": "success", "spec": {"nodeRef": "made"}}]}}}}`)
	if _, err := w.embedded.Do(t.Context(), platform.OpCreateTemplate, platform.Params{}, made); err != nil {
		t.Fatal(err)
	}
	result := w.run(`{"$schema": "https://api.northflank.com/v1/schemas/release-flow", "apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "RunTemplate", "ref": "make", "condition": "success", "spec": {"templateType": "template", "templateId": "bucket"}},
		{"kind": "RunTemplate", "ref": "unmake", "condition": "success", "spec": {"templateType": "template-teardown", "templateId": "bucket"}}]}}}`)
	if result.State != engine.StateSuccess {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	path := map[string]string{"templateId": "bucket"}
	runs := jsonvalue.List(w.read(platform.OpListTemplateRuns, path), "templateRuns")
	if len(runs) != 2 {
		t.Fatalf("there are the runs %v", runs)
	}
	path["templateRunId"] = jsonvalue.String(runs[0], "id")
	text, err := jsonvalue.Marshal(w.read(platform.OpGetTemplateRun, path))
	if err != nil || !strings.Contains(string(text), `"gone":`) || strings.Contains(string(text), `"made":`) {
		t.Errorf("the newer one is %s: %v", text, err)
	}
	if left := w.templates(); len(left) != 1 {
		t.Errorf("there are the templates %v", left)
	}
}

// Of a release flow in a Template node nobody can tell to which pipeline it belongs. Whether
// that can be is the platform's to say; this one refuses it, and the node says so.
func TestATemplateOfAFlowIsThePlatformsToRefuse(t *testing.T) {
	w := newWorld(t, nil)
	result := w.run(`{"apiVersion": "v1.2", "name": "Kinds", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Template", "ref": "it", "spec": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2", "name": "Flow", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}}}]}}}`)
	node := w.node(result.ID, "it")
	if result.State != engine.StateFailure || node.Error == nil || node.Error.Code != http.StatusBadRequest || !strings.Contains(node.Error.Message, "pipeline") {
		t.Errorf("%s: %+v", result.State, node.Error)
	}
	if left := w.templates(); len(left) > 0 {
		t.Errorf("there are templates left: %v", left)
	}
}
