package main

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
	"github.com/sourcegraph/go-diff/diff"
)

func TestUnifiedDiff(t *testing.T) {
	long := strings.Repeat("  1,\n", 20)
	for _, c := range []struct{ name, src, want string }{
		{
			"a line end that is missing stays missing",
			"[\n1]", "@@ -1,2 +1,3 @@\n [\n-1]\n\\ No newline at end of file\n+  1\n+]\n\\ No newline at end of file\n",
		},
		{
			"a last line without a line end around a change",
			"[\n1\n]", "@@ -1,3 +1,3 @@\n [\n-1\n+  1\n ]\n\\ No newline at end of file\n",
		},
		{
			"blank lines that go",
			"[\n\n  1\n]\n", "@@ -1,4 +1,3 @@\n [\n-\n   1\n ]\n",
		},
		{
			"changes that stand apart",
			"[\n0,\n" + long + "  2 ]\n",
			"@@ -1,5 +1,5 @@\n [\n-0,\n+  0,\n   1,\n   1,\n   1,\n@@ -20,4 +20,5 @@\n   1,\n   1,\n   1,\n-  2 ]\n+  2\n+]\n",
		},
		{
			"line ends of two characters",
			"[\r\n1\r\n]\r\n", "@@ -1,3 +1,3 @@\n [\r\n-1\r\n+  1\r\n ]\r\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			edits := format.Document(syntax.Parse(c.src), format.Options{})
			got, err := unifiedDiff("a.json", c.src, edits)
			if want := "--- a.json\n+++ a.json\n" + c.want; err != nil || got != want {
				t.Fatalf("got %q (%v), want %q", got, err, want)
			}
			after, err := edit.Apply(c.src, edits)
			if err != nil {
				t.Fatal(err)
			}
			if patched := patch(t, c.src, got); patched != after {
				t.Errorf("the diff makes %q of it, the edits %q", patched, after)
			}
		})
	}
}

// patch applies a unified diff.
func patch(t *testing.T, src, text string) string {
	t.Helper()
	file, err := diff.NewFileDiffReaderOptions(strings.NewReader(text), diff.ParseOptions{KeepCR: true}).Read()
	if err != nil {
		t.Fatal(err)
	}
	old, at := linesOf(src), 0
	var out strings.Builder
	for _, h := range file.Hunks {
		for ; at < int(h.OrigStartLine)-1; at++ {
			out.WriteString(old[at])
		}
		for _, line := range linesOf(string(h.Body)) {
			if line[0] != '-' {
				out.WriteString(line[1:])
			}
			if line[0] != '+' {
				if strings.TrimRight(old[at], "\n") != strings.TrimRight(line[1:], "\n") {
					t.Fatalf("line %d is %q, the diff says %q", at+1, old[at], line[1:])
				}
				at++
			}
		}
	}
	for ; at < len(old); at++ {
		out.WriteString(old[at])
	}
	return out.String()
}
