//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
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
	for _, point := range []string{"call-before:2", "call-after:1", "poll-after:1"} {
		s.crashing(point, "release", "run", "shop-pipeline", "production", "--name", "cut-off")
		before := s.releases()
		s.expect(point+": it goes on", 0, []string{"success"}, "resume", before[0].ID)
		after := s.releases()
		if len(after) != len(before) || after[0].ID != before[0].ID || after[0].Status != "success" || !after[0].Concluded || after[0].Name != "cut-off" {
			t.Errorf("%s: %+v", point, after[0])
		}
	}
	// One that had ended is not done again.
	s.crashing("concluded:1", "release", "run", "shop-pipeline", "production", "--name", "ended")
	if first := s.releases()[0]; first.Name != "ended" || len(first.Deployed) != 2 {
		t.Errorf("a release that had ended: %+v", first)
	}
	_, _, _ = ran(t, s.env, append([]string{"resume", s.releases()[0].ID}, s.state...)...) // whether or not there is something to go on with
	if first := s.releases()[0]; first.Status != "success" || !first.Concluded {
		t.Errorf("a release that had ended: %+v", first)
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

// asHosted is a platform without what the hosted one has in its browser only: rollbacks,
// versions and drafts.
func asHosted(t *testing.T) *stores {
	t.Helper()
	s := storing(t)
	for i, variable := range s.env {
		address, ok := strings.CutPrefix(variable, "NORTHFLANK_API_HOST=")
		if !ok {
			continue
		}
		behind, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		proxy := httputil.NewSingleHostReverseProxy(behind)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/roll-back") || strings.Contains(r.URL.Path, "/documents/") {
				w.WriteHeader(http.StatusNotImplemented)
				fmt.Fprint(w, `{"error": {"id": "unknown-op", "message": "there is no such operation"}}`)
				return
			}
			proxy.ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		s.env[i] = "NORTHFLANK_API_HOST=" + server.URL
	}
	s.state = append(s.state, "--target", "northflank")
	return s
}

func TestAPlatformWithoutRollbacksIsRolledBackFromHere(t *testing.T) {
	s := asHosted(t)
	s.write(releaseTemplate)
	s.expect("the pipeline", 0, nil, "run", s.file)
	s.expect("the first", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "first")
	s.write(strings.ReplaceAll(releaseTemplate, "nginx:2", "nginx:3"))
	s.expect("the flow changes", 0, nil, "run", s.file)
	s.expect("the second", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "second")
	s.expect("back", 0, []string{"success", "Release web", "The release flow is as it was for that release."}, "release", "rollback", "shop-pipeline", "production", "first", "--restore-flow")
	all := s.releases()
	if len(all) != 3 || all[0].Type != "rollback" || all[0].RollbackOf != all[2].ID || all[0].Status != "success" {
		t.Errorf("%+v", all)
	}
	s.expect("the flow as it was", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "third")
	if newest := s.releases()[0]; newest.Name != "third" || newest.Deployed[0].Image != "nginx:2" {
		t.Errorf("%+v", newest)
	}
	s.expect("a name that nobody keeps", 1, []string{"leave out --name"}, "release", "rollback", "shop-pipeline", "production", "first", "--name", "back")
	s.expect("nothing that it could be gone back to", 1, []string{"has no release"}, "release", "rollback", "shop-pipeline", "production", "nobody")
}

func TestAPlatformWithoutVersionsTellsThemByItsRuns(t *testing.T) {
	s := asHosted(t)
	run := func(image string) {
		t.Helper()
		s.write(strings.ReplaceAll(webTemplate, "nginx:latest", image))
		s.expect(image, 0, []string{"success"}, "remote", "run", s.file)
	}
	run("nginx:1")
	run("nginx:2")
	s.expect("the same again", 0, []string{"success"}, "remote", "run", "web", "--arg", "password=hush-hush")
	var all []documentVersion
	if err := json.Unmarshal([]byte(s.expect("the versions", 0, nil, "versions", "list", "web", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Runs != 2 || !all[0].Current || all[1].Runs != 1 || all[1].Current {
		t.Fatalf("%+v", all)
	}
	s.expect("their difference", 0, []string{"nginx:1", "nginx:2"}, "versions", "diff", "web", all[1].ID)
	s.expect("one of them", 0, []string{"nginx:1"}, "versions", "show", "web", all[1].ID)
	s.expect("going back", 0, []string{"is as it was"}, "versions", "restore", "web", all[1].ID)
	s.expect("it is as it was", 0, []string{"no differences"}, "versions", "diff", "web", all[1].ID)
	for what, args := range map[string][]string{
		"a draft": {"draft", "create", s.file}, "drafts": {"draft", "list", "web"}, "a message": {"versions", "note", "web", all[0].ID, "-m", "why"},
		"a message of a deployment": {"deploy", s.file, "-m", "why"}, "a message of going back": {"versions", "restore", "web", all[0].ID, "-m", "why"},
	} {
		s.expect(what, 1, []string{"has neither versions nor drafts"}, args...)
	}
}

func TestAServerTakesDraftsOnlyWhereItIsToldTo(t *testing.T) {
	s := storing(t, "--drafts-only")
	s.state = append(s.state, "--target", "northflank")
	s.expect("what is new is stored", 0, []string{"created"}, "deploy", s.file)
	s.write(strings.ReplaceAll(webTemplate, "nginx:latest", "nginx:2"))
	s.expect("a change is refused", 1, []string{"changed by drafts only", "nf-run draft create"}, "deploy", s.file)
	s.expect("and proposed", 0, []string{"created"}, "draft", "create", s.file, "--name", "two")
	s.expect("and accepted", 0, []string{"version 2"}, "draft", "accept", "web", "two")
	s.expect("and there", 0, []string{"unchanged"}, "deploy", s.file)
	s.expect("going back makes no new text", 0, []string{"version 3"}, "versions", "restore", "web", "1")
}

func TestAReleaseCanBeGoneBackToWhenItsRunIsForgotten(t *testing.T) {
	s := hereReleasing(t)
	s.expect("the first", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "first")
	s.expect("the second", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "second", "--image", "web=nginx:9")
	s.expect("the third", 0, nil, "release", "run", "shop-pipeline", "production", "--name", "third", "--image", "web=nginx:9")
	s.expect("the history forgets", 0, nil, "runs", "prune", "--keep", "1")
	s.expect("the list does not", 0, []string{"first", "success"}, "release", "list", "shop-pipeline", "production")
	s.expect("it is shown as far as it is known", 0, []string{"release first"}, "release", "show", "shop-pipeline", "production", "first")
	s.expect("back", 0, []string{"success", "Release web"}, "release", "rollback", "shop-pipeline", "production", "first")
	if newest := s.releases()[0]; newest.Type != "rollback" || newest.Deployed[0].Image != "nginx:2" {
		t.Errorf("%+v", newest)
	}
}

func TestDraftsAreProposedToAServer(t *testing.T) {
	s := storing(t)
	s.state = append(s.state, "--target", "northflank")
	s.expect("it is stored", 0, nil, "deploy", s.file, "-m", "the first")
	s.write(strings.ReplaceAll(webTemplate, "nginx:latest", "nginx:2"))
	s.expect("a proposal", 0, []string{"created"}, "draft", "create", s.file, "--name", "two")
	s.write(strings.ReplaceAll(webTemplate, "nginx:latest", "nginx:3"))
	s.expect("a change meanwhile", 0, []string{"updated"}, "deploy", s.file)
	s.expect("the difference", 0, []string{"created by ci", "nginx:3", "nginx:2"}, "draft", "show", "web", "two")
	s.expect("what would be lost", exitConflict, []string{"is at version 2 by now"}, "draft", "accept", "web", "two")
	s.expect("meant so", 0, []string{"version 3"}, "draft", "accept", "web", "two", "--overwrite", "-m", "all the same")
	s.expect("who and why", 0, []string{" ci ", "all the same", "the first"}, "versions", "list", "web")
}

func TestCtrlCAsksForTheEndOfARelease(t *testing.T) {
	s := hereReleasing(t, strings.Replace(releaseTemplate, `"steps": [
				{"kind": "Release", "ref": "web"`, `"steps": [{"kind": "Approval", "ref": "sign-off", "spec": {"amount": 1}},
				{"kind": "Release", "ref": "web"`, 1))
	p := startProcess(t, append([]string{"release", "run", "shop-pipeline", "production", "--wait", "--json", "--name", "unsure"}, s.state...)...)
	p.until("Approval", "approval_wait")
	// Meanwhile the policy of the flow keeps others from starting.
	s.expect("another one", exitNotStarted, []string{"forbids another"}, "release", "run", "shop-pipeline", "production")
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code, signal := p.ended(); code != exitAborted || signal != 0 {
		t.Errorf("exit code %d, signal %v", code, signal)
	}
	if all := s.releases(); len(all) != 1 || all[0].Status != "aborted" || len(all[0].Deployed) != 0 {
		t.Errorf("%+v", all)
	}
	// Another process can ask for the same.
	p = startProcess(t, append([]string{"release", "run", "shop-pipeline", "production", "--wait", "--json"}, s.state...)...)
	p.until("Approval", "approval_wait")
	s.expect("from elsewhere", 0, nil, "release", "abort", "shop-pipeline", "production", "latest")
	if code, _ := p.ended(); code != exitAborted {
		t.Errorf("exit code %d", code)
	}
	if newest := s.releases()[0]; newest.Status != "aborted" || !newest.Concluded {
		t.Errorf("%+v", newest)
	}
}

func TestADetachedReleaseGoesOnByItself(t *testing.T) {
	s := hereReleasing(t)
	out := s.expect("it is started", 0, nil, "release", "run", "shop-pipeline", "production", "--detach", "--name", "alone", "--image", "web=nginx:7", "--arg", "SECRET=hush-hush")
	id := strings.TrimSpace(out)
	s.expect("it is followed", 0, []string{"success"}, "show", id, "--follow")
	if newest := s.releases()[0]; newest.ID != id || newest.Name != "alone" || newest.Deployed[0].Image != "nginx:7" {
		t.Errorf("%q: %+v", id, newest)
	}
	s.hides("hush-hush")
	s.expect("what cannot be started is said", 1, []string{"name"}, "release", "run", "shop-pipeline", "production", "--detach", "--name", "?")
	s.crashing("call-before:1", "release", "run", "shop-pipeline", "production")
	s.expect("nor what must not", exitNotStarted, []string{"was interrupted"}, "release", "run", "shop-pipeline", "production", "--detach")
}
