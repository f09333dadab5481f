package syntax

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

// Somebody who types edits one place many times, then goes elsewhere.
func TestTextsThatAreTypedInAreThoseOfTheirEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "\r", "\n", "\r\n", "é", "𝔘", "\x80", "{\"b\": 1}", strings.Repeat("lorem ", 20)}
	texts := 300
	if testing.Short() {
		texts = 30
	}
	for range texts {
		want := strings.Repeat("line é\r\n", 1+r.IntN(200))
		lines := &Lines{text: newText(want, 1+r.IntN(128))}
		at := 0
		for range 60 {
			if r.IntN(6) == 0 {
				at = r.IntN(len(want) + 1)
			}
			at = min(at, len(want))
			removed := 0
			if r.IntN(3) == 0 {
				removed = min(r.IntN(9), at)
				if r.IntN(20) == 0 {
					removed = r.IntN(at + 1)
				}
			}
			typed := ""
			if r.IntN(4) > 0 {
				typed = pieces[r.IntN(len(pieces))]
			}
			lines = lines.Edit(Range{at - removed, at}, typed)
			want = want[:at-removed] + typed + want[at:]
			at += len(typed) - removed
			checkPieces(t, lines.text, want)
			if r.IntN(4) == 0 {
				checkLines(t, lines)
			}
			if t.Failed() {
				return
			}
		}
	}
}

func checkPieces(t *testing.T, got *text, want string) {
	t.Helper()
	chunks, starts := got.cut()
	var all strings.Builder
	for i, c := range chunks {
		if starts[i] != all.Len() || c.s == "" || i > 0 && !seam(all.String(), c.s) {
			t.Errorf("piece %d, %q, starts at %d, behind %q", i, c.s, starts[i], all.String())
		}
		all.WriteString(c.s)
	}
	if all.String() != want || got.size != len(want) {
		t.Errorf("got %q of %d bytes, want %q", all.String(), got.size, want)
	}
}

// What is around the place that somebody types in is not copied for each letter,
// and is one piece again once something is typed elsewhere.
func TestTypingCopiesAShortPiece(t *testing.T) {
	lines := NewLines(strings.Repeat("0123456789abcde\n", 4<<10))
	chunks, _ := lines.text.cut()
	n := len(chunks)
	for at := range 2 * chunkSize {
		before := lines.text
		lines = lines.Edit(Range{20_000 + at, 20_000 + at}, "x")
		if at > 0 && at < 200 {
			for i, c := range lines.text.chunks {
				if b := before.chunks[i]; unsafe.StringData(b.s) != unsafe.StringData(c.s) && len(c.s) > chunkSize/4 {
					t.Fatalf("letter %d copies %d bytes", at, len(c.s))
				}
			}
		}
	}
	for i := range 20 {
		lines = lines.Edit(Range{3000 * i, 3000 * i}, "y")
	}
	if got := len(lines.text.chunks); got > n+2+4 {
		t.Errorf("%d pieces, of %d", got, n)
	}
}
