package engine

import (
	"errors"
	"strings"
	"testing"
)

// stuck is a run that stopped because nobody can tell what became of its job b.
func stuck(t *testing.T, after ...string) (*given, string) {
	t.Helper()
	g := setUp(t).compile(steps(append([]string{node("a", ""), job("b", `"size": 2`)}, after...)...))
	id := g.interruptIn("start b", 1)
	g.stage.undecide = true
	r, err := g.engine.Resume(t.Context(), id, g.options())
	if err != nil || r.State != StateUnknown {
		t.Fatalf("%+v, %v", r, err)
	}
	g.stage.said()
	return g, id
}

func (g *given) answer(id string, answers ...Answer) (Result, error) {
	opts := g.options()
	opts.Answers = answers
	return g.engine.Resume(g.t.Context(), id, opts)
}

func TestAPersonAnswersForWhatIsUnknown(t *testing.T) {
	t.Run("done goes on without asking the platform", func(t *testing.T) {
		g, id := stuck(t, node("c", ""))
		if r, err := g.answer(id, Answer{Node: "b", Done: true}); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made c" {
			t.Errorf("the platform %s", got)
		}
		v := g.view(id)
		if a := v.node("b").Attempts; v.states() != "a=success b=success c=success" || len(a) != 1 || a[0].Answer != "done" || string(a[0].Response) != "{}" {
			t.Errorf("%s: %s", v.states(), toJSON(t, v.node("b")))
		}
	})
	t.Run("done with an identifier gives the node its output", func(t *testing.T) {
		g, id := stuck(t, `{"kind": "Thing", "ref": "c", "spec": {"name": "of-${refs.b.id}"}}`)
		if r, err := g.answer(id, Answer{Node: "b", Done: true, ID: "b-7"}); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "looked for b as b-7, made of-b-7" {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("done with an identifier waits where the node waits", func(t *testing.T) {
		g := setUp(t).compile(steps(job("b", `"polls": 2`), node("c", "")))
		id := g.interruptIn("start b", 1)
		g.stage.undecide = true
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateUnknown {
			t.Fatalf("%+v, %v", r, err)
		}
		if r, err := g.answer(id, Answer{Node: "/spec/spec/steps/0", Done: true, ID: "b-7"}); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); !strings.HasSuffix(got, "looked for b as b-7, b is up, made c") {
			t.Errorf("the platform %s", got)
		}
	})
	t.Run("again does the work once more, as another attempt", func(t *testing.T) {
		g, id := stuck(t, node("c", ""))
		first := g.stage.requests["b"].Token
		if r, err := g.answer(id, Answer{Node: "b"}); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "made b, made c" || g.stage.requests["b"].Token == first {
			t.Errorf("the platform %s, with the token %s after %s", got, g.stage.requests["b"].Token, first)
		}
		if a := g.view(id).node("b").Attempts; len(a) != 2 || a[1].Answer != "again" || a[1].MaxAttempts != 4 {
			t.Errorf("attempts %s", toJSON(t, a))
		}
	})
	t.Run("an identifier that is wrong leaves the question open", func(t *testing.T) {
		g, id := stuck(t, node("c", ""))
		r, err := g.answer(id, Answer{Node: "b", Done: true, ID: "wrong"})
		if err != nil || r.State != StateUnknown || !strings.Contains(r.Error.Message, "there is no wrong") {
			t.Fatalf("%+v, %v", r, err)
		}
		if r, err := g.answer(id, Answer{Node: "b", Done: true, ID: "right"}); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
	})
	t.Run("an answer that was cut off is given again", func(t *testing.T) {
		g, id := stuck(t, node("c", ""))
		g.stage.setHook(func(what string) {
			if what == "start b" {
				fenceOut(t, g.engine.Store.RunDir(id))
			}
		})
		if _, err := g.answer(id, Answer{Node: "b"}); err == nil {
			t.Fatal("it was not cut off")
		}
		g.stage.setHook(nil)
		g.stage.said()
		g.stage.undecide = false
		if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := g.stage.said(); got != "looked for b, made c" {
			t.Errorf("the platform %s", got)
		}
	})
}

func TestAnswersThatFitNoQuestionAreRefused(t *testing.T) {
	g, id := stuck(t, `{"kind": "Thing", "ref": "c", "spec": {"name": "of-${refs.b.id}"}}`)
	tests := []struct {
		name    string
		answers []Answer
		want    string
	}{
		{"about a node that there is not", []Answer{{Node: "nobody"}}, `there is no node "nobody"`},
		{"about a node that has succeeded", []Answer{{Node: "a"}}, "what became of a is known, it is success"},
		{"about a node that has not run", []Answer{{Node: "c", Done: true}}, "what became of c is known, it is pending"},
		{"twice", []Answer{{Node: "b"}, {Node: "b", Done: true, ID: "x"}}, "two answers for b"},
		{"without an identifier that others need", []Answer{{Node: "b", Done: true}}, "c refers to the output of b: give the identifier"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r, err := g.answer(id, tt.answers...); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v, %v, want an error that says %q", r, err, tt.want)
			}
		})
	}
	if v := g.view(id); v.Status != StateUnknown || !v.Concluded || g.stage.said() != "" {
		t.Errorf("the run is %s", v.Status)
	}
	var unknown *UnknownError
	if _, err := g.engine.Retry(t.Context(), id, g.options()); !errors.As(err, &unknown) || len(unknown.Nodes) != 1 || unknown.Nodes[0] != "b" {
		t.Errorf("a retry gave %v", err)
	}
	if r, err := g.answer(id, Answer{Node: "b", Done: true, ID: "b-7"}); err != nil || r.State != StateSuccess {
		t.Errorf("after all that: %+v, %v", r, err)
	}
}
