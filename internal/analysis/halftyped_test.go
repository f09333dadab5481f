package analysis_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// A right template that is typed from its first to its last character is broken
// text all the time. What is said of it is about what is being typed, or stays
// true until the end; and it is little.
func TestWhatIsSaidOfHalfTypedTextIsAboutWhatIsBeingTyped(t *testing.T) {
	step := 3 // characters at a time
	if testing.Short() {
		step = 31
	}
	for _, name := range rightTemplates(t) {
		t.Run(name, func(t *testing.T) {
			text := readTemplate(t, name)
			stays := map[finding]bool{}
			for _, f := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings() {
				stays[finding{f.Code, f.Range}] = true
			}
			complained := map[string]bool{}
			var s *analysis.Snapshot
			tree := syntax.Parse("")
			for end := step; end <= len(text); end += step {
				tree = tree.Edit(syntax.Edit{Range: syntax.Range{Start: end - step, End: end - step}, NewText: text[end-step : end]})
				s = analysis.NewSnapshot(tree, s, nil)
				at := beingTyped(text[:end])
				brackets, others := 0, 0
				for _, f := range s.Findings() {
					switch {
					case stays[finding{f.Code, f.Range}]:
					case f.Code == analysis.CodeSyntaxError && strings.Contains(f.Message, "never closed"):
						brackets++
					case f.Range.End >= at:
						others++
					default:
						key := string(f.Code) + f.Message
						if !complained[key] {
							complained[key] = true
							t.Errorf("%q is not true when the text goes on (%v in %q)", f.Message, f.Code, tail(text[:end]))
						}
					}
				}
				if brackets > 1 || others > 2 {
					t.Errorf("%d findings about brackets and %d others about what is being typed in %q", brackets, others, tail(text[:end]))
				}
			}
		})
	}
}

// Whichever quote, bracket, comma or colon is taken out of a right template: what
// is said of it is about that place, and little.
func TestAMissingBraceIsNotTurnedIntoNoise(t *testing.T) {
	cases, noisy := 0, 0
	for _, name := range rightTemplates(t) {
		text := readTemplate(t, name)
		right := map[string]bool{}
		for _, f := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings() {
			right[string(f.Code)+f.Message] = true
		}
		for at := range text {
			if !strings.ContainsRune(`"{}[],:`, rune(text[at])) || at%11 != 0 {
				continue
			}
			broken := text[:at] + text[at+1:]
			tree := syntax.Parse(broken)
			if len(tree.Errors()) == 0 {
				continue // the character is part of a string
			}
			cases++
			mistakes, others := 0, 0
			for _, f := range analysis.NewSnapshot(tree, nil, nil).Findings() {
				switch {
				case right[string(f.Code)+f.Message]:
				case f.Code == analysis.CodeSyntaxError:
					mistakes++
				default:
					others++
				}
			}
			if mistakes > 4 || others > 8 {
				t.Errorf("%s: %d mistakes and %d other findings without the %q behind %q", name, mistakes, others, text[at], tail(text[:at]))
			}
			if others > 0 || mistakes > 2 {
				noisy++
			}
		}
	}
	if noisy*50 > cases {
		t.Errorf("noise in %d of %d cases", noisy, cases)
	}
}

// rightTemplates are the names of the templates without mistakes.
func rightTemplates(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../../testdata/templates")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") && !strings.Contains(e.Name(), "mistake") {
			names = append(names, e.Name())
		}
	}
	return names
}

type finding struct {
	code analysis.Code
	at   syntax.Range
}

// beingTyped returns where the line starts that ends the text, white space apart.
func beingTyped(text string) int {
	return strings.LastIndexByte(strings.TrimRight(text, " \n"), '\n') + 1
}

func tail(text string) string { return text[max(0, len(text)-60):] }
