package engine

import (
	"context"
	"strings"
	"testing"
	"time"
)

func (g *given) rehearse(failures ...Failure) *given {
	g.t.Helper()
	opts := g.options()
	opts.Rehearsal = &Rehearsal{Failures: failures}
	g.result, g.err = g.engine.Run(g.t.Context(), g.program, opts)
	return g
}

func TestFailuresAreRehearsed(t *testing.T) {
	tests := []struct {
		name    string
		failure Failure
		state   State
		said    string
		error   string
	}{
		{"the first attempt fails", Failure{Node: "b", First: 1, Last: 1, Reason: "no capacity"}, StateSuccess, "made a, made b, made c", "no capacity (rehearsed)"},
		{"all that there are fail", Failure{Node: "b", First: 1}, StateFailure, "made a", "Service Unavailable (rehearsed)"},
		{"only the second would fail, which there is not", Failure{Node: "b", First: 2, Last: 2}, StateSuccess, "made a, made b, made c", ""},
		{"what is refused for good is not tried again", Failure{Node: "b", First: 1, Last: 1, Status: 404, Reason: "gone"}, StateFailure, "made a", "gone (rehearsed)"},
		{"an answer is lost and the work looked up", Failure{Node: "b", First: 1, Last: 1, Mode: Lose}, StateSuccess, "made a, made b, looked for b, made c", "lost before the answer came"},
		{"nobody can tell", Failure{Node: "b", First: 1, Last: 1, Mode: Unsure}, StateUnknown, "made a", "cannot be told"},
		{"a pointer names the node", Failure{Node: "/spec/spec/steps/1", First: 1, Status: 400}, StateFailure, "made a", "Bad Request (rehearsed)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(steps(node("a", ""), job("b", ""), node("c", ""))).rehearse(tt.failure)
			if g.err != nil || g.result.State != tt.state {
				t.Fatalf("%+v, %v", g.result, g.err)
			}
			if got := g.stage.said(); got != tt.said {
				t.Errorf("the platform %s", got)
			}
			v := g.view(g.result.ID)
			first := v.node("b").Attempts[0]
			if tt.error == "" && first.Error != nil || tt.error != "" && (first.Error == nil || !strings.Contains(first.Error.Message, tt.error)) {
				t.Errorf("the first attempt: %s", toJSON(t, first))
			}
			if v.Rehearsal == nil || len(v.Rehearsal.Failures) != 1 {
				t.Error("the history does not say that it was a rehearsal")
			}
		})
	}
}

func TestAFailureThatCannotBeRehearsedIsSaid(t *testing.T) {
	g := setUp(t).compile(steps(node("a", "")))
	for name, tt := range map[string]struct{ node, want string }{
		"a node that there is not": {"nobody", `a failure cannot be rehearsed: there is no node "nobody"`},
		"a workflow":               {"/spec", "/spec is a workflow, which fails when one of its steps does"},
	} {
		t.Run(name, func(t *testing.T) {
			if g.rehearse(Failure{Node: tt.node, First: 1}); g.err == nil || !strings.Contains(g.err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", g.err, tt.want)
			}
		})
	}
	if runs, err := g.engine.Store.List(t.Context(), historyAll, Describe); err != nil || len(runs) != 0 {
		t.Errorf("something was begun: %+v, %v", runs, err)
	}
}

func TestARehearsalStaysWithItsRun(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""), node("b", "")))
	g.stage.setHook(func(what string) {
		if what == "start a" {
			fenceOut(t, g.engine.Store.RunDir("r"))
		}
	})
	if _, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r", Rehearsal: &Rehearsal{Delay: time.Hour, Failures: []Failure{{Node: "b", First: 1}}}}); err == nil {
		t.Fatal("it was not cut off")
	}
	g.stage.setHook(nil)
	if r, err := RehearsalOf(t.Context(), g.engine.Store, "r"); err != nil || r == nil || r.Delay != time.Hour {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := g.engine.Resume(t.Context(), "r", g.options()); err != nil || r.State != StateFailure {
		t.Fatalf("resumed: %+v, %v", r, err)
	}
	// The outage is over.
	if r, err := g.engine.Retry(t.Context(), "r", g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("retried: %+v, %v", r, err)
	}
	if r, err := RehearsalOf(t.Context(), g.engine.Store, "r"); err != nil || r != nil {
		t.Errorf("after that it is still a rehearsal: %+v, %v", r, err)
	}
	if runs, err := g.engine.Store.List(t.Context(), historyAll, Describe); err != nil || len(runs) != 1 || !runs[0].Rehearsal {
		t.Errorf("the index: %+v, %v", runs, err)
	}
}

func TestANodeThatHangsIsGivenUpByAnAbort(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""), job("b", ""), node("c", "")))
	g.engine.AbortGrace = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan Result, 1)
	go func() {
		r, err := g.engine.Run(ctx, g.program, RunOptions{ID: "r", Rehearsal: &Rehearsal{Failures: []Failure{{Node: "b", First: 1, Last: 1, Mode: Hang}}}})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	eventually(t, "b hangs", func() bool {
		_, err := g.engine.Store.Find(t.Context(), "r")
		return err == nil && strings.Contains(g.view("r").states(), "b=running")
	})
	cancel()
	if r := <-done; r.State != StateAborted {
		t.Errorf("%+v", r)
	}
	if got := g.view("r").states(); got != "a=success b=aborted c=pending" {
		t.Error(got)
	}
	if r, err := g.engine.Retry(t.Context(), "r", g.options()); err != nil || r.State != StateSuccess {
		t.Errorf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made a, looked for b, made b, made c" {
		t.Errorf("the platform %s", got)
	}
}

// Hours of waiting and of trying again pass in no time, in their order, with
// the times that they would have had.
func TestVirtualTime(t *testing.T) {
	g := setUp(t).compile(doc(parallel(
		node("slow", `"polls": 7200`), // a poll a second
		node("slower", `"polls": 10800`),
		strings.Replace(node("stubborn", `"fail": 2`), `"spec"`, `"settings": {"backoff": {"type": "fixed", "delay": 3600}}, "spec"`, 1),
		node("late", `"polls": 100, "timeout": 30`))))
	begin, started := g.clock.Now(), time.Now()
	if g.run(); g.err != nil || g.result.State != StateFailure {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	v := g.view(g.result.ID)
	for ref, want := range map[string]time.Duration{"slow": 7199 * time.Second, "slower": 10799 * time.Second, "stubborn": 2 * time.Hour, "late": 30 * time.Second} {
		n := v.node(ref)
		if took := n.EndedAt.Sub(begin); took != want {
			t.Errorf("%s ended %s after %v, want %v", ref, n.State, took, want)
		}
	}
	if v.ConcludedAt.Sub(v.StartedAt) != 10799*time.Second {
		t.Errorf("the run took %v", v.ConcludedAt.Sub(v.StartedAt))
	}
	var last time.Time
	for _, e := range g.events {
		if e.At.Before(last) {
			t.Fatalf("%s at %v comes after %v", e.Type(), e.At, last)
		}
		last = e.At
	}
}

// A call that gets no answer in virtual time is given up at its time in no time,
// and holds nothing else up.
func TestVirtualTimeGoesByWhileACallHangs(t *testing.T) {
	g := setUp(t).compile(doc(parallel(node("hangs", ""), node("slow", `"polls": 600`), node("last", `"polls": 3600`)))) // a poll a second
	begin, started := g.clock.Now(), time.Now()
	opts := g.options()
	opts.Rehearsal = &Rehearsal{Fast: true, Failures: []Failure{{Node: "hangs", First: 1, Last: 2, Mode: Hang}}}
	if g.result, g.err = g.engine.Run(t.Context(), g.program, opts); g.err != nil || g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	v := g.view(g.result.ID)
	n := v.node("hangs")
	if len(n.Attempts) != 3 {
		t.Fatalf("there are %d attempts: %s", len(n.Attempts), toJSON(t, n))
	}
	for i, a := range n.Attempts[:2] {
		if took := a.EndedAt.Sub(a.StartedAt); took != DefaultCallTimeout || a.Error == nil || !strings.Contains(a.Error.Message, "no answer came within") {
			t.Errorf("attempt %d took %v and ended with %s", i+1, took, toJSON(t, a))
		}
	}
	if took := v.node("slow").EndedAt.Sub(begin); took != 599*time.Second {
		t.Errorf("another node took %v", took)
	}
	if took := v.ConcludedAt.Sub(v.StartedAt); took != 3599*time.Second {
		t.Errorf("the run took %v", took)
	}
}

// All attempts may hang, also where nothing else goes on.
func TestARunInVirtualTimeEndsWhereEverythingHangs(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""), node("b", "")))
	opts := g.options()
	opts.Rehearsal = &Rehearsal{Fast: true, Failures: []Failure{{Node: "b", First: 1, Mode: Hang}}}
	started := time.Now()
	g.result, g.err = g.engine.Run(t.Context(), g.program, opts)
	if g.err != nil || g.result.State != StateFailure {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
