package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// An Inherited output is what a ref means that no node of the program carries:
// in a teardown, the output of the run before.
type Inherited struct {
	Ref    string   `json:"ref"`
	Output any      `json:"output"`
	Secret []string `json:"secret,omitempty"`
	// Iteration names the iteration of a loop that the node was in, and those around
	// it, the outermost first; nil outside of loops.
	Iteration []string `json:"iteration,omitempty"`
}

// key tells apart what nodes with one ref have left in iterations of loops.
func (i *Inherited) key() string {
	return strings.Join(append([]string{i.Ref}, i.Iteration...), "\x00")
}

// inheritedAs is what a ref means that no node of the program carries. In a loop it is
// what the iteration of the same name has left, else the last one.
func (e env) inheritedAs(name string) (expr.Value, bool) {
	if e.node >= 0 {
		for names := e.program.Nodes[e.node].round.names(); len(names) > 0; names = names[:len(names)-1] {
			if v, ok := e.inherited[(&Inherited{Ref: name, Iteration: names}).key()]; ok {
				return v, true
			}
		}
	}
	v, ok := e.inherited[name]
	return v, ok
}

// LastOutputs returns the outputs of the last successful run of a template, for
// a teardown. Where that has run a part of the template, what it left out is
// that of the successful run before. There are none when no run has succeeded. Of a
// template with environments only those of the given one count: what has the name of
// one that is gone is another one.
func (e *Engine) LastOutputs(ctx context.Context, identity, environment string) ([]Inherited, error) {
	runs, err := e.Store.List(ctx, history.Filter{Template: identity}, Describe)
	if err != nil {
		return nil, err
	}
	var all []Inherited
	known := map[string]bool{}
	for _, run := range runs {
		// A teardown leaves nothing to tear down.
		if run.Status != string(StateSuccess) || run.Target != e.Target || run.Teardown {
			continue
		}
		of, out, err := e.outputs(ctx, run)
		if err != nil {
			return nil, err
		}
		if of != environment && of != "" { // which older runs have not recorded
			break
		}
		for _, o := range out {
			if !known[o.Ref] {
				all = append(all, o)
			}
		}
		for _, o := range out {
			known[o.Ref] = true
		}
		if run.Until == "" {
			break
		}
	}
	return all, nil
}

// outputs reads the environment of a run, and its outputs.
func (e *Engine) outputs(ctx context.Context, run history.Run) (environment string, out []Inherited, err error) {
	r, err := journal.Open(ctx, e.Store.RunDir(run.ID))
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = r.Close() }()
	box, err := seal.OpenBox(e.Store.Sealer(), r.Header().Key)
	if err != nil {
		return "", nil, fmt.Errorf("the outputs of run %s cannot be read: %w", run.ID, err)
	}
	p := newPrior()
	if err := r.Read(ctx, 0, func(rec journal.Record) error { return p.add(rec, box) }); err != nil {
		return "", nil, err
	}
	if p.program == nil {
		return "", nil, nil
	}
	for i := range p.program.Nodes {
		n := &p.program.Nodes[i]
		ref := n.Ref
		if n.Path == projectPath {
			ref = n.Path
		}
		if past := p.nodes[i]; ref != "" && !n.gone && past != nil && (past.state == StateSuccess || past.state == StateSkipped) && past.output != nil {
			out = append(out, Inherited{Ref: ref, Output: past.output.Output, Secret: past.output.Secret, Iteration: n.round.names()})
		}
	}
	return p.program.Environment, out, nil
}
