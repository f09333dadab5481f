package analysis_test

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestLenses(t *testing.T) {
	text := ` {"apiVersion":"v1.2","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
{"kind":"Project","ref":"shop","spec":{"name":"Shop"}},
{"kind":"Addon","ref":"db","spec":{"projectId":"${refs.shop.id}","name":"a-${fn.slug(refs.shop.name)}","description":"${refs.['shop']} ${item.shop} ${args.shop}"}},
{"kind":"Addon","spec":{"name":"refs.shop"}}]}}}`
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	var got []string
	for _, l := range s.Lenses() {
		uses, ok := s.Uses(l.Range.Start)
		if ok != (l.Ref != "") {
			t.Errorf("%+v: uses are known: %v", l, ok)
		}
		var at []string
		for _, u := range uses {
			at = append(at, text[u.Start-5:u.End])
		}
		got = append(got, text[l.Range.Start:l.Range.End]+" "+strings.Join(at, " "))
	}
	want := ` |"shop" refs.shop refs.shop fs.['shop|"db" |"Addon" `
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("got  %q\nwant %q", g, want)
	}
	for _, foreign := range []string{`{"ref":"a","kind":"b"}`, ``, `[`} {
		if got := analysis.NewSnapshot(syntax.Parse(foreign), nil, nil).Lenses(); len(got) != 0 {
			t.Errorf("in %q: %v", foreign, got)
		}
	}
	fragment := analysis.NewSnapshot(syntax.Parse(`{"kind":"Addon","ref":"a","spec":{}}`), nil, nil)
	if got := fragment.Lenses(); len(got) != 1 || got[0].Ref != "a" {
		t.Errorf("a node alone cannot be run: %v", got)
	}
}
