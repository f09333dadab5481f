package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// interruptIn runs the program and takes the journal away from it while it is in
// a call of the platform, such as the second "start a": what the call does is
// done and cannot be recorded any more, as if the process had died there.
func (g *given) interruptIn(what string, time int) string {
	g.t.Helper()
	const id = "cut"
	g.stage.setHook(func(now string) {
		if now == what {
			if time--; time == 0 {
				fenceOut(g.t, g.engine.Store.RunDir(id))
			}
		}
	})
	_, err := g.engine.Run(g.t.Context(), g.program, RunOptions{ID: id})
	if !errors.Is(err, journal.ErrFenced) {
		g.t.Errorf("the run was not interrupted: %v", err)
	}
	g.stage.setHook(nil)
	return id
}

func TestResumeGoesOnWhereTheRunWasCutOff(t *testing.T) {
	t.Run("repeatable work is done again, what was finished is not", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", ""), node("b", ""), node("c", "")))
		id := g.interruptIn("start b", 1)
		r, err := g.engine.Resume(t.Context(), id, g.options())
		if err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made a, made b, made b, made c" {
			t.Errorf("the platform %s", got)
		}
		v := g.view(id)
		if v.states() != "a=success b=success c=success" || len(v.node("b").Attempts) != 1 {
			t.Errorf("%s, attempts %+v", v.states(), v.node("b").Attempts)
		}
	})
	t.Run("work that cannot be repeated is looked up and found", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", ""), job("b", ""), node("c", "")))
		id := g.interruptIn("start b", 1)
		r, err := g.engine.Resume(t.Context(), id, g.options())
		if err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made a, made b, looked for b, made c" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("what cannot be decided is unknown until a person or a later look-up knows", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", ""), job("b", ""), node("c", "")))
		id := g.interruptIn("start b", 1)
		g.stage.undecide = true
		r, err := g.engine.Resume(t.Context(), id, g.options())
		if err != nil || r.State != StateUnknown || r.Error == nil {
			t.Fatalf("%+v, %v", r, err)
		}
		if v := g.view(id); v.states() != "a=success b=unknown c=pending" || v.Status != StateUnknown {
			t.Errorf("%s, %s", v.states(), v.Status)
		}
		g.stage.undecide = false
		if r, err = g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made a, made b, looked for b, looked for b, made c" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("a wait goes on", func(t *testing.T) {
		g := setUp(t).compile(steps(job("a", `"polls": 3`), `{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.id}-b"}}`))
		id := g.interruptIn("poll a", 1)
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); strings.Count(got, "made a,") != 1 || !strings.HasSuffix(got, "a is up, made a-b") {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("attempts are counted on", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", `"fail": 9`)))
		id := g.interruptIn("start a", 2)
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateFailure {
			t.Fatalf("%+v, %v", r, err)
		}
		// The second attempt was cut off and repeated.
		if n := len(g.view(id).node("a").Attempts); n != 3 || g.stage.tries["a"] != 4 {
			t.Errorf("%d attempts, %d calls", n, g.stage.tries["a"])
		}
	})
	t.Run("random values stay what they were", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", `"password": "${fn.randomSecret(20)}", "date": "${fn.date()}"`), job("b", `"was": "${refs.a.password}", "date": "${fn.date()}"`)))
		id := g.interruptIn("start b", 1)
		before := g.stage.requests["b"]
		g.stage.done = map[string]bool{}
		g.clock.mu.Lock()
		g.clock.now = g.clock.now.AddDate(0, 0, 3)
		g.clock.mu.Unlock()
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		after := g.stage.requests["b"]
		if part(before, "was") != part(after, "was") || part(before, "date") != part(after, "date") || before.Token != after.Token || !before.Since.Equal(after.Since) {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
	})
}

// Programs that journals of earlier versions have kept may hold circles that are
// refused now.
func TestNodesThatWaitForOneAnotherEndAResumedRun(t *testing.T) {
	tests := []struct{ name, branches, states, wrong string }{
		{"two branches", thing("x", "${refs.y.id}", "") + ", " + thing("y", "${refs.x.id}", ""),
			"a=success b=success x=failure y=failure", "x refers to y, and they wait for each other"},
		{"a branch and a loop, whose end it waits for", thing("x", "${refs.y.id}", "") + ", " + loop("l", two, thing("y", "${name}", ""), thing("z", "${refs.x.id}", "")),
			"a=success b=success x=failure", "x refers to y, and they wait for each other"},
		{"whether one is skipped", `{"kind": "Thing", "ref": "x", "skipNodeExecution": "${refs.y.gone}", "spec": {"name": "x"}}, ` + thing("y", "${refs.x.id}", ""),
			"a=success b=success x=failure y=failure", "x refers to y, and they wait for each other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t)
			g.program, g.problems = compile(t, steps(node("a", ""), node("b", ""), parallel(tt.branches)), Options{})
			if len(g.problems) == 0 {
				t.Fatal("it is not refused")
			}
			id := g.interruptIn("start b", 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r, err := g.engine.Resume(ctx, id, g.options())
			if err != nil || r.State != StateFailure || r.Error == nil || !strings.HasPrefix(r.Error.Message, tt.wrong) {
				t.Fatalf("%+v, %+v, %v", r, r.Error, err)
			}
			if v := g.view(id); !strings.HasPrefix(v.states(), tt.states) {
				t.Errorf("%s", v.states())
			}
		})
	}
}

func TestOnlyWhatWasInterruptedIsResumed(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""))).run()
	if _, err := g.engine.Resume(t.Context(), g.result.ID, g.options()); err == nil || !strings.Contains(err.Error(), "has ended already (success)") {
		t.Errorf("error %v", err)
	}
	if _, err := g.engine.Resume(t.Context(), "nothing", g.options()); err == nil {
		t.Error("a run that does not exist was resumed")
	}
	g = setUp(t).compile(steps(node("a", `"polls": 3`)))
	id := g.interruptIn("poll a", 1)
	elsewhere := *g.engine
	elsewhere.Target = "elsewhere"
	if _, err := elsewhere.Resume(t.Context(), id, g.options()); err == nil || !strings.Contains(err.Error(), "began on target stage") {
		t.Errorf("error %v", err)
	}
}

func TestTheIndexKnowsOfInterruptedRuns(t *testing.T) {
	g := setUp(t).compile(steps(node("a", `"polls": 3`)))
	id := g.interruptIn("poll a", 1)
	runs, err := g.engine.Store.List(t.Context(), historyAll, Describe)
	if err != nil || len(runs) != 1 || runs[0].ID != id || !runs[0].Interrupted || runs[0].Status != "running" {
		t.Errorf("%+v, %v", runs, err)
	}
	if v := g.view(id); !v.Interrupted {
		t.Error("the run does not look interrupted")
	}
}
