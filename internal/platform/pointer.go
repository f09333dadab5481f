package platform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// pointers expands patterns such as "/ports/*/security/credentials" to the JSON
// pointers of what is there in v; "*" stands for every member or element.
func pointers(v any, patterns []string) []string {
	var found []string
	for _, pattern := range patterns {
		found = expand(found, v, "", strings.Split(pattern, "/")[1:])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func expand(found []string, v any, at string, segments []string) []string {
	if len(segments) == 0 {
		return append(found, at)
	}
	name, rest := segments[0], segments[1:]
	switch parent := v.(type) {
	case map[string]any:
		for k, child := range parent {
			if name == "*" || name == k {
				found = expand(found, child, at+"/"+jsonvalue.EscapePointer(k), rest)
			}
		}
	case []any:
		for i, child := range parent {
			if position := strconv.Itoa(i); name == "*" || name == position {
				found = expand(found, child, at+"/"+position, rest)
			}
		}
	}
	return found
}
