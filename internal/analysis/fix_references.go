package analysis

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// otherRef offers what can stand for a ref that no node carries, where none is a slip of
// the keyboard away: those that completion offers there first, as far as nothing is wrong
// with them. Each try looks at the document anew, so that where very many refs are missing,
// which is no matter of single names, there are none.
func (x *fixer) otherRef() {
	if x.nameNode(); len(x.out) > 0 || x.unseen {
		return
	}
	const most, tried, crowd = 3, 6, 20
	missing := 0
	for _, f := range x.Findings() {
		if f.Code != CodeUnresolvedRef {
			continue
		}
		if missing++; missing > crowd {
			return
		}
	}
	items, _ := x.CompleteMost(x.finding.Range.Start, 0, tried)
	items = slices.DeleteFunc(items, func(i CompletionItem) bool {
		return i.Kind != ItemRef || i.Range != x.finding.Range || i.RefFor != ""
	})
	slices.SortStableFunc(items, func(a, b CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
	offered := 0
	for _, i := range items {
		if offered < most && x.offerVerified("Change to "+i.Label, syntax.Edit{Range: i.Range, NewText: i.Insert}) {
			offered++
		}
	}
}
