package engine

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// StoredLayers are the stored overrides of a template. There are no two of one
// name, so that their order means nothing.
func StoredLayers(ctx context.Context, store *history.Store, identity string) ([]Layer, error) {
	overrides, err := store.Overrides(ctx, identity)
	if err != nil {
		return nil, err
	}
	layers := make([]Layer, len(overrides))
	for i, o := range overrides {
		layers[i] = Layer{From: FromStored, Values: map[string]any{o.Name: o.Value}, Literal: o.Literal, Secret: !o.Open, Open: o.Open}
	}
	return layers, nil
}
