//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// releaseTemplate makes a pipeline whose production deploys an image, waits for an addon
// and then deploys another.
const releaseTemplate = `{"apiVersion": "v1.2", "name": "shop", "arguments": {}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
	{"kind": "Project", "ref": "project", "spec": {"name": "shop", "region": "europe-west"}},
	{"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "shop"}, "steps": [
		{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}},
		{"kind": "DeploymentService", "ref": "api", "spec": {"name": "api", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}},
		{"kind": "Pipeline", "spec": {"name": "shop-pipeline", "stages": [{"name": "Production", "nfObjects": [{"id": "web", "type": "service"}, {"id": "api", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow", "spec": {
			"apiVersion": "v1.2", "options": {"concurrencyPolicy": "forbid"}, "arguments": {"SERVICE": "api", "SECRET": ""}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				{"kind": "Release", "ref": "web", "condition": "running", "spec": {"type": "registry", "origin": {"imagePath": "nginx:2"}, "target": {"id": "web", "type": "service"}}},
				{"kind": "Release", "ref": "api", "condition": "running", "spec": {"type": "registry", "origin": {"imagePath": "nginx:2"}, "target": {"id": "${args.SERVICE}", "type": "service"}}}]}}}}}]}}
	]}}]}}}`

// hereReleasing is a state folder of the local platform with the pipeline of a template,
// of releaseTemplate where none is given.
func hereReleasing(t *testing.T, template ...string) *stores {
	t.Setenv("NF_KEY", "file")
	here := t.TempDir()
	s := &stores{t: t, file: here + "/shop.json", state: []string{"--state", here + "/state"}}
	s.write(append(template, releaseTemplate)[0])
	s.expect("the pipeline", 0, nil, "run", s.file)
	return s
}

// releases lists those of the stage.
func (s *stores) releases(more ...string) []releaseOutput {
	s.t.Helper()
	return s.releasesOf("shop-pipeline", more...)
}

func (s *stores) releasesOf(pipeline string, more ...string) []releaseOutput {
	s.t.Helper()
	var all []releaseOutput
	args := append([]string{"release", "list", pipeline, "production", "--json"}, more...)
	if err := json.Unmarshal([]byte(s.expect("the releases", 0, nil, args...)), &all); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// crashing runs nf-run until it is killed at a point.
func (s *stores) crashing(point string, args ...string) {
	s.t.Helper()
	cmd := exec.Command("nf-run", append(args, s.state...)...)
	cmd.Env = append(append(os.Environ(), s.env...), "NF_CRASH_AT="+point)
	if out, err := cmd.CombinedOutput(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		s.t.Fatalf("it was not killed at %s: %v\n%s", point, err, out)
	}
}

func TestAReleaseThatWasKilledGoesOn(t *testing.T) {
	s := hereReleasing(t)
	for _, point := range []string{"call-before:2", "call-after:1", "poll-after:1", "concluded:1"} {
		s.crashing(point, "release", "run", "shop-pipeline", "production", "--name", "cut-off")
		before := s.releases()
		s.expect(point+": it goes on", 0, []string{"success"}, "resume", before[0].ID)
		after := s.releases()
		if len(after) != len(before) || after[0].ID != before[0].ID || after[0].Status != "success" || !after[0].Concluded || after[0].Name != "cut-off" {
			t.Errorf("%s: %+v", point, after[0])
		}
	}
	// One that has not begun is no run of the history, and stands in nobody's way.
	s.crashing("run-created:1", "release", "run", "shop-pipeline", "production")
	if first := s.releases()[0]; first.Concluded || first.Status != "pending" {
		t.Errorf("a release that has not begun: %+v", first)
	}
	s.expect("it is ended", 0, []string{"aborted"}, "release", "abort", "shop-pipeline", "production", "latest")
	if first := s.releases()[0]; !first.Concluded || first.Status != "aborted" {
		t.Errorf("a release that was ended: %+v", first)
	}
}

func TestOnlyOneReleaseGoesOnWherePolicyForbidsMore(t *testing.T) {
	s := hereReleasing(t)
	s.crashing("call-before:2", "release", "run", "shop-pipeline", "production", "--arg", "SECRET=hush-hush")
	s.hides("hush-hush")
	s.expect("another one", exitNotStarted, []string{"was interrupted and has not ended"}, "release", "run", "shop-pipeline", "production")
	if all := s.releases(); len(all) != 1 {
		t.Errorf("what was not started leaves something behind: %+v", all)
	}
	s.expect("it is shown as what it is", 0, []string{"Go on with: nf-run resume"}, "release", "show", "shop-pipeline", "production", "latest")
	s.expect("it is ended", 0, []string{"aborted"}, "release", "abort", "shop-pipeline", "production", "latest")
	if all := s.releases(); all[0].Status != "aborted" {
		t.Errorf("an aborted release: %+v", all[0])
	}
	s.expect("the next one", 0, []string{"success"}, "release", "run", "shop-pipeline", "production")
}

func TestAReleaseThatFailsIsRetried(t *testing.T) {
	s := hereReleasing(t)
	s.expect("nothing to deploy to", 1, []string{"nobody"}, "release", "run", "shop-pipeline", "production", "--arg", "SERVICE=nobody", "--name", "twice")
	s.expect("an argument in the place of a flag", 2, nil, "release", "run", "shop-pipeline", "production", "--arg", "SERVICE")
	if all := s.releases(); all[0].Status != "failure" || all[0].Deployed[0].Image != "nginx:2" {
		t.Errorf("a release that failed: %+v", all[0])
	}
	failed := s.releases()[0].ID
	s.expect("not yet", 1, []string{"nobody"}, "retry", failed)
	s.write(strings.ReplaceAll(strings.ReplaceAll(releaseTemplate, `"name": "api"`, `"name": "nobody"`), `"id": "api"`, `"id": "nobody"`))
	s.expect("now there is", 0, nil, "run", s.file)
	s.expect("the rest of it", 0, []string{"success"}, "retry", failed)
	if all := s.releases(); all[0].ID != failed || all[0].Status != "success" || len(all[0].Deployed) != 2 {
		t.Errorf("a release that was retried: %+v", all[0])
	}
}

func TestARollbackThatWasKilledRestoresTheFlowWhenItGoesOn(t *testing.T) {
	s := hereReleasing(t)
	s.expect("the first", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "first")
	s.write(strings.ReplaceAll(releaseTemplate, "nginx:2", "nginx:3"))
	s.expect("the flow changes", 0, nil, "run", s.file)
	s.expect("the second", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "second")
	s.crashing("call-after:2", "release", "rollback", "shop-pipeline", "production", "first", "--restore-flow")
	interrupted := s.releases()[0]
	s.expect("it goes on", 0, []string{"success"}, "resume", interrupted.ID)
	s.expect("the flow was restored", 0, []string{"the flow as of version 1: restored"}, "release", "show", "shop-pipeline", "production", interrupted.ID)
	s.expect("and is run", 0, nil, "release", "run", "shop-pipeline", "production")
	if newest := s.releases()[0]; newest.Version != 3 || newest.Deployed[0].Image != "nginx:2" {
		t.Errorf("the restored flow: %+v", newest)
	}
	// What cannot be deployed any more is a failed rollback, which leaves the flow alone.
	s.expect("what was deployed is gone", 1, []string{"has no release"}, "release", "rollback", "shop-pipeline", "production", "gone", "--restore-flow")
}

func TestReleasesAreRunByThePlatform(t *testing.T) {
	s := storing(t)
	s.write(releaseTemplate)
	there := []string{"--target", "northflank"}
	call := func(name string, code int, says []string, args ...string) {
		t.Helper()
		s.expect(name, code, says, append(args, there...)...)
	}
	call("the pipeline", 0, nil, "run", s.file)
	call("a release", 0, []string{"success", "Release web"}, "release", "run", "shop-pipeline", "production", "--name", "first", "--arg", "SECRET=hush-hush")
	call("another one", 0, []string{"success"}, "release", "run", "shop/shop-pipeline", "production", "--name", "second", "--image", "web=nginx:9")
	call("it stands in the list", 0, []string{"first", "second", "nginx:9", " ci "}, "release", "list", "shop-pipeline", "production")
	call("it is shown", 0, []string{"release second", "by ci", "release web  nginx:9", "Release api"}, "release", "show", "shop-pipeline", "production", "second")
	call("it is followed", 0, []string{"success"}, "release", "show", "shop-pipeline", "production", "second", "--follow")
	call("a node", 0, []string{"nginx:9"}, "release", "show", "shop-pipeline", "production", "second", "--node", "web")
	call("one that is refused", 1, []string{"failure"}, "release", "run", "shop-pipeline", "production", "--name", "!")
	call("one that has ended", 1, []string{"has ended already"}, "release", "abort", "shop-pipeline", "production", "second")
	call("back", 0, []string{"success"}, "release", "rollback", "shop-pipeline", "production", "first", "--name", "back")
	all := s.releases(there...)
	if len(all) != 3 || all[0].Type != "rollback" || all[0].RollbackOf != all[2].ID || all[0].Deployed[0].Image != "nginx:2" {
		t.Errorf("%+v", all)
	}
	s.expect("runs of this machine know them", 0, []string{"shop/pipelines/shop-pipeline/release-flows/production", "northflank@"}, "runs")
	s.hides("hush-hush")
}
