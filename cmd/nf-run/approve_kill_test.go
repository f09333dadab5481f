//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
)

const gatedTemplate = `{
  "apiVersion": "v1.2", "name": "gated",
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
    {"kind": "Approval", "ref": "gate", "spec": {"amount": 1}},
    {"kind": "Project", "ref": "home", "spec": {"name": "home", "region": "europe-west"}}
  ]}}
}`

// An approval is asked for, taken and followed once, wherever the processes of the run and
// of whoever approves are killed.
func TestAnApprovalSurvivesAKill(t *testing.T) {
	for _, command := range []string{"run", "approve"} {
		for _, point := range crash.Points() {
			if slices.Contains([]crash.Point{crash.Reopened, crash.KeptNoted, crash.FindAfter, crash.PollAfter, crash.Forgotten, crash.Discarded}, point) {
				continue // of what such a run does not do
			}
			t.Run(fmt.Sprintf("%s at %s", command, point), func(t *testing.T) {
				t.Parallel()
				n := 1
				for approvedThough(t, command, fmt.Sprintf("%s:%d", point, n)) {
					n++
				}
				// A run is taken over only by whoever approves, and made only by the run.
				reached := (point != crash.Owned && point != crash.CallBefore && point != crash.CallAfter && point != crash.Concluded || command == "approve") &&
					(point != crash.RunCreated && point != crash.RunIndexed || command == "run")
				if reached != (n > 1) {
					t.Errorf("%d processes were killed there", n-1)
				}
			})
		}
	}
}

// approvedThough runs the template and approves it, with one of the two killed at a
// point. It tells whether that came there.
func approvedThough(t *testing.T, command, point string) bool {
	t.Helper()
	dir := t.TempDir()
	template := filepath.Join(dir, "gated.json")
	if err := os.WriteFile(template, []byte(gatedTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"NF_KEY=file", "NF_STATE=" + filepath.Join(dir, "state"), "NF_CRASH_AT="}
	killing := append(slices.Clone(env), "NF_CRASH_AT="+point)
	first, killed := env, false
	if command == "run" {
		first = killing
	}
	code, out, errOut := ran(t, first, "run", "--id", "r", template)
	if command == "run" && code != exitNeedsPerson {
		killed = true
	} else if code != exitNeedsPerson {
		t.Fatalf("%s: run ends with %d\n%s%s", point, code, out, errOut)
	}
	if killed {
		// It may have died before there was anything to go on with.
		if code, _, _ = ran(t, env, "resume", "r"); code != exitNeedsPerson {
			if code, out, errOut = ran(t, env, "run", "--id", "r", template); code != exitNeedsPerson {
				t.Fatalf("%s: it goes on with %d\n%s%s", point, code, out, errOut)
			}
		}
	}
	second := env
	if command == "approve" {
		second = killing
	}
	if code, out, errOut = ran(t, second, "approve", "r", "--reason", "fine"); code != exitOK {
		if command != "approve" {
			t.Fatalf("%s: approve ends with %d\n%s%s", point, code, out, errOut)
		}
		killed = true
		// The decision was left before anything else happened: nobody approves once more.
		if code, out, errOut = ran(t, env, "resume", "r"); code != exitOK && !strings.Contains(errOut, "has ended already (success)") {
			t.Fatalf("%s: after the decision it goes on with %d\n%s%s", point, code, out, errOut)
		}
	}
	code, out, errOut = ran(t, env, "show", "r", "--json")
	var view struct {
		Status string
		Nodes  []struct {
			Ref, Status string
			Attempts    []struct {
				Approval *struct{ Given []struct{ Reason string } }
			}
		}
	}
	if code != exitOK || json.Unmarshal([]byte(out), &view) != nil || view.Status != "success" {
		t.Fatalf("%s: %d\n%s%s", point, code, out, errOut)
	}
	for _, n := range view.Nodes {
		if n.Ref == "gate" && (len(n.Attempts) != 1 || n.Attempts[0].Approval == nil || len(n.Attempts[0].Approval.Given) != 1 || n.Attempts[0].Approval.Given[0].Reason != "fine") {
			t.Errorf("%s: the history says %+v", point, n)
		}
	}
	return killed
}
