package lsp_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// counted counts what is analysed.
func counted(n *atomic.Int64) lsp.Options {
	return lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		n.Add(1)
		return analysis.NewSnapshot(tree, prev, cfg)
	}}
}

func TestAnEditCostsItsDocumentOnlyHoweverManyAreOpen(t *testing.T) {
	var analysed atomic.Int64
	s := openWith(t, counted(&analysed), modern)
	const many = 200
	name := func(i int) string { return fmt.Sprintf("file:///%d.json", i) }
	for i := range many {
		s.didOpen(name(i), "json", withKind(fmt.Sprintf("Nonsense%d", i)))
	}
	if n := analysed.Load(); n != 0 {
		t.Errorf("%d documents were analysed before anybody asked", n)
	}
	for i := range many {
		if got := s.pull(name(i)); !contains(got.Items, fmt.Sprintf("Nonsense%d", i)) {
			t.Fatalf("document %d: %+v", i, got)
		}
	}
	s.didChange(name(77), 2, "", withKind("Absurd"))
	for range 3 {
		if got := s.pull(name(77)); !contains(got.Items, "Absurd") {
			t.Errorf("got %+v", got)
		}
		s.pull(name(78))
	}
	if n := analysed.Load(); n != many+1 {
		t.Errorf("%d analyses of %d documents and one edit", n, many)
	}
}

// A template of 5 MB has tens of thousands of nodes. What a letter in it costs is
// bounded in memory, which is the same on every machine: findings look at the
// node that is typed in, and copy the list of the steps around it; of all refs a list
// has as many as it shows.
func TestALargeTemplateStaysUsable(t *testing.T) {
	if testing.Short() {
		t.Skip("it is large; the run without -short has it")
	}
	text, line, column := bigTemplate(5_000_000)
	s := open(t, modern)
	s.didOpen(docURI, "json", text)
	if got := s.pull(docURI); contains(got.Items, "error") {
		t.Fatalf("got %+v", got.Items[0])
	}
	version := 1
	type_ := func(line, column int, typed string, ask func(column int)) (bytes, pieces uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for i := range typed {
			version++
			s.didChange(docURI, version, fmt.Sprintf("%d:%d-%d:%d", line, column+i, line, column+i), typed[i:i+1])
			if ask != nil {
				ask(column + i + 1)
			}
			s.pull(docURI)
		}
		runtime.ReadMemStats(&after)
		n := uint64(len(typed))
		return (after.TotalAlloc - before.TotalAlloc) / n, (after.Mallocs - before.Mallocs) / n
	}
	complete := func(column int) {
		list := s.request("textDocument/completion", at(docURI, line, column))
		if n := strings.Count(string(list), `"label"`); n > 1000 {
			t.Errorf("%d items are offered in column %d", n, column)
		}
	}
	ref := strings.Index(strings.Split(text, "\n")[line-1], `"ref": "`) + len(`"ref": "`)
	for _, tt := range []struct {
		what          string
		line, column  int
		typed         string
		ask           func(int)
		bytes, pieces uint64
	}{
		{"a letter of a reference, with a list", line, column, "${refs.p1.id}", complete, 20 << 20, 110_000},
		{"a letter of a value", line, column, "letters of an id", nil, 2 << 20, 1_000},
		{"a bracket", line, column, "{}[]", nil, 2 << 20, 1_000},
		{"a letter of a ref", line - 1, ref, "other", nil, 2 << 20, 1_000},
	} {
		bytes, pieces := type_(tt.line, tt.column, tt.typed, tt.ask)
		if t.Logf("%s: %d bytes in %d pieces", tt.what, bytes, pieces); bytes > tt.bytes || pieces > tt.pieces {
			t.Errorf("%s allocates %d bytes in %d pieces", tt.what, bytes, pieces)
		}
	}
}

func TestAListOfManyItemsIsNarrowedDown(t *testing.T) {
	text, line, column := bigTemplate(500_000)
	s := open(t, modern)
	s.didOpen(docURI, "json", text)
	s.didChange(docURI, 2, fmt.Sprintf("%d:%d-%d:%d", line, column, line, column), "${refs.p12")
	list := decode[struct {
		IsIncomplete bool
		Items        []struct{ Label string }
	}](t, s.request("textDocument/completion", at(docURI, line, column+10)))
	found := false
	for _, i := range list.Items {
		found = found || i.Label == "p1234"
	}
	if !list.IsIncomplete || len(list.Items) > 1000 || !found {
		t.Errorf("%d items, incomplete: %v, with p1234: %v", len(list.Items), list.IsIncomplete, found)
	}
}

// lockFile is somebody else's JSON of about 5 MB.
func lockFile() string {
	return "{\n  \"name\": \"shop\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n" + strings.Repeat("    \"node_modules/kind-of\": { \"version\": \"1.0.0\", \"resolved\": \"https://registry.example.com/x.tgz\", \"dev\": true },\n", 45_000) + "    \"\": {}\n  }\n}\n"
}

// Somebody else's JSON, however long, is told from a template by its words: it is
// not parsed, and an edit costs the piece of the text that it is in.
func TestForeignJSONCostsNothing(t *testing.T) {
	const lock = "file:///package-lock.json"
	var analysed atomic.Int64
	s := openWith(t, counted(&analysed), modern)
	s.didOpen(lock, "json", lockFile())
	silent := func() {
		t.Helper()
		if got := s.pull(lock); len(got.Items) > 0 {
			t.Errorf("got %+v", got.Items[0])
		}
	}
	silent()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const edits = 20
	for i := range edits {
		s.didChange(lock, i+2, "20000:10-20000:10", `"`)
		s.request("textDocument/completion", at(lock, 20000, 11))
		s.request("textDocument/hover", at(lock, 20000, 11))
		silent()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / edits; each > 400<<10 {
		t.Errorf("each keystroke in foreign JSON allocates %d bytes", each)
	}
	if n := analysed.Load(); n > 0 {
		t.Errorf("it was analysed %d times", n)
	}
}

func TestForeignJSONBecomesATemplate(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", lockFile())
	if got := s.pull(docURI); len(got.Items) > 0 {
		t.Errorf("got %+v", got.Items[0])
	}
	for i, typed := range []string{`"spec": { "kin": "Nonsense", "spec": {} },`, `d`} {
		s.didChange(docURI, 2+i, []string{"1:2-1:2", "1:16-1:16"}[i], typed)
	}
	if got := s.pull(docURI); !contains(got.Items, "Nonsense") {
		t.Errorf("the template is not seen: %+v", got)
	}
	s.didChange(docURI, 4, "1:16-1:17", "")
	if got := s.pull(docURI); len(got.Items) > 0 {
		t.Errorf("got %+v", got.Items[0])
	}
	s.didChange(docURI, 5, "", withKind("Absurd"))
	if got := s.pull(docURI); !contains(got.Items, "Absurd") {
		t.Errorf("the template is not seen: %+v", got)
	}
}
