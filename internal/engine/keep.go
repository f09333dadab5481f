package engine

import (
	"context"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// keep returns the value that a function has at one place of the template. A
// date is kept for the run, random values over all runs: those are stored
// before anything that uses them is done, and the first of several processes
// that make one wins.
func (x *execution) keep(ctx context.Context, fn, key string, make func() (expr.Value, error)) (expr.Value, error) {
	if v, ok := x.prior.keptValue(key); ok {
		return v, nil
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	if fn != "date" && x.engine.Store != nil {
		stored, ok, err := x.engine.Store.Kept(ctx, x.program.Identity, key)
		if err == nil && !ok {
			text, _ := v.AsString()
			stored, err = x.engine.Store.Keep(ctx, x.program.Identity, key, []byte(text))
			crash.Here(crash.KeptNoted)
		}
		if err != nil {
			return expr.Value{}, err
		}
		v = expr.String(string(stored)).WithSecret()
	}
	if x.prior == nil {
		x.prior = newPrior()
	}
	x.prior.kept[key] = v
	r := journal.Record{At: x.shown(x.now()), Type: typeKept, Node: -1}
	text, err := marshal(keptValue{Key: key, Value: v.JSON(), Secret: v.IsSecret()})
	if err != nil {
		return expr.Value{}, fmt.Errorf("a kept value cannot be written: %w", err)
	}
	r.Sealed = x.box.Seal(text, label(r))
	x.entries = append(x.entries, entry{record: r})
	return v, nil
}

func (p *prior) keptValue(key string) (expr.Value, bool) {
	if p == nil {
		return expr.Value{}, false
	}
	v, ok := p.kept[key]
	return v, ok
}
