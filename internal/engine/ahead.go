package engine

import (
	"bytes"
	"context"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// learnAhead makes known what nodes will make of secrets, as far as that is known before
// they have run. A platform that has it from an earlier run may show it in what it says of
// another resource: a project lists its services, descriptions included.
func (x *execution) learnAhead(ctx context.Context) {
	if !x.program.holdsSecrets() {
		return
	}
	s := newScope(x.program, x.scope.now)
	s.secrets = x.engine.Secrets
	s.keep = func(context.Context, string, string, func() (expr.Value, error)) (expr.Value, error) {
		return expr.Unknown(expr.TypeString), nil // a new one is in no answer yet
	}
	for i := range s.outputs {
		s.outputs[i] = output{value: expr.Unknown(expr.TypeAny), there: true, partial: true}
	}
	for i := range x.program.Nodes {
		n := &x.program.Nodes[i]
		// What stands in documents that a node carries is resolved when these run.
		if n.gone || len(n.Nested) > 0 || !bytes.Contains(n.Spec, []byte("args.")) && !bytes.Contains(n.Spec, []byte("secrets.")) {
			continue
		}
		if v, err := expr.ParseJSON(n.Spec); err == nil {
			r := &resolver{env: env{s, i}, ctx: ctx, place: n.Place, node: n}
			r.learnTexts(v, "", x.scope.masker)
		}
	}
}

// holdsSecrets tells whether there is something to hide before the first node has run.
func (p *Program) holdsSecrets() bool {
	for i := range p.Arguments {
		if p.Arguments[i].Secret {
			return true
		}
	}
	for i := range p.Nodes {
		if bytes.Contains(p.Nodes[i].Spec, []byte("secrets.")) {
			return true
		}
	}
	return false
}

// learnTexts evaluates each text by itself: what is not known yet, or fails, keeps the
// others from nothing.
func (r *resolver) learnTexts(v expr.Value, pointer string, to *masker) {
	switch v.Kind() {
	case expr.KindString:
		if text, err := r.text(v, pointer, false); err == nil {
			to.add(text)
		}
	case expr.KindArray:
		for _, item := range v.Items() {
			r.learnTexts(item, pointer, to)
		}
	case expr.KindObject:
		for _, m := range v.Members() {
			r.learnTexts(m.Value, pointer+"/"+escapePointer(m.Key), to)
		}
	}
}
