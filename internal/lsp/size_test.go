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

// A template of 5 MB has tens of thousands of nodes. What a keystroke in it
// allocates has a bound, and so has a list of items.
func TestALargeTemplateStaysUsable(t *testing.T) {
	text, line, column := bigTemplate(5_000_000)
	s := open(t, modern)
	s.didOpen(docURI, "json", text)
	if got := s.pull(docURI); contains(got.Items, "error") {
		t.Fatalf("got %+v", got.Items[0])
	}
	const typed = "${refs.p1.id}"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range typed {
		s.didChange(docURI, i+2, fmt.Sprintf("%d:%d-%d:%d", line, column+i, line, column+i), typed[i:i+1])
		list := s.request("textDocument/completion", at(docURI, line, column+i+1))
		if n := strings.Count(string(list), `"label"`); n > 1000 {
			t.Errorf("%d items are offered behind %q", n, typed[:i+1])
		}
		s.pull(docURI)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(typed)); each > 60<<20 {
		t.Errorf("each keystroke allocates %d bytes", each)
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

// Somebody else's JSON, however long, is told from a template without being
// checked. An edit of an object with 45,000 members costs the list of these.
func TestForeignJSONIsNotChecked(t *testing.T) {
	text := "{\n  \"name\": \"shop\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n" + strings.Repeat("    \"node_modules/x\": { \"version\": \"1.0.0\", \"resolved\": \"https://registry.example.com/x.tgz\", \"dev\": true },\n", 45_000) + "    \"\": {}\n  }\n}\n"
	s := open(t, modern)
	s.didOpen("file:///package-lock.json", "json", text)
	silent := func() {
		t.Helper()
		if got := s.pull("file:///package-lock.json"); len(got.Items) > 0 {
			t.Errorf("got %+v", got.Items[0])
		}
	}
	silent()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const edits = 20
	for i := range edits {
		s.didChange("file:///package-lock.json", i+2, "20000:10-20000:10", `"`)
		s.request("textDocument/completion", at("file:///package-lock.json", 20000, 11))
		silent()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / edits; each > 2*uint64(len(text)) {
		t.Errorf("each keystroke in %d bytes of foreign JSON allocates %d bytes", len(text), each)
	}
}
