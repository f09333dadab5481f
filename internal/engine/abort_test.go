package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

func doc(spec string) string { return `{"apiVersion": "v1.2", "name": "T", "spec": ` + spec + `}` }

func (g *given) start(ctx context.Context, id string, policy Policy) <-chan Result {
	out := make(chan Result, 1)
	go func() {
		r, err := g.engine.Run(ctx, g.program, RunOptions{ID: id, Policy: policy, Observers: []Observer{g}})
		if err != nil {
			g.t.Errorf("run %s: %v", id, err)
		}
		out <- r
	}()
	return out
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for range 2000 {
		if so() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("it never came to be that %s", what)
}

func TestAnInterruptAbortsTheRun(t *testing.T) {
	g := setUp(t).compile(doc(sequence(parallel(node("a", `"hold": true`), node("b", `"polls": 100000000, "timeout": 1000000000`), `{"kind": "Thing", "ref": "c", "spec": {"name": "${refs.a.id}"}}`), node("d", ""))))
	ctx, cancel := context.WithCancel(t.Context())
	done := g.start(ctx, "r", "")
	<-g.stage.reached
	eventually(t, "b waits", func() bool { return strings.Contains(g.view("r").states(), "b=waiting") })
	cancel()
	eventually(t, "the run is aborting", func() bool { return g.view("r").Status == StateAborting })
	g.stage.release("a")
	if r := <-done; r.State != StateAborted {
		t.Errorf("%+v", r)
	}
	if got, want := g.view("r").states(), "a=success b=aborted c=pending d=pending"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := g.stage.said(); !strings.Contains(got, "aborted b") || strings.Contains(got, "made d") {
		t.Errorf("the platform %s", got)
	}
}

func TestARunThatIsInterruptedBeforeItBeginsStartsNothing(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""), node("b", "")))
	ctx, cancel := context.WithCancel(t.Context())
	x, err := g.engine.create(ctx, g.program, RunOptions{ID: "r"})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	r, err := g.engine.execute(ctx, x, []Observer{g})
	if err != nil || r.State != StateAborted {
		t.Errorf("%+v, %v", r, err)
	}
	if v := g.view("r"); v.states() != "a=aborted b=pending" || v.Status != StateAborted || v.Reason != interrupted || g.stage.said() != "" {
		t.Errorf("%s is %s (%s)", v.states(), v.Status, v.Reason)
	}
}

func TestAnotherProcessAborts(t *testing.T) {
	g := setUp(t).compile(doc(sequence(node("a", `"hold": true`), node("b", ""))))
	done := g.start(t.Context(), "r", "")
	<-g.stage.reached
	store, err := history.Open(t.Context(), g.engine.Store.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	other := *g.engine
	other.Store = store
	if err := other.Abort(t.Context(), "r", "somebody said so", RunOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the run is aborting", func() bool { return g.view("r").Status == StateAborting })
	g.stage.release("a")
	if r := <-done; r.State != StateAborted {
		t.Errorf("%+v", r)
	}
	v := g.view("r")
	if v.states() != "a=success b=pending" || v.Reason != "somebody said so" {
		t.Errorf("%s, %q", v.states(), v.Reason)
	}
	if err := other.Abort(t.Context(), "r", "again", RunOptions{}); err == nil || !strings.Contains(err.Error(), "has ended already (aborted)") {
		t.Errorf("error %v", err)
	}
}

// Two people may ask for the same abort, and the run ends before it has heard the
// second one.
func TestARetryDoesNotHearOfAnAbortFromBeforeTheEnd(t *testing.T) {
	g := setUp(t).compile(steps(node("a", `"fail": 3`), node("b", ""))).run()
	id := g.result.ID
	q := journal.Request{Kind: requestAbort, Reason: "asked for too late", At: time.Now()}
	if err := journal.Ask(g.engine.Store.RunDir(id), q); err != nil {
		t.Fatal(err)
	}
	g.stage.setHook(func(string) { time.Sleep(150 * time.Millisecond) }) // requests are looked for now and then
	r, err := g.engine.Retry(t.Context(), id, g.options())
	if err != nil || r.State != StateSuccess {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestARunThatNobodyExecutesIsAbortedAtOnce(t *testing.T) {
	g := setUp(t).compile(doc(sequence(parallel(job("a", `"polls": 5`), node("b", `"fail": 9`)), node("c", ""))))
	id := g.interruptIn("poll a", 1)
	if err := g.engine.Abort(t.Context(), id, "enough", g.options()); err != nil {
		t.Fatal(err)
	}
	v := g.view(id)
	if v.Status != StateAborted || v.node("a").State != StateAborted || v.node("c").State != StatePending {
		t.Errorf("%s: %s", v.Status, v.states())
	}
	if got := g.stage.said(); !strings.Contains(got, "aborted a") {
		t.Errorf("the platform %s", got)
	}
}

func TestWorkThatAnInterruptionHidIsLookedUpWhenTheRunIsAborted(t *testing.T) {
	g := setUp(t).compile(doc(sequence(job("a", `"polls": 9`), node("b", ""))))
	id := g.interruptIn("start a", 1)
	if err := g.engine.Abort(t.Context(), id, "enough", g.options()); err != nil {
		t.Fatal(err)
	}
	if got := g.stage.said(); strings.Count(got, "made a") != 1 || !strings.HasSuffix(got, "looked for a, aborted a") {
		t.Errorf("the platform %s", got)
	}
	if v := g.view(id); v.Status != StateAborted || v.states() != "a=aborted b=pending" {
		t.Errorf("%s: %s", v.Status, v.states())
	}
}

func TestConcurrencyPolicies(t *testing.T) {
	held := doc(sequence(node("a", `"hold": true`)))
	t.Run("allow runs both", func(t *testing.T) {
		g := setUp(t).compile(held)
		first := g.start(t.Context(), "1", Allow)
		<-g.stage.reached
		g.stage.release("a")
		second := g.start(t.Context(), "2", Allow)
		<-g.stage.reached
		g.stage.release("a")
		if r := <-first; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
		if r := <-second; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
	})
	t.Run("forbid ignores the second", func(t *testing.T) {
		g := setUp(t).compile(held)
		first := g.start(t.Context(), "1", Forbid)
		<-g.stage.reached
		_, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "2", Policy: Forbid})
		if err == nil || !strings.Contains(err.Error(), "run 1 of this template is going on") {
			t.Errorf("error %v", err)
		}
		g.stage.release("a")
		<-first
		runs, err := g.engine.Store.List(t.Context(), historyAll, Describe)
		if err != nil || len(runs) != 1 {
			t.Errorf("the history holds %+v, %v", runs, err)
		}
		third := g.start(t.Context(), "3", Forbid)
		g.stage.release(<-g.stage.reached)
		if r := <-third; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
	})
	t.Run("queue is first in, first out", func(t *testing.T) {
		g := setUp(t).compile(held)
		var done []<-chan Result
		for _, id := range []string{"1", "2", "3"} {
			done = append(done, g.start(t.Context(), id, Queue))
			eventually(t, "run "+id+" stands in the queue", func() bool {
				runs, _ := g.engine.Store.List(t.Context(), historyAll, Describe)
				return len(runs) > 0 && runs[0].ID == id && runs[0].Status != "pending"
			})
		}
		for i, d := range done {
			g.stage.release(<-g.stage.reached)
			if r := <-d; r.State != StateSuccess {
				t.Errorf("run %d: %+v", i+1, r)
			}
		}
		if told := g.told(); !strings.Contains(told, "run queued") {
			t.Errorf("nobody was told of the queue: %s", told)
		}
	})
	t.Run("queued runs are aborted without having begun", func(t *testing.T) {
		g := setUp(t).compile(held)
		first := g.start(t.Context(), "1", Queue)
		<-g.stage.reached
		second := g.start(t.Context(), "2", Queue)
		eventually(t, "the second is queued", func() bool { r, _ := g.engine.Store.Find(t.Context(), "2"); return r.Status == "queued" })
		if err := g.engine.Abort(t.Context(), "2", "not needed", RunOptions{}); err != nil {
			t.Fatal(err)
		}
		if r := <-second; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
		g.stage.release("a")
		if r := <-first; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
	})
	t.Run("latest lets only the newest wait", func(t *testing.T) {
		g := setUp(t).compile(held)
		first := g.start(t.Context(), "1", Latest)
		<-g.stage.reached
		second := g.start(t.Context(), "2", Latest)
		eventually(t, "the second is queued", func() bool { r, _ := g.engine.Store.Find(t.Context(), "2"); return r.Status == "queued" })
		third := g.start(t.Context(), "3", Latest)
		if r := <-second; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
		if v := g.view("2"); v.Reason != "run 3 takes its place" {
			t.Errorf("the second was aborted because %s", v.Reason)
		}
		g.stage.release("a")
		if r := <-first; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
		g.stage.release(<-g.stage.reached)
		if r := <-third; r.State != StateSuccess {
			t.Errorf("%+v", r)
		}
	})
	t.Run("replace aborts the running one", func(t *testing.T) {
		g := setUp(t).compile(doc(sequence(node("a", `"polls": 100000000, "timeout": 1000000000`))))
		first := g.start(t.Context(), "1", Replace)
		eventually(t, "the first waits", func() bool {
			r, err := g.engine.Store.Find(t.Context(), "1")
			return err == nil && r.Status == "running" && strings.Contains(g.view("1").states(), "a=waiting")
		})
		ctx, cancel := context.WithCancel(t.Context())
		second := g.start(ctx, "2", Replace)
		if r := <-first; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
		eventually(t, "the second waits", func() bool { return strings.Contains(g.view("2").states(), "a=waiting") })
		cancel()
		if r := <-second; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a queue goes on with a run whose process died", func(t *testing.T) {
		g := setUp(t).compile(steps(job("a", `"polls": 3`)))
		g.program.Policy = Queue
		id := g.interruptIn("poll a", 1)
		if g.run(); g.result.State != StateSuccess || g.err != nil {
			t.Fatalf("%+v, %v", g.result, g.err)
		}
		if v := g.view(id); v.Status != StateSuccess {
			t.Errorf("the interrupted run is %s", v.Status)
		}
		if got := g.stage.said(); strings.Count(got, "made a") != 2 {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("an observer is told of a run and of the one in front of it one event at a time", func(t *testing.T) {
		g := setUp(t).compile(steps(job("a", `"polls": 3`)))
		g.program.Policy = Queue
		interrupted := g.interruptIn("poll a", 1)
		told := map[string]int{} // no lock: the race detector sees who else is here
		_, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "behind", Observers: []Observer{ObserverFunc(func(e Event) { told[e.Run]++ })}})
		if err != nil || told["behind"] == 0 || told[interrupted] == 0 {
			t.Errorf("told %v, %v", told, err)
		}
	})
	t.Run("a run that is aborted while its process goes on with an earlier one ends at once, and the earlier one goes on", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", ""), node("b", `"hold": true`)))
		g.program.Policy = Queue
		earlier := g.interruptIn("start a", 1)
		second := g.start(t.Context(), "2", Queue)
		<-g.stage.reached
		if err := g.engine.Abort(t.Context(), "2", "not needed", RunOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the second has ended", func() bool { return g.view("2").Concluded })
		g.stage.release("b")
		if r := <-second; r.State != StateAborted || g.view("2").Reason != "not needed" {
			t.Errorf("%+v, %s", r, g.view("2").Reason)
		}
		if v := g.view(earlier); v.Status != StateSuccess {
			t.Errorf("the earlier run is %s", v.Status)
		}
		if v := g.view("2"); v.states() != "a=pending b=pending" {
			t.Errorf("the run that was aborted: %s", v.states())
		}
	})
	t.Run("an interrupt ends the run in front that the process goes on with, and nothing of its own begins", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", ""), node("b", `"hold": true`), node("c", "")))
		g.program.Policy = Queue
		earlier := g.interruptIn("start a", 1)
		ctx, cancel := context.WithCancel(t.Context())
		second := g.start(ctx, "2", Queue)
		<-g.stage.reached
		cancel()
		eventually(t, "the earlier one is aborting", func() bool { return g.view(earlier).Status == StateAborting })
		g.stage.release("b")
		if r := <-second; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
		if a, b := g.view(earlier), g.view("2"); a.Status != StateAborted || b.states() != "a=pending b=pending c=pending" {
			t.Errorf("the earlier one is %s, and of the other one there is %s", a.Status, b.states())
		}
	})
	t.Run("an unknown policy is refused", func(t *testing.T) {
		g := setUp(t).compile(held)
		if _, err := g.engine.Run(t.Context(), g.program, RunOptions{Policy: "sometimes"}); err == nil || !strings.Contains(err.Error(), `"sometimes"`) {
			t.Errorf("error %v", err)
		}
	})
}
