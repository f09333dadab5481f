package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// TestWhatIsNotRunAppliesNothing has OpenTofu nodes left out of runs, first before their
// module was ever applied, then after that: what it has made stays, until a teardown.
func TestWhatIsNotRunAppliesNothing(t *testing.T) {
	s := newStand(t)
	const module = `{"kind": "OpenTofu", "ref": "infra", %s"condition": "success", "spec": {"stateKey": "infra", "spec": {"provider": {},
		"resource": {"terraform_data": {"thing": {"input": "one"}}}, "output": {"id": {"value": "fixed"}}}}}`
	const after = `{"kind": "SecretGroup", "ref": "after", "spec": {"name": "after", "secretType": "environment", "priority": 1,
		"secrets": {"variables": {"ID": "${fn.if(refs.infra, 'there', 'nothing')}"}}}}`
	const failing = `{"kind": "JobRun", "ref": "first", "settings": {"maxAttempts": 1}, "spec": {"jobId": "nobody"}}`
	of := func(before, more, kind string) string {
		return `{"apiVersion": "v1.2", "name": "Infra", "project": {"spec": {"name": "Home", "region": "europe-west"}}, "spec": {"kind": "Workflow", "spec": {"type": "` + kind + `", "steps": [` +
			before + strings.Replace(module, "%s", more, 1) + `, ` + after + `]}},
			"teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "OpenTofuDestroy", "condition": "success", "spec": {"nodeRef": "infra"}}]}}}}`
	}
	logged := func() string {
		text, err := os.ReadFile(filepath.Join(s.dir, "tofu.log"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(text)
	}
	state := func(v *engine.RunView, ref string) engine.State {
		for i := range v.Nodes {
			if v.Nodes[i].Ref == ref {
				return v.Nodes[i].State
			}
		}
		return ""
	}
	const skip = `"skipNodeExecution": "${fn.eq(1, 1)}", `
	for _, when := range []string{"before it was applied", "after that"} {
		for _, tt := range []struct {
			name, text         string
			run                engine.State
			infra, what, after engine.State
		}{
			{"its condition is false", of("", skip, "sequential"), engine.StateSuccess, engine.StateSkipped, "", engine.StateSuccess},
			{"the step before it has failed", of(failing+", ", "", "sequential"), engine.StateFailure, engine.StatePending, engine.StateFailure, engine.StatePending},
			{"it takes what a failed step was to leave", of(failing+", ", `"skipNodeExecution": "${refs.first.id}", `, "parallel"), engine.StateFailure, engine.StateFailure, engine.StateFailure, engine.StateSuccess},
		} {
			t.Run(tt.name+" "+when, func(t *testing.T) {
				before := logged()
				v := s.run(tt.name, tt.text, engine.Options{}, nil)
				if v.Status != tt.run || state(v, "infra") != tt.infra || state(v, "first") != tt.what || state(v, "after") != tt.after {
					t.Errorf("%s: infra %q, first %q, after %q", v.Status, state(v, "infra"), state(v, "first"), state(v, "after"))
				}
				if now := logged(); now != before {
					t.Errorf("OpenTofu has done this:\n%s", strings.TrimPrefix(now, before))
				}
			})
		}
		if v := s.run("applied", of("", "", "sequential"), engine.Options{}, nil); v.Status != engine.StateSuccess || strings.Count(logged(), "made terraform_data.thing") != 1 {
			t.Fatalf("%s, %s", v.Status, logged())
		}
	}
	s.run("skipped", of("", skip, "sequential"), engine.Options{}, nil)
	if v := s.run("torn down", of("", "", "sequential"), engine.Options{Teardown: true}, nil); v.Status != engine.StateSuccess || strings.Count(logged(), "destroys terraform_data.thing") != 1 {
		t.Errorf("%s, %s", v.Status, logged())
	}
}
