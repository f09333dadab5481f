package engine

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A distant is a remote run that goes through given states, one for each look; the
// last one stays.
type distant struct {
	mu     sync.Mutex
	states []distantState
	looks  int
	said   []string
	begin  []error // what the first calls of Begin answer
	hook   func(look int)
	linger int // looks that an abort takes
}

type distantState struct {
	run   platform.RunState
	nodes []platform.RunNode
}

func (d *distant) say(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.said = append(d.said, what)
}

func (d *distant) Begin(_ context.Context, mayHave bool) error {
	if d.say("begin"); mayHave {
		d.say("which may have begun")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.begin) > 0 {
		err := d.begin[0]
		d.begin = d.begin[1:]
		return err
	}
	return nil
}

func (d *distant) Abort(context.Context) error {
	d.say("abort")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.states = d.states[:min(d.looks, len(d.states))]
	for range d.linger {
		d.states = append(d.states, distantState{run: platform.RunState{Status: "aborting"}})
	}
	d.states = append(d.states, distantState{run: platform.RunState{Status: "aborted", Concluded: true}})
	return nil
}

func (d *distant) State(context.Context) (platform.RunState, []platform.RunNode, error) {
	d.mu.Lock()
	look := d.looks
	at := d.states[min(look, len(d.states)-1)]
	d.looks++
	hook := d.hook
	d.mu.Unlock()
	if hook != nil {
		hook(look)
	}
	return at.run, at.nodes, nil
}

var running = platform.RunState{Status: "running"}

// twoSteps are the states of a run of two nodes, the second of which is tried twice.
func twoSteps() []distantState {
	const flow, a, b = "/spec", "/spec/spec/steps/0", "/spec/spec/steps/1"
	done := platform.RunNode{Path: a, Status: "success", Attempts: 1, Data: json.RawMessage(`{"id": "a", "password": "hush-hush"}`)}
	return []distantState{
		{run: platform.RunState{Status: "queued"}},
		{running, []platform.RunNode{{Path: flow, Status: "running"}, {Path: a, Status: "running", Attempts: 1}, {Path: b, Status: "pending"}}},
		{running, []platform.RunNode{{Path: flow, Status: "running"}, done, {Path: b, Status: "retrying", Attempts: 1, MaxAttempts: 3, Error: "no capacity", Code: 503}}},
		{running, []platform.RunNode{{Path: flow, Status: "running"}, done, {Path: b, Status: "async_wait", Attempts: 2, MaxAttempts: 3}}},
		{platform.RunState{Status: "success", Concluded: true}, []platform.RunNode{{Path: flow, Status: "success"}, done, {Path: b, Status: "success", Attempts: 2, Data: json.RawMessage(`{"id": "b"}`)}}},
	}
}

// mirrorOf sets up a run that a distant one is recorded in.
func mirrorOf(t *testing.T, d *distant) (*given, *Program) {
	g := setUp(t).compile(steps(node("a", ""), node("b", "")))
	g.engine.Remotes = func(at RemoteRun, id string) (Remote, error) {
		if at.Path["templateId"] != "shop" || id != "cut" {
			t.Errorf("asked for run %s of %v", id, at)
		}
		return d, nil
	}
	return g, MirrorProgram(g.program, RemoteRun{Family: "template", Path: map[string]string{"templateId": "shop"}})
}

func TestARunOfThePlatformIsRecordedAsIfItTookPlaceHere(t *testing.T) {
	d := &distant{states: twoSteps()}
	g, p := mirrorOf(t, d)
	r, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "one", Observers: []Observer{g}})
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	v := g.view("one")
	if got := v.states(); got != "a=success b=success" {
		t.Errorf("nodes: %s", got)
	}
	if got := g.stage.said(); got != "" {
		t.Errorf("the platform was told to do something: %s", got)
	}
	b := v.node("b")
	if len(b.Attempts) != 2 || b.Attempts[0].Error == nil || b.Attempts[0].Error.Code != 503 || b.Attempts[1].State != StateSuccess {
		t.Errorf("attempts of b: %+v", b.Attempts)
	}
	output := string(v.node("a").Attempts[0].Response)
	if strings.Contains(output, "hush") {
		t.Errorf("what is not known to be no secret is shown: %s", output)
	}
	if _, err := g.engine.Retry(t.Context(), "one", RunOptions{}); err == nil {
		t.Error("a run of the platform that has succeeded is retried")
	}
}

func TestARunOfThePlatformThatWasCutOffIsFollowedToItsEndAndStartedOnce(t *testing.T) {
	for look := range twoSteps() {
		d := &distant{states: twoSteps()}
		g, p := mirrorOf(t, d)
		d.hook = func(now int) {
			if now == look {
				fenceOut(t, g.engine.Store.RunDir("cut"))
			}
		}
		_, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "cut"})
		if err == nil {
			t.Fatal("it was not cut off")
		}
		d.mu.Lock()
		d.looks, d.hook, d.said = look, nil, nil
		d.mu.Unlock()
		r, err := g.engine.Resume(t.Context(), "cut", g.options())
		if err != nil || r.State != StateSuccess {
			t.Fatalf("cut off at look %d: %+v, %v", look, r, err)
		}
		if got := strings.Join(d.said, ", "); got != "begin, which may have begun" {
			t.Errorf("cut off at look %d: %s", look, got)
		}
		v := g.view("cut")
		if got := v.states(); got != "a=success b=success" {
			t.Errorf("cut off at look %d: %s", look, got)
		}
		for _, n := range v.Nodes {
			if n.Flow == "" && len(n.Attempts) > 2 {
				t.Errorf("cut off at look %d: %s has %d attempts", look, n.Label, len(n.Attempts))
			}
		}
	}
}

// The iterations of a loop that the platform tells of have nodes of their own, also for
// who follows the run when the first one cannot any more.
func TestTheIterationsOfALoopOfThePlatformAreRecorded(t *testing.T) {
	const flow, loop = "/spec", "/spec/spec/steps/0"
	names := []platform.RunIteration{{Name: "acme"}, {Name: "globex"}}
	at := func(status string, first, second string) []platform.RunNode {
		return []platform.RunNode{{Path: flow, Status: status}, {Path: loop, Status: status, Iterations: names},
			{Path: loop + "/spec/steps/0", Status: second}, // the latest iteration, as the document has it
			{Path: loop + "/spec/iterations/0", Status: first}, {Path: loop + "/spec/iterations/0/steps/0", Status: first, Attempts: 1},
			{Path: loop + "/spec/iterations/1", Status: second}, {Path: loop + "/spec/iterations/1/steps/0", Status: second, Attempts: 1}}
	}
	d := &distant{states: []distantState{
		{run: running, nodes: []platform.RunNode{{Path: flow, Status: "running"}}},
		{running, at("running", "success", "running")},
		{platform.RunState{Status: "failure", Concluded: true}, at("failure", "success", "failure")},
	}}
	g := setUp(t).compile(steps(`{"kind": "LoopWorkflow", "ref": "all", "spec": {"iterations": "${args.UNKNOWN}", "steps": [` + node("a", "") + `]}}`))
	g.engine.Remotes = func(RemoteRun, string) (Remote, error) { return d, nil }
	p := MirrorProgram(g.program, RemoteRun{Family: "template"})
	d.hook = func(look int) {
		if look == 2 {
			fenceOut(t, g.engine.Store.RunDir("cut"))
		}
	}
	if _, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "cut"}); err == nil {
		t.Fatal("it was not cut off")
	}
	d.hook = nil
	if r, err := g.engine.Resume(t.Context(), "cut", RunOptions{}); err != nil || r.State != StateFailure {
		t.Fatalf("%+v, %v", r, err)
	}
	want := "a[acme]=success a[globex]=failure"
	states := func(v *RunView) (out []string) {
		for _, n := range v.Nodes {
			if n.Flow == "" {
				out = append(out, n.Ref+n.Label[strings.IndexByte(n.Label, '['):]+"="+string(n.State))
			}
		}
		return out
	}
	if got := strings.Join(states(g.view("cut")), " "); got != want {
		t.Errorf("recorded is %s, want %s", got, want)
	}
	last := d.states[2]
	if got := strings.Join(states(RemoteView(p, "cut", "there", last.run, last.nodes)), " "); got != want {
		t.Errorf("without following it, it is %s, want %s", got, want)
	}
}

func TestAStartWithoutAnAnswerIsLookedFor(t *testing.T) {
	d := &distant{states: twoSteps(), begin: []error{errors.New("the connection was reset")}}
	g, p := mirrorOf(t, d)
	r, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "one"})
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := strings.Join(d.said, ", "); got != "begin, begin, which may have begun" {
		t.Error(got)
	}
}

func TestARunThatThePlatformRefusesFailsAndOneThatItForgetsIsUnknown(t *testing.T) {
	gone := &platform.Error{Status: 404, Message: "no such run"}
	d := &distant{states: twoSteps(), begin: []error{gone}}
	g, p := mirrorOf(t, d)
	r, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "one"})
	if err != nil || r.State != StateFailure || r.Error == nil || !strings.Contains(r.Error.Message, "no such run") {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := g.engine.Retry(t.Context(), "one", RunOptions{}); !errors.Is(err, ErrRemote) {
		t.Errorf("a retry: %v", err)
	}
}

func TestAbortingARunOfThePlatformAsksThePlatform(t *testing.T) {
	t.Run("by a signal", func(t *testing.T) {
		d := &distant{states: twoSteps()[:2]}
		g, p := mirrorOf(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		d.hook = func(look int) {
			if look == 1 {
				cancel()
			}
		}
		r, err := g.engine.Mirror(ctx, p, d, RunOptions{ID: "one"})
		if err != nil || r.State != StateAborted {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := strings.Join(d.said, ", "); got != "begin, abort" {
			t.Error(got)
		}
	})
	t.Run("by another process", func(t *testing.T) {
		d := &distant{states: twoSteps()[:2]}
		g, p := mirrorOf(t, d)
		var once sync.Once
		d.hook = func(int) {
			once.Do(func() {
				if err := g.engine.Abort(context.Background(), "cut", "enough", RunOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		r, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "cut"})
		if err != nil || r.State != StateAborted {
			t.Fatalf("%+v, %v", r, err)
		}
		if v := g.view("cut"); v.Reason != "enough" {
			t.Errorf("the reason is %q", v.Reason)
		}
	})
	t.Run("twice, and both are heard", func(t *testing.T) {
		d := &distant{states: twoSteps()[:2], linger: 4}
		g, p := mirrorOf(t, d)
		d.hook = func(look int) {
			if look < 2 {
				if err := journal.Ask(g.engine.Store.RunDir("cut"), journal.Request{Kind: requestAbort, Reason: "enough", At: time.Now()}); err != nil {
					t.Error(err)
				}
			}
		}
		if r, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "cut"}); err != nil || r.State != StateAborted {
			t.Fatalf("%+v, %v", r, err)
		}
		left, err := filepath.Glob(filepath.Join(g.engine.Store.RunDir("cut"), "requests", "*"))
		if err != nil || len(left) != 0 {
			t.Errorf("left are %v, %v", left, err)
		}
	})
	t.Run("when nobody follows it any more", func(t *testing.T) {
		d := &distant{states: twoSteps()[:2]}
		g, p := mirrorOf(t, d)
		d.hook = func(look int) {
			if look == 1 {
				fenceOut(t, g.engine.Store.RunDir("cut"))
			}
		}
		if _, err := g.engine.Mirror(t.Context(), p, d, RunOptions{ID: "cut"}); err == nil {
			t.Fatal("it was not cut off")
		}
		d.hook = nil
		if err := g.engine.Abort(t.Context(), "cut", "enough", RunOptions{}); err != nil {
			t.Fatal(err)
		}
		if v := g.view("cut"); v.Status != StateAborted {
			t.Errorf("it is %s", v.Status)
		}
	})
}
