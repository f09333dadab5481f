package analysis_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

var updateNavigation = flag.Bool("update-navigation", false, "write what is found into the navigation cases")

// TestNavigation plays the cases of testdata/navigation, which are written like
// those of TestCases: a template with the cursor, then what is expected there. A
// template whose name ends in .crlf.json has Windows line ends. Places are
// written as their line with the range between « and »:
//
//	definition       the declarations
//	type             the type definitions
//	references       all places of the name, declarations with a + in front
//	highlights       the same, each as read or write
//	linked           the places that are typed over together
//	prepare          the name that can be changed
//	rename NAME      the template with the new name
//	signature        the signature, the active parameter between « and »
//	symbols          the outline: what names it, its name, its detail
//	folds            the lines that fold, with what a folded node is
//	selection        what the selection grows to
//	links            texts and where they lead to
//
// `none` is expected where there is nothing, `refused: TEXT` where a name cannot
// be changed.
func TestNavigation(t *testing.T) {
	playCases(t, "navigation", *updateNavigation, func(t *testing.T, section *txtar.File) (string, func(*testing.T, string) string) {
		c := parseNavigation(t, section)
		return c.name, c.answer
	})
}

type navigation struct {
	*testCase
	source string
}

func parseNavigation(t *testing.T, section *txtar.File) *navigation {
	t.Helper()
	name, text, _ := caseText(section)
	c := &navigation{testCase: parseCase(t, text, settings{})}
	c.name, c.source = name, c.snapshot.Tree.Source()
	return c
}

func (c *navigation) answer(t *testing.T, section string) string {
	t.Helper()
	s, at := c.snapshot, c.cursor
	word, argument, _ := strings.Cut(section, " ")
	if at < 0 && word != "symbols" && word != "folds" && word != "links" {
		t.Fatal("the template has no cursor")
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch word {
	case "definition", "type":
		find := s.Definition
		if word == "type" {
			find = s.TypeDefinition
		}
		origin, targets := find(at)
		if len(targets) > 0 && !origin.Touches(at) {
			t.Errorf("the origin %v does not contain the cursor %d", origin, at)
		}
		for _, target := range targets {
			if target.Range.Start < target.Whole.Start || target.Range.End > target.Whole.End {
				t.Errorf("%v is not within %v", target.Range, target.Whole)
			}
			add("%s", c.place(target.Range))
		}
	case "references":
		uses := map[syntax.Range]bool{}
		for _, r := range s.References(at, false) {
			uses[r] = true
		}
		for _, r := range s.References(at, true) {
			add("%s %s", map[bool]string{true: "-", false: "+"}[uses[r]], c.place(r))
		}
	case "highlights":
		for _, h := range s.Highlights(at) {
			add("%s %s", map[bool]string{true: "write", false: "read"}[h.Write], c.place(h.Range))
		}
	case "linked":
		for _, r := range s.LinkedRanges(at) {
			add("%s", c.place(r))
		}
	case "prepare":
		r, err := s.PrepareRename(at)
		switch {
		case err != nil:
			add("%s", refusal(t, err))
		case r != nil:
			add("%s", c.place(r.Range))
			if r.Name != c.source[r.Range.Start:r.Range.End] {
				add("as %s", r.Name)
			}
		}
	case "rename":
		edits, err := s.Rename(at, argument)
		if err != nil {
			return refusal(t, err)
		}
		text, err := edit.Apply(c.source, edits)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	case "signature":
		if sig := s.Signature(at); sig != nil {
			text := sig.Label
			if sig.Active >= 0 {
				p := sig.Parameters[sig.Active]
				text = text[:p.Start] + "«" + text[p.Start:p.End] + "»" + text[p.End:]
			}
			add("%s", text)
		}
	case "symbols":
		c.outline(t, s.Symbols(), "", syntax.Range{End: len(c.source)}, add)
	case "folds":
		for _, f := range s.Folds() {
			add("%s", strings.TrimSpace(fmt.Sprintf("%d-%d %s", c.line(f.Range.Start), c.line(f.Range.End), f.Text)))
		}
	case "selection":
		for _, r := range s.Selection(at) {
			text := c.source[r.Start:r.End]
			if first := strings.IndexAny(text, "\r\n"); first >= 0 {
				text = fmt.Sprintf("%s … %s, lines %d-%d", text[:first], strings.TrimSpace(text[strings.LastIndexAny(text, "\r\n"):]), c.line(r.Start), c.line(r.End))
			}
			add("%s", text)
		}
	case "links":
		for _, l := range s.Links() {
			if l.URL == "" {
				add("%s -> %s of %s", c.place(l.Range), l.Path, l.Repository)
				continue
			}
			add("%s -> %s", c.place(l.Range), l.URL)
		}
	default:
		t.Fatalf("no such section: %q", section)
	}
	if lines == nil {
		return "none"
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func refusal(t *testing.T, err error) string {
	t.Helper()
	if !errors.As(err, new(*analysis.Refusal)) {
		t.Errorf("%v is no refusal", err)
	}
	return "refused: " + err.Error()
}

func (c *navigation) line(offset int) uint32 {
	return c.snapshot.Tree.Lines().Position(offset, syntax.UTF8).Line + 1
}

// place writes the line of a range with the range marked.
func (c *navigation) place(r syntax.Range) string {
	line := c.snapshot.Tree.Lines().LineRange(int(c.line(r.Start)) - 1)
	end := min(r.End, line.End)
	return strings.TrimSpace(c.source[line.Start:r.Start] + "«" + c.source[r.Start:end] + "»" + c.source[end:line.End])
}

func (c *navigation) outline(t *testing.T, symbols []analysis.Symbol, indent string, around syntax.Range, add func(string, ...any)) {
	t.Helper()
	last := around.Start
	for _, s := range symbols {
		if s.Range.Start < last || s.Range.End > around.End {
			t.Errorf("%q at %v does not stand in its order within %v", s.Name, s.Range, around)
		}
		if s.Selection.Start < s.Range.Start || s.Selection.End > s.Range.End {
			t.Errorf("the name of %q at %v is not within %v", s.Name, s.Selection, s.Range)
		}
		last = s.Range.End
		kind := [...]string{"document", "group", "argument", "trigger", "workflow", "node"}[s.Kind]
		add("%s%s %s (%s)", indent, kind, s.Name, s.Detail)
		c.outline(t, s.Children, indent+"  ", s.Range, add)
	}
}
