package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// keptOverride is an argument of which a template has another override in the encrypted
// store than its file has.
type keptOverride struct {
	Link string `json:"link"`
	Name string `json:"name"`
}

// moveOverrides moves the values of argumentOverrides to the encrypted store, for all
// templates of the file. They leave the file when they are stored. What a template has in the
// store stays, for a run takes it before what the file has. Nothing is moved for a push that
// the template's errors or secrets would stop.
func (c *command) moveOverrides(ctx context.Context, s *gitops.Syncer, links []gitops.Link) (moved []string, kept []keptOverride, err error) {
	text, err := source.Read(links[0].File, nil)
	if err != nil {
		return nil, nil, exitWith(exitFailed, err)
	}
	without, taken, err := gitops.TakeOverrides(text)
	if err != nil {
		return nil, nil, exitWith(exitFailed, err)
	}
	if without == text {
		return nil, nil, nil
	}
	if err := c.secretsIn(links[0], text, inOverrides); err != nil {
		return nil, nil, err
	}
	if len(taken) > 0 {
		store, err := c.openState(ctx)
		if err != nil {
			return nil, nil, err
		}
		defer func() { _ = store.Close() }()
		for _, l := range links {
			has, err := store.Overrides(ctx, l.Name)
			if err != nil {
				return nil, nil, exitWith(exitFailed, err)
			}
			for _, o := range taken {
				i := slices.IndexFunc(has, func(x history.Override) bool { return x.Name == o.Name })
				switch {
				case i < 0:
					if err := store.SetOverride(ctx, l.Name, history.Override{Name: o.Name, Value: o.Value}); err != nil {
						return nil, nil, exitWith(exitFailed, err)
					}
					if !slices.Contains(moved, o.Name) {
						moved = append(moved, o.Name)
					}
				case !sameJSON(has[i].Value, o.Value):
					kept = append(kept, keptOverride{l.Name, o.Name})
				}
			}
		}
	}
	if len(kept) > 0 { // what is nowhere else then
		if err := s.Save(ctx, links[0]); err != nil {
			return nil, nil, exitWith(exitFailed, err)
		}
	}
	if err := source.Replace(links[0].File, text, without); err != nil {
		return nil, nil, exitWith(exitFailed, err)
	}
	return moved, kept, nil
}

// inOverrides reports whether a finding is about the values in argumentOverrides.
func inOverrides(tree *syntax.Tree, x analysis.Finding) bool {
	m, ok := tree.Root().GetMember("argumentOverrides")
	return ok && m.Range().Start <= x.Range.Start && x.Range.End <= m.Range().End
}

// sameJSON reports whether two values are written alike but for white space.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
