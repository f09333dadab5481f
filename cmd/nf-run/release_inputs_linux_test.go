package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// askingTemplate makes a pipeline whose flow asks for a branch and a commit, and for a
// build.
const askingTemplate = `{"apiVersion": "v1.2", "name": "asking", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
	{"kind": "Project", "spec": {"name": "shop", "region": "europe-west"}},
	{"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "shop"}, "steps": [
		{"kind": "BuildService", "ref": "builder", "spec": {"name": "builder", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://github.com/example-org/shop", "projectType": "github", "projectBranch": "main"},
			"buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}},
		{"kind": "Build", "condition": "success", "spec": {"id": "${refs.builder.id}", "type": "service", "branch": "feature"}},
		{"kind": "DeploymentService", "spec": {"name": "web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}},
		{"kind": "Pipeline", "spec": {"name": "asking", "stages": [{"name": "Production", "nfObjects": [{"id": "web", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow", "spec": {
			"apiVersion": "v1.2", "arguments": {"BRANCH": "", "SHA": "", "BUILD": "", "FROM": "builder", "FROM_BRANCH": "main"},
			"richInputs": [
				{"kind": "BranchCommitSelector", "spec": {"title": "What to build", "description": "All of it", "inputs": {"source": "${args.FROM}"}, "outputs": {"branch": "BRANCH", "buildSha": "SHA"}}},
				{"kind": "BuildSelector", "spec": {"title": "What to deploy", "required": true, "inputs": {"source": "builder"}, "outputs": {"branch": "FROM_BRANCH", "buildId": "BUILD"}}}],
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				{"kind": "Build", "ref": "head", "condition": "success", "skipNodeExecution": "${fn.or(args.SHA)}", "spec": {"id": "builder", "type": "service", "branch": "${args.BRANCH}"}},
				{"kind": "Build", "ref": "commit", "condition": "success", "skipNodeExecution": "${fn.not(args.SHA)}", "spec": {"id": "builder", "type": "service", "branch": "${args.BRANCH}", "sha": "${args.SHA}"}},
				{"kind": "Release", "ref": "web", "condition": "running", "spec": {"type": "build", "origin": {"id": "builder", "branch": "${args.FROM_BRANCH}", "build": "${args.BUILD}"}, "target": {"id": "web", "type": "service"}}}]}}}}}]}}
	]}}]}}}`

// A dialogue is nf-run on a terminal: what it says is waited for, and answered.
type dialogue struct {
	*exec.Cmd
	t        *testing.T
	keyboard *os.File
	said     chan string
	heard    strings.Builder
	out      bytes.Buffer
}

func (s *stores) talk(args ...string) *dialogue {
	s.t.Helper()
	keyboard, terminal := openTerminal(s.t)
	d := &dialogue{Cmd: exec.Command(programFile(s.t), append(args, s.state...)...), t: s.t, keyboard: keyboard, said: make(chan string, 1000)}
	d.Stdin, d.Stdout = terminal, &d.out
	said, err := d.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(d.said)
		for r := bufio.NewReader(said); ; {
			char, _, err := r.ReadRune()
			if err != nil {
				return
			}
			d.said <- string(char)
		}
	}()
	return d
}

// answer waits for a question and types something.
func (d *dialogue) answer(question, text string) {
	d.t.Helper()
	end := time.After(time.Minute)
	for !strings.HasSuffix(d.heard.String(), question) {
		select {
		case char, going := <-d.said:
			if !going {
				d.t.Fatalf("it does not ask %q:\n%s", question, d.heard.String())
			}
			d.heard.WriteString(char)
		case <-end:
			d.t.Fatalf("it does not ask %q:\n%s", question, d.heard.String())
		}
	}
	if _, err := d.keyboard.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
}

// ended hears the rest and returns the exit code.
func (d *dialogue) ended() int {
	d.t.Helper()
	for char := range d.said {
		d.heard.WriteString(char)
	}
	_ = d.Wait()
	return d.ProcessState.ExitCode()
}

func TestAReleaseAsksOnATerminalForWhatItsFlowWants(t *testing.T) {
	s := hereReleasing(t, askingTemplate)

	d := s.talk("release", "run", "asking", "production", "--name", "chosen")
	d.answer("Branch [main]: ", "9\n") // no number of the list is taken as a branch
	d.answer("Commit: ", "\n")
	d.answer("Build [", "nonsense\n")
	d.answer("Take a number of the list, or what stands beside it.", "1\n")
	if code := d.ended(); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, d.heard.String(), d.out.String())
	}
	for _, text := range []string{"What to build\r\nAll of it", "1  main", "2  feature", "What to deploy"} {
		if text = strings.ReplaceAll(text, "\r\n", "\n"); !strings.Contains(d.heard.String(), text) {
			t.Errorf("it does not say %q:\n%s", text, d.heard.String())
		}
	}
	s.expect("what was chosen", 0, []string{"build builder  9@", "release web  feature@"}, "release", "show", "asking", "production", "chosen")

	d = s.talk("release", "run", "asking", "production", "--name", "by-number")
	d.answer("Branch [main]: ", "1\n")
	d.answer("Commit: ", "\n")
	d.answer("Build [", "\n")
	if code := d.ended(); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, d.heard.String(), d.out.String())
	}
	s.expect("the first branch", 0, []string{"build builder  main@"}, "release", "show", "asking", "production", "by-number")

	// A commit is the head of the branch, unless another one is taken.
	d = s.talk("release", "run", "asking", "production", "--name", "commit")
	d.answer("Branch [main]: ", "feature\n")
	d.answer("Commit [", "\n")
	d.answer("Build [", "1\n")
	if code := d.ended(); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, d.heard.String(), d.out.String())
	}
	s.expect("the commit", 0, []string{"build builder  feature@", "Build commit"}, "release", "show", "asking", "production", "commit")

	// What is given is not asked for.
	d = s.talk("release", "run", "asking", "production", "--arg", "BRANCH=main", "--arg", "BUILD=latest")
	if code := d.ended(); code != exitOK || strings.Contains(d.heard.String(), "What to") {
		t.Errorf("exit code %d:\n%s", code, d.heard.String())
	}
	d = s.talk("release", "run", "asking", "production", "--no-input")
	if code := d.ended(); code != exitFailed || !strings.Contains(d.heard.String(), `asks for "What to deploy"`) {
		t.Errorf("exit code %d:\n%s", code, d.heard.String())
	}

	// Whoever goes away has started nothing.
	before := len(s.releasesOf("asking"))
	d = s.talk("release", "run", "asking", "production")
	d.answer("Branch [main]: ", "")
	if err := d.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := d.ended(); code != exitAborted || !strings.Contains(d.heard.String(), "nothing was started") {
		t.Errorf("exit code %d:\n%s", code, d.heard.String())
	}
	if after := len(s.releasesOf("asking")); after != before {
		t.Errorf("there are %d releases, not %d", after, before)
	}
}
