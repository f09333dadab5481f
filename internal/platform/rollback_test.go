package platform

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func TestRollbacksDeployWhatARunHasReleased(t *testing.T) {
	const target = `"target": {"id": "web", "type": "service"}`
	node := func(spec, response string) string {
		return `{"kind": "Release", "spec": {` + spec + `}, "response": ` + response + `}`
	}
	done := func(data string) string { return `{"status": "success", "data": ` + data + `}` }
	web := func(deployment string) string {
		return done(`{"id": "web", "type": "service", "deployment": ` + deployment + `}`)
	}
	tests := []struct {
		name, status, steps string
		want                string // the specs of the steps, or a part of the refusal
	}{
		{"a build that was the newest is deployed as that build", "success", node(`"type": "build", "origin": {"id": "builder", "build": "latest"}, `+target,
			web(`{"internal": {"id": "builder", "branch": "main", "buildSHA": "latest", "buildId": "calm-fox-1", "deployedSHA": "0123456789012345678901234567890123456789"}}`)),
			`[{"origin":{"branch":"main","build":"calm-fox-1","id":"builder"},"target":{"id":"web","type":"service"},"type":"build"}]`},
		{"a commit stands for its build", "success", node(`"type": "build", `+target, web(`{"internal": {"nfObjectId": "builder", "deployedSHA": "0123456789012345678901234567890123456789"}}`)),
			`[{"origin":{"build":"0123456789012345678901234567890123456789","id":"builder"},"target":{"id":"web","type":"service"},"type":"build"}]`},
		{"an image is deployed with its credentials", "success", node(`"type": "registry", `+target, web(`{"external": {"imagePath": "nginx:1", "credentials": "mine", "privateImage": true}}`)),
			`[{"origin":{"credentials":"mine","imagePath":"nginx:1"},"target":{"id":"web","type":"service"},"type":"registry"}]`},
		{"the last one for a target counts", "success", node(target, web(`{"external": {"imagePath": "nginx:1"}}`)) + `, ` + node(target, web(`{"external": {"imagePath": "nginx:2"}}`)),
			`[{"origin":{"imagePath":"nginx:2"},"target":{"id":"web","type":"service"},"type":"registry"}]`},
		{"what was skipped is left out", "success", node(target, web(`{"external": {"imagePath": "nginx:1"}}`)) + `, ` + node(`"type": "registry", `+target, `{"status": "skipped"}`),
			`[{"origin":{"imagePath":"nginx:1"},"target":{"id":"web","type":"service"},"type":"registry"}]`},
		{"releases in workflows count", "success", `{"kind": "Workflow", "spec": {"steps": [` + node(target, web(`{"external": {"imagePath": "nginx:1"}}`)) + `]}}`,
			`[{"origin":{"imagePath":"nginx:1"},"target":{"id":"web","type":"service"},"type":"registry"}]`},
		{"without an answer what is written counts", "success", node(`"type": "registry", "origin": {"imagePath": "nginx:1"}, `+target, done(`{}`)),
			`[{"origin":{"imagePath":"nginx:1"},"target":{"id":"web","type":"service"},"type":"registry"}]`},
		{"but no expression", "success", node(`"type": "registry", "origin": {"imagePath": "nginx:${args.TAG}"}, `+target, done(`{}`)), "/spec/spec/steps/0: the platform does not tell"},
		{"nor the newest build", "success", node(`"type": "build", "origin": {"id": "builder", "build": "latest"}, `+target, web(`{"internal": {"id": "builder", "buildSHA": "latest"}}`)), "does not tell"},
		{"nor a promotion", "success", node(`"type": "deployment", "origin": {"id": "staging", "type": "service"}, `+target, done(`{}`)), "does not tell"},
		{"nor what loops have released", "success", `{"kind": "LoopWorkflow", "spec": {"steps": [` + node(target, web(`{"external": {"imagePath": "nginx:1"}}`)) + `]}}`, "which iterations of this loop"},
		{"nor a secret", "success", node(target, web(`{"external": {"imagePath": "***/web:1"}}`)), "came from a secret"},
		{"a run without releases is none", "success", `{"kind": "JobRun", "response": {"status": "success"}}`, "has released nothing"},
		{"what has failed is none", "failure", node(target, web(`{"external": {"imagePath": "nginx:1"}}`)), "it is failure"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var run map[string]any
			text := `{"id": "run-1", "status": "` + test.status + `", "spec": {"kind": "Workflow", "spec": {"steps": [` + test.steps + `]}}}`
			if err := json.Unmarshal([]byte(text), &run); err != nil {
				t.Fatal(err)
			}
			flow, err := RollbackOf(run)
			if err != nil {
				if StatusOf(err) != 409 || !strings.Contains(err.Error(), test.want) || strings.HasPrefix(test.want, "[") {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			var specs []any
			for _, step := range jsonvalue.List(flow, "spec.spec.steps") {
				specs = append(specs, jsonvalue.Get(step, "spec"))
			}
			got, err := json.Marshal(specs)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}
