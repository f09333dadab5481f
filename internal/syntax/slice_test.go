package syntax

import (
	"strings"
	"testing"
)

func TestSliceIsThePartOfTheTextAlsoAfterEdits(t *testing.T) {
	text := "{" + strings.Repeat("\"schlüssel\": 1,\n", 3000) + "\"z\": 2}"
	tree := Parse(text)
	at := len(text) / 2
	edited := tree.Edit(Edit{Range: Range{at, at + 1}, NewText: "😀"})
	want := text[:at] + "😀" + text[at+1:]
	for _, r := range []Range{{0, 0}, {0, 10}, {at - 9000, at + 9000}, {at, at + 4}, {len(want) - 3, len(want)}, {-5, 3}, {len(want) - 2, len(want) + 9}} {
		c := clamp(r, len(want))
		if got := edited.Slice(r); got != want[c.Start:c.End] {
			t.Errorf("Slice(%v) is %d bytes, want %d", r, len(got), c.Len())
		}
	}
}
