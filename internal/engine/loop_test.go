package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// loop is a step that runs others for each iteration.
func loop(ref, iterations string, nodes ...string) string {
	return fmt.Sprintf(`{"kind": "LoopWorkflow", "ref": %q, "spec": {"iterations": %s, "steps": [%s]}}`, ref, iterations, strings.Join(nodes, ", "))
}

// thing is a step whose name is an expression.
func thing(ref, name, more string) string {
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf(`{"kind": "Thing", "ref": %q, "spec": {"name": %q%s}}`, ref, name, more)
}

const two = `[{"name": "acme", "plan": "small"}, {"name": "globex", "plan": "big"}]`

func TestALoopRunsItsStepsForEachIteration(t *testing.T) {
	tests := []struct{ name, document, said, states string }{
		{"one iteration after the other, each with its own data and the outputs of its own steps",
			steps(loop("all", two, thing("app", "app-${iteration.name}", ""), thing("route", "for-${refs.app.id}", ""))),
			"made app-acme, made for-app-acme, made app-globex, made for-app-globex",
			"app[acme]=success route[acme]=success app[globex]=success route[globex]=success"},
		{"a loop over nothing has succeeded",
			steps(loop("all", "[]", thing("app", "app-${iteration.name}", "")), node("after", "")),
			"made after", "after=success"},
		{"a loop without a list is one over nothing",
			steps(`{"kind": "LoopWorkflow", "spec": {"steps": [`+node("app", "")+`]}}`, node("after", "")),
			"made after", "after=success"},
		{"what comes after the loop sees what its last iteration has left",
			steps(loop("all", two, thing("app", "app-${iteration.name}", "")), thing("after", "after-${refs.app.id}", "")),
			"made app-acme, made app-globex, made after-app-globex",
			"app[acme]=success app[globex]=success after=success"},
		{"what comes after the loop sees the data of all iterations",
			steps(loop("all", two, thing("app", "${iteration.name}", "")), thing("after", "after-${refs.all.0.plan}-${fn.join(fn.map(refs.all, (c) => fn.get(c, 'name')), '-')}", "")),
			"made acme, made globex, made after-small-acme-globex",
			"app[acme]=success app[globex]=success after=success"},
		{"a reference to a step of a loop over nothing has no value",
			steps(loop("all", "[]", thing("app", "app-${iteration.name}", "")), thing("after", "after-${refs.app.id}", "")),
			"", "after=failure"},
		{"inside of a call it is undefined",
			steps(loop("all", "[]", thing("app", "app-${iteration.name}", "")), thing("after", "after-${fn.if(refs.app.id, 'one', 'none')}", "")),
			"made after-none", "after=success"},
		{"the list comes from the output of a step",
			steps(node("data", `"list": `+two), loop("all", "${refs.data.list}", thing("app", "${iteration.name}", ""))),
			"made data, made acme, made globex", "data=success app[acme]=success app[globex]=success"},
		{"the list comes from a function",
			steps(loop("all", "${fn.filter(fn.parseJSON('[{\\\"name\\\": \\\"a\\\"}, {\\\"name\\\": \\\"b\\\"}]'), (c) => fn.eq(fn.get(c, 'name'), 'b'))}", thing("app", "${iteration.name}", ""))),
			"made b", "app[b]=success"},
		{"a loop in a loop sees the data of both",
			steps(loop("outer", two, loop("inner", `[{"region": "eu-${iteration.name}"}, {"region": "us"}]`, thing("app", "${iteration.name}-${iteration.region}", "")))),
			"made acme-eu-acme, made acme-us, made globex-eu-globex, made globex-us",
			"app[acme][0]=success app[acme][1]=success app[globex][0]=success app[globex][1]=success"},
		{"workflows in a loop are what they are outside of one",
			steps(loop("all", two, parallel(thing("a", "a-${iteration.name}", ""), thing("b", "b-${refs.a.id}", "")))),
			"made a-acme, made b-a-acme, made a-globex, made b-a-globex",
			"a[acme]=success b[acme]=success a[globex]=success b[globex]=success"},
		{"the steps of an iteration are skipped by its data",
			steps(loop("all", two, strings.Replace(thing("app", "${iteration.name}", ""), `"kind"`, `"skipNodeExecution": "${fn.eq(iteration.name, 'acme')}", "kind"`, 1))),
			"made globex", "app[acme]=skipped app[globex]=success"},
		{"the loop is skipped as a whole",
			steps(strings.Replace(loop("all", two, node("app", "")), `"kind"`, `"skipNodeExecution": "true", "kind"`, 1), node("after", "")),
			"made after", "app=skipped after=success"},
		{"a loop in a loop is skipped as a whole",
			steps(loop("outer", two, strings.Replace(loop("inner", two, thing("app", "app", "")), `"kind"`, `"skipNodeExecution": "true", "kind"`, 1))),
			"", "app[acme]=skipped app[globex]=skipped"},
		{"the first iteration that fails ends the loop",
			steps(loop("all", two, thing("app", "${iteration.name}", `"refuse": "${fn.eq(iteration.name, 'acme')}"`)), node("after", "")),
			"refused acme", "app[acme]=failure app[globex]=pending after=pending"},
		{"a branch at the same time waits for the loop whose step it refers to",
			steps(parallel(thing("user", "with-${refs.app.id}", ""), loop("all", two, thing("app", "${iteration.name}", "")))),
			"made acme, made globex, made with-globex", "user=success app[acme]=success app[globex]=success"},
		{"a later step is seen as the iteration before has left it",
			steps(loop("all", two, thing("a", "a-${iteration.name}-after-${fn.if(refs.b.id, refs.b.id, 'nothing')}", ""), thing("b", "b-${iteration.name}", ""))),
			"made a-acme-after-nothing, made b-acme, made a-globex-after-b-acme, made b-globex",
			"a[acme]=success b[acme]=success a[globex]=success b[globex]=success"},
		{"outside of a call it has no value in the first iteration",
			steps(loop("all", two, thing("a", "a-${refs.b.id}", ""), thing("b", "b-${iteration.name}", ""))),
			"", "a[acme]=failure b[acme]=pending a[globex]=pending b[globex]=pending"},
		{"arguments that are text become lists",
			`{"apiVersion": "v1.2", "name": "Test", "arguments": {"LIST": "[{\"name\": \"x\"}]"}, "spec": ` + sequence(loop("all", "${args.LIST}", thing("app", "${iteration.name}", ""))) + `}`,
			"made x", "app[x]=success"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := strings.ReplaceAll(tt.document, `"iterations": $`, `"iterations": "$`)
			source = strings.ReplaceAll(source, `}, "steps"`, `}", "steps"`)
			g := setUp(t).compile(source).run()
			if g.err != nil {
				t.Fatal(g.err)
			}
			if got := g.stage.said(); got != tt.said {
				t.Errorf("the platform %s\nwant         %s", got, tt.said)
			}
			v := g.view(g.result.ID)
			if got := v.states(); got != tt.states {
				t.Errorf("nodes %s\nwant  %s", got, tt.states)
			}
			checkOrder(t, v)
		})
	}
}

func TestABranchThatALoopAsksForCannotAskForTheLoop(t *testing.T) {
	g := setUp(t).compile(steps(parallel(thing("user", "with-${fn.if(refs.app.id, 'app', 'none')}", ""),
		loop("all", two, thing("app", "${iteration.name}", ""), thing("last", "${iteration.name}-${fn.if(refs.user.id, 'user', 'none')}", ""))))).run()
	made := strings.Split(g.stage.said(), ", ")
	slices.Sort(made)
	if want := []string{"made acme", "made acme-none", "made globex", "made globex-none", "made with-none"}; !slices.Equal(made, want) || g.result.State != StateSuccess {
		t.Errorf("%s, %v, want %v", g.result.State, made, want)
	}
}

// checkOrder holds the invariants of a view: nodes stand behind the workflow around
// them, and all that stands in one without a gap.
func checkOrder(t *testing.T, v *RunView) {
	t.Helper()
	for i, n := range v.Nodes {
		if n.Parent >= i {
			t.Errorf("node %d (%s) stands before its workflow %d", i, n.Path, n.Parent)
		}
		if i > 0 && n.Parent >= 0 && n.Parent != i-1 {
			p := i - 1
			for p >= 0 && v.Nodes[p].Parent != n.Parent {
				p = v.Nodes[p].Parent
			}
			if p < 0 {
				t.Errorf("node %d (%s) does not follow its siblings", i, n.Path)
			}
		}
	}
}

func TestHowAnIterationIsWritten(t *testing.T) {
	for _, written := range []string{
		"iteration.name", "item.name", "loop.name", "loop.item.name", "each.value.name", "all.name", "refs.all.name", "name",
		"fn.get(iteration, 'name')", "fn.get(refs.all, 'name')", "args.name", "fn.if(iteration.name, iteration.name, 'no')",
	} {
		t.Run(written, func(t *testing.T) {
			g := setUp(t).compile(steps(loop("all", two, thing("app", "${"+written+"}", "")))).run()
			if got := g.stage.said(); got != "made acme, made globex" || g.err != nil {
				t.Errorf("the platform %s, %v, %+v", got, g.err, g.result.Error)
			}
		})
	}
	t.Run("the number of an iteration counts from 0", func(t *testing.T) {
		g := setUp(t).compile(steps(loop("all", two, thing("app", "app-${iteration.index}-${index}", "")))).run()
		if got := g.stage.said(); got != "made app-0-0, made app-1-1" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("what the data does not have is an error that says what it has", func(t *testing.T) {
		g := setUp(t).compile(steps(loop("all", two, thing("app", "${iteration.nmae}", "")))).run()
		if g.result.State != StateFailure || !strings.Contains(g.result.Error.Message, "`iteration.nmae` has no value: the iteration has name, plan") {
			t.Errorf("%+v", g.result.Error)
		}
	})
	t.Run("outside of loops it is nothing", func(t *testing.T) {
		g := setUp(t).compile(steps(thing("app", "${iteration.name}", ""))).run()
		if g.err == nil && g.result.State != StateFailure {
			t.Errorf("%+v, %v", g.result, g.err)
		}
	})
}

func TestLoopsThatCannotRun(t *testing.T) {
	many := make([]string, MaxIterations+1)
	for i := range many {
		many[i] = fmt.Sprintf(`{"n": %d}`, i)
	}
	tests := []struct{ name, document, problem string }{
		{"over a text", steps(loop("all", `"twice"`, node("a", ""))), `a loop goes over a list of objects, and this is twice`},
		{"over texts", steps(loop("all", `["x"]`, node("a", ""))), `and this is x`},
		{"over too many", steps(loop("all", "["+strings.Join(many, ",")+"]", node("a", ""))), "the loop has 1001 iterations: it may have 1000 at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(tt.document)
			problems, err := g.engine.Preflight(t.Context(), g.program)
			if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Message, tt.problem) {
				t.Errorf("%+v, %v", problems, err)
			}
		})
	}
	t.Run("a step that waits for who waits for the loop", func(t *testing.T) {
		_, problems := compile(t, steps(parallel(node("user", `"value": "${refs.app.id}"`), loop("all", two, node("app", ""), node("last", `"value": "${refs.user.id}"`)))), Options{})
		if len(problems) != 2 || !strings.Contains(problems[0].Message, "user refers to app, and the two wait for each other") || !strings.Contains(problems[1].Message, "last refers to user") {
			t.Errorf("%+v", problems)
		}
	})
	t.Run("what only the run finds out fails the loop", func(t *testing.T) {
		g := setUp(t).compile(steps(node("data", `"list": ["x"]`), loop("all", `"${refs.data.list}"`, node("a", "")))).run()
		if got := g.view(g.result.ID).states(); g.result.State != StateFailure || got != "data=success a=pending" || !strings.Contains(g.result.Error.Message, "goes over a list of objects") {
			t.Errorf("%s, %+v", got, g.result.Error)
		}
	})
	t.Run("loops in loops together are bounded", func(t *testing.T) {
		list := "[" + strings.Join(many[:500], ",") + "]"
		g := setUp(t).compile(steps(loop("outer", list, loop("inner", list, `{"kind": "Thing", "skipNodeExecution": true, "spec": {"name": "a"}}`)))).run()
		if g.result.State != StateFailure || !strings.Contains(g.result.Error.Message, "more than 50000 nodes") {
			t.Errorf("%+v", g.result.Error)
		}
	})
}

func TestAPlanShowsIterations(t *testing.T) {
	t.Run("those that are known, each with its own values", func(t *testing.T) {
		g := setUp(t).compile(steps(node("first", ""), loop("all", two, thing("app", "app-${iteration.name}", "")), node("last", "")))
		plan, err := g.engine.Plan(t.Context(), g.program)
		if err != nil {
			t.Fatal(err)
		}
		if got := planned(plan); got != "sequential -1, first 0 first, all 0, all[acme] 2, app[acme] 3 app-acme, all[globex] 2, app[globex] 5 app-globex, last 0 last" || plan.Summary.Create != 4 {
			t.Errorf("%s, %+v", got, plan.Summary)
		}
	})
	t.Run("where only the run knows them one stands for all", func(t *testing.T) {
		g := setUp(t).compile(steps(node("data", `"list": `+two), loop("all", `"${refs.data.list}"`, thing("app", "app-${iteration.name}", ""))))
		plan, err := g.engine.Plan(t.Context(), g.program)
		if err != nil || len(plan.Problems) > 0 {
			t.Fatal(err, plan.Problems)
		}
		if got := planned(plan); got != "sequential -1, data 0 data, all 0, all[each] 2 (each), app[each] 3 "+unknownText {
			t.Error(got)
		}
	})
	t.Run("a plan that is carried out knows its iterations again", func(t *testing.T) {
		g := setUp(t).compile(steps(loop("all", two, thing("app", "app-${iteration.name}", ""))))
		_, file, err := g.engine.PlanToFile(t.Context(), g.program)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.engine.SealPlan(file); err != nil {
			t.Fatal(err)
		}
		r, err := g.engine.Run(t.Context(), g.program, RunOptions{Plan: file})
		if err != nil || r.State != StateSuccess {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

const unknownText = "(known after apply)"

func planned(p *Plan) string {
	var out []string
	for _, n := range p.Nodes {
		text := fmt.Sprintf("%s %d", n.Label, n.Parent)
		if n.Label == "Workflow" {
			text = fmt.Sprintf("%s %d", n.Flow, n.Parent)
		}
		if n.Each {
			text += " (each)"
		}
		if n.Input != nil {
			name := string(n.Input)
			name, _, _ = strings.Cut(name[strings.LastIndex(name, `"name":"`)+8:], `"`)
			text += " " + name
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestALoopGoesOnWhereItsRunWasCutOff(t *testing.T) {
	document := steps(node("data", `"list": `+two), loop("all", `"${refs.data.list}"`, thing("app", "app-${iteration.name}", `"key": "${fn.randomSecret(16)}"`),
		strings.Replace(thing("work", "work-${refs.app.id}", ""), `"Thing"`, `"Job"`, 1)), thing("after", "after-${refs.work.id}", ""))
	for _, cut := range []string{"start data", "start app-acme", "start work-app-acme", "start app-globex", "start work-app-globex", "start after-work-app-globex"} {
		t.Run(cut, func(t *testing.T) {
			g := setUp(t).compile(document)
			id := g.interruptIn(cut, 1)
			r, err := g.engine.Resume(t.Context(), id, g.options())
			if err != nil || r.State != StateSuccess {
				t.Fatalf("%+v, %v", r, err)
			}
			said := g.stage.said()
			for _, work := range []string{"made work-app-acme", "made work-app-globex"} {
				if strings.Count(said, work) != 1 {
					t.Errorf("the platform %s", said)
				}
			}
			v := g.view(id)
			if got := v.states(); got != "data=success app[acme]=success work[acme]=success app[globex]=success work[globex]=success after=success" {
				t.Error(got)
			}
			checkOrder(t, v)
			var told RunView
			for _, e := range g.events {
				told.Apply(e)
			}
			if told.states() != v.states() {
				t.Errorf("observers were told %s", told.states())
			}
		})
	}
}

func TestALoopIsRetriedFromTheIterationThatFailed(t *testing.T) {
	t.Run("what has succeeded stays", func(t *testing.T) {
		g := setUp(t).compile(steps(loop("all", `[{"name": "a"}, {"name": "b"}, {"name": "c"}]`, thing("app", "${iteration.name}", ""), thing("on", "on-${refs.app.id}", "")), thing("after", "after-${refs.on.id}", "")))
		g.stage.mishap = func(name string) error {
			if name == "b" {
				return &refusal
			}
			return nil
		}
		g.run()
		g.stage.mishap = nil
		if got := g.stage.said(); got != "made a, made on-a" {
			t.Fatalf("the platform %s", got)
		}
		r, err := g.engine.Retry(t.Context(), g.result.ID, g.options())
		if err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made b, made on-b, made c, made on-c, made after-on-c" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("a loop over what is made again goes over the new list", func(t *testing.T) {
		// The list depends on whether a branch has failed, which the retry makes good.
		g := setUp(t).compile(steps(parallel(
			node("flaky", ""),
			sequence(thing("data", "data-${fn.if(refs.flaky.id, 'good', 'bad')}", ""), loop("all", `[{"name": "${refs.data.id}"}]`, thing("app", "app-${iteration.name}", "")), thing("on", "on-${refs.app.id}", "")))))
		g.stage.mishap = func(name string) error {
			if name == "flaky" {
				return &refusal
			}
			return nil
		}
		g.run()
		g.stage.mishap = nil
		if got := g.stage.said(); got != "made data-bad, made app-data-bad, made on-app-data-bad" {
			t.Fatalf("the platform %s", got)
		}
		r, err := g.engine.Retry(t.Context(), g.result.ID, g.options())
		if err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made flaky, made data-good, made app-data-good, made on-app-data-good" {
			t.Errorf("the platform %s", got)
		}
		v := g.view(g.result.ID)
		if got := v.states(); got != "flaky=success data=success app[data-good]=success on=success" {
			t.Error(got)
		}
		checkOrder(t, v)
	})
}

func TestWhatALoopKeepsHangsOnTheNameOfItsData(t *testing.T) {
	keys := map[string]any{}
	dir := t.TempDir()
	for _, list := range []string{`[{"name": "a"}, {"name": "b"}]`, `[{"name": "b"}, {"name": "c"}]`} {
		g := setUpIn(t, dir).compile(steps(loop("all", list, thing("app", "${iteration.name}", `"key": "${fn.randomSecret(16)}"`)))).run()
		if g.result.State != StateSuccess {
			t.Fatalf("%+v, %v", g.result, g.err)
		}
		for name, req := range g.stage.requests {
			if before, ok := keys[name]; ok && before != part(req, "key") {
				t.Errorf("the secret of %s has changed", name)
			}
			keys[name] = part(req, "key")
		}
	}
	if len(keys) != 3 || keys["a"] == keys["b"] || keys["b"] == keys["c"] {
		t.Errorf("%v", keys)
	}
}

func TestATeardownSeesTheIterationOfTheSameName(t *testing.T) {
	document := func(list string) string {
		return strings.TrimSuffix(steps(loop("all", two, thing("app", "app-${iteration.name}", `"password": "secret-of-${iteration.name}-1234"`))), "}") + `, "teardownSpec": {"spec": ` +
			sequence(loop("ends", list, thing("end", "end-${refs.app.id}", `"with": "${refs.app.password}"`)), thing("last", "last-${refs.app.id}", "")) + `}}`
	}
	dir := t.TempDir()
	setUpIn(t, dir).compile(document(two)).run()
	for list, want := range map[string]string{
		two:                    "made end-app-acme, made end-app-globex, made last-app-globex",
		`[{"name": "globex"}]`: "made end-app-globex, made last-app-globex",
		`[{"name": "nobody"}]`: "made end-app-globex, made last-app-globex",
	} {
		g := setUpIn(t, dir).compile(document(list), Options{Teardown: true})
		out, err := g.engine.LastOutputs(t.Context(), "Test", "")
		if err != nil {
			t.Fatal(err)
		}
		g.program.Inherited = out
		if got := g.run().stage.said(); got != want {
			t.Errorf("%s: the platform %s, want %s: %+v", list, got, want, g.result.Error)
		}
		if shown := toJSON(t, g.view(g.result.ID)); strings.Contains(shown, "secret-of-") {
			t.Errorf("the history shows a secret: %s", shown)
		}
	}
}

var refusal = platform.Error{Status: 400, Message: "not this one"}
