package engine_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// TestWhatCheckAcceptsRunAccepts compiles the templates of the reference
// collection, where it is present: what has no findings of error level compiles,
// but for what is not supported yet; and what cannot be compiled has findings.
func TestWhatCheckAcceptsRunAccepts(t *testing.T) {
	dir := os.Getenv("NF_CORPUS")
	if dir == "" {
		t.Skip("NF_CORPUS names the folder with the collection")
	}
	seen, ran := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		snapshot := analysis.NewSnapshot(syntax.Parse(read(t, path)), nil, nil)
		if snapshot.Doc.Type != template.Template || !snapshot.Doc.Certain {
			return nil
		}
		seen++
		faults := map[string]bool{}
		for _, f := range snapshot.Findings() {
			if f.Severity == analysis.Error {
				faults[string(f.Code)] = true
			}
		}
		p, problems := engine.Compile(snapshot.Doc, engine.Options{})
		name, _ := filepath.Rel(dir, path)
		for _, problem := range problems {
			switch {
			case problem.Code == engine.CodeUnsupported, problem.Code == engine.CodeNotRunnable:
			case len(faults) == 0:
				t.Errorf("%s: check accepts it and run says %s", name, problem.Message)
			}
		}
		if p == nil || len(faults) > 0 || len(problems) > 0 {
			return nil
		}
		ran++
		b := newBench(t, t.TempDir())
		again, err := b.engine.Preflight(t.Context(), p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, problem := range again {
			if problem.Code != engine.CodeUnsupported {
				t.Logf("%s: %s: %s", name, problem.Code, problem.Message)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("the collection holds no templates")
	}
	t.Logf("%d templates, %d without errors", seen, ran)
}
