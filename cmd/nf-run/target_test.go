//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ran runs nf-run to its end in an environment.
func ran(t *testing.T, env []string, args ...string) (code int, out, errOut string) {
	t.Helper()
	cmd := exec.Command("nf-run", args...)
	cmd.Env = append(os.Environ(), env...)
	var o, e strings.Builder
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

const webTemplate = `{
  "apiVersion": "v1.2",
  "name": "web",
  "arguments": {},
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
    {"kind": "Project", "ref": "home", "spec": {"name": "Home", "region": "europe-west"}},
    {"kind": "Workflow", "spec": {"type": "parallel", "context": {"projectId": "${refs.home.id}"}, "steps": [
      {"kind": "Addon", "ref": "store", "spec": {"name": "Store", "type": "redis", "version": "7.2.4",
        "billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 4096, "replicas": 1}}},
      {"kind": "DeploymentService", "ref": "web", "spec": {"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"},
        "deployment": {"instances": 1, "external": {"imagePath": "nginx:latest"}},
        "runtimeEnvironment": {"STORE": "${refs.store.id}"}}}
    ]}}
  ]}}
}`

func TestTheHostedPlatform(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	t.Setenv("NORTHFLANK_API_TOKEN", "")
	t.Setenv("NORTHFLANK_API_HOST", "")
	there, here, home := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("NF_SERVE_TOKENS", "ci=s3cret-value")
	_, url := serving(t, there)
	template := filepath.Join(here, "web.json")
	if err := os.WriteFile(template, []byte(webTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	with := []string{"NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=" + url + "/"}
	state := []string{"--state", filepath.Join(here, "state")}
	expect := func(name string, env []string, code int, says string, args ...string) string {
		t.Helper()
		got, out, errOut := ran(t, env, append(args, state...)...)
		if got != code || !strings.Contains(out+errOut, says) {
			t.Errorf("%s: exit code %d, want %d and %q\n%s%s", name, got, code, says, out, errOut)
		}
		if strings.Contains(out+errOut, "s3cret-value") {
			t.Errorf("%s shows the token", name)
		}
		return out
	}

	expect("without a token", nil, 1, "there is no API token: set NORTHFLANK_API_TOKEN", "plan", template, "--target", "northflank")
	expect("a wrong token", []string{"NORTHFLANK_API_TOKEN=wrong", with[1]}, 1, "no valid token", "plan", template, "--target", "northflank")
	expect("an address that is none", []string{with[0], "NORTHFLANK_API_HOST=nonsense"}, 1, "is not one", "plan", template, "--target", "northflank")
	expect("a plan before the first run", with, 0, "create", "plan", template, "--target", "northflank")
	expect("a run", with, 0, "success", "run", template, "--target", "northflank")
	if _, err := os.Stat(filepath.Join(here, "state", "local")); err == nil {
		t.Error("the run made a local platform")
	}
	out := expect("the plan of the run's template", with, 0, "unchanged", "plan", template, "--target", "northflank", "--json")
	if !strings.Contains(out, `"unchanged": 3`) {
		t.Errorf("the plan would change something: %s", out)
	}

	var runs []struct{ ID, Target string }
	if err := json.Unmarshal([]byte(expect("the history", nil, 0, "", "runs", "--json")), &runs); err != nil || len(runs) != 1 || runs[0].Target != "northflank@"+url {
		t.Fatalf("%v: %+v", err, runs)
	}
	// The token of another address is not sent to where the run belongs.
	expect("going on with the token of another address", []string{with[0]}, 1, "is for https://api.northflank.com, and this run belongs to "+url, "retry", runs[0].ID)

	// The official CLI's context serves as well.
	if err := os.MkdirAll(filepath.Join(home, ".northflank"), 0o700); err != nil {
		t.Fatal(err)
	}
	contexts := `{"current":"mine","contexts":[{"name":"other","host":"https://api.northflank.com","token":"x"},{"name":"mine","host":"` + url + `","token":"s3cret-value"}]}`
	if err := os.WriteFile(filepath.Join(home, ".northflank", "config.json"), []byte(contexts), 0o600); err != nil {
		t.Fatal(err)
	}
	expect("with the CLI's context", nil, 0, "unchanged", "plan", template, "--target", "northflank")
	expect("in the scope of a team", nil, 0, "northflank/my-team@"+url, "plan", template, "--target", "northflank/my-team")
	expect("what is no target", nil, 2, "--target takes local, northflank or northflank/TEAM", "plan", template, "--target", "moon")
}

func TestTargetNames(t *testing.T) {
	for text, want := range map[string]targetName{
		"local":                                  {},
		"northflank":                             {hosted: true},
		"northflank/my-team":                     {hosted: true, team: "my-team"},
		"northflank@http://127.0.0.1:4780":       {hosted: true, host: "http://127.0.0.1:4780"},
		"northflank/t@https://api.example.com/x": {hosted: true, team: "t", host: "https://api.example.com/x"},
	} {
		got, err := readTarget(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v (%s), %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "northflank/", "northflank/a/b", "northflank@", "Local", "docker"} {
		if got, err := readTarget(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
