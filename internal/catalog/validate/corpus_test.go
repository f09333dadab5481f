package validate_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// corpusFile is a template that people keep in public.
type corpusFile struct{ name, label, text string }

// corpus reads the folder that NF_CORPUS names; without it the test is skipped.
func corpus(t *testing.T) []corpusFile {
	t.Helper()
	dir := os.Getenv("NF_CORPUS")
	if dir == "" {
		t.Skip("NF_CORPUS names no folder of real templates")
	}
	labels := map[string]string{}
	if f, err := os.Open(filepath.Join(dir, "INDEX.tsv")); err == nil {
		for s := bufio.NewScanner(f); s.Scan(); {
			if fields := strings.Split(s.Text(), "\t"); len(fields) > 1 {
				labels[fields[0]] = fields[1]
			}
		}
		f.Close()
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	var files []corpusFile
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(p)) + "/" + filepath.Base(p)
		files = append(files, corpusFile{name, labels[name], string(text)})
	}
	return files
}

// documentOf guesses the schema of a file: that of its document type, or of a bare node.
func documentOf(root syntax.Value) (schema string, id catalog.SchemaID) {
	hint := root.Get("$schema").Text()
	spec := strings.Join([]string{root.Get("spec").Raw()}, "")
	switch {
	case root.Get("kind").IsValid() && root.Get("spec").IsValid():
		return "definitions/node", catalog.AnyNode
	case !root.Get("apiVersion").IsValid():
		return "", 0
	case strings.Contains(hint, "release-flow"), root.Get("richInputs").IsValid(), strings.Contains(spec, `"kind": "Release"`):
		return "documents/release-flow", catalog.Document("releaseFlow").Root
	case strings.Contains(hint, "preview"), root.Get("webhook").IsValid():
		return "documents/preview-environment", catalog.Document("previewEnv").Root
	}
	return "documents/template", catalog.Document("template").Root
}

func TestWhatThePlatformWroteHasNoCertainProblem(t *testing.T) {
	checked := 0
	for _, f := range corpus(t) {
		if f.label != "platform-written" && f.label != "gitops-synced?" {
			continue
		}
		root := syntax.Parse(f.text).Root()
		_, id := documentOf(root)
		if id == 0 {
			t.Errorf("%s: no document", f.name)
			continue
		}
		checked++
		validate.Value(root, id, validate.Options{}, func(p validate.Problem) {
			if p.Certain {
				line := strings.Count(f.text[:p.Range.Start], "\n") + 1
				t.Errorf("%s:%d: %s", f.name, line, p.Message)
			}
		})
	}
	t.Logf("%d files", checked)
}

func TestWalkerAndOracleAgreeOnTheCorpus(t *testing.T) {
	documents, nodes := 0, 0
	for _, f := range corpus(t) {
		var v any
		if json.Unmarshal([]byte(f.text), &v) != nil {
			continue
		}
		root := syntax.Parse(f.text).Root()
		if schema, id := documentOf(root); id != 0 {
			documents++
			compare(t, f.name, schema, id, f.text)
		}
		eachNode(root, func(n syntax.Value, kind *catalog.Kind) {
			nodes++
			compare(t, f.name+": "+kind.Name, "nodes/"+kind.Name, kind.Node, n.Raw())
		})
	}
	t.Logf("%d documents and %d nodes", documents, nodes)
}

// eachNode visits the steps of workflows, and the specs of documents, whose kind is known.
func eachNode(v syntax.Value, visit func(syntax.Value, *catalog.Kind)) {
	switch v.Kind() {
	case syntax.KindObject:
		for m := range v.Members() {
			if m.KeyText() == "steps" {
				for e := range m.Value().Elements() {
					if kind, ok := catalog.Lookup(e.Get("kind").Text()); ok {
						visit(e, kind)
					}
				}
			}
			eachNode(m.Value(), visit)
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			eachNode(e, visit)
		}
	}
}
