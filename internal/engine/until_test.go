package engine

import (
	"fmt"
	"strings"
	"testing"
)

// chosen lists the nodes of a program that are no workflows.
func chosen(p *Program) string {
	var out []string
	for _, n := range p.Nodes {
		if n.Flow == "" {
			out = append(out, n.Label)
		}
	}
	return strings.Join(out, " ")
}

func uses(ref, other string) string {
	return fmt.Sprintf(`{"kind": "Thing", "ref": %q, "spec": {"name": "%s-${refs.%s.id}"}}`, ref, ref, other)
}

func TestUntilChoosesWhatANodeNeeds(t *testing.T) {
	template := `{"apiVersion": "v1.2", "name": "T", "project": {"spec": {"name": "shop"}}, "arguments": {"FROM": "${refs.far.id}"}, "spec": ` + sequence(
		node("first", ""),
		parallel(
			sequence(node("left1", ""), node("left2", "")),
			sequence(node("right1", ""), uses("right2", "left1"), node("right3", "")),
			sequence(node("before", ""), node("far", "")),
			`{"kind": "Thing", "ref": "byArgument", "spec": {"name": "${args.FROM}"}}`,
			`{"kind": "Workflow", "ref": "inner", "skipNodeExecution": "${fn.eq(refs.left1.id, 'x')}", "spec": {"type": "parallel", "steps": [`+node("in1", "")+`, `+node("in2", "")+`]}}`,
			`{"kind": "Thing", "ref": "soft", "spec": {"name": "${fn.if(refs.left2.id, 'a', 'b')}"}}`,
			uses("pair", "twin"), node("twin", ""), node("twin", `"n": 2`),
		),
		node("last", "")) + `}`
	tests := []struct{ name, until, want string }{
		{"the first step needs what creates the document's project", "first", "project first"},
		{"a step of a branch needs the steps before it and none beside it", "left2", "project first left1 left2"},
		{"what a node refers to comes with what that needs", "right2", "project first left1 right1 right2"},
		{"an argument's reference counts", "byArgument", "project first before far byArgument"},
		{"a workflow is run as a whole, with what decides whether it is skipped", "inner", "project first left1 in1 in2"},
		{"a step of a workflow that can be skipped needs the same", "in2", "project first left1 in2"},
		{"a reference inside of a call counts", "soft", "project first left1 left2 soft"},
		{"of several nodes with the ref that is meant all are run", "pair", "project first pair twin twin"},
		{"the last step needs everything before it", "last", "project first left1 left2 right1 right2 right3 before far byArgument in1 in2 soft pair twin twin last"},
		{"a pointer names a node too", "/spec/spec/steps/1/spec/steps/0/spec/steps/0", "project first left1"},
		{"the project of the document is a node", "/project", "project"},
		{"the root is the whole document", "/spec", "project first left1 left2 right1 right2 right3 before far byArgument in1 in2 soft pair twin twin last"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := compile(t, template, Options{Until: tt.until})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if got := chosen(p); got != tt.want {
				t.Errorf("chosen %s, want %s", got, tt.want)
			}
			for i, n := range p.Nodes {
				if n.Parent >= i {
					t.Errorf("%s stands before its workflow", n.Label)
				}
				for _, u := range n.Uses {
					for _, on := range u.On {
						if n := &p.Nodes[on]; n.Ref != u.Ref && u.Ref != n.Path {
							t.Errorf("a use of %s leads to %s", u.Ref, n.Path)
						}
					}
				}
			}
		})
	}
	whole, _ := compile(t, template, Options{})
	root, _ := compile(t, template, Options{Until: "/spec"})
	if root.Until = ""; toJSON(t, root) != toJSON(t, whole) {
		t.Error("the program up to the root is not the whole one")
	}
}

func TestANodeThatIsNotThereIsSaid(t *testing.T) {
	tests := []struct{ name, until, want string }{
		{"an unknown ref", "nobody", `there is no node "nobody": name one by its ref, or by its JSON pointer`},
		{"an unknown pointer", "/spec/spec/steps/9", `there is no node at "/spec/spec/steps/9"`},
		{"a ref that two nodes have", "twin", `several nodes have the ref "twin": name one by its JSON pointer (/spec/spec/steps/0, /spec/spec/steps/1)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := compile(t, steps(node("twin", ""), node("twin", `"n": 2`)), Options{Until: tt.until})
			if len(problems) != 1 || problems[0].Code != CodeNoSuchNode || !strings.HasPrefix(problems[0].Message, tt.want) {
				t.Errorf("problems %+v, want %q", problems, tt.want)
			}
		})
	}
}

func TestWhatIsWrongBehindTheNodeDoesNotMatter(t *testing.T) {
	source := doc(sequence(node("a", ""), node("b", ""), `{"kind": "Workflow", "ref": "flow", "spec": {"type": "zigzag", "steps": []}}`, `{"kind": "Unheard", "ref": "c", "spec": {"name": "${args.NOBODY}"}}`))
	if _, problems := compile(t, source, Options{}); len(problems) != 1 {
		t.Fatalf("problems of the whole: %+v", problems)
	}
	g := setUp(t).compile(source, Options{Until: "b"}).run()
	if g.err != nil || g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if got := g.stage.said(); got != "made a, made b" {
		t.Errorf("the platform %s", got)
	}
	if p := g.plan(); len(p.Problems) > 0 || p.Until != "/spec/spec/steps/1" || p.Summary.Create != 2 {
		t.Errorf("planned %s", toJSON(t, p))
	}
}

func TestARunKnowsUpToWhereItGoes(t *testing.T) {
	source := steps(node("a", ""), node("b", `"fail": 3`), node("c", ""), node("d", ""))
	g := setUp(t).compile(source, Options{Until: "c"}).run()
	if v := g.view(g.result.ID); v.Until != "/spec/spec/steps/2" || v.states() != "a=success b=failure c=pending" {
		t.Errorf("until %q: %s", v.Until, v.states())
	}
	r, err := g.engine.Retry(t.Context(), g.result.ID, g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := g.view(g.result.ID); v.states() != "a=success b=success c=success" {
		t.Errorf("retried: %s", v.states())
	}
	id := g.compile(source, Options{Until: "b"}).interruptIn("start b", 1)
	if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := g.view(id); v.states() != "a=success b=success" {
		t.Errorf("resumed: %s", v.states())
	}
	runs, err := g.engine.Store.List(t.Context(), historyAll, Describe)
	if err != nil || len(runs) != 2 || runs[0].Until != "/spec/spec/steps/1" || runs[1].Until != "/spec/spec/steps/2" {
		t.Errorf("%+v, %v", runs, err)
	}
}

// Whatever the template looks like, a node comes to the same end with the same
// output when only what it needs is run.
func TestUntilLeavesOutNothingThatMatters(t *testing.T) {
	seed := Seed(t)
	runs, smaller := 0, 0
	for i := 0; runs < Rounds(25, 1000); i++ {
		d := &drawing{rng: Case(seed, i)}
		source, root := d.template(t, 2+d.rng.IntN(30))
		p, problems := compile(t, source, Options{ProjectID: "shop"})
		if len(problems) > 0 {
			continue
		}
		target := d.rng.IntN(len(p.Nodes))
		g := setUp(t)
		g.program = p.upTo(target)
		if problems, err := g.engine.Preflight(t.Context(), g.program); err != nil || len(problems) > 0 {
			continue
		}
		goHome := People(t, g.engine.Store, "until", d.rejected)
		_, failed := g.engine.Run(t.Context(), g.program, RunOptions{ID: "until"})
		goHome()
		at, err := g.program.Find(g.program.Until)
		if err != nil || failed != nil {
			t.Fatalf("case %d: %v, %v", i, err, failed)
		}
		compareEnds(t, root.flat()[target], g.view("until").Nodes[at])
		if runs++; len(g.program.Nodes) < len(p.Nodes) {
			smaller++
		}
		_ = g.engine.Store.Close()
		if t.Failed() {
			t.Fatalf("case %d, node %d of %s", i, target, source)
		}
	}
	if smaller < runs/4 {
		t.Errorf("only %d programs became smaller", smaller)
	}
}
