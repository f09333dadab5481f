package lsp_test

import (
	"fmt"
	"testing"
)

func TestADocumentIsDescribedWithThePlacesOfItsNodes(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", `{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
{"kind":"Project","ref":"shop","spec":{"name":"Shop","region":"europe-west"}},
{"kind":"Condition"}]}}}`)
	type place struct{ Start, End struct{ Line, Character int } }
	type described struct {
		Template bool
		Type     string
		Nodes    []struct {
			Path, Kind, Ref, Label string
			Range, SelectionRange  place
		}
	}
	ask := func(uri string) described {
		return decode[described](t, s.request("northflank/document", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)))
	}
	got := ask(docURI)
	if !got.Template || got.Type != "template" || len(got.Nodes) != 3 {
		t.Fatalf("got %+v", got)
	}
	shop, condition := got.Nodes[1], got.Nodes[2]
	if shop.Path != "/spec/spec/steps/0" || shop.Kind != "Project" || shop.Ref != "shop" {
		t.Errorf("got %+v", shop)
	}
	if shop.Range.Start.Line != 1 || shop.Range.End.Character != 77 || shop.SelectionRange.Start.Character != 24 {
		t.Errorf("its place: %+v %+v", shop.Range, shop.SelectionRange)
	}
	if condition.SelectionRange.Start.Line != 2 || condition.SelectionRange.Start.Character != 8 {
		t.Errorf("a node without a ref is named by its kind: %+v", condition.SelectionRange)
	}

	s.didOpen("file:///other.json", "json", `{"name":"package"}`)
	if got := ask("file:///other.json"); got.Template || len(got.Nodes) > 0 {
		t.Errorf("other JSON: %+v", got)
	}
	if got := string(s.request("northflank/document", `{"textDocument":{"uri":"file:///closed.json"}}`)); got != "null" {
		t.Errorf("a document that is not open: %s", got)
	}
}
