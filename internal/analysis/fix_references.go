package analysis

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// otherRef offers what can stand for a ref that no node carries, where none is a slip of
// the keyboard away: those that completion offers there first, as far as nothing is wrong
// with them.
func (x *fixer) otherRef() {
	if x.nameNode(); len(x.out) > 0 || x.unseen {
		return
	}
	const most, tried = 3, 6
	var items []CompletionItem
	for _, item := range x.Complete(x.finding.Range.Start) {
		if item.Kind == ItemRef && item.Range == x.finding.Range && item.RefFor == "" {
			items = append(items, item)
		}
	}
	slices.SortStableFunc(items, func(a, b CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
	offered := 0
	for _, item := range items[:min(len(items), tried)] {
		if offered < most && x.offerVerified("Change to "+item.Label, append([]syntax.Edit{{Range: item.Range, NewText: item.Insert}}, item.Added...)...) {
			offered++
		}
	}
}
