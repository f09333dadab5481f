package tofu_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
)

// plainSealer marks what it has sealed.
type plainSealer struct{}

func (plainSealer) Seal(plain []byte) ([]byte, error) {
	return append([]byte("sealed "), flip(plain)...), nil
}

func (plainSealer) Open(sealed []byte) ([]byte, error) {
	rest, ok := strings.CutPrefix(string(sealed), "sealed ")
	if !ok {
		return nil, errors.New("this was not sealed")
	}
	return flip([]byte(rest)), nil
}

func flip(text []byte) []byte {
	out := make([]byte, len(text))
	for i := range text {
		out[i] = text[i] ^ 0x5a
	}
	return out
}

// A place is a state folder with an OpenTofu.
type place struct {
	t       *testing.T
	dir     string
	log, ok string
	options tofu.Options
}

func prepare(t *testing.T) *place {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "tofu")}
	p.log, p.ok = filepath.Join(t.TempDir(), "log"), filepath.Join(t.TempDir(), "go")
	p.options = tofu.Options{Program: self, Dir: p.dir, Sealer: plainSealer{},
		Environment: append(os.Environ(), "FAKE_TOFU=1", "FAKE_TOFU_LOG="+p.log, "FAKE_TOFU_GO="+p.ok, "NF_SECRET=x", "NORTHFLANK_API_TOKEN=x", "TF_WORKSPACE=elsewhere")}
	return p
}

func (p *place) driver() *tofu.Driver { return tofu.New(nil, p.options) }

func (p *place) said() string {
	text, _ := os.ReadFile(p.log)
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ", ")
}

func (p *place) letGo() {
	p.t.Helper()
	if err := os.WriteFile(p.ok, nil, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) eventually(what string, so func() bool) {
	p.t.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("it never came to be that %s: %s", what, p.said())
}

// apply is a node with a resource for each input.
func apply(key string, inputs ...string) platform.NodeRequest {
	resources := map[string]any{}
	for i, input := range inputs {
		resources[fmt.Sprintf("r%d", i)] = map[string]any{"input": input}
	}
	return platform.NodeRequest{Kind: "OpenTofu", Token: "run-1-1", Identity: "shop", Spec: map[string]any{"stateKey": key, "spec": map[string]any{
		"resource": map[string]any{"terraform_data": resources},
		"output":   map[string]any{"id": map[string]any{"value": "i-1"}, "password": map[string]any{"value": "hidden", "sensitive": true}},
	}}}
}

func destroy(key string) platform.NodeRequest {
	return platform.NodeRequest{Kind: "OpenTofuDestroy", Token: "run-2-1", Identity: "shop", StateKey: key, Spec: map[string]any{"nodeRef": "infrastructure"}}
}

// finish starts a node and polls it to its end, with its wait as it is after a crash.
func (p *place) finish(d *tofu.Driver, req platform.NodeRequest) (platform.Progress, error) {
	p.t.Helper()
	result, err := d.Start(p.t.Context(), req)
	if err != nil {
		return platform.Progress{}, err
	}
	return p.poll(d, result.Wait)
}

func (p *place) poll(d *tofu.Driver, w *platform.Wait) (platform.Progress, error) {
	p.t.Helper()
	for range 3000 {
		text, err := json.Marshal(w)
		if err != nil {
			p.t.Fatal(err)
		}
		w = &platform.Wait{}
		if err := json.Unmarshal(text, w); err != nil {
			p.t.Fatal(err)
		}
		progress, err := d.Poll(p.t.Context(), *w)
		if err != nil || progress.Done {
			return progress, err
		}
		w = &progress.Next
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatal("OpenTofu does not come to its end")
	return platform.Progress{}, nil
}

func TestWhatANodeSaysIsAppliedOnceAndLeavesItsOutputs(t *testing.T) {
	p := prepare(t)
	progress, err := p.finish(p.driver(), apply("key", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if got := jsonvalue.String(progress.Output, "outputs.id.value"); got != "i-1" || fmt.Sprint(progress.Secret) != "[/outputs/password/value]" {
		t.Errorf("outputs %v, secret %v", progress.Output, progress.Secret)
	}
	if got := p.said(); got != "begins terraform_data.r0, made terraform_data.r0, begins terraform_data.r1, made terraform_data.r1" {
		t.Errorf("OpenTofu %s", got)
	}
	// Another process applies it once more: there is nothing to do.
	if _, err := p.finish(p.driver(), apply("key", "a", "b")); err != nil || strings.Count(p.said(), "made") != 2 {
		t.Errorf("%v: %s", err, p.said())
	}
	// Another key is other infrastructure, and so is another environment.
	isolated := apply("key", "a")
	isolated.Spec.(map[string]any)["isolateResourcesPerEnvironment"] = true
	for i, req := range []platform.NodeRequest{apply("other", "a"), isolated} {
		if _, err := p.finish(p.driver(), req); err != nil || strings.Count(p.said(), "made") != 3+i {
			t.Errorf("%v: %s", err, p.said())
		}
	}
}

// TestWhatIsKept shows that nothing of the module and no key lies there unsealed.
func TestWhatIsKept(t *testing.T) {
	p := prepare(t)
	req := apply("key", "a-secret-of-the-module")
	if _, err := p.finish(p.driver(), req); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(p.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %s", path, info.Mode())
		}
		if e.IsDir() || e.Name() == "terraform.tfstate" { // which a real OpenTofu encrypts
			return nil
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "a-secret-of-the-module") || strings.Contains(string(text), "passphrase") {
			t.Errorf("%s holds the module: %s", path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasMadeIsDestroyed(t *testing.T) {
	p := prepare(t)
	if _, err := p.finish(p.driver(), destroy("key")); err != nil || p.said() != "" {
		t.Errorf("where there is nothing: %v, %s", err, p.said())
	}
	if _, err := p.finish(p.driver(), apply("key", "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.finish(p.driver(), destroy("key")); err != nil || !strings.HasSuffix(p.said(), "destroys terraform_data.r0") {
		t.Errorf("%v: %s", err, p.said())
	}
	nobody := destroy("")
	if _, err := p.driver().Start(t.Context(), nobody); platform.StatusOf(err) != 400 || !strings.Contains(err.Error(), `names no OpenTofu node of the template: "infrastructure"`) {
		t.Errorf("%v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Run("what cannot be made may be made later", func(t *testing.T) {
		p := prepare(t)
		_, err := p.finish(p.driver(), apply("key", "a", "fail"))
		var outcome *platform.OutcomeError
		if !errors.As(err, &outcome) || !strings.Contains(err.Error(), "no capacity: as it was told") {
			t.Errorf("%v", err)
		}
		d := p.driver()
		if _, err := p.finish(d, apply("key", "a", "b")); err != nil || strings.Count(p.said(), "made terraform_data.r0") != 1 {
			t.Errorf("%v: %s", err, p.said())
		}
	})
	t.Run("a module that is none is not tried again", func(t *testing.T) {
		p := prepare(t)
		_, err := p.finish(p.driver(), apply("key", "wrong"))
		if platform.StatusOf(err) != 400 || !strings.Contains(err.Error(), "Unsupported argument") || p.said() != "" {
			t.Errorf("%v: %s", err, p.said())
		}
	})
	t.Run("it takes too long", func(t *testing.T) {
		p := prepare(t)
		req := apply("key", "hold")
		req.Node = map[string]any{"timeoutDuration": 1.0}
		_, err := p.finish(p.driver(), req)
		var refused *platform.Error
		if !errors.As(err, &refused) || refused.Retryable || !strings.Contains(err.Error(), "did not come to its end within 1s") {
			t.Errorf("%v: %s", err, p.said())
		}
	})
}

func TestThereHasToBeAnOpenTofu(t *testing.T) {
	spec := apply("key", "a").Spec
	for name, test := range map[string]struct {
		change func(o *tofu.Options)
		want   string
	}{
		"none where it is said to be": {func(o *tofu.Options) { o.Program = "/nowhere/tofu" }, "NF_TOFU"},
		"one that is too old":         {func(o *tofu.Options) { o.Environment = append(o.Environment, "FAKE_TOFU_VERSION=1.6.2") }, "1.7 or newer"},
		"one that is none":            {func(o *tofu.Options) { o.Program = "/bin/false" }, "does not say its version"},
		"one that must not be used":   {func(o *tofu.Options) { o.Refuse = "not here" }, "not here"},
	} {
		t.Run(name, func(t *testing.T) {
			p := prepare(t)
			test.change(&p.options)
			for _, kind := range []string{"OpenTofu", "OpenTofuDestroy"} {
				if err := p.driver().Supports(kind, spec); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: %v", kind, err)
				}
			}
			p.options.Silent = true
			if err := p.driver().Supports("OpenTofu", spec); err != nil {
				t.Errorf("a rehearsal: %v", err)
			}
		})
	}
	p := prepare(t)
	t.Setenv("PATH", t.TempDir())
	p.options.Program = ""
	if err := p.driver().Supports("OpenTofu", spec); err == nil || !strings.Contains(err.Error(), "install it") {
		t.Errorf("%v", err)
	}
}

// TestAModuleDoesNotReachIntoTheMachine covers what would run programs or read files.
func TestAModuleDoesNotReachIntoTheMachine(t *testing.T) {
	p := prepare(t)
	node := func(text string) any {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return map[string]any{"stateKey": "key", "spec": v}
	}
	for name, text := range map[string]string{
		"a provisioner":         `{"resource": {"terraform_data": {"a": {"provisioner": {"local-exec": {"command": "id"}}}}}}`,
		"one in a list":         `{"resource": {"terraform_data": [{"a": {"provisioner": [{"local-exec": {"command": "id"}}]}}]}}`,
		"a file":                `{"resource": {"terraform_data": {"a": {"input": "${file(\"/etc/passwd\")}"}}}}`,
		"a file in an output":   `{"output": {"a": {"value": "x${ upper( filebase64 (\"/etc/passwd\")) }"}}}`,
		"a comment in between":  `{"resource": {"terraform_data": {"a": {"input": "${file /* a */ # b\n (\"/etc/passwd\")}"}}}}`,
		"a file in a provider":  `{"provider": {"aws": {"region": "${file(\"/etc/passwd\")}"}}}`,
		"a template":            `{"output": {"a": {"value": "%{ if true }${templatefile(\"/etc/passwd\", {})}%{ endif }"}}}`,
		"another provider":      `{"resource": {"local_file": {"a": {"filename": "/tmp/x", "content": "x"}}}}`,
		"one that is not named": `{"provider": {"google": {"project": "p"}}, "resource": {"aws_s3_bucket": {"a": {}}}}`,
		"one like a named one":  `{"provider": {"aws": {"region": "r"}}, "resource": {"awscc_thing": {"a": {}}}}`,
	} {
		if err := p.driver().Supports("OpenTofu", node(text)); platform.StatusOf(err) != 400 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := p.driver().Start(t.Context(), platform.NodeRequest{Kind: "OpenTofu", Spec: node(text), Token: "t"}); platform.StatusOf(err) != 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"what only sounds like it": `{"resource": {"terraform_data": {"a": {"input": "profile(x) ${terraform_data.file.id} (file)"}}}}`,
		"text":                     `{"resource": {"terraform_data": {"a": {"input": "file(\"a\")"}}}}`,
		"a provider that is named": `{"provider": {"aws": {"region": "r"}}, "resource": {"aws_s3_bucket": {"a": {"bucket": "${args.NAME}"}}}}`,
		"azure":                    `{"provider": {"azure": {}}, "resource": {"azurerm_resource_group": {"a": {}}}}`,
	} {
		if err := p.driver().Supports("OpenTofu", node(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTwoAtOneStateTakeTurns has two processes' drivers apply to one state.
func TestTwoAtOneStateTakeTurns(t *testing.T) {
	p := prepare(t)
	first, second := p.driver(), p.driver()
	one, err := first.Start(t.Context(), apply("key", "hold"))
	if err != nil {
		t.Fatal(err)
	}
	p.eventually("the first is at it", func() bool { return strings.Contains(p.said(), "begins") })
	other := apply("key", "hold")
	other.Token = "run-9-1"
	two, err := second.Start(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	p.eventually("the second says what it waits for", func() bool {
		progress, err := second.Poll(t.Context(), *two.Wait)
		return err == nil && strings.Contains(progress.Detail, "another OpenTofu")
	})
	p.letGo()
	for _, x := range []struct {
		d *tofu.Driver
		w *platform.Wait
	}{{first, one.Wait}, {second, two.Wait}} {
		if _, err := p.poll(x.d, x.w); err != nil {
			t.Error(err)
		}
	}
	if got := p.said(); got != "begins terraform_data.r0, made terraform_data.r0" {
		t.Errorf("OpenTofu %s", got)
	}
}

func TestAnAbortEndsOpenTofuInGoodOrderAndThenHard(t *testing.T) {
	for _, how := range []string{"hold", "stubborn"} {
		t.Run(how, func(t *testing.T) {
			p := prepare(t)
			d := p.driver()
			result, err := d.Start(t.Context(), apply("key", "a", how))
			if err != nil {
				t.Fatal(err)
			}
			p.eventually("it is at it", func() bool { return strings.Contains(p.said(), "begins terraform_data.r1") })
			limit := time.Minute
			if how == "stubborn" {
				limit = 500 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if done, err := d.Abort(ctx, *result.Wait); !done || err != nil {
				t.Errorf("%v, %v", done, err)
			}
			if got := p.said(); !strings.HasSuffix(got, "is interrupted") {
				t.Errorf("OpenTofu %s", got)
			}
			// What was made stays made, and the state is free.
			if _, err := p.finish(p.driver(), apply("key", "a", "b")); err != nil || strings.Count(p.said(), "made terraform_data.r0") != 1 {
				t.Errorf("%v: %s", err, p.said())
			}
		})
	}
}

// TestAPlanIsConfirmed has a node ask for what it is about to do.
func TestAPlanIsConfirmed(t *testing.T) {
	p := prepare(t)
	req := apply("key", "a", "b")
	req.Spec.(map[string]any)["usePlan"] = true
	until := func(w *platform.Wait) platform.Progress {
		t.Helper()
		d := p.driver() // as if the process before had died
		for range 3000 {
			progress, err := d.Poll(t.Context(), *w)
			if err != nil {
				t.Fatal(err)
			}
			if progress.Done || progress.Ask != "" {
				return progress
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("nothing comes of it")
		return platform.Progress{}
	}
	result, err := p.driver().Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	asked := until(result.Wait)
	if asked.Ask != "create terraform_data.r0, create terraform_data.r1" || strings.Contains(p.said(), "made") {
		t.Fatalf("%+v: %s", asked, p.said())
	}
	if done := until(&asked.Next); !done.Done || jsonvalue.String(done.Output, "outputs.id.value") != "i-1" || !strings.Contains(p.said(), "applies the plan") {
		t.Errorf("%+v: %s", done, p.said())
	}
	// Whoever could not tell that it was applied finds nothing more to do.
	if again := until(&asked.Next); !again.Done || strings.Count(p.said(), "applies the plan") != 1 {
		t.Errorf("%+v: %s", again, p.said())
	}
	// Where nothing changes nobody is asked.
	if result, err = p.driver().Start(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if done := until(result.Wait); !done.Done {
		t.Errorf("%+v", done)
	}
	// A plan that is gone is made again.
	other := apply("other", "a")
	other.Spec.(map[string]any)["usePlan"] = true
	if result, err = p.driver().Start(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	asked = until(result.Wait)
	plans, _ := filepath.Glob(filepath.Join(p.dir, "*", "confirmed.tfplan"))
	for _, path := range plans {
		_ = os.Remove(path)
	}
	var outcome *platform.OutcomeError
	if _, err := p.poll(p.driver(), &asked.Next); !errors.As(err, &outcome) || !strings.Contains(err.Error(), "confirmed again") {
		t.Errorf("%v", err)
	}
}

func TestARehearsalRunsNothing(t *testing.T) {
	p := prepare(t)
	p.options.Silent, p.options.Program = true, "/nowhere/tofu"
	d := p.driver()
	result, err := d.Start(t.Context(), apply("key", "a"))
	if err != nil || result.Wait != nil || jsonvalue.String(result.Output, "outputs.id.value") != "id" {
		t.Errorf("%+v, %v", result, err)
	}
	if result, err := d.Start(t.Context(), destroy("key")); err != nil || result.Wait != nil {
		t.Errorf("%+v, %v", result, err)
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("a folder was made")
	}
}

func TestAPlanAsksOpenTofuInACopy(t *testing.T) {
	p := prepare(t)
	preview := func(req platform.NodeRequest) platform.Change {
		t.Helper()
		change, err := p.driver().Preview(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return change
	}
	if change := preview(apply("key", "a")); change.Action != platform.ActionCreate || !jsonvalue.Equal(change.Desired, map[string]any{"terraform_data.r0": "create"}) {
		t.Errorf("%+v", change)
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("a plan has made a folder")
	}
	if _, err := p.finish(p.driver(), apply("key", "a")); err != nil {
		t.Fatal(err)
	}
	before := p.said()
	if change := preview(apply("key", "a")); change.Action != platform.ActionUnchanged {
		t.Errorf("%+v", change)
	}
	if change := preview(apply("key", "b", "c")); change.Action != platform.ActionUpdate ||
		!jsonvalue.Equal(change.Desired, map[string]any{"terraform_data.r0": "update", "terraform_data.r1": "create"}) {
		t.Errorf("%+v", change)
	}
	if change := preview(destroy("key")); change.Action != platform.ActionRun {
		t.Errorf("%+v", change)
	}
	unknown := apply("key", "a")
	unknown.Spec.(map[string]any)["stateKey"] = platform.Unknown
	if change := preview(unknown); change.Action != platform.ActionApply {
		t.Errorf("%+v", change)
	}
	if p.said() != before {
		t.Errorf("the plans have done something: %s", p.said())
	}
}

// TestTheRealOpenTofu plays the same with an OpenTofu that is installed: NF_TEST_TOFU, or
// the one that the benchmarks have built. Its provider for data is built in.
func TestTheRealOpenTofu(t *testing.T) {
	program := os.Getenv("NF_TEST_TOFU")
	if program == "" {
		home, _ := os.UserHomeDir()
		if found, _ := filepath.Glob(filepath.Join(home, ".cache/nf-lsp/opentofu-*/tofu")); len(found) > 0 {
			program = found[0]
		}
	}
	if program == "" {
		t.Skip("no OpenTofu is installed")
	}
	p := prepare(t)
	p.options.Program, p.options.Environment = program, os.Environ()
	req := apply("key", "first-secret-input")
	outputs := req.Spec.(map[string]any)["spec"].(map[string]any)["output"].(map[string]any)
	outputs["id"] = map[string]any{"value": "${terraform_data.r0.id}"}
	progress, err := p.finish(p.driver(), req)
	if err != nil {
		t.Fatal(err)
	}
	id := jsonvalue.String(progress.Output, "outputs.id.value")
	if len(id) < 30 || jsonvalue.String(progress.Output, "outputs.password.value") != "hidden" || fmt.Sprint(progress.Secret) != "[/outputs/password/value]" {
		t.Errorf("%v", progress.Output)
	}
	states, _ := filepath.Glob(filepath.Join(p.dir, "*", "terraform.tfstate*"))
	for _, path := range states {
		if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), "first-secret-input") || !strings.Contains(string(text), "encrypted_data") {
			t.Errorf("%s is not encrypted: %v", path, err)
		}
	}
	if len(states) == 0 {
		t.Error("there is no state")
	}
	if change, err := p.driver().Preview(t.Context(), req); err != nil || change.Action != platform.ActionUnchanged {
		t.Errorf("%+v, %v", change, err)
	}
	if progress, err = p.finish(p.driver(), req); err != nil || jsonvalue.String(progress.Output, "outputs.id.value") != id {
		t.Errorf("applied once more: %v, %v", progress.Output, err)
	}
	if _, err := p.finish(p.driver(), destroy("key")); err != nil {
		t.Fatal(err)
	}
	if progress, err = p.finish(p.driver(), req); err != nil || jsonvalue.String(progress.Output, "outputs.id.value") == id {
		t.Errorf("after it was destroyed: %v, %v", progress.Output, err)
	}
	wrong := apply("wrong", "a")
	wrong.Spec.(map[string]any)["spec"].(map[string]any)["output"].(map[string]any)["id"] = map[string]any{"value": "${terraform_data.nobody.id}"}
	if _, err := p.finish(p.driver(), wrong); platform.StatusOf(err) != 400 || !strings.Contains(err.Error(), "Reference to undeclared resource") {
		t.Errorf("%v", err)
	}
}
