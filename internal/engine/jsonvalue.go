package engine

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// marshal writes a value as JSON with sorted keys and without HTML escapes, so
// that equal values give equal text.
func marshal(v any) (json.RawMessage, error) {
	if p, ok := v.(*NodeAttempt); ok && p != nil {
		return p.text()
	}
	return jsonvalue.Marshal(v)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
