package analysis_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// noisy has findings of one code at several nodes, in a nested document and in
// the document's own properties, and others beside them.
const noisy = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "A": "a", "B/b": "b" },
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "extra": 1, "steps": [
    { "kind": "Volume", "ref": "one", "spec": { "name": "one", "extra": 1, "more": 2 } },
    { "kind": "Volume", "ref": "two", "spec": { "name": "two", "extra": 1 } },
    { "kind": "Volume", "spec": { "name": "three", "extra": 1 } },
    { "kind": "Template", "ref": "nested", "spec": { "kind": "Template", "spec": { "apiVersion": "v1.2", "name": "Inner", "project": { "id": "shop" }, "spec": {
      "kind": "Volume", "ref": "two", "spec": { "name": "inner", "extra": 1 } } } } }
  ] } }
}`

// at lists the nodes, or the lines, of the findings with a code.
func at(findings []analysis.Finding, code analysis.Code) string {
	var out []string
	for _, f := range findings {
		if f.Code != code {
			continue
		}
		node := strings.NewReplacer("/spec/spec/steps/", "").Replace(f.Node)
		if f.Node == "" {
			node = "?"
		} else if f.Node == "/spec" {
			node = "root"
		}
		out = append(out, node)
	}
	return strings.Join(out, " ")
}

func TestSuppressionsTakeOutWhatTheyNameAndNothingElse(t *testing.T) {
	const code = analysis.CodeUnknownProperty
	all := analysis.NewSnapshot(syntax.Parse(noisy), nil, nil).Findings()
	everywhere := at(all, code)
	if everywhere != "root 0 0 1 2 3/spec/spec/spec" {
		t.Fatalf("the example has other findings: %s", everywhere)
	}
	tests := []struct{ name, node, left string }{
		{"a whole file", "", ""},
		{"a ref", "one", "root 1 2 3/spec/spec/spec"},
		{"a ref that two documents have", "two", "root 0 0 2"},
		{"a node by its place", "/spec/spec/steps/2", "root 0 0 1 3/spec/spec/spec"},
		{"a node that has a ref, by its place", "/spec/spec/steps/0", "root 1 2 3/spec/spec/spec"},
		{"a workflow without its steps", "/spec", "0 0 1 2 3/spec/spec/spec"},
		{"a node with a nested document, without the nodes in it", "nested", everywhere},
		{"a node in a nested document", "/spec/spec/steps/3/spec/spec/spec", "root 0 0 1 2"},
		{"a ref that there is not", "three", everywhere},
		{"a place that there is not", "/spec/spec/steps/9", everywhere},
		{"a place in a node, where only nodes are told by their place", "/spec/spec/steps/0/spec/extra", everywhere},
		{"a place outside of nodes, without findings", "/arguments", everywhere},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &analysis.Suppression{Code: code, Node: tt.node}
			snapshot := analysis.NewSnapshot(syntax.Parse(noisy), nil, &analysis.Config{Suppressions: []*analysis.Suppression{s}})
			left := snapshot.Findings()
			if got := at(left, code); got != tt.left {
				t.Errorf("left are %q, want %q", got, tt.left)
			}
			if got, want := snapshot.Suppressed()[s], len(all)-len(left); got != want {
				t.Errorf("it says that it took %d out, it took %d", got, want)
			}
			for _, f := range all {
				if f.Code != code && count(left, f) == 0 {
					t.Errorf("%q is gone too", f.Message)
				}
			}
		})
	}
}

func TestSuppressionsOutsideOfNodes(t *testing.T) {
	for _, tt := range []struct{ name, node, left string }{
		{"one argument", "/arguments/A", "B/b"},
		{"one with a slash in its name", "/arguments/B~1b", "A"},
		{"all of them", "/arguments", ""},
		{"one that there is not", "/arguments/C", "A B/b"},
		{"the document's node", "/spec", "A B/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := &analysis.Config{Suppressions: []*analysis.Suppression{{Code: analysis.CodeUnusedArgument, Node: tt.node}}}
			var left []string
			for _, f := range analysis.NewSnapshot(syntax.Parse(noisy), nil, cfg).Findings() {
				if f.Code == analysis.CodeUnusedArgument {
					left = append(left, strings.Trim(noisy[f.Range.Start:f.Range.End], `"`))
				}
			}
			if got := strings.Join(left, " "); got != tt.left {
				t.Errorf("left are %q", got)
			}
		})
	}
}

// Whatever the finding, the suppression that is offered for it takes it out and
// is as narrow as can be; also in text that is broken in any place.
func TestTheSuppressionForAFindingTakesItOut(t *testing.T) {
	check := func(t *testing.T, text string) {
		t.Helper()
		plain := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for _, f := range plain.Findings() {
			s := plain.SuppressionOf(f)
			left := analysis.NewSnapshot(syntax.Parse(text), nil, &analysis.Config{Suppressions: []*analysis.Suppression{&s}}).Findings()
			if got, had := count(left, f), count(plain.Findings(), f); got >= had {
				t.Errorf("%+v leaves %s: %q in\n%s", s, f.Code, f.Message, text)
			}
			for _, other := range plain.Findings() {
				if (other.Code != f.Code || s.Node != "" && other.Node != f.Node) && count(left, other) < count(plain.Findings(), other) && count(plain.Findings(), other) == 1 {
					t.Errorf("%+v takes out %q too", s, other.Message)
				}
			}
		}
	}
	check(t, noisy)
	for cut := 0; cut < len(noisy); cut += 61 {
		check(t, noisy[:cut])
		check(t, noisy[:cut]+noisy[min(cut+7, len(noisy)):])
	}
	everyCase(t, func(t *testing.T, c *testCase) { check(t, c.text) })
}

func TestTheSuppressionForAFindingNamesTheNodeBestKnown(t *testing.T) {
	s := analysis.NewSnapshot(syntax.Parse(noisy), nil, nil)
	var got []string
	for _, f := range s.Findings() {
		if f.Code == analysis.CodeUnknownProperty || f.Code == analysis.CodeUnusedArgument {
			got = append(got, s.SuppressionOf(f).Node)
		}
	}
	want := []string{
		"/arguments/A", "/arguments/B~1b", "/spec", "one", "one", "/spec/spec/steps/1", "/spec/spec/steps/2", "/spec/spec/steps/3/spec/spec/spec",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Suppressions hold also for findings that an edit has taken over.
func TestSuppressionsHoldWhileTheTextChanges(t *testing.T) {
	s := &analysis.Suppression{Code: analysis.CodeUnknownProperty, Node: "one"}
	cfg := &analysis.Config{Suppressions: []*analysis.Suppression{s}}
	snapshot := analysis.NewSnapshot(syntax.Parse(noisy), nil, cfg)
	want := said(snapshot)
	at := strings.Index(noisy, `"one"`) + 1
	for i, edit := range []syntax.Edit{
		{Range: syntax.Range{Start: at, End: at + 3}, NewText: "uno"},
		{Range: syntax.Range{Start: at, End: at + 3}, NewText: "one"},
	} {
		snapshot = analysis.NewSnapshot(snapshot.Tree.Edit(edit), snapshot, cfg)
		snapshot.Findings()
		if hidden := snapshot.Suppressed()[s]; (hidden == 0) != (i == 0) {
			t.Errorf("after edit %d it takes out %d", i, hidden)
		}
		if diff := difference(want, said(snapshot)); i == 1 && diff != "" {
			t.Errorf("the findings are others (-before +after):\n%s", diff)
		}
	}
}

func TestAFileThatIsNoTemplate(t *testing.T) {
	const text = `{"name": "x"}`
	for name, tt := range map[string]struct {
		cfg  *analysis.Config
		want string
	}{
		"is one finding":                 {nil, "error"},
		"at another level":               {&analysis.Config{Severities: map[analysis.Code]analysis.Severity{"not-a-template": analysis.Hint}}, "hint"},
		"and can be switched off":        {&analysis.Config{Severities: map[analysis.Code]analysis.Severity{"not-a-template": analysis.Off}}, ""},
		"and suppressed":                 {&analysis.Config{Suppressions: []*analysis.Suppression{{Code: "not-a-template"}}}, ""},
		"and not by what is for a node":  {&analysis.Config{Suppressions: []*analysis.Suppression{{Code: "not-a-template", Node: "x"}}}, "error"},
		"and not by what is for another": {&analysis.Config{Suppressions: []*analysis.Suppression{{Code: "syntax-error"}}}, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			s := analysis.NewSnapshot(syntax.Parse(text), nil, tt.cfg)
			got := ""
			for _, f := range s.FindingsOfTemplate() {
				got += f.Severity.String()
			}
			if got != tt.want || len(s.Findings()) != 0 {
				t.Errorf("got %q", got)
			}
		})
	}
}
