package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

func TestRetryRunsWhatFailedAndWhatHangsOnIt(t *testing.T) {
	g := setUp(t).compile(doc(sequence(
		node("a", ""),
		parallel(
			node("b", `"fail": 3`),
			`{"kind": "Thing", "ref": "soft", "spec": {"name": "soft-${fn.if(refs.b.id, 'with', 'without')}"}}`,
			`{"kind": "Thing", "ref": "hard", "spec": {"name": "hard-${refs.b.id}"}}`,
			node("c", "")),
		node("d", "")))).run()
	if got, want := g.view(g.result.ID).states(), "a=success b=failure soft=success hard=failure c=success d=pending"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if !strings.Contains(g.stage.said(), "soft-without") {
		t.Error("the soft reference was not undefined")
	}
	r, err := g.engine.Retry(t.Context(), g.result.ID, g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	said := strings.Split(g.stage.said(), ", ")
	if len(said) != 4 || said[0] != "made b" || said[3] != "made d" || !strings.Contains(strings.Join(said, " "), "made soft-with made") && !strings.Contains(strings.Join(said, " "), "made hard-b made soft-with") {
		t.Errorf("the platform %v", said)
	}
	v := g.view(g.result.ID)
	if got, want := v.states(), "a=success b=success soft=success hard=success c=success d=success"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if b := v.node("b"); len(b.Attempts) != 4 || b.Attempts[3].MaxAttempts != 6 || v.Status != StateSuccess || len(v.node("c").Attempts) != 1 {
		t.Errorf("%s %s", v.Status, toJSON(t, b))
	}
	if _, err := g.engine.Retry(t.Context(), g.result.ID, g.options()); err == nil || !strings.Contains(err.Error(), "has succeeded") {
		t.Errorf("error %v", err)
	}
}

func TestARetryThatIsCutOffGoesOn(t *testing.T) {
	g := setUp(t).compile(doc(sequence(node("a", `"fail": 3`), node("b", ""), node("c", "")))).run()
	if g.result.State != StateFailure {
		t.Fatal(g.result)
	}
	g.stage.said()
	g.stage.setHook(func(what string) {
		if what == "start b" {
			fenceOut(t, g.engine.Store.RunDir(g.result.ID))
		}
	})
	if _, err := g.engine.Retry(t.Context(), g.result.ID, RunOptions{}); err == nil || !strings.Contains(err.Error(), journal.ErrFenced.Error()) {
		t.Fatalf("it was not cut off: %v", err)
	}
	g.stage.setHook(nil)
	r, err := g.engine.Resume(t.Context(), g.result.ID, g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made a, made b, made b, made c" {
		t.Errorf("the platform %s", got)
	}
}

func TestDelays(t *testing.T) {
	tests := []struct {
		name    string
		node    Node
		attempt int
		random  float64
		want    time.Duration
	}{
		{"the first is half a second at least", Node{}, 1, 0, 500 * time.Millisecond},
		{"and a second at most", Node{}, 1, 1, time.Second},
		{"they double", Node{}, 3, 1, 4 * time.Second},
		{"up to half a minute", Node{}, 30, 1, 30 * time.Second},
		{"a fixed delay is kept to", Node{BackoffSeconds: 60}, 2, 0.3, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.node.delay(tt.attempt, tt.random); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// docs/nf-run.md says how long waits are given.
func TestHowLongWaitsAreGiven(t *testing.T) {
	tests := []struct {
		name, kind, more string
		want             time.Duration
	}{
		{"a condition has an hour", "Condition", "", time.Hour},
		{"and so has an action", "Action", "", time.Hour},
		{"a build has four", "Build", "", 4 * time.Hour},
		{"and so has the run of a job", "JobRun", "", 4 * time.Hour},
		{"and a backup", "AddonBackup", "", 4 * time.Hour},
		{"a condition's own time may be longer", "Condition", `, "timeout": 7200`, 2 * time.Hour},
		{"that of a build may be shorter", "Build", `, "timeout": 90`, 90 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(steps(`{"kind": "` + tt.kind + `", "ref": "a", "spec": {"name": "a", "polls": 10000, "every": 70` + tt.more + `}}`)).run()
			if g.err != nil || g.result.State != StateFailure {
				t.Fatalf("%+v, %v", g.result, g.err)
			}
			attempts := g.view(g.result.ID).node("a").Attempts
			if len(attempts) != 1 {
				t.Fatalf("it was tried %d times", len(attempts))
			}
			if took := attempts[0].EndedAt.Sub(attempts[0].StartedAt); took != tt.want {
				t.Errorf("it was given up after %v, want %v", took, tt.want)
			}
			if want := `service "a" did not come to running within ` + tt.want.String(); !strings.Contains(attempts[0].Error.Message, want) {
				t.Errorf("it says %q, not %q", attempts[0].Error.Message, want)
			}
		})
	}
}

func TestWhatCannotBeRetriedYetIsRefused(t *testing.T) {
	g := setUp(t).compile(steps(job("a", `"polls": 3`), node("b", "")))
	id := g.interruptIn("start a", 1)
	if _, err := g.engine.Retry(t.Context(), id, g.options()); err == nil || !strings.Contains(err.Error(), "was interrupted and has not ended: resume it first") {
		t.Errorf("an interrupted run: %v", err)
	}
	if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); strings.Count(got, "made a") != 1 {
		t.Errorf("the platform %s", got)
	}
	g = setUp(t).compile(steps(node("a", `"hold": true`)))
	done := g.start(t.Context(), "going", "")
	<-g.stage.reached
	if _, err := g.engine.Retry(t.Context(), "going", g.options()); err == nil || !strings.Contains(err.Error(), "is going on") {
		t.Errorf("a run that is going on: %v", err)
	}
	g.stage.release("a")
	<-done
}

func TestARetryKeepsToTheConcurrencyPolicy(t *testing.T) {
	g := setUp(t).compile(steps(node("a", `"fail": 3`), node("b", `"hold": true`)))
	g.program.Policy = Queue
	if g.run(); g.result.State != StateFailure {
		t.Fatal(g.result)
	}
	failed := g.result.ID
	other := g.start(t.Context(), "other", Queue)
	<-g.stage.reached
	var forbidden *ForbiddenError
	if _, err := g.engine.Retry(t.Context(), failed, g.options()); !errors.As(err, &forbidden) || forbidden.Run.ID != "other" {
		t.Errorf("while another run goes on: %v", err)
	}
	if r, err := g.engine.Store.Find(t.Context(), failed); err != nil || r.Status != "failure" || !r.Concluded() {
		t.Errorf("the run is listed as %+v, %v", r, err)
	}
	g.stage.release("b")
	<-other
	// What comes after a run that is retried waits for it.
	retried := make(chan Result, 1)
	go func() {
		r, err := g.engine.Retry(t.Context(), failed, g.options())
		if err != nil {
			t.Error(err)
		}
		retried <- r
	}()
	<-g.stage.reached
	third := g.start(t.Context(), "third", Queue)
	eventually(t, "the third run queues", func() bool { r, _ := g.engine.Store.Find(t.Context(), "third"); return r.Status == "queued" })
	g.stage.release("b")
	if r := <-retried; r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
	g.stage.release(<-g.stage.reached)
	if r := <-third; r.State != StateSuccess {
		t.Errorf("%+v", r)
	}
}

// A call that an abort gives up has perhaps done its work: a retry looks.
func TestARetryLooksUpWhatAnAbortGaveUp(t *testing.T) {
	g := setUp(t).compile(steps(job("a", `"hold": true`), node("b", "")))
	ctx, cancel := context.WithCancel(t.Context())
	g.engine.AbortGrace = time.Millisecond
	done := g.start(ctx, "r", "")
	<-g.stage.reached
	cancel()
	if r := <-done; r.State != StateAborted {
		t.Fatalf("%+v", r)
	}
	req := g.stage.requests["a"]
	g.stage.mu.Lock()
	g.stage.done[req.Token] = true // it was carried out all the same
	g.stage.mu.Unlock()
	g.stage.said()
	if r, err := g.engine.Retry(t.Context(), "r", g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "looked for a, made b" {
		t.Errorf("the platform %s", got)
	}
}

func TestARunNeverFallsBehindItsJournal(t *testing.T) {
	g := setUp(t).compile(steps(job("a", `"polls": 3`), node("b", "")))
	id := g.interruptIn("poll a", 1)
	g.clock.mu.Lock()
	g.clock.now = g.clock.now.AddDate(0, 0, -2) // somebody has set the clock back
	g.clock.mu.Unlock()
	if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	var last time.Time
	for _, e := range g.events {
		if e.At.Before(last) {
			t.Errorf("%s is said to have happened at %v, after %v", e.Type(), e.At, last)
		}
		last = e.At
	}
}
