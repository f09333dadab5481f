package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// approval is a step that waits for people.
func approval(ref string, amount int, more string) string {
	return fmt.Sprintf(`{"kind": "Approval", "ref": %q, "spec": {"amount": %d}%s}`, ref, amount, more)
}

// impatient leaves a run to people at once.
func (g *given) impatient() RunOptions {
	o := g.options()
	o.Patience = -1
	return o
}

// leave runs the program until nothing but waiting for people goes on.
func (g *given) leave() *given {
	g.t.Helper()
	g.result, g.err = g.engine.Run(g.t.Context(), g.program, g.impatient())
	if g.err != nil || g.result.State != StateApprovalWait {
		g.t.Fatalf("the run was not left to people: %+v, %v", g.result, g.err)
	}
	return g
}

// say has a person decide, and nobody go on with the run.
func (g *given) say(by string, v Verdict) error {
	g.t.Helper()
	v.By, v.At = by, g.clock.Now()
	_, err := Decide(g.t.Context(), g.engine.Store, g.result.ID, v)
	return err
}

// decide has a person decide and goes on with the run.
func (g *given) decide(by string, v Verdict) Result {
	g.t.Helper()
	if err := g.say(by, v); err != nil {
		g.t.Fatal(err)
	}
	r, elsewhere, err := g.engine.Decided(g.t.Context(), g.result.ID, g.impatient())
	if err != nil || elsewhere {
		g.t.Fatalf("%+v, elsewhere %v, %v", r, elsewhere, err)
	}
	return r
}

func TestAnApprovalHoldsUpWhatComesAfterItUntilEnoughPeopleHaveApproved(t *testing.T) {
	g := setUp(t).compile(steps(node("a", ""), approval("go", 2, ""), node("b", ""))).leave()
	if got := fmt.Sprint(g.result.Undecided); got != "[go]" {
		t.Errorf("undecided: %s", got)
	}
	v := g.view(g.result.ID)
	if v.states() != "a=success go=approval_wait b=pending" || v.Status != StateApprovalWait || v.Interrupted || v.Concluded {
		t.Errorf("%s, the run is %s, interrupted %v, concluded %v", v.states(), v.Status, v.Interrupted, v.Concluded)
	}
	if r := g.decide("ada", Verdict{}); r.State != StateApprovalWait {
		t.Errorf("after one of two approvals: %+v", r)
	}
	if r := g.decide("ada", Verdict{Decision: Decision{Reason: "once more"}}); r.State != StateApprovalWait {
		t.Errorf("one person counts twice: %+v", r)
	}
	if r := g.decide("bob", Verdict{Node: "go", Decision: Decision{Reason: "looks good"}}); r.State != StateSuccess {
		t.Errorf("after two approvals: %+v", r)
	}
	if got := g.stage.said(); got != "made a, made b" {
		t.Errorf("the platform %s", got)
	}
	v = g.view(g.result.ID)
	n := v.node("go")
	if a := n.Approval(); a == nil || a.Needed != 2 || len(a.Given) != 2 || a.Given[0].By != "ada" || a.Given[1].By != "bob" || a.Given[1].Reason != "looks good" || a.Given[1].At.IsZero() {
		t.Errorf("the history says %s", toJSON(t, n))
	}
	if len(n.Attempts) != 1 || v.Status != StateSuccess || len(v.Undecided()) != 0 {
		t.Errorf("%d attempts, the run is %s, undecided %v", len(n.Attempts), v.Status, v.Undecided())
	}
}

func TestAProcessThatHasPatienceGoesOnWhenAPersonHasDecided(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 1, ""), node("b", "")))
	done := g.start(t.Context(), "r", "")
	g.result.ID = "r"
	eventually(t, "the run waits for people", func() bool {
		v, err := View(t.Context(), g.engine.Store, "r")
		return err == nil && v.Status == StateApprovalWait
	})
	if run, err := FindRun(t.Context(), g.engine.Store, "r"); err != nil || run.Status != "approval_wait" || run.Interrupted {
		t.Errorf("the index says %+v, %v", run, err)
	}
	if err := g.say("ada", Verdict{Node: "go"}); err != nil {
		t.Fatal(err)
	}
	if _, elsewhere, err := g.engine.Decided(t.Context(), "r", g.impatient()); err != nil {
		t.Errorf("elsewhere %v, %v", elsewhere, err)
	}
	if r := <-done; r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	if got := g.told(); !strings.Contains(got, "go running, go approval_wait, run approval_wait, go success") || !strings.HasSuffix(got, "run success") {
		t.Errorf("observers were told: %s", got)
	}
}

func TestPatienceEnds(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 1, "")))
	o := g.options()
	o.Patience = time.Hour
	began := g.clock.Now()
	r, err := g.engine.Run(t.Context(), g.program, o)
	if err != nil || r.State != StateApprovalWait || g.clock.Now().Sub(began) != time.Hour {
		t.Errorf("%+v, %v after %s", r, err, g.clock.Now().Sub(began))
	}
}

func TestWhatDoesNotWaitForPeopleGoesOn(t *testing.T) {
	g := setUp(t).compile(doc(parallel(sequence(approval("go", 1, ""), node("b", "")), node("c", `"polls": 3`), node("d", `"fail": 1`)))).leave()
	if got := g.view(g.result.ID).states(); got != "go=approval_wait b=pending c=success d=success" {
		t.Error(got)
	}
	if r := g.decide("ada", Verdict{}); r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
}

func TestAPersonWhoIsAgainstItEndsTheNodeAtOnce(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 2, ""), node("b", ""))).leave()
	g.decide("ada", Verdict{})
	r := g.decide("bob", Verdict{Reject: true, Decision: Decision{Reason: "not on a Friday"}})
	if r.State != StateFailure || r.Error == nil || r.Error.Message != "it was rejected by bob: not on a Friday" {
		t.Errorf("%+v", r)
	}
	v := g.view(g.result.ID)
	n := v.node("go")
	if a := n.Approval(); v.states() != "go=failure b=pending" || len(n.Attempts) != 1 || a == nil || a.Rejected == nil || a.Rejected.By != "bob" || len(a.Given) != 1 {
		t.Errorf("%s, %s", v.states(), toJSON(t, n))
	}
	// A retry asks everybody again.
	r, err := g.engine.Retry(t.Context(), g.result.ID, g.impatient())
	if err != nil || r.State != StateApprovalWait {
		t.Fatalf("%+v, %v", r, err)
	}
	if r := g.decide("ada", Verdict{}); r.State != StateApprovalWait {
		t.Errorf("an approval of the attempt before counts: %+v", r)
	}
	if r := g.decide("cyd", Verdict{}); r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
}

func TestADecisionIsTakenOnlyWhereOneIsWaitedFor(t *testing.T) {
	g := setUp(t).compile(doc(parallel(node("a", ""), approval("one", 1, ""), approval("two", 1, ""), sequence(approval("three", 1, ""), approval("four", 1, ""))))).leave()
	for node, want := range map[string]string{
		"":        "name one: one, two, three",
		"a":       "is no Approval but a node of kind Thing",
		"four":    "does not wait for an approval: it is pending",
		"nothing": "nothing",
	} {
		err := g.say("ada", Verdict{Node: node})
		var undecidable *UndecidableError
		if !errors.As(err, &undecidable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", node, err)
		}
	}
	if err := g.say("", Verdict{Node: "one"}); err == nil {
		t.Error("nobody can approve")
	}
	for _, ref := range []string{"one", "two", "three", "four"} {
		g.decide("ada", Verdict{Node: ref})
	}
	if err := g.say("ada", Verdict{Node: "one"}); err == nil || !strings.Contains(err.Error(), "has ended already (success)") {
		t.Errorf("after the end: %v", err)
	}
	g.result.ID = "nobody"
	if err := g.say("ada", Verdict{}); !errors.Is(err, history.ErrNoRun) {
		t.Errorf("a run that is not there: %v", err)
	}
}

func TestADecisionThatIsLeftWhileNobodyExecutesTheRunIsKept(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 1, ""), node("b", ""))).leave()
	if err := g.say("ada", Verdict{}); err != nil {
		t.Fatal(err)
	}
	if r, err := g.engine.Resume(t.Context(), g.result.ID, g.options()); err != nil || r.State != StateSuccess {
		t.Errorf("%+v, %v", r, err)
	}
	if open, err := journal.Asked(g.engine.Store.RunDir(g.result.ID)); open || err != nil {
		t.Errorf("the decision is still to be taken: %v, %v", open, err)
	}
}

func TestARunThatIsResumedWaitsForThePeopleWhoAreMissing(t *testing.T) {
	g := setUp(t).compile(doc(parallel(sequence(approval("go", 2, ""), node("b", "")), node("c", ""))))
	id := g.interruptIn("start c", 1)
	g.result.ID = id
	if r, err := g.engine.Resume(t.Context(), id, g.impatient()); err != nil || r.State != StateApprovalWait {
		t.Fatalf("%+v, %v", r, err)
	}
	g.decide("ada", Verdict{})
	if r, err := g.engine.Resume(t.Context(), id, g.impatient()); err != nil || r.State != StateApprovalWait {
		t.Fatalf("%+v, %v", r, err)
	}
	if r := g.decide("bob", Verdict{}); r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	if got := g.view(id).node("go"); len(got.Attempts) != 1 || strings.Join(got.Approval().By(), " ") != "ada bob" {
		t.Error(toJSON(t, got))
	}
}

func TestAnApprovalThatIsNotGivenInTimeFails(t *testing.T) {
	timed := approval("go", 2, `, "timeoutDuration": 3600`)
	t.Run("in the time of the run", func(t *testing.T) {
		g := setUp(t).compile(steps(timed))
		began := g.clock.Now()
		g.run()
		if g.result.State != StateFailure || g.result.Error.Message != "nobody has decided in time" || g.clock.Now().Sub(began) != time.Hour {
			t.Errorf("%+v, %v after %s", g.result, g.err, g.clock.Now().Sub(began))
		}
	})
	later := func(g *given, by time.Duration) {
		g.clock.mu.Lock()
		g.clock.now = g.clock.now.Add(by)
		g.clock.mu.Unlock()
	}
	t.Run("while nobody executes the run", func(t *testing.T) {
		g := setUp(t).compile(steps(timed)).leave()
		g.decide("ada", Verdict{})
		later(g, 2*time.Hour)
		if r := g.decide("bob", Verdict{}); r.State != StateFailure || r.Error.Message != "only 1 of 2 people have approved in time" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("what was decided in time counts though it is taken later", func(t *testing.T) {
		g := setUp(t).compile(steps(timed)).leave()
		for _, by := range []string{"ada", "bob"} {
			if err := g.say(by, Verdict{}); err != nil {
				t.Fatal(err)
			}
		}
		later(g, 2*time.Hour)
		if r, err := g.engine.Resume(t.Context(), g.result.ID, g.impatient()); err != nil || r.State != StateSuccess {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestARunThatWaitsForPeopleIsAborted(t *testing.T) {
	t.Run("where nobody executes it", func(t *testing.T) {
		g := setUp(t).compile(steps(approval("go", 1, ""), node("b", ""))).leave()
		if err := g.engine.Abort(t.Context(), g.result.ID, "no more", RunOptions{}); err != nil {
			t.Fatal(err)
		}
		if v := g.view(g.result.ID); v.Status != StateAborted || v.states() != "go=aborted b=pending" || v.Reason != "no more" {
			t.Errorf("%s %s %s", v.Status, v.states(), v.Reason)
		}
		// What is approved after that is for nobody.
		if err := g.say("ada", Verdict{}); err == nil {
			t.Error("an aborted run takes a decision")
		}
		r, err := g.engine.Retry(t.Context(), g.result.ID, g.impatient())
		if err != nil || r.State != StateApprovalWait {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("where a process waits", func(t *testing.T) {
		g := setUp(t).compile(steps(approval("go", 1, ""), node("b", "")))
		done := g.start(t.Context(), "r", "")
		eventually(t, "the run waits for people", func() bool {
			v, err := View(t.Context(), g.engine.Store, "r")
			return err == nil && v.Status == StateApprovalWait
		})
		if err := g.engine.Abort(t.Context(), "r", "no more", RunOptions{}); err != nil {
			t.Fatal(err)
		}
		if r := <-done; r.State != StateAborted {
			t.Errorf("%+v", r)
		}
	})
}

func TestRunsInAQueueWaitForOneThatWaitsForPeople(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 1, ""))).leave()
	first := g.result.ID
	g.program, _ = compile(t, steps(node("b", "")), Options{})
	if _, err := g.engine.Run(t.Context(), g.program, RunOptions{Policy: Forbid}); err == nil || !strings.Contains(err.Error(), "waits for an approval") {
		t.Errorf("a run that must not be beside another: %v", err)
	}
	done := g.start(t.Context(), "second", Queue)
	eventually(t, "the second is queued", func() bool {
		v, err := View(t.Context(), g.engine.Store, "second")
		return err == nil && v.Status == StateQueued
	})
	if r := g.decide("ada", Verdict{}); r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	if r := <-done; r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	g.program, _ = compile(t, steps(approval("go", 1, "")), Options{})
	g.leave()
	waiting := g.result.ID
	g.program, _ = compile(t, steps(node("b", "")), Options{})
	if r := <-g.start(t.Context(), "third", Replace); r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	if v := g.view(waiting); v.Status != StateAborted {
		t.Errorf("a run that another one replaces is %s", v.Status)
	}
	if v := g.view(first); v.Status != StateSuccess {
		t.Errorf("the first is %s", v.Status)
	}
}

func TestARehearsalApprovesOrRejects(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 3, ""), node("b", "")))
	o := g.options()
	o.Rehearsal = &Rehearsal{Approve: true}
	if r, err := g.engine.Run(t.Context(), g.program, o); err != nil || r.State != StateSuccess {
		t.Errorf("%+v, %v", r, err)
	}
	o.Rehearsal = &Rehearsal{Failures: []Failure{{Node: "go", First: 1, Reason: "too late"}}}
	if r, err := g.engine.Run(t.Context(), g.program, o); err != nil || r.State != StateFailure || r.Error.Message != "it was rejected by rehearsal: too late" {
		t.Errorf("%+v, %v", r, err)
	}
	o.Rehearsal.Failures[0].Mode = Lose
	if _, err := g.engine.Run(t.Context(), g.program, o); err == nil || !strings.Contains(err.Error(), "can only reject") {
		t.Errorf("error %v", err)
	}
}

func TestEachIterationOfALoopAsksForItself(t *testing.T) {
	g := setUp(t).compile(steps(loop("all", two, approval("go", 1, ""), thing("app", "app-${iteration.name}", "")))).leave()
	if r := g.decide("ada", Verdict{}); r.State != StateApprovalWait {
		t.Errorf("%+v", r)
	}
	if r := g.decide("ada", Verdict{Node: "go", Reject: true}); r.State != StateFailure {
		t.Errorf("%+v", r)
	}
	if r, err := g.engine.Retry(t.Context(), g.result.ID, g.impatient()); err != nil || len(r.Undecided) != 1 || r.Undecided[0] != "/spec/spec/steps/0/spec/iterations/1/steps/0" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made app-acme" {
		t.Errorf("after the first: %s", got)
	}
	if r := g.decide("ada", Verdict{}); r.State != StateSuccess || g.stage.said() != "made app-globex" {
		t.Errorf("%+v", r)
	}
}

func TestAnApprovalThatNobodyIsNeededForHoldsNothingUp(t *testing.T) {
	g := setUp(t).compile(steps(approval("go", 0, ""), `{"kind": "Approval", "ref": "skipped", "skipNodeExecution": true, "spec": {"amount": 1}}`)).run()
	if g.result.State != StateSuccess {
		t.Errorf("%+v, %v", g.result, g.err)
	}
}

func TestSecretsInWhatPeopleSayAreMasked(t *testing.T) {
	g := setUp(t).compile(`{"apiVersion": "v1.2", "name": "T", "arguments": {"S": "hunter2hunter2"}, "argumentOverrides": {}, "spec": ` + sequence(node("a", `"password": "hunter2hunter2"`), approval("go", 1, "")) + `}`).leave()
	g.decide("ada", Verdict{Decision: Decision{Reason: "the password is hunter2hunter2"}})
	if text := toJSON(t, g.view(g.result.ID)); strings.Contains(text, "is hunter2hunter2") {
		t.Error(text)
	}
}

// TestManyPeopleDecideAtOnce has each of many people say the same in a process of
// their own: all are heard, each once.
func TestManyPeopleDecideAtOnce(t *testing.T) {
	const many = 12
	g := setUp(t).compile(steps(approval("go", many, ""), node("b", ""))).leave()
	ended := make(chan Result, many)
	for i := range many {
		go func() {
			v := Verdict{Decision: Decision{By: fmt.Sprintf("p%02d", i), At: time.Now()}}
			if _, err := Decide(t.Context(), g.engine.Store, g.result.ID, v); err != nil {
				t.Error(err)
				ended <- Result{}
				return
			}
			r, _, err := g.engine.Decided(t.Context(), g.result.ID, RunOptions{Patience: -1})
			if err != nil {
				t.Error(err)
			}
			ended <- r
		}()
	}
	for range many {
		<-ended
	}
	v := g.view(g.result.ID)
	if n := v.node("go"); v.Status != StateSuccess || len(n.Approval().Given) != many {
		t.Errorf("the run is %s: %s", v.Status, toJSON(t, n.Approval()))
	}
	if got := g.stage.said(); got != "made b" {
		t.Errorf("the platform %s", got)
	}
}
