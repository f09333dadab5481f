package analysis_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// blank is a place of a snippet where something is still to be typed.
var (
	blank    = regexp.MustCompile(`"\$\d+"|\{\$\d+\}|\[\$\d+\]|\$\d+`)
	proposal = regexp.MustCompile(`\$\{\d+:((?:\\.|[^}\\])*)\}`)
	escape   = regexp.MustCompile(`\\([$}\\])`)
)

// typedIn returns the text that a snippet leaves when every place keeps its
// proposal, and null is typed where there is none.
func typedIn(item analysis.CompletionItem) string {
	if !item.Snippet {
		return item.Insert
	}
	text := strings.ReplaceAll(item.Insert, `\$`, "\x00") // no place starts there
	text = blank.ReplaceAllStringFunc(text, func(s string) string {
		switch s[0] {
		case '$':
			return "null"
		}
		return s[:1] + s[len(s)-1:]
	})
	text = proposal.ReplaceAllString(text, "$1")
	return escape.ReplaceAllString(strings.ReplaceAll(text, "\x00", "$"), "$1")
}

// chosen returns the text after an item was chosen.
func chosen(t *testing.T, s *analysis.Snapshot, item analysis.CompletionItem) string {
	t.Helper()
	edits := append([]syntax.Edit{{Range: item.Range, NewText: typedIn(item)}}, item.Added...)
	edits = append(edits, s.RefAddition(item.RefFor, item.Ref)...)
	slices.SortStableFunc(edits, func(a, b syntax.Edit) int { return a.Start - b.Start })
	text, err := edit.Apply(s.Tree.Source(), edits)
	if err != nil {
		t.Fatalf("%q: %v", item.Label, err)
	}
	return text
}

// closedExpression is an expression without braces of its own.
var closedExpression = regexp.MustCompile(`\$\{[^{}"]*\}`)

var ofTheLanguage = []analysis.ItemKind{analysis.ItemRoot, analysis.ItemRef, analysis.ItemOutput, analysis.ItemArgument, analysis.ItemFunction, analysis.ItemParameter}

// TestWhatIsChosenAroundAnExpressionIsWrittenInsideOfOne asks in front of, in and behind
// the expressions of right templates: what is offered of the language goes into braces.
func TestWhatIsChosenAroundAnExpressionIsWrittenInsideOfOne(t *testing.T) {
	seen := 0
	for _, name := range rightTemplates(t) {
		text := readTemplate(t, name)
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for _, found := range closedExpression.FindAllStringIndex(text, -1) {
			for _, at := range []int{found[0], found[0] + 1, found[0] + 2, found[1] - 1, found[1]} {
				within := at >= found[0]+2 && at < found[1]
				for _, item := range s.Complete(at) {
					if !within && slices.Contains(ofTheLanguage, item.Kind) && !strings.Contains(item.Insert, "${") {
						t.Errorf("%s: %q is written outside of the braces in %q", name, item.Insert, text[found[0]:at]+"<|>"+text[at:found[1]])
					}
				}
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no template has an expression")
	}
}

// TestChosenItemsKeepTheFileJSON asks at places all over right templates and
// chooses what is offered: what is JSON stays JSON.
func TestChosenItemsKeepTheFileJSON(t *testing.T) {
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, failed := string(data), 0
			s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
			if s.Tree.Green().HasErrors() {
				t.Fatal("it is no JSON to begin with")
			}
			step := 1 + len(text)/400
			if testing.Short() {
				step *= 10
			}
			for at := 0; at <= len(text) && failed < 5; at += step {
				items := s.Complete(at)
				for i := 0; i < len(items); i += 1 + len(items)/12 {
					item := items[i]
					if r := item.Range; r.Start > at || r.End < at {
						t.Fatalf("at %d, the edit of %q does not contain the cursor", at, item.Label)
					}
					if after := chosen(t, s, item); !json.Valid([]byte(after)) {
						failed++
						line := strings.LastIndexByte(text[:at], '\n') + 1
						t.Errorf("%q in %q makes\n%s", item.Label, text[line:at]+"<|>"+strings.SplitN(text[at:], "\n", 2)[0], syntax.Parse(after).Errors()[0].Message)
					}
				}
			}
		})
	}
}
