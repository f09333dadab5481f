package engine

import (
	"strings"
	"testing"
)

// once is a step that runs once for each environment.
func once(step string) string {
	return strings.Replace(step, `"kind"`, `"runNodeOnce": true, "kind"`, 1)
}

func TestANodeRunsOnceForItsEnvironment(t *testing.T) {
	document := steps(once(job("seed", `"password": "hush-hush-hush"`)), thing("user", "user-of-${refs.seed.id}", `"secret": "${refs.seed.password}"`))
	t.Run("and is skipped from then on, with its output as it was", func(t *testing.T) {
		dir := t.TempDir()
		g := setUpIn(t, dir).compile(document).run()
		if got := g.stage.said(); got != "made seed, made user-of-seed" {
			t.Fatalf("the platform %s", got)
		}
		first := g.result.ID
		g = setUpIn(t, dir).compile(document)
		plan, err := g.engine.Plan(t.Context(), g.program)
		if err != nil || len(plan.Problems) > 0 || plan.Summary.Skip != 1 || strings.Contains(toJSON(t, plan), "hush-hush") {
			t.Errorf("%s, %v", toJSON(t, plan), err)
		}
		g.run()
		if got := g.stage.said(); got != "made user-of-seed" || g.result.State != StateSuccess {
			t.Errorf("the platform %s, %+v", got, g.result)
		}
		if req := g.stage.requests["user-of-seed"]; part(req, "secret") != "hush-hush-hush" {
			t.Errorf("%v", req.Spec)
		}
		v := g.view(g.result.ID)
		if n := v.node("seed"); n.State != StateSkipped || !strings.Contains(n.Reason, first) || strings.Contains(toJSON(t, v), "hush-hush") {
			t.Errorf("%s", toJSON(t, v))
		}
		out, err := g.engine.LastOutputs(t.Context(), "Test", "")
		if err != nil || !strings.Contains(toJSON(t, out), `"ref":"seed"`) {
			t.Errorf("a teardown is left %s, %v", toJSON(t, out), err)
		}
	})
	t.Run("once more where it has failed", func(t *testing.T) {
		dir := t.TempDir()
		g := setUpIn(t, dir).compile(document)
		g.stage.mishap = func(string) error { return &refusal }
		g.run()
		g = setUpIn(t, dir).compile(document).run()
		if got := g.stage.said(); got != "made seed, made user-of-seed" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("for each template, target and preview", func(t *testing.T) {
		dir := t.TempDir()
		setUpIn(t, dir).compile(document).run()
		for _, change := range []func(*given){
			func(g *given) { g.program.Identity = "Other" },
			func(g *given) { g.engine.Target = "elsewhere" },
			func(g *given) { g.program.Environment = "of today" },
		} {
			g := setUpIn(t, dir).compile(document)
			change(g)
			if got := g.run().stage.said(); got != "made seed, made user-of-seed" {
				t.Errorf("the platform %s", got)
			}
		}
	})
	t.Run("and again after a teardown that has succeeded", func(t *testing.T) {
		dir := t.TempDir()
		both := strings.TrimSuffix(document, "}") + `, "teardownSpec": {"spec": ` + sequence(node("clean", "")) + `}}`
		setUpIn(t, dir).compile(both).run()
		g := setUpIn(t, dir).compile(both, Options{Teardown: true})
		g.stage.mishap = func(string) error { return &refusal }
		g.run()
		if got := setUpIn(t, dir).compile(both).run().stage.said(); got != "made user-of-seed" {
			t.Errorf("after a teardown that has failed the platform %s", got)
		}
		setUpIn(t, dir).compile(both, Options{Teardown: true}).run()
		if got := setUpIn(t, dir).compile(both).run().stage.said(); got != "made seed, made user-of-seed" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("unless what it says is not true", func(t *testing.T) {
		dir := t.TempDir()
		document := steps(strings.Replace(job("seed", ""), `"kind"`, `"runNodeOnce": "${fn.eq(1, 2)}", "kind"`, 1))
		setUpIn(t, dir).compile(document).run()
		if got := setUpIn(t, dir).compile(document).run().stage.said(); got != "made seed" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("in each iteration of a loop", func(t *testing.T) {
		dir := t.TempDir()
		document := steps(loop("all", two, once(thing("seed", "${iteration.name}", ""))))
		setUpIn(t, dir).compile(document).run()
		document = steps(loop("all", `[{"name": "acme"}, {"name": "initech"}]`, once(thing("seed", "${iteration.name}", ""))))
		if got := setUpIn(t, dir).compile(document).run().stage.said(); got != "made initech" {
			t.Errorf("the platform %s", got)
		}
	})
}

// A run that is cut off behind the work and in front of its record has done it: neither
// its resumption nor another run does it again.
func TestWhatRunsOnceIsNotRepeatedAfterAnInterruption(t *testing.T) {
	document := steps(once(job("seed", "")), strings.Replace(thing("user", "user-of-${refs.seed.id}", ""), `"kind"`, `"skipNodeExecution": "${fn.eq(1, 2)}", "kind"`, 1), once(strings.Replace(job("last", ""), `"kind"`, `"skipNodeExecution": "${fn.eq(1, 2)}", "kind"`, 1)))
	for _, cut := range []string{"start seed", "start user-of-seed", "start last"} {
		t.Run(cut, func(t *testing.T) {
			g := setUp(t).compile(document)
			id := g.interruptIn(cut, 1)
			if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
				t.Fatalf("%+v, %v", r, err)
			}
			said := g.stage.said()
			again, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "again"})
			if err != nil || again.State != StateSuccess {
				t.Fatalf("%+v, %v", again, err)
			}
			if made := said + ", " + g.stage.said(); strings.Count(made, "made seed") != 1 || strings.Count(made, "made last") != 1 {
				t.Errorf("the platform %s", made)
			}
		})
	}
	t.Run("a run in which it was skipped is resumed", func(t *testing.T) {
		g := setUp(t).compile(document).run()
		g.stage.said()
		id := g.interruptIn("start user-of-seed", 1)
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); strings.Contains(got, "made seed") || strings.Contains(got, "made last") {
			t.Errorf("the platform %s", got)
		}
		if got := g.view(id).states(); got != "seed=skipped user=success last=skipped" {
			t.Error(got)
		}
	})
}

// A preview that is made again under a name is another one: its teardown knows nothing of
// what the one before has left, as long as none of its own runs has succeeded.
func TestWhatARunLeavesIsThatOfItsEnvironment(t *testing.T) {
	dir := t.TempDir()
	run := func(environment string, fails bool) {
		g := setUpIn(t, dir).compile(steps(job("seed", "")))
		if g.program.Environment = environment; fails {
			g.stage.mishap = func(string) error { return &refusal }
		}
		g.run()
	}
	for _, tt := range []struct {
		name, of string
		before   func()
		want     int
	}{
		{"before it has run", "of today", func() {}, 0},
		{"of its own run", "of today", func() { run("of today", false) }, 1},
		{"where another one has followed", "of tomorrow", func() {}, 0},
		{"where its own run has failed", "of tomorrow", func() { run("of tomorrow", true) }, 0},
		{"of its own run, when that has succeeded", "of tomorrow", func() { run("of tomorrow", false) }, 1},
		{"of a run that has recorded no environment", "of the day after", func() { run("", false) }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.before()
			out, err := setUpIn(t, dir).compile(steps(job("seed", ""))).engine.LastOutputs(t.Context(), "Test", tt.of)
			if err != nil || len(out) != tt.want {
				t.Errorf("%s, %v", toJSON(t, out), err)
			}
		})
	}
}
