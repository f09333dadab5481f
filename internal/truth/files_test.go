package truth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// file is a file to look at, by a name that is short and does not depend on the
// machine.
type file struct{ name, text string }

const templatesDir = "../../testdata/templates"

// withMistake is the one template that is wrong, for demonstrations.
const withMistake = "payload-mistake.json"

// templates reads our own templates, the one with a mistake aside.
func templates(t testing.TB) []file {
	t.Helper()
	paths, err := filepath.Glob(templatesDir + "/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	var files []file
	for _, p := range paths {
		if filepath.Base(p) != withMistake {
			files = append(files, file{filepath.Base(p), read(t, p)})
		}
	}
	return files
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// findings are those of `nf-run check`: a file that is no template has the one
// that says so.
func findings(s *analysis.Snapshot) []analysis.Finding {
	if !s.IsTemplate() {
		return []analysis.Finding{analysis.NotATemplate(s)}
	}
	return s.Findings()
}

func snapshot(text string, cfg *analysis.Config) *analysis.Snapshot {
	return analysis.NewSnapshot(syntax.Parse(text), nil, cfg)
}

// lineOf is the number of the line, from 1, that an offset stands in.
func lineOf(text string, offset int) int { return strings.Count(text[:offset], "\n") + 1 }
