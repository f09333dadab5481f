package lsp

import (
	"strings"
	"testing"
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
		t.Run(tt.name, func(t *testing.T) { checkDifference(t, tt.from, tt.to) })
	}
}

func FuzzDifference(f *testing.F) {
	f.Add("abc", "abxc")
	f.Add(strings.Repeat("a", 200), strings.Repeat("a", 190))
	f.Add("é", "è")
	f.Fuzz(checkDifference)
}

func checkDifference(t *testing.T, from, to string) {
	e := difference(from, to)
	if e.Range.Start < 0 || e.Range.End < e.Range.Start || e.Range.End > len(from) {
		t.Fatalf("range %v of %d bytes", e.Range, len(from))
	}
	if got := from[:e.Range.Start] + e.NewText + from[e.Range.End:]; got != to {
		t.Errorf("the edit makes %q, want %q", got, to)
	}
	// It is as small as one edit can be: neither end of it could stay.
	old := from[e.Range.Start:e.Range.End]
	if old != "" && e.NewText != "" && (old[0] == e.NewText[0] || old[len(old)-1] == e.NewText[len(e.NewText)-1]) {
		t.Errorf("%q is replaced by %q", old, e.NewText)
	}
}
