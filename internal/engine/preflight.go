package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// Preflight finds out, without asking any platform, what will keep a program
// from running: kinds that are not supported, expressions that have no value
// whatever the outputs, values that the platform refuses, references to nodes
// that are certainly skipped.
func (e *Engine) Preflight(ctx context.Context, p *Program) ([]Problem, error) {
	s, err := e.foresee(ctx, p, func(int, *prepared) {})
	if err != nil {
		return nil, err
	}
	return s.problems, nil
}

// A foresight is what is known of a program before it runs.
type foresight struct {
	*scope
	skipped  []bool
	bad      []bool // nodes with a problem
	problems []Problem
	// kept are the kept values that were looked for; undefined where there was
	// none.
	kept map[string]expr.Value
}

// foresee looks at every node that is not certainly skipped. complete is told of
// those whose request holds no value that only a run can tell.
func (e *Engine) foresee(ctx context.Context, p *Program, complete func(node int, p *prepared)) (*foresight, error) {
	p = p.own() // a plan unfolds its loops
	f := &foresight{scope: newScope(p, e.clock().Now()), skipped: make([]bool, len(p.Nodes)), bad: make([]bool, len(p.Nodes)),
		kept: map[string]expr.Value{}}
	f.secrets = e.Secrets
	f.keep = e.keepForPlan(p, f.kept)
	for i := range p.Nodes {
		f.outputs[i] = output{value: expr.Unknown(expr.TypeAny), there: true, partial: true}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Parent >= 0 && f.skipped[n.Parent] {
			f.skipped[i] = true
		} else if n.Skip != nil {
			skip, known, err := f.skip(ctx, i)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				f.problem(i, CodeEvaluation, err)
			}
			f.skipped[i] = skip && known
		}
		if f.skipped[i] {
			f.outputs[i] = output{skipped: true}
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if f.skipped[i] {
			continue
		}
		if n.Flow == Loop {
			if err := f.loop(ctx, i); ctx.Err() != nil {
				return nil, ctx.Err()
			} else if err != nil {
				f.problem(i, f.code(i, err), err)
			}
		}
		if n.Flow != "" {
			continue
		}
		var spec any
		if n.Spec != nil {
			if err := json.Unmarshal(n.Spec, &spec); err != nil {
				return nil, fmt.Errorf("the program is damaged: %w", err)
			}
		}
		if err := e.supports(n.Kind, spec); err != nil {
			f.problem(i, CodeUnsupported, err)
			continue
		}
		p, err := f.prepare(ctx, i, e.checker())
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			f.problem(i, f.code(i, err), err)
		case !p.unknown:
			complete(i, p)
		}
	}
	return f, nil
}

// loop looks at what a loop goes over, as far as that is known.
func (f *foresight) loop(ctx context.Context, node int) error {
	list, _, err := f.rounds(ctx, node)
	if err == nil && len(list) > MaxIterations {
		err = tooMany(len(list))
	}
	return err
}

// code finds the finding's code that an error of the evaluation corresponds to.
func (f *foresight) code(node int, err error) string {
	for _, u := range f.program.Nodes[node].Uses {
		if u.Soft || u.Gate {
			continue
		}
		all := true
		for _, on := range u.On {
			all = all && f.skipped[on]
		}
		if all {
			return string(analysis.CodeSkippedRef)
		}
	}
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		return CodeRefused
	}
	return CodeEvaluation
}

// problem reports the first problem of a node: others mostly follow from it.
// private are texts that are hidden in it beside the known secrets.
func (f *foresight) problem(node int, code string, err error, private ...string) {
	if f.bad[node] {
		return
	}
	f.bad[node] = true
	n := &f.program.Nodes[node]
	f.problems = append(f.problems, Problem{Node: n.Path, Code: code, Message: n.Label + ": " + f.masker.explain(err, private).Message})
}

// keepForPlan looks kept values up, makes none, and takes down what it has found.
func (e *Engine) keepForPlan(p *Program, found map[string]expr.Value) func(context.Context, string, string, func() (expr.Value, error)) (expr.Value, error) {
	dates := map[string]expr.Value{}
	return func(ctx context.Context, fn, key string, make func() (expr.Value, error)) (expr.Value, error) {
		if fn == "date" {
			if v, ok := dates[key]; ok {
				return v, nil
			}
			v, err := make()
			dates[key] = v
			return v, err
		}
		if e.Store != nil {
			data, ok, err := e.Store.Kept(ctx, p.Identity, key)
			if err != nil {
				return expr.Value{}, err
			}
			if ok {
				found[key] = expr.String(string(data)).WithSecret()
				return found[key], nil
			}
		}
		found[key] = expr.Undefined()
		return expr.Unknown(expr.TypeString).WithSecret(), nil
	}
}
