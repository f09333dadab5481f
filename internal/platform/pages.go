package platform

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Items goes through all pages of a list operation. member is that of the answer's
// data which holds the items, empty where data is the list. An error is the last that
// comes, with no item.
func Items(ctx context.Context, target Target, op string, path map[string]string, member string) iter.Seq2[map[string]any, error] {
	return items(ctx, target, op, path, member, math.MaxInt)
}

// items is Items for at most the given number of pages.
func items(ctx context.Context, target Target, op string, path map[string]string, member string, pages int) iter.Seq2[map[string]any, error] {
	return func(yield func(map[string]any, error) bool) {
		cursor := ""
		for range pages {
			query := map[string]string{"per_page": "100"}
			if cursor != "" {
				query["cursor"] = cursor
			}
			response, err := target.Do(ctx, op, Params{Path: path, Query: query}, nil)
			if err != nil {
				yield(nil, err)
				return
			}
			var data any
			if err := response.Data(&data); err != nil {
				yield(nil, fmt.Errorf("%s: %w", op, err))
				return
			}
			for _, item := range jsonvalue.List(data, member) {
				if object, ok := item.(map[string]any); ok && !yield(object, nil) {
					return
				}
			}
			next, more, err := response.Next()
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", op, err))
				return
			}
			if !more || next == cursor {
				return
			}
			cursor = next
		}
	}
}
