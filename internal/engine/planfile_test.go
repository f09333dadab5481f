package engine_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// plannedTemplate uses everything that a plan depends on.
const plannedTemplate = `{"apiVersion": "v1.2", "name": "Planned", "arguments": {"TAG": "v1", "AT": "${fn.date()}"}, "argumentOverrides": {"DB_PASSWORD": "from the file"},
	"project": {"spec": {"name": "Planned", "region": "europe-west", "description": "${args.AT}"}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings", "secretType": "environment", "priority": 1,
			"secrets": {"variables": {"PASSWORD": "${args.DB_PASSWORD}", "MADE": "${fn.randomSecret(32)}", "SHARED": "${secrets.shared.values.key}"}}}},
		{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web", "description": "of ${refs.settings.id}", "billing": {"deploymentPlan": "nf-compute-10"},
			"deployment": {"instances": 1, "external": {"imagePath": "example/web:${args.TAG}"}}}}
	]}}}`

// A plannedWorld is a bench with a global secret.
func plannedWorld(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, t.TempDir())
	b.engine.Secrets = engine.StoredSecrets{Store: b.store}
	b.share("planted-shared-secret")
	return b
}

func (b *bench) share(value string) {
	b.t.Helper()
	if err := b.store.ChangeGlobal(b.t.Context(), "shared", func(g *history.Global) error {
		g.Values = map[string]any{"key": value}
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
}

func plannedOptions(arguments map[string]any) engine.Options {
	return engine.Options{File: "/srv/planned.json", Arguments: []engine.Layer{{From: engine.FromFlag, Values: arguments, Literal: true}}}
}

// planToFile plans and takes the file through its text, as processes do.
func (b *bench) planToFile(p *engine.Program) *engine.PlanFile {
	b.t.Helper()
	plan, file, err := b.engine.PlanToFile(b.t.Context(), p)
	if err != nil || file == nil {
		b.t.Fatalf("%+v, %v", plan, err)
	}
	if err := b.engine.SealPlan(file); err != nil {
		b.t.Fatal(err)
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		b.t.Fatal(err)
	}
	if file, err = engine.ReadPlanFile("planned.plan", string(text)); err != nil {
		b.t.Fatal(err)
	}
	return file
}

func TestAPlanFileIsCarriedOut(t *testing.T) {
	b := plannedWorld(t)
	given := plannedOptions(map[string]any{"TAG": "v2"})
	day := time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)
	b.engine.Clock = engine.NewVirtualClock(day)
	file := b.planToFile(program(t, plannedTemplate, given))
	b.engine.Clock = nil
	// Whoever carries it out need not give again what is no secret.
	again := engine.Options{File: given.File, Arguments: file.Layers()}
	p := program(t, plannedTemplate, again)
	if err := b.engine.CheckPlan(t.Context(), file, p); err != nil {
		t.Fatalf("it does not fit: %v", err)
	}
	r, err := b.engine.Run(t.Context(), p, engine.RunOptions{Plan: file})
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	v := b.view(r.ID)
	if !v.Planned.Equal(day) || !strings.Contains(string(v.Nodes[0].Attempts[0].Input), day.Format("2006-01-02")) {
		t.Errorf("the run was planned at %v and began with %s, want %v", v.Planned, v.Nodes[0].Attempts[0].Input, day)
	}
	if got := string(v.Nodes[3].Attempts[0].Input); !strings.Contains(got, "example/web:v2") {
		t.Errorf("it ran with %s", got)
	}
}

func TestAPlanDoesNotFitAnyMore(t *testing.T) {
	tests := []struct {
		name   string
		change func(b *bench, o *engine.Options) (source string)
		want   string
	}{
		{"the template has changed", func(*bench, *engine.Options) string {
			return strings.Replace(plannedTemplate, "nf-compute-10", "nf-compute-20", 1)
		},
			"the template /srv/planned.json has changed"},
		{"so has one with another white space", func(*bench, *engine.Options) string { return plannedTemplate + "\n" }, "the template /srv/planned.json has changed"},
		{"an argument has another value", func(_ *bench, o *engine.Options) string { o.Arguments[0].Values["TAG"] = "v3"; return "" },
			`argument TAG was "v2" and is "v3" now (from --arg)`},
		{"there is one more", func(_ *bench, o *engine.Options) string { o.Arguments[0].Values["MORE"] = "x"; return "" }, "argument MORE had no value and has one now"},
		{"a secret argument has another value", func(_ *bench, o *engine.Options) string {
			o.Arguments[0].Values["API_TOKEN"] = "another-token"
			return ""
		},
			"argument API_TOKEN, a secret, has another value (from --arg)"},
		{"a secret argument is missing", func(_ *bench, o *engine.Options) string { delete(o.Arguments[0].Values, "API_TOKEN"); return "" },
			"argument API_TOKEN, a secret, is not given as it was to the plan (by --arg)"},
		{"a secret argument of the file is overridden", func(_ *bench, o *engine.Options) string { o.Arguments[0].Values["DB_PASSWORD"] = "other"; return "" },
			"argument DB_PASSWORD, a secret, is not given as it was"},
		{"a kept secret was made", func(b *bench, _ *engine.Options) string {
			_, err := b.store.Keep(b.t.Context(), "Planned", "refs.settings/spec/secrets/variables/MADE randomSecret", []byte("made meanwhile"))
			if err != nil {
				b.t.Fatal(err)
			}
			return ""
		}, "the kept secret of refs.settings/spec/secrets/variables/MADE randomSecret has a value by now"},
		{"a global secret has another value", func(b *bench, _ *engine.Options) string { b.share("another"); return "" }, "the global secret shared has another value"},
		{"a resource was made", func(b *bench, _ *engine.Options) string {
			b.do(platform.OpCreateProject, nil, `{"name": "Planned", "region": "europe-west"}`)
			return ""
		}, "projects/planned exists by now"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := plannedWorld(t)
			given := plannedOptions(map[string]any{"TAG": "v2", "API_TOKEN": "planted-token"})
			file := b.planToFile(program(t, plannedTemplate, given))
			source := tt.change(b, &given)
			if source == "" {
				source = plannedTemplate
			}
			_, err := b.engine.Run(t.Context(), program(t, source, given), engine.RunOptions{Plan: file})
			var changed *engine.ChangedError
			if !errors.As(err, &changed) || len(changed.Changes) != 1 || !strings.HasPrefix(changed.Changes[0], tt.want) {
				t.Errorf("%v, want that %s", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), "planted") || strings.Contains(err.Error(), "another-token")) {
				t.Errorf("a secret shows: %v", err)
			}
			if runs := b.listed(); len(runs) != 0 {
				t.Errorf("a run was begun: %+v", runs)
			}
		})
	}
}

// do carries an operation out on the platform, as somebody else would.
func (b *bench) do(op string, path map[string]string, body string) {
	b.t.Helper()
	if _, err := b.platform.Do(b.t.Context(), op, platform.Params{Path: path}, []byte(body)); err != nil {
		b.t.Fatal(err)
	}
}

func TestAPlanOfWhatIsThereKnowsItByItsProperties(t *testing.T) {
	web := map[string]string{"projectId": "planned", "serviceId": "web"}
	tests := []struct {
		name   string
		change func(b *bench)
		want   string
	}{
		{"nothing has changed", func(*bench) {}, ""},
		{"a property has changed", func(b *bench) { b.do(platform.OpPatchDeploymentService, web, `{"deployment": {"instances": 4}}`) },
			"projects/planned/services/web has changed: deployment.instances"},
		{"a resource is gone", func(b *bench) { b.do(platform.OpDeleteService, web, "") }, "projects/planned/services/web is gone"},
		{"a secret in a resource has changed", func(b *bench) {
			b.do(platform.OpPatchProjectSecret, map[string]string{"projectId": "planned", "secretId": "settings"}, `{"secrets": {"variables": {"PASSWORD": "somebody else's"}}}`)
		}, "projects/planned/secrets/settings has changed: secrets.variables."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := plannedWorld(t)
			if r := b.run(program(t, plannedTemplate, plannedOptions(nil))); r.State != engine.StateSuccess {
				t.Fatalf("%+v", r.Error)
			}
			p := program(t, plannedTemplate, plannedOptions(map[string]any{"TAG": "v2"}))
			file := b.planToFile(p)
			tt.change(b)
			err := b.engine.CheckPlan(t.Context(), file, p)
			var changed *engine.ChangedError
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &changed) || !strings.HasPrefix(changed.Changes[0], tt.want)):
				t.Errorf("%v, want that %s", err, tt.want)
			}
		})
	}
}

// A plan that was compared before its run had to queue is compared once more
// when the run's turn has come.
func TestAQueuedPlanIsLookedAtAgain(t *testing.T) {
	b := plannedWorld(t)
	p := program(t, strings.ReplaceAll(plannedTemplate, "Planned", "Release"), plannedOptions(map[string]any{"TAG": "v2"}))
	p.Policy = engine.Queue
	file := b.planToFile(p)
	// A run of the same template, which makes the same project, stands in front.
	if !dies(t, b.dir, victimRun+"=first", "NF_CRASH_AT=call-before:1") {
		t.Fatal("nothing stands in front of the run")
	}
	r, err := b.engine.Run(t.Context(), p, engine.RunOptions{ID: "second", Plan: file})
	if err != nil || r.State != engine.StateFailure || !strings.Contains(r.Error.Message, "the plan cannot be carried out any more") {
		t.Fatalf("%+v, %v", r, err)
	}
	v := b.view("second")
	for _, n := range v.Nodes {
		if n.State != engine.StatePending {
			t.Errorf("%s is %s", n.Label, n.State)
		}
	}
}

func TestPlanFilesHoldNoSecrets(t *testing.T) {
	b := plannedWorld(t)
	source := strings.Replace(plannedTemplate, "from the file", "planted-in-the-file", 1)
	opts := plannedOptions(map[string]any{"API_TOKEN": "planted-token-b91f"})
	if r := b.run(program(t, source, opts)); r.State != engine.StateSuccess {
		t.Fatalf("%+v", r.Error)
	}
	file := b.planToFile(program(t, source, opts))
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	made, _, err := b.store.Kept(t.Context(), "Planned", "refs.settings/spec/secrets/variables/MADE randomSecret")
	if err != nil || len(made) != 32 {
		t.Fatalf("%q, %v", made, err)
	}
	for _, secret := range []string{"planted-in-the-file", "planted-token-b91f", "planted-shared-secret", string(made)} {
		for _, l := range leaks(secret) {
			if strings.Contains(string(text), l) {
				t.Errorf("the plan file tells %q", l)
			}
		}
	}
	for _, a := range file.Arguments {
		if a.Name == "API_TOKEN" && (a.Value != nil || a.Hash == "") {
			t.Errorf("%+v", a)
		}
	}
	other := b.planToFile(program(t, source, opts))
	if other.Arguments[0].Hash == file.Arguments[0].Hash && file.Arguments[0].Hash != "" || other.Source == file.Source {
		t.Error("two plans have the same hashes: their keys are not their own")
	}
}

func TestPlanFilesThatCannotBeUsed(t *testing.T) {
	b := plannedWorld(t)
	p := program(t, plannedTemplate, plannedOptions(nil))
	text, err := json.MarshalIndent(b.planToFile(p), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for _, tt := range []struct{ name, text, want string }{
		{"a newer version", strings.Replace(good, `"planFormat": 1`, `"planFormat": 7`, 1), "x.plan was written by a newer version of this program (format 7, this one knows up to 1): update to read it"},
		{"one that is cut off", good[:len(good)/2], "x.plan: the plan file is damaged ("},
		{"no more than a beginning", `{"planFormat": 1`, "x.plan: the plan file is damaged ("},
		{"nothing in it", `{"planFormat": 1}`, "x.plan: the plan file is damaged (it has no plan): make the plan again"},
		{"a member of the wrong type", strings.Replace(good, `"world": [`, `"world": [3, `, 1), "x.plan: the plan file is damaged ("},
		{"no version", strings.Replace(good, `"planFormat": 1`, `"planFormat": 0`, 1), "it has no version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !engine.IsPlanFile(tt.text) {
				t.Error("it is not taken for a plan file")
			}
			_, err := engine.ReadPlanFile("x.plan", tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			var newer *journal.VersionError
			if errors.As(err, &newer) != strings.HasPrefix(tt.name, "a newer") {
				t.Errorf("error %T", err)
			}
		})
	}
	read := func(text string) *engine.PlanFile {
		f, err := engine.ReadPlanFile("x.plan", text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if err := b.engine.CheckPlan(t.Context(), read(strings.ReplaceAll(good, "\n", "\n\t")), p); err != nil {
		t.Errorf("laid out in another way: %v", err)
	}
	if err := b.engine.CheckPlan(t.Context(), read(strings.Replace(good, "europe-west", "us-central", 1)), p); err == nil || !strings.Contains(err.Error(), "was changed after it was made") {
		t.Errorf("somebody has edited it: %v", err)
	}
	elsewhere := plannedWorld(t)
	if err := elsewhere.engine.CheckPlan(t.Context(), read(good), p); err == nil || !strings.Contains(err.Error(), "made with another state folder") {
		t.Errorf("in another state folder: %v", err)
	}
	other := *b.engine
	other.Target = "elsewhere"
	if err := other.CheckPlan(t.Context(), read(good), p); err == nil || !strings.Contains(err.Error(), "was made for target local") {
		t.Errorf("on another target: %v", err)
	}
	for _, text := range []string{"", "[]", plannedTemplate, `{"a": {"planFormat": 1}}`, `"planFormat"`} {
		if engine.IsPlanFile(text) {
			t.Errorf("%s is taken for a plan file", text)
		}
	}
}

func FuzzReadPlanFile(f *testing.F) {
	f.Add(`{"planFormat": 1, "date": "2025-01-02T03:04:05Z", "file": "/t.json", "source": "00", "world": [{}], "plan": {"nodes": [{}]}, "key": "AA==", "mac": "00"}`)
	f.Add(`{"planFormat": 1, "arguments": [{"name": "A", "value": "x", "from": "arg"}]`)
	f.Add(`{"planFormat": 1e9}`)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := engine.ReadPlanFile("f", text)
		if (file == nil) != (err != nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err == nil {
			file.Layers()
		}
	})
}

// A plan sees no other time than its own: two that are made at different times
// differ in nothing but what depends on the date.
func TestTheDateOfAPlanStandsStill(t *testing.T) {
	b := plannedWorld(t)
	p := program(t, plannedTemplate, plannedOptions(nil))
	file := b.planToFile(p)
	if took := time.Since(file.Date); took < 0 || took > time.Minute {
		t.Errorf("it was made %v ago", took)
	}
	fixed := *p
	fixed.Date = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	plan, err := b.engine.Plan(t.Context(), &fixed)
	if err != nil || !strings.Contains(string(plan.Nodes[0].Input), "2031-02-03") {
		t.Errorf("%s, %v", plan.Nodes[0].Input, err)
	}
}

// What a loop goes over may come from elsewhere, and teardowns see what the last run has
// left: a plan fits as long as both are what they were.
func TestAPlanDependsOnWhatLoopsGoOverAndOnTheLastRun(t *testing.T) {
	check := func(t *testing.T, b *bench, file *engine.PlanFile, p *engine.Program, want ...string) {
		t.Helper()
		err := b.engine.CheckPlan(t.Context(), file, p)
		var changed *engine.ChangedError
		if len(want) == 0 && err != nil || len(want) > 0 && (!errors.As(err, &changed) || !slices.Equal(changed.Changes, want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	t.Run("a loop has one more iteration", func(t *testing.T) {
		b := plannedWorld(t)
		b.share(`[{"name": "acme"}, {"name": "globex"}]`)
		p := program(t, `{"apiVersion": "v1.2", "name": "Fleet", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "LoopWorkflow", "ref": "all", "spec": {"iterations": "${secrets.shared.values.key}", "steps": [
				{"kind": "Project", "ref": "p", "spec": {"name": "${refs.all.name}", "region": "europe-west"}}]}}]}}}`, engine.Options{File: "/srv/fleet.json"})
		file := b.planToFile(p)
		check(t, b, file, p)
		b.share(`[{"name": "acme"}, {"name": "globex"}, {"name": "initech"}]`)
		check(t, b, file, p, "the global secret shared has another value", "loops have other iterations by now")
	})
	t.Run("another run has left other outputs", func(t *testing.T) {
		b := newBench(t, t.TempDir())
		source := `{"apiVersion": "v1.2", "name": "Ended", "arguments": {"N": "1"},
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				{"kind": "Project", "ref": "p", "spec": {"name": "begun", "region": "europe-west", "description": "of ${args.N}"}}]}},
			"teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"projectId": "${refs.p.id}", "serviceId": "web"}}}}]}}}}`
		teardown := func(n string) *engine.Program {
			given := engine.Options{File: "/srv/ended.json", Arguments: []engine.Layer{{From: engine.FromFlag, Values: map[string]any{"N": n}}}}
			if r := b.run(program(t, source, given)); r.State != engine.StateSuccess {
				t.Fatalf("%+v", r.Error)
			}
			given.Arguments, given.Teardown = nil, true
			p := program(t, source, given)
			var err error
			if p.Inherited, err = b.engine.LastOutputs(t.Context(), p.Identity, ""); err != nil {
				t.Fatal(err)
			}
			return p
		}
		first := teardown("1")
		file := b.planToFile(first)
		check(t, b, file, first)
		check(t, b, file, teardown("1"))
		check(t, b, file, teardown("2"), "the last run's output of p has another value")
	})
}
