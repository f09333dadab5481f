package analysis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// TestDamageStaysWhereItIs breaks right templates as people do while they type:
// the rest is not there yet, a sign is missing, a sign is too many. What is said
// beyond the syntax has to stand beside the damage.
func TestDamageStaysWhereItIs(t *testing.T) {
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	const step = 29
	large := 6500
	if testing.Short() {
		large = 1300
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if len(text) > large {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(f), ".json"), func(t *testing.T) {
			d := damage{t: t, known: map[string]bool{}}
			for _, f := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings() {
				d.known[string(f.Code)+f.Message] = true
			}
			inString := false
			for i := range len(text) {
				within := inString
				if text[i] == '"' && text[i-1] != '\\' {
					inString = !inString
				}
				if i%step == 0 {
					d.judge("the end", text[:i], i)
				}
				if !inString && strings.IndexByte("{}[]:,\"", text[i]) >= 0 {
					d.judge("no "+text[i:i+1], text[:i]+text[i+1:], i)
				}
				if within || i%step != 1 {
					continue
				}
				for _, sign := range []string{"{", "}", "[", "]", ",", ":", `"`} {
					if (sign == "}" || sign == ",") && strings.HasPrefix(strings.TrimLeft(text[i:], " "), "{") {
						continue // then another object starts behind one that has ended
					}
					d.judge("one more "+sign, text[:i]+sign+text[i:], i)
				}
			}
		})
	}
}

type damage struct {
	t     *testing.T
	known map[string]bool // what is said about the text as it is
	told  int
}

// judge looks for findings of a broken text that stand far from the place.
func (d *damage) judge(what, broken string, at int) {
	const few = 5
	s := analysis.NewSnapshot(syntax.Parse(broken), nil, nil)
	lines := s.Tree.Lines()
	line := func(offset int) int { return int(lines.Position(offset, syntax.UTF8).Line) }
	for _, f := range s.Findings() {
		if f.Severity > analysis.Warning || f.Code == analysis.CodeSyntaxError || d.known[string(f.Code)+f.Message] {
			continue
		}
		if away := line(f.Range.Start) - line(at); away < -1 || away > 1 {
			if d.told++; d.told <= few {
				d.t.Errorf("%s in line %d (%q): line %d: %s: %s", what, line(at)+1, broken[max(0, at-20):min(len(broken), at+20)], line(f.Range.Start)+1, f.Code, f.Message)
			}
		}
	}
}
