package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// marshal writes a value as JSON with sorted keys and without HTML escapes, so
// that equal values give equal text.
func marshal(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
