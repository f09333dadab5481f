//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stores is a platform behind nf-run serve, and a folder to work in.
type stores struct {
	t     *testing.T
	env   []string
	state []string
	file  string
}

func storing(t *testing.T, flags ...string) *stores {
	t.Setenv("NF_KEY", "file")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("NORTHFLANK_API_TOKEN", "")
	t.Setenv("NF_SERVE_TOKENS", "ci=s3cret-value")
	_, url := serving(t, t.TempDir(), flags...)
	here := t.TempDir()
	s := &stores{t: t, env: []string{"NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=" + url}, file: filepath.Join(here, "web.json"),
		state: []string{"--state", filepath.Join(here, "state")}}
	s.write(webTemplate)
	return s
}

func (s *stores) write(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// wait has the template wait for its addon, which takes as long as the platform says.
func (s *stores) wait() {
	s.t.Helper()
	const condition = `{"kind": "Condition", "spec": {"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "${refs.store.id}"}}}}`
	s.write(strings.Replace(webTemplate, `{"kind": "DeploymentService"`, condition+`, {"kind": "DeploymentService"`, 1))
}

// expect runs nf-run and looks for texts in what it says.
func (s *stores) expect(name string, code int, says []string, args ...string) string {
	s.t.Helper()
	got, out, errOut := ran(s.t, s.env, append(args, s.state...)...)
	if got != code {
		s.t.Errorf("%s: exit code %d, want %d\n%s%s", name, got, code, out, errOut)
	}
	for _, text := range says {
		if !strings.Contains(out+errOut, text) {
			s.t.Errorf("%s: says nothing of %q:\n%s%s", name, text, out, errOut)
		}
	}
	if strings.Contains(out+errOut, "s3cret-value") {
		s.t.Errorf("%s shows the token", name)
	}
	return out
}

// runs lists the runs of the template on the platform.
func (s *stores) runs() []remoteRunOutput {
	s.t.Helper()
	var runs []remoteRunOutput
	if err := json.Unmarshal([]byte(s.expect("the runs there", 0, nil, "remote", "runs", "web", "--json")), &runs); err != nil {
		s.t.Fatal(err)
	}
	return runs
}

// follows starts a process that runs the template there, and returns when it does.
func (s *stores) follows() *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command("nf-run", append([]string{"remote", "run", "web"}, s.state...)...)
	cmd.Env = append(os.Environ(), s.env...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); len(s.runs()) == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("it does not start")
		}
	}
	return cmd
}

func TestTemplatesAreStoredAndRunByThePlatform(t *testing.T) {
	s := storing(t)
	s.expect("the first time", 0, []string{"template web on northflank@", "created"}, "deploy", s.file)
	s.expect("once more", 0, []string{"unchanged"}, "deploy", s.file)
	s.expect("a run of nothing", 1, []string{`no template "nowhere"`, "nf-run deploy"}, "remote", "run", "nowhere")
	s.expect("the local platform", 2, []string{"runs nothing by itself"}, "remote", "run", s.file, "--target", "local")

	s.expect("a pipeline of nothing", 2, []string{"go with --project"}, "remote", "runs", "web", "--pipeline", "shop")
	s.expect("a stage of nothing", 2, []string{"--stage goes with --pipeline"}, "deploy", s.file, "--stage", "Staging")
	out := s.expect("a run", 0, []string{"unchanged", "success", "Addon store"}, "remote", "run", s.file, "--arg", "password=hush-hush")
	id := strings.TrimSuffix(strings.Fields(out)[1], ":")
	s.expect("it stands in the history", 0, []string{id, "success", "northflank@"}, "runs")
	s.expect("and is shown as others are", 0, []string{"success", "Addon store", "DeploymentService web"}, "show", id)
	s.expect("with what the nodes have made", 0, []string{`"imagePath": "nginx:latest"`}, "show", id, "--node", "web")
	s.expect("it cannot be retried here", 1, nil, "retry", id)
	there := s.runs()
	if len(there) != 1 || there[0].Status != "success" {
		t.Fatalf("%+v", there)
	}
	s.expect("it is shown from there", 0, []string{"success", "Addon store"}, "remote", "show", "web", there[0].ID)
	s.expect("as is one of its nodes", 0, []string{"nginx:latest"}, "remote", "show", "web", there[0].ID, "--node", "web")
	s.expect("one that somebody else has started is followed", 0, []string{"success"}, "remote", "follow", "web", there[0].ID)
	s.expect("and then known by its own id", 0, []string{"success", "Addon store"}, "show", there[0].ID)
	s.expect("a run that is over is not aborted", 1, []string{"ended already"}, "remote", "abort", "web", there[0].ID)

	s.hides("hush-hush")
}

// hides looks for a text in the files of the state folder: what is given to the platform
// is not shown here.
func (s *stores) hides(text string) {
	s.t.Helper()
	err := filepath.WalkDir(s.state[1], func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) {
			s.t.Errorf("%s holds %s", path, text)
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

func TestAutorunIsNotDoubled(t *testing.T) {
	s := storing(t)
	s.expect("the first time", 0, []string{"created"}, "deploy", s.file)
	changed := strings.Replace(webTemplate, `"arguments": {},`, `"arguments": {}, "options": {"autorun": true},`, 1)
	s.write(changed)
	s.expect("arguments that would not count", 1, []string{"autorun"}, "remote", "run", s.file, "--arg", "a=b")
	s.expect("a change that runs by itself", 0, []string{"updated", "success"}, "remote", "run", s.file)
	if there := s.runs(); len(there) != 1 {
		t.Errorf("%d runs: %+v", len(there), there)
	}
	s.expect("without a change", 0, []string{"unchanged", "success"}, "remote", "run", s.file)
	if there := s.runs(); len(there) != 2 {
		t.Errorf("%d runs: %+v", len(there), there)
	}
	s.write(strings.Replace(changed, "nginx:latest", "nginx:1.29", 1))
	s.expect("another change", 0, []string{"updated", "runs it now"}, "deploy", s.file)
}

func TestARunOfThePlatformGoesOnWhenNobodyFollows(t *testing.T) {
	s := storing(t, "--delay", "3s")
	s.wait()
	s.expect("the first time", 0, nil, "deploy", s.file)
	cmd := s.follows()
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait()
	s.expect("the one who followed is gone", 0, []string{"interrupted"}, "runs")
	s.expect("another one follows on", 0, []string{"success", "Addon store"}, "resume", "latest")
	if there := s.runs(); len(there) != 1 {
		t.Errorf("%d runs: %+v", len(there), there)
	}
}

func TestARunOfThePlatformIsAborted(t *testing.T) {
	s := storing(t, "--delay", "60s")
	s.wait()
	s.expect("it is stored", 0, nil, "deploy", s.file)
	cmd := s.follows()
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitAborted {
		t.Errorf("%v", err)
	}
	if there := s.runs(); len(there) != 1 || there[0].Status != "aborted" {
		t.Errorf("%+v", there)
	}
}

func TestWorkflowsAndPreviewsAreStoredInAProject(t *testing.T) {
	s := storing(t)
	s.expect("a project", 0, nil, "run", s.file, "--target", "northflank")
	s.write(`{"apiVersion": "v1.2", "name": "Nightly", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "web"}}}}]}}}`)
	s.expect("a workflow", 0, []string{"workflow nightly", "created"}, "deploy", s.file, "--project", "home")
	s.expect("the same", 0, []string{"workflow nightly", "unchanged", "success", "Action Service restart"}, "remote", "run", s.file, "--project", "home")
	s.expect("its runs", 0, []string{"success"}, "remote", "runs", "Nightly", "--project", "home")
	s.expect("a flow without its stage", 2, []string{"name it with --stage"}, "deploy", s.file, "--project", "home", "--pipeline", "shop")
	s.expect("a flow of no pipeline", 1, []string{"shop"}, "deploy", s.file, "--project", "home", "--pipeline", "shop", "--stage", "Staging")
}

// A run of the platform shows each iteration of its loops, as one of this machine does,
// while it is followed, from its history, and without following it.
func TestLoopsOfThePlatformShowTheirIterations(t *testing.T) {
	s := storing(t)
	s.write(`{"apiVersion": "v1.2", "name": "Fleet", "arguments": {"LIST": [{"name": "acme"}, {"name": "globex"}]},
	"project": {"spec": {"name": "Fleet", "region": "europe-west"}}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "LoopWorkflow", "ref": "all", "spec": {"iterations": "${args.LIST}", "steps": [
			{"kind": "SecretGroup", "ref": "group", "spec": {"name": "group-${iteration.name}", "secretType": "environment", "priority": 1, "secrets": {"variables": {}}}},
			{"kind": "LoopWorkflow", "ref": "inner", "spec": {"iterations": [{"name": "eu"}, {"name": "us"}], "steps": [
				{"kind": "LoopData", "ref": "data", "spec": {"of": "${iteration.name}"}}]}}]}},
		{"kind": "LoopData", "ref": "after", "spec": {"last": "${refs.data.of}"}}]}}}`)
	iterations := []string{"group[acme]", "group[globex]", "data[acme][eu]", "data[acme][us]", "data[globex][eu]", "data[globex][us]"}
	s.expect("it is stored", 0, nil, "deploy", s.file)
	s.expect("it is followed", 0, append([]string{"success"}, iterations...), "remote", "run", s.file)
	s.expect("from the history", 0, iterations, "show", "latest")
	var there []remoteRunOutput
	if err := json.Unmarshal([]byte(s.expect("the runs there", 0, nil, "remote", "runs", "Fleet", "--json")), &there); err != nil || len(there) != 1 {
		t.Fatalf("%d runs, %v", len(there), err)
	}
	s.expect("without following it", 0, iterations, "remote", "show", "Fleet", there[0].ID)
	s.expect("one of them", 0, []string{"success"}, "remote", "show", "Fleet", there[0].ID, "--node", "data[globex][us]")
}
