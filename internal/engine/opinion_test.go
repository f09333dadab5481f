package engine

import (
	"errors"
	"testing"
)

// doubtful is a checker whose second opinion is asked for every node.
type doubtful struct{ opinion func() error }

func (d doubtful) Fit(_ string, node map[string]any, _ []string) (map[string]any, func() error, error) {
	return node, d.opinion, nil
}

func TestTheSecondOpinionKeepsANodeFromLeaving(t *testing.T) {
	tests := map[string]struct {
		opinion   func() error
		node      string
		told      string
		said      string
		complaint string
	}{
		"it agrees":               {func() error { return nil }, node("a", ""), "made a", "a=success", ""},
		"it refuses":              {func() error { return errors.New("name does not fit") }, node("a", ""), "", "a=failure", "name does not fit"},
		"it refuses work of once": {func() error { return errors.New("name does not fit") }, job("a", ""), "", "a=failure", "name does not fit"},
		"it panics":               {func() error { panic("no idea") }, node("a", ""), "", "a=failure", "internal error: no idea"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := setUp(t).compile(steps(tt.node))
			g.engine.Checker = doubtful{tt.opinion}
			g.run()
			if g.err != nil {
				t.Fatal(g.err)
			}
			v := g.view(g.result.ID)
			if said := g.stage.said(); said != tt.told || v.states() != tt.said {
				t.Errorf("the platform was told %q, and the nodes ended as %q", said, v.states())
			}
			a := v.node("a")
			if len(a.Attempts) != 1 {
				t.Errorf("there were %d attempts", len(a.Attempts))
			}
			if complaint := a.Attempts[0].Error; (complaint == nil) != (tt.complaint == "") || complaint != nil && complaint.Message != tt.complaint {
				t.Errorf("it failed for %+v", complaint)
			}
		})
	}
}

func TestAPlanHearsNoSecondOpinion(t *testing.T) {
	g := setUp(t).compile(steps(node("a", "")))
	g.engine.Checker = doubtful{func() error { return errors.New("not asked") }}
	if p := g.plan(); len(p.Problems) > 0 || p.Summary.Create != 1 {
		t.Errorf("planned %+v", p)
	}
}
