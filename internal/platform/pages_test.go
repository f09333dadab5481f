package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A shelf is a target with a list of so many items, in pages that have a cursor or are
// counted.
type shelf struct {
	items   int
	counted bool
	asked   int
}

func (*shelf) Name() string { return "shelf" }

func (s *shelf) Do(_ context.Context, _ string, params Params, _ json.RawMessage) (Response, error) {
	s.asked++
	size, _ := strconv.Atoi(params.Query["per_page"])
	from, _ := strconv.Atoi(params.Query["cursor"])
	if page, _ := strconv.Atoi(params.Query["page"]); page > 0 {
		from = (page - 1) * size
	}
	rows := []any{}
	for i := from; i < min(from+size, s.items); i++ {
		rows = append(rows, map[string]any{"id": fmt.Sprint(i)})
	}
	answer := map[string]any{"data": map[string]any{"rows": rows}, "pagination": map[string]any{"hasNextPage": from+size < s.items, "cursor": strconv.Itoa(from + size)}}
	if s.counted {
		answer = map[string]any{"data": map[string]any{"data": map[string]any{"rows": rows,
			"pagination": map[string]any{"page": 1 + from/size, "perPage": size, "total": s.items}}}}
	}
	body, err := json.Marshal(answer)
	return Response{Status: 200, Body: body}, err
}

func TestAllPagesOfAListAreRead(t *testing.T) {
	for member, counted := range map[string]bool{"rows": false, "data.rows": true} {
		for _, items := range []int{0, 1, 100, 101, 250} {
			s := &shelf{items: items, counted: counted}
			n := 0
			for row, err := range Items(t.Context(), s, OpListExternalAddons, nil, member) {
				if err != nil || jsonvalue.String(row, "id") != fmt.Sprint(n) {
					t.Fatalf("%s: item %d is %v, %v", member, n, row, err)
				}
				n++
			}
			if n != items || s.asked != max(1, (items+99)/100) {
				t.Errorf("%s: %d of %d items with %d requests", member, n, items, s.asked)
			}
		}
	}
}
