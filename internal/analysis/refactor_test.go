package analysis_test

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

var updateRefactor = flag.Bool("update-refactor", false, "write what comes out into the cases of refactorings")

// TestRefactor plays the cases of testdata/refactor: a template with the cursor
// `<|>`, or with the selection between « and »; then what is expected of it. A
// template whose name ends in .crlf.json has Windows line ends.
//
//	actions          the changes that are offered, as `kind: title`, with their
//	                 IDs; `[reason]` behind what is disabled
//	apply ID         the template after the change; `refused: TEXT` where it
//	                 turns out to be impossible
//
// No change may bring a finding of the level of a warning about, unless its
// section is called `apply ID despite CODE`; a change that mends a finding has
// to. Findings themselves are of no interest here.
func TestRefactor(t *testing.T) {
	playCases(t, "refactor", *updateRefactor, func(_ *testing.T, section *txtar.File) (string, func(*testing.T, string) string) {
		c := parseRefactor(section)
		return c.name, c.answer
	})
}

type refactorCase struct {
	name     string
	crlf     bool
	at       syntax.Range
	snapshot *analysis.Snapshot
}

func parseRefactor(section *txtar.File) *refactorCase {
	c := &refactorCase{}
	var text string
	c.name, text, c.crlf = caseText(section)
	take := func(mark string) int {
		i := strings.Index(text, mark)
		text = strings.Replace(text, mark, "", 1)
		return i
	}
	if i := take(cursor); i >= 0 {
		c.at = syntax.Range{Start: i, End: i}
	} else if i := take("«"); i >= 0 {
		c.at = syntax.Range{Start: i, End: take("»")}
	}
	c.snapshot = analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	return c
}

func (c *refactorCase) answer(t *testing.T, section string) string {
	t.Helper()
	word, id, _ := strings.Cut(section, " ")
	offers := c.snapshot.Refactorings(c.at, analysis.Question{Thorough: true})
	switch word {
	case "actions":
		var lines []string
		for _, o := range offers {
			line := fmt.Sprintf("%s: %s (%s)", o.Kind, o.Title, o.ID)
			if o.Disabled != "" {
				line += " [" + o.Disabled + "]"
			}
			lines = append(lines, line)
		}
		if lines == nil {
			return "none"
		}
		return strings.Join(lines, "\n")
	case "apply":
		id, despite, _ := strings.Cut(id, " despite ")
		for _, o := range offers {
			if o.ID == id {
				return c.apply(t, o, despite)
			}
		}
		t.Errorf("%q is not offered", id)
	default:
		t.Fatalf("no such section: %q", section)
	}
	return ""
}

func (c *refactorCase) apply(t *testing.T, o analysis.Refactoring, despite string) string {
	t.Helper()
	edits, err := c.snapshot.Refactor(o.At, o.ID)
	var refused *analysis.Refusal
	if errors.As(err, &refused) {
		return "refused: " + refused.Reason
	}
	source := c.snapshot.Tree.Source()
	got := changedBy(t, c.snapshot, edits)
	after := analysis.NewSnapshot(syntax.Parse(got), nil, nil)
	for _, f := range after.Findings() {
		if f.Severity <= analysis.Warning && string(f.Code) != despite && count(after.Findings(), f) > count(c.snapshot.Findings(), f) {
			t.Errorf("%q brings about: %s", o.Title, f.Message)
		}
	}
	if o.Mends != nil && count(after.Findings(), *o.Mends) >= count(c.snapshot.Findings(), *o.Mends) {
		t.Errorf("%q leaves the finding %q", o.Title, o.Mends.Message)
	}
	if n := strings.Count(source, "//"); strings.Count(got, "//") < n {
		t.Errorf("%q loses a comment", o.Title)
	}
	if c.crlf {
		if strings.Count(got, "\n") != strings.Count(got, "\r\n") {
			t.Errorf("%q writes other line ends than the file's:\n%q", o.Title, got)
		}
		got = strings.ReplaceAll(got, "\r\n", "\n")
	}
	return got
}

// changedBy returns the text after the edits, which have to be in order, apart,
// and at places that an editor can name.
func changedBy(t *testing.T, s *analysis.Snapshot, edits []syntax.Edit) string {
	t.Helper()
	source := s.Tree.Source()
	for _, e := range edits {
		for _, at := range []int{e.Start, e.End} {
			if at > 0 && at < len(source) && source[at-1] == '\r' && source[at] == '\n' {
				t.Errorf("the edit %v splits a line end", e)
			}
		}
	}
	got, err := edit.Apply(source, edits)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestEveryRefactoringChangesWhatItIsFor makes each change that is offered in the
// cases, whether the case is about it or not: it makes a difference to what it is
// for and to nothing else, and no finding comes of it. Each kind of change has
// cases with the text that comes out.
func TestEveryRefactoringChangesWhatItIsFor(t *testing.T) {
	made, shown := map[string]int{}, map[string]bool{}
	everyRefactorCase(t, func(t *testing.T, c *refactorCase, sections []string) {
		despite := map[string]string{}
		for _, section := range sections {
			if id, ok := strings.CutPrefix(section, "apply "); ok {
				id, code, _ := strings.Cut(id, " despite ")
				despite[id] = code
				shown[reachOf(id)] = true
			}
		}
		for _, o := range c.snapshot.Refactorings(c.at, analysis.Question{Thorough: true}) {
			edits, err := c.snapshot.Refactor(o.At, o.ID)
			if err != nil {
				continue
			}
			key := reachOf(o.ID)
			if key == "" {
				t.Errorf("nothing is said of what %q may change", o.ID)
				continue
			}
			made[key]++
			before, after := asMeant(c.snapshot.Tree), asMeant(syntax.Parse(changedBy(t, c.snapshot, edits)))
			found := differences(before.Root(), after.Root())
			if n := len(found); n == 0 || most[key] > 0 && n > most[key] {
				t.Errorf("%q makes differences to %q", o.Title, found)
			}
			for _, pointer := range found {
				if before.Green().HasErrors() {
					break
				}
				of := moves[key]
				if !regexp.MustCompile(reach[key]).MatchString(pointer) || of != nil && !of(before.Find(pointer), after.Find(pointer), o.At, pointer) {
					t.Errorf("%q also changes %s, in\n%s", o.Title, pointer, after.Source())
				}
			}
			c.apply(t, o, despite[o.ID])
		}
	})
	for key := range reach {
		if made[key] == 0 {
			t.Errorf("no change %s was made", key)
		}
		if !shown[key] {
			t.Errorf("no case shows what comes of %s", key)
		}
	}
}

// asMeant is a tree without the one mistake that all errors in it come from; the
// tree itself where there are several or none.
func asMeant(tree *syntax.Tree) *syntax.Tree {
	if told := tree.Explained(); len(told) == 1 && len(told[0].Fix) > 0 {
		return tree.Edit(told[0].Fix...)
	}
	return tree
}

// everyRefactorCase calls do for each template of testdata/refactor, with the
// names of the sections behind it.
func everyRefactorCase(t *testing.T, do func(t *testing.T, c *refactorCase, sections []string)) {
	t.Helper()
	files, err := filepath.Glob("testdata/refactor/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(archive.Files); {
			section, sections := &archive.Files[i], []string(nil)
			for i++; i < len(archive.Files) && !strings.HasSuffix(archive.Files[i].Name, ".json"); i++ {
				sections = append(sections, archive.Files[i].Name)
			}
			c := parseRefactor(section)
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+": "+c.name, func(t *testing.T) { do(t, c, sections) })
		}
	}
}
