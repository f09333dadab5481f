package analysis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// FuzzNavigation asks everything about a place of any text: no panic, every range
// within the text, and a renaming that can be taken back.
func FuzzNavigation(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, text := range navigationTexts(f) {
		before, after, _ := strings.Cut(text, cursor)
		f.Add(before+after, len(before), "other")
	}
	f.Add(`{"apiVersion":"v1","spec":{"kind":"Project","ref":"a","spec":{"name":"${refs['a'].x} ${refs.a."}}}`, 40, "it's")
	f.Fuzz(func(t *testing.T, text string, offset int, name string) {
		if len(text) > 20000 {
			t.Skip("longer than what is looked at, at every place")
		}
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		offset = int(uint(offset) % uint(len(text)+1))
		checkNavigation(t, s, offset)
		checkRename(t, s, offset, name)
	})
}

// navigationTexts are the templates of the navigation cases.
func navigationTexts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/navigation/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var texts []string
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range archive.Files {
			switch {
			case strings.HasSuffix(section.Name, ".crlf.json"):
				texts = append(texts, strings.ReplaceAll(string(section.Data), "\n", "\r\n"))
			case strings.HasSuffix(section.Name, ".json"):
				texts = append(texts, string(section.Data))
			}
		}
	}
	return texts
}

// names are what things are renamed to: plain words, names that need brackets
// and escapes, names that are taken.
var names = []string{"other", "a b", "x-1", "it's", `"q"`, `b\c`, "ü😀", "a.b", "shop", "BRANCH", "item", "[0]", "0", "$x", "}", "a}b", "'"}

func TestEveryPlaceOfTheNavigationCases(t *testing.T) {
	for i, text := range navigationTexts(t) {
		if testing.Short() && i%10 > 0 {
			continue
		}
		before, after, _ := strings.Cut(text, cursor)
		text = before + after
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for offset := range len(text) + 1 {
			checkNavigation(t, s, offset)
			checkRename(t, s, offset, names[(offset+i)%len(names)])
			checkRename(t, s, offset, "other")
		}
		// Typed from its beginning, with the cursor at the end.
		var prev *analysis.Snapshot
		for end := range before {
			prev = analysis.NewSnapshot(syntax.Parse(text[:end]), prev, nil)
			checkNavigation(t, prev, end)
			checkRename(t, prev, end, names[end%len(names)])
		}
	}
}

func checkNavigation(t *testing.T, s *analysis.Snapshot, offset int) {
	t.Helper()
	text := s.Tree.Source()
	within := func(what string, r syntax.Range) {
		if r.Start < 0 || r.End < r.Start || r.End > len(text) {
			t.Fatalf("%s %v is not within the %d bytes of the text", what, r, len(text))
		}
	}
	for _, find := range []func(int) (syntax.Range, []analysis.Target){s.Definition, s.TypeDefinition} {
		origin, targets := find(offset)
		within("origin", origin)
		for _, target := range targets {
			within("target", target.Range)
			within("target", target.Whole)
			if target.Range.Start < target.Whole.Start || target.Range.End > target.Whole.End {
				t.Fatalf("the name %v is not within its declaration %v", target.Range, target.Whole)
			}
		}
	}
	all := s.References(offset, true)
	at := false
	for i, r := range all {
		within("reference", r)
		if at = at || r.Touches(offset); i > 0 && r.Start < all[i-1].End {
			t.Fatalf("the references %v overlap", all)
		}
	}
	if len(all) > 0 && !at {
		t.Fatalf("the name at %d is not among its references %v in\n%s", offset, all, text)
	}
	if n := len(s.Highlights(offset)); n != len(all) {
		t.Fatalf("%d highlights, %d references", n, len(all))
	}
	for _, r := range s.LinkedRanges(offset) {
		within("linked range", r)
	}
	if sig := s.Signature(offset); sig != nil && (sig.Active < -1 || sig.Active >= len(sig.Parameters)) {
		t.Fatalf("parameter %d of %d is active", sig.Active, len(sig.Parameters))
	}
	checkOutline(t, s.Symbols(), syntax.Range{End: len(text)})
	for _, fold := range s.Folds() {
		within("fold", fold.Range)
	}
	for _, l := range s.Links() {
		within("link", l.Range)
	}
	selection := s.Selection(offset)
	for i, r := range selection {
		if within("selection", r); i > 0 && (r.Start > selection[i-1].Start || r.End < selection[i-1].End || r == selection[i-1]) {
			t.Fatalf("the selection does not grow: %v", selection)
		}
	}
}

func checkOutline(t *testing.T, symbols []analysis.Symbol, around syntax.Range) {
	t.Helper()
	for _, s := range symbols {
		if strings.TrimSpace(s.Name) == "" {
			t.Fatalf("the symbol at %v has no name", s.Range)
		}
		if s.Range.Start < around.Start || s.Range.End > around.End || s.Selection.Start < s.Range.Start || s.Selection.End > s.Range.End {
			t.Fatalf("symbol %q at %v with its name at %v does not stand within %v", s.Name, s.Range, s.Selection, around)
		}
		checkOutline(t, s.Children, s.Range)
	}
}

// checkRename renames what stands at the offset, and back again.
func checkRename(t *testing.T, s *analysis.Snapshot, offset int, name string) {
	t.Helper()
	text := s.Tree.Source()
	prepared, err := s.PrepareRename(offset)
	edits, refused := s.Rename(offset, name)
	if prepared == nil && refused == nil || err != nil && refused == nil {
		t.Fatalf("renamed is what cannot be: %v", edits)
	}
	if len(edits) == 0 {
		return
	}
	places := s.References(offset, true)
	if len(edits) != len(places) {
		t.Fatalf("%d edits of %d places", len(edits), len(places))
	}
	renamed, err := edit.Apply(text, edits)
	if err != nil {
		t.Fatal(err)
	}
	after := analysis.NewSnapshot(s.Tree.Edit(edits...), s, nil)
	if after.Tree.Source() != renamed {
		t.Fatalf("the tree has %q, want %q", after.Tree.Source(), renamed)
	}
	if len(after.Tree.Errors()) > len(s.Tree.Errors()) {
		t.Fatalf("renaming to %q makes mistakes in\n%s\nnamely %v", name, renamed, after.Tree.Errors())
	}
	// The name stands at as many places as before; the declaration's is sought.
	_, declared := s.Definition(offset)
	at := declared[0].Range.Start + 1
	for _, e := range edits {
		if e.End <= declared[0].Range.Start {
			at += len(e.NewText) - e.Len()
		}
	}
	now := after.References(at, true)
	if len(now) != len(places) {
		t.Fatalf("%d places of %q are %d of %q in\n%s\nat %d", len(places), prepared.Name, len(now), name, renamed, at)
	}
	back, err := after.Rename(at, prepared.Name)
	if err != nil {
		return // the old name is one that nothing would be given
	}
	restored, err := edit.Apply(renamed, back)
	if err != nil {
		t.Fatal(err)
	}
	if plain(s, places, prepared.Name) {
		for i, e := range edits {
			if e.Range != places[i] || strings.HasPrefix(e.NewText, `"`) || strings.HasPrefix(e.NewText, "'") { // brackets or quotes were needed, and stay
				return
			}
		}
		if restored != text {
			t.Fatalf("renamed to %q and back:\n%s\nwas:\n%s", name, restored, text)
		}
		return
	}
	if again := analysis.NewSnapshot(syntax.Parse(restored), nil, nil); len(again.References(offset, true)) > 0 &&
		len(s.Doc.Nodes()) != len(again.Doc.Nodes()) || len(s.Tree.Errors()) != len(again.Tree.Errors()) {
		t.Fatalf("renamed to %q and back, another document:\n%s\nwas:\n%s", name, restored, text)
	}
}

// plain reports whether the name is written as it reads at all places.
func plain(s *analysis.Snapshot, places []syntax.Range, name string) bool {
	for _, r := range places {
		if s.Tree.Source()[r.Start:r.End] != name {
			return false
		}
	}
	return true
}
