package platform

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"

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
		cursor, page := "", 1
		for range pages {
			query := map[string]string{"per_page": "100"}
			switch {
			case cursor != "":
				query["cursor"] = cursor
			case page > 1:
				query["page"] = strconv.Itoa(page)
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
			if !more && counted(data, page) {
				page++
				continue
			}
			if !more || next == cursor {
				return
			}
			cursor = next
		}
	}
}

// counted tells whether a list that counts its pages has more than the given number: that
// of external addons does, and has no cursor.
func counted(data any, page int) bool {
	total, ok := jsonvalue.Number(data, "data.pagination.total")
	size, sized := jsonvalue.Number(data, "data.pagination.perPage")
	return ok && sized && size > 0 && float64(page)*size < total
}
