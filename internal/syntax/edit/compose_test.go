package edit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

func TestComposedEditsDoAtOnceWhatTheTwoDo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abcdefgh{}\",\n "[r.IntN(14)]
		}
		return string(b)
	}
	edits := func(size int) []syntax.Edit {
		var out []syntax.Edit
		for at := 0; at <= size && r.IntN(4) > 0; {
			start := at + r.IntN(size-at+1)
			end := start + r.IntN(min(size-start, 5)+1)
			out = append(out, syntax.Edit{Range: syntax.Range{Start: start, End: end}, NewText: text(r.IntN(4))})
			at = end + r.IntN(2)
		}
		return out
	}
	for range 5000 {
		src := text(r.IntN(30))
		first := edits(len(src))
		middle, err := edit.Apply(src, first)
		if err != nil {
			t.Fatal(err)
		}
		second := edits(len(middle))
		want, err := edit.Apply(middle, second)
		if err != nil {
			t.Fatal(err)
		}
		composed, err := edit.Compose(len(src), first, second)
		if err != nil {
			t.Fatalf("%q, %v, %v: %v", src, first, second, err)
		}
		got, err := edit.Apply(src, composed)
		if err != nil || got != want {
			t.Fatalf("%q with %v and %v: composed %v make %q, want %q (%v)", src, first, second, composed, got, want, err)
		}
		for i := 1; i < len(composed); i++ {
			if composed[i].Start <= composed[i-1].End {
				t.Fatalf("the edits %v and %v are one", composed[i-1], composed[i])
			}
		}
	}
}

func TestEditsThatDoNotFitCannotBeComposed(t *testing.T) {
	at := func(start, end int) syntax.Edit { return syntax.Edit{Range: syntax.Range{Start: start, End: end}} }
	for name, tt := range map[string]struct{ first, second []syntax.Edit }{
		"beyond the end":             {[]syntax.Edit{at(0, 4)}, nil},
		"over one another":           {[]syntax.Edit{at(0, 2), at(1, 3)}, nil},
		"beyond the end that is":     {[]syntax.Edit{at(0, 2)}, []syntax.Edit{at(0, 2)}},
		"that end before they start": {nil, []syntax.Edit{at(2, 1)}},
	} {
		if got, err := edit.Compose(3, tt.first, tt.second); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhereAnOffsetComesFrom(t *testing.T) {
	edits := []syntax.Edit{
		{Range: syntax.Range{Start: 2, End: 4}, NewText: "xyz"}, // ab[cd]efgh → abxyzefgh
		{Range: syntax.Range{Start: 6, End: 6}, NewText: "!"},   // before g
		{Range: syntax.Range{Start: 7, End: 8}},                 // without h
	}
	want := []int{0, 1, 2, 2, 2, 4, 5, 6, 6, 8}
	for offset, origin := range want {
		if got := edit.Origin(edits, offset); got != origin {
			t.Errorf("%d comes from %d, want %d", offset, got, origin)
		}
	}
}
