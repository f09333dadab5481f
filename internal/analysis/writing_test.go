package analysis_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

var updateWriting = flag.Bool("update-writing", false, "write what comes out into the cases of completion and hover")

// TestWriting plays the cases of testdata/writing, which ask at the cursor `<|>`
// of a template that is being typed. A template whose name ends in .crlf.json has
// Windows line ends. Sections behind a template:
//
//	offer            what an editor shows, in its order: label, then what tells it
//	                 apart. Only what matches the word in front of the cursor
//	typed C          the same, where the character C has just opened the list
//	choose LABEL     the lines that change when the item is chosen, tab stops as
//	                 they are in a snippet
//	explain LABEL    what there is to say about the item
//	hover            the text between « and », then what is said about it
//
// `none` is expected where there is nothing. Of long lists the first dozen counts.
func TestWriting(t *testing.T) {
	playCases(t, "writing", *updateWriting, func(_ *testing.T, section *txtar.File) (string, func(*testing.T, string) string) {
		c := parseRefactor(section)
		return c.name, c.written
	})
}

func (c *refactorCase) written(t *testing.T, section string) string {
	t.Helper()
	word, argument, _ := strings.Cut(section, " ")
	s, at := c.snapshot, c.at.Start
	switch word {
	case "offer", "typed":
		typed := analysis.Typed(0)
		if word == "typed" {
			typed = analysis.Typed(argument[0])
		}
		return shown(t, s, at, s.CompleteTyped(at, typed))
	case "choose", "explain":
		for _, item := range s.Complete(at) {
			if item.Label != argument {
				continue
			}
			if word == "explain" {
				return s.Explain(item.Topic)
			}
			return c.lines(t, item)
		}
		t.Fatalf("%q is not offered", argument)
	case "hover":
		h := s.Hover(at)
		if h == nil {
			return "none"
		}
		if !h.Range.Touches(at) {
			t.Errorf("the hover's range %v does not contain the cursor %d", h.Range, at)
		}
		return "«" + s.Tree.Slice(h.Range) + "»\n" + h.Markdown
	default:
		t.Fatalf("no such section: %q", section)
	}
	return ""
}

// shown is the list as an editor shows it.
func shown(t *testing.T, s *analysis.Snapshot, at int, items []analysis.CompletionItem) string {
	t.Helper()
	source := s.Tree.Source()
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b analysis.CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
	var lines []string
	for _, i := range items {
		if i.Range.Start > at || i.Range.End < at {
			t.Errorf("the edit of %q at %v does not contain the cursor %d", i.Label, i.Range, at)
		}
		if strings.ContainsAny(source[i.Range.Start:i.Range.End], "\r\n") {
			t.Errorf("the edit of %q leaves its line", i.Label)
		}
		for _, e := range i.Added {
			if e.Start <= i.Range.End && e.End >= i.Range.Start {
				t.Errorf("%q changes its own place twice", i.Label)
			}
		}
		if isSubsequence(source[i.Range.Start:at], i.Filter) {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%-28s %s", i.Label, i.Detail), " "))
		}
	}
	const most = 12
	switch {
	case len(lines) == 0:
		return "none"
	case len(lines) > most:
		lines = append(lines[:most], fmt.Sprintf("and %d more", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// isSubsequence is how editors match what is typed against an item.
func isSubsequence(typed, filter string) bool {
	rest := strings.ToLower(filter)
	for _, r := range strings.ToLower(typed) {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return false
		}
		rest = rest[i+len(string(r)):]
	}
	return true
}

// lines returns the lines that change when an item is chosen.
func (c *refactorCase) lines(t *testing.T, item analysis.CompletionItem) string {
	t.Helper()
	s := c.snapshot
	edits := append([]syntax.Edit{{Range: item.Range, NewText: item.Insert}}, item.Added...)
	edits = append(edits, s.RefAddition(item.RefFor, item.Ref)...)
	slices.SortStableFunc(edits, func(a, b syntax.Edit) int { return a.Start - b.Start })
	after, err := edit.Apply(s.Tree.Source(), edits)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(s.Tree.Source(), "\n"), strings.Split(after, "\n")
	from := 0
	for from < min(len(was), len(is)) && was[from] == is[from] {
		from++
	}
	tail := 0
	for tail < min(len(was), len(is))-from && was[len(was)-1-tail] == is[len(is)-1-tail] {
		tail++
	}
	return strings.ReplaceAll(strings.Join(is[from:len(is)-tail], "\n"), "\r", "")
}
