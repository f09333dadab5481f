package syntax

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
)

func TestDifference(t *testing.T) {
	long := strings.Repeat("0123456789", 50)
	tests := []struct{ name, from, to string }{
		{"nothing changes", long, long},
		{"from nothing", "", long},
		{"to nothing", long, ""},
		{"in the middle", long + "a" + long, long + "b" + long},
		{"at the start", "a" + long, long},
		{"at the end", long, long + "a"},
		{"a repetition grows", "aaa", "aaaa"},
		{"a repetition shrinks", "aaaa", "aa"},
		{"everything", "abc", "xyz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, chunk := range []int{3, 16, chunkSize} {
				checkDifference(t, newText(tt.from, chunk), newText(tt.to, chunk))
			}
		})
	}
}

func checkDifference(t *testing.T, a, b *text) {
	t.Helper()
	from, to := a.string(), b.string()
	d, differs := a.difference(b)
	if differs != (from != to) {
		t.Fatalf("from %q to %q: differs is %v", from, to, differs)
	}
	if !differs {
		return
	}
	if got := from[:d.old.Start] + d.text + from[d.old.End:]; got != to || to[d.new.Start:d.new.End] != d.text || d.old.Start != d.new.Start {
		t.Errorf("%+v makes %q of %q, want %q", d, got, from, to)
	}
	// It is as small as one piece can be: neither end of it could stay.
	old := from[d.old.Start:d.old.End]
	if old != "" && d.text != "" && (old[0] == d.text[0] || old[len(old)-1] == d.text[len(d.text)-1]) {
		t.Errorf("%q is replaced by %q", old, d.text)
	}
}

func TestATreeFollowsItsLines(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		lines := &Lines{text: newText(randomDocument(r, 5), 1+r.IntN(64))}
		tree := parse(lines.text, limits{2 + r.IntN(20), MaxSize, 1 + r.IntN(64)})
		for range 30 {
			for range r.IntN(4) { // versions that nobody looked at
				e := randomEdit(r, lines.Text())
				lines = lines.Edit(e.Range, e.NewText)
			}
			checkDifference(t, tree.text, lines.text)
			next := tree.Follow(lines)
			if next.Source() != lines.Text() {
				t.Fatalf("seed %d: the tree has %q, want %q", seed, next.Source(), lines.Text())
			}
			if next == tree != (tree.Source() == lines.Text()) {
				t.Fatalf("seed %d: the same tree: %v", seed, next == tree)
			}
			sameTree(t, next, func() string { return fmt.Sprintf("seed %d: %q", seed, tree.Source()) })
			tree = next
		}
	}
}

func TestATreeHasTheLinesThatItFollowed(t *testing.T) {
	lines := NewLines("{\n}")
	tree := ParseLines(lines)
	next := lines.Edit(Range{1, 1}, "\n")
	if got := tree.Follow(next); tree.Lines() != lines || got.Lines() != next {
		t.Error("the lines are worked out again")
	}
	if got := tree.Follow(NewLines("{\n}")); got != tree {
		t.Error("another tree is made of the same text")
	}
}

// A keystroke in a long text must not put the whole of it together.
func TestFollowingAKeystrokeCostsWhatItTouches(t *testing.T) {
	src := bigTemplate(4000)
	lines := NewLines(src).Edit(Range{len(src) / 2, len(src) / 2}, " ")
	tree := ParseLines(lines)
	n := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		l, tr := lines, tree
		for i := 0; b.Loop(); i++ {
			l = l.Edit(Range{len(src) / 2, len(src)/2 + 1}, []string{"\n", " "}[i%2])
			tr = tr.Follow(l)
		}
	}).AllocedBytesPerOp()
	if n > int64(len(src)/10) {
		t.Errorf("one keystroke in %d bytes allocates %d bytes", len(src), n)
	}
}

func FuzzFollow(f *testing.F) {
	fuzzing.KeepMoving(f)
	f.Add("abc", "abxc", uint8(3))
	f.Add(strings.Repeat("a", 200), strings.Repeat("a", 190), uint8(20))
	f.Add(`{"é": 1}`, `{"è": 1}`, uint8(1))
	f.Add(bigTemplate(1), bigTemplate(2), uint8(100))
	f.Fuzz(func(t *testing.T, from, to string, chunk uint8) {
		a, b := newText(from, 1+int(chunk)), newText(to, 1+int(chunk))
		checkDifference(t, a, b)
		next := parse(a, usual).Follow(&Lines{text: b})
		sameTree(t, next, func() string { return fmt.Sprintf("%q, then %q", from, to) })
	})
}
