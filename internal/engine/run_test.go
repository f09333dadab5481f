package engine

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name, given string
		does        string // what the platform was made to do
		ends        State
		states      string
	}{
		{
			name:  "a sequence runs in order",
			given: steps(node("a", ""), node("b", "")),
			does:  "made a, made b", ends: StateSuccess, states: "a=success b=success",
		},
		{
			name:  "a reference is replaced by the output",
			given: steps(node("a", ""), `{"kind": "Thing", "ref": "b", "spec": {"name": "after-${refs.a.id}"}}`),
			does:  "made a, made after-a", ends: StateSuccess, states: "a=success b=success",
		},
		{
			name:  "a sequence stops at the first failure",
			given: steps(node("a", `"refuse": true`), node("b", "")),
			does:  "refused a", ends: StateFailure, states: "a=failure b=pending",
		},
		{
			name:  "what fails for a while is tried three times",
			given: steps(node("a", `"fail": 2`)),
			does:  "failed a, failed a, made a", ends: StateSuccess, states: "a=success",
		},
		{
			name:  "what goes on failing fails after three attempts",
			given: steps(node("a", `"fail": 9`)),
			does:  "failed a, failed a, failed a", ends: StateFailure, states: "a=failure",
		},
		{
			name:  "settings say how often a node is tried",
			given: steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "a", "fail": 9}, "settings": {"maxAttempts": 2}}`),
			does:  "failed a, failed a", ends: StateFailure, states: "a=failure",
		},
		{
			name:  "a refusal is not tried again",
			given: steps(node("a", `"refuse": true`)),
			does:  "refused a", ends: StateFailure, states: "a=failure",
		},
		{
			name:  "repeatable work whose answer was lost is done again",
			given: steps(node("a", `"lose": 1`)),
			does:  "made a, made a", ends: StateSuccess, states: "a=success",
		},
		{
			name:  "work that cannot be repeated is looked up when its answer was lost",
			given: steps(job("a", `"lose": 1`)),
			does:  "made a, looked for a", ends: StateSuccess, states: "a=success",
		},
		{
			name:  "what takes time is polled until it is done",
			given: steps(node("a", `"polls": 3`), node("b", "")),
			does:  "made a, a is up, made b", ends: StateSuccess, states: "a=success b=success",
		},
		{
			name:  "work that ends badly is tried again",
			given: steps(node("a", `"bad": "FAILED"`)),
			does:  "made a, made a, made a", ends: StateFailure, states: "a=failure",
		},
		{
			name:  "a wait that takes too long fails and is not tried again",
			given: steps(node("a", `"polls": 100, "timeout": 60`)),
			does:  "made a", ends: StateFailure, states: "a=failure",
		},
		{
			name:  "a skipped node is not run",
			given: steps(`{"kind": "Thing", "ref": "a", "skipNodeExecution": "true", "spec": {"name": "a"}}`, node("b", "")),
			does:  "made b", ends: StateSuccess, states: "a=skipped b=success",
		},
		{
			name:  "only true skips",
			given: steps(`{"kind": "Thing", "ref": "a", "skipNodeExecution": "yes", "spec": {"name": "a"}}`),
			does:  "made a", ends: StateSuccess, states: "a=success",
		},
		{
			name:  "an output can decide what is skipped",
			given: steps(node("a", ""), `{"kind": "Thing", "ref": "b", "skipNodeExecution": "${fn.eq(refs.a.id, 'a')}", "spec": {"name": "b"}}`),
			does:  "made a", ends: StateSuccess, states: "a=success b=skipped",
		},
		{
			name: "a skipped node is undefined inside of a call",
			given: steps(
				`{"kind": "Thing", "ref": "a", "skipNodeExecution": true, "spec": {"name": "a"}}`,
				`{"kind": "Thing", "ref": "b", "spec": {"name": "${fn.if(refs.a.id, 'with', 'without')}"}}`),
			does: "made without", ends: StateSuccess, states: "a=skipped b=success",
		},
		{
			name: "of two nodes with one ref the one that ran is meant",
			given: steps(
				`{"kind": "Thing", "ref": "db", "spec": {"name": "old"}}`,
				`{"kind": "Thing", "ref": "db", "skipNodeExecution": "${fn.eq(refs.probe.id, 'nothing')}", "spec": {"name": "new"}}`,
				`{"kind": "Thing", "ref": "probe", "spec": {"name": "probe"}}`,
				`{"kind": "Thing", "ref": "c", "spec": {"name": "uses-${refs.db.id}"}}`),
			does: "made old, made new, made probe, made uses-new", ends: StateSuccess, states: "db=success db=success probe=success c=success",
		},
		{
			name:  "arguments pass outputs on",
			given: `{"apiVersion": "v1.2", "name": "T", "arguments": {"X": "${refs.a.id}-x"}, "spec": ` + parallel(`{"kind": "Thing", "ref": "b", "spec": {"name": "${args.X}"}}`, node("a", "")) + `}`,
			does:  "made a, made a-x", ends: StateSuccess, states: "b=success a=success",
		},
		{
			name:  "a node without a value fails untried",
			given: steps(node("a", ""), `{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.nope}"}}`),
			does:  "made a", ends: StateFailure, states: "a=success b=failure",
		},
		{
			name:  "the document's own project is made first and inherited",
			given: `{"apiVersion": "v1.2", "name": "T", "project": {"spec": {"name": "shop"}}, "spec": ` + sequence(job("a", "")) + `}`,
			does:  "made shop, made a", ends: StateSuccess, states: "project=success a=success",
		},
		{
			name: "a workflow's project context is read when a step needs it",
			given: `{"apiVersion": "v1.2", "name": "T", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "${refs.p.id}"}, "steps": [` +
				`{"kind": "Thing", "ref": "p", "spec": {"name": "shop"}}, ` + job("a", "") + `]}}}`,
			does: "made shop, made a", ends: StateSuccess, states: "p=success a=success",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(tt.given).run()
			if g.err != nil {
				t.Fatal(g.err)
			}
			if got := g.stage.said(); got != tt.does {
				t.Errorf("the platform %s; want %s", got, tt.does)
			}
			if g.result.State != tt.ends {
				t.Errorf("the run ended as %s (%+v), want %s", g.result.State, g.result.Error, tt.ends)
			}
			v := g.view(g.result.ID)
			if got := v.states(); got != tt.states {
				t.Errorf("the history says %s, want %s", got, tt.states)
			}
			if v.Status != tt.ends || !v.Concluded || v.StartedAt.IsZero() || v.ConcludedAt.IsZero() {
				t.Errorf("the history says of the run %s, %v, %v, %v", v.Status, v.Concluded, v.StartedAt, v.ConcludedAt)
			}
			runs, err := g.engine.Store.List(t.Context(), historyAll, Describe)
			if err != nil || len(runs) != 1 || runs[0].Status != string(tt.ends) || !runs[0].Concluded() {
				t.Errorf("the index says %+v, %v", runs, err)
			}
		})
	}
}

func TestTheProjectContextIsInherited(t *testing.T) {
	g := setUp(t).compile(`{"apiVersion": "v1.2", "name": "T", "project": {"id": "outer"}, "spec": ` + sequence(
		job("a", ""),
		`{"kind": "Workflow", "context": {"projectId": "inner"}, "spec": {"type": "parallel", "steps": [`+job("b", "")+`, `+job("c", `"projectId": "own"`)+`]}}`,
	) + `}`).run()
	if g.err != nil || g.result.State != StateSuccess {
		t.Fatal(g.result, g.err)
	}
	for name, want := range map[string]string{"a": "outer", "b": "inner", "c": ""} {
		if got := g.stage.requests[name].ProjectID; got != want {
			t.Errorf("%s ran in project %q, want %q", name, got, want)
		}
	}
}

func TestWhatIsTold(t *testing.T) {
	g := setUp(t).compile(steps(node("a", `"fail": 1`), parallel(node("b", `"polls": 2`), `{"kind": "Thing", "ref": "c", "spec": {"name": "${refs.b.id}-c"}}`))).run()
	want := "run pending, run running, Workflow running, a running, a retrying, a running (2), a success (2), " +
		"Workflow running, c pending, b running, b waiting, b waiting, b success, c running, c success, Workflow success, Workflow success, run success"
	if got := g.told(); got != want {
		t.Errorf("told:\n%s\nwant:\n%s", got, want)
	}
}

func TestTheHistoryHoldsEveryAttempt(t *testing.T) {
	g := setUp(t).compile(steps(node("a", `"fail": 1, "size": "${fn.add(1, 2)}"`))).run()
	a := g.view(g.result.ID).node("a")
	if len(a.Attempts) != 2 || a.StartedAt.IsZero() || a.EndedAt.IsZero() {
		t.Fatalf("%+v", a)
	}
	first, second := a.Attempts[0], a.Attempts[1]
	if first.State != StateRetrying || first.Error == nil || first.Error.Code != 503 || first.Error.Message != "not now" || first.NextAttempt.Sub(first.EndedAt).Milliseconds() != 750 {
		t.Errorf("first attempt %s", toJSON(t, first))
	}
	if second.State != StateSuccess || string(second.Input) != `{"spec":{"fail":1,"name":"a","size":3}}` ||
		string(second.Response) != `{"fail":1,"id":"a","name":"a","size":3}` || second.MaxAttempts != 3 || second.Action != "create" {
		t.Errorf("second attempt %s", toJSON(t, second))
	}
}

func TestWhyARunFailed(t *testing.T) {
	tests := []struct{ name, given, want string }{
		{"the platform's refusal", steps(node("a", `"refuse": true`)), "the name a is refused"},
		{"a reference without a value names the property", steps(node("a", ""), `{"kind": "Thing", "ref": "b", "spec": {"deep": {"name": "${refs.a.nope}"}}}`),
			"spec.deep.name: `refs.a.nope` has no value"},
		{"a reference to what failed", `{"apiVersion": "v1.2", "name": "T", "spec": ` + parallel(node("a", `"refuse": true`), `{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.id}"}}`) + `}`,
			"the name a is refused"},
		{"a wait that took too long", steps(node("a", `"polls": 100, "timeout": 90`)), `service "a" did not come to running within 1m30s (it is starting)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(tt.given).run()
			if g.result.Error == nil || !strings.Contains(g.result.Error.Message, tt.want) {
				t.Errorf("the run's error is %+v, want %q", g.result.Error, tt.want)
			}
		})
	}
}

func TestAPanicInADriverCostsTheNodeOnly(t *testing.T) {
	g := setUp(t).compile(`{"apiVersion": "v1.2", "name": "T", "spec": ` + parallel(node("a", ""), node("b", "")) + `}`)
	g.stage.panics = "a"
	g.run()
	if g.err != nil || g.result.State != StateFailure || g.view(g.result.ID).states() != "a=failure b=success" {
		t.Errorf("%+v, %v, %s", g.result, g.err, g.view(g.result.ID).states())
	}
}

func TestCallsAreBounded(t *testing.T) {
	nodes := make([]string, 40)
	for i := range nodes {
		nodes[i] = node("n"+strings.Repeat("x", i), "")
	}
	g := setUp(t).compile(`{"apiVersion": "v1.2", "name": "T", "spec": ` + parallel(nodes...) + `}`)
	g.engine.Slots = 3
	g.run()
	if g.stage.most > 3 || g.result.State != StateSuccess {
		t.Errorf("%d calls at once, %+v", g.stage.most, g.result)
	}
}

func TestWaitersHoldNoSlot(t *testing.T) {
	g := setUp(t).compile(`{"apiVersion": "v1.2", "name": "T", "spec": ` + parallel(
		`{"kind": "Thing", "ref": "waits", "spec": {"name": "${refs.up.id}-after"}}`,
		parallel(node("a", `"polls": 50`), node("b", `"polls": 50`)),
		node("up", "")) + `}`)
	g.engine.Slots = 1
	if g.run(); g.result.State != StateSuccess {
		t.Errorf("%+v, %v", g.result, g.err)
	}
}

func TestAnIDIsUsedOnce(t *testing.T) {
	g := setUp(t).compile(steps(node("a", "")))
	if _, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "mine"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "mine"}); err == nil || !strings.Contains(err.Error(), "run mine: there is one already") {
		t.Errorf("error %v", err)
	}
	if v := g.view("mine"); v.Status != StateSuccess {
		t.Errorf("the first run is %s", v.Status)
	}
	if _, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "../escape"}); err == nil {
		t.Error("an ID that is a path was taken")
	}
}
