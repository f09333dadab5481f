package analysis_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func readTemplate(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../testdata/templates/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSettingsChangeTheLevelOfARule(t *testing.T) {
	text := readTemplate(t, "payload-mistake.json")
	level := func(cfg *analysis.Config) []analysis.Severity {
		var out []analysis.Severity
		for _, f := range analysis.NewSnapshot(syntax.Parse(text), nil, cfg).Findings() {
			out = append(out, f.Severity)
		}
		return out
	}
	set := func(s analysis.Severity) *analysis.Config {
		return &analysis.Config{Severities: map[analysis.Code]analysis.Severity{analysis.CodeUnknownProperty: s}}
	}
	if got := level(nil); fmt.Sprint(got) != "[error]" {
		t.Errorf("without settings: %v", got)
	}
	if got := level(set(analysis.Hint)); fmt.Sprint(got) != "[hint]" {
		t.Errorf("set to hint: %v", got)
	}
	if got := level(set(analysis.Off)); len(got) != 0 {
		t.Errorf("switched off: %v", got)
	}
}

func TestForeignJSONIsNotJudged(t *testing.T) {
	for _, text := range []string{`{"name":"x","version":"1.0.0",}`, `[1,2`, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{}}`, ``} {
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		if s.IsTemplate() || len(s.Findings()) > 0 || s.Hover(1) != nil {
			t.Errorf("%q is not ours, but was judged: %v", text, s.Findings())
		}
	}
}

// longestFuzzed is how many bytes of text are looked at: more take longer and show
// nothing else.
const longestFuzzed = 16 << 10

func FuzzSnapshot(f *testing.F) {
	fuzzing.KeepMoving(f)
	f.Add(readTemplate(f, "payload.json"), 100)
	f.Add(`{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","spec":{"type":"parallel","steps":[{"kind":"Build","ref":"a","spec":{"id":"${refs.a.`, 120)
	f.Add(`{"apiVersion":"v1","spec":{"kind":"Pipeline","spec":{"preview":{"spec":{"spec":{"kind":"Addon","spec":{"name":"${template.refs.x`, 90)
	f.Add("{\"kind\":\"Condition\",\r\n\"spec\":{\"kind\":\"Service\",\"spec\":{\"data\":{\"\\ud83d${fn.if(", 70)
	f.Fuzz(func(t *testing.T, text string, offset int) {
		if len(text) > longestFuzzed {
			t.Skip()
		}
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		inside := func(r syntax.Range, what string) {
			if r.Start < 0 || r.End > len(text) || r.Start > r.End {
				t.Fatalf("%s has the range %v in a text of %d bytes", what, r, len(text))
			}
		}
		for _, f := range s.Findings() {
			inside(f.Range, string(f.Code))
			for _, fix := range s.Fixes(f) {
				for _, e := range fix.Edits {
					inside(e.Range, fix.Title)
				}
			}
		}
		offset = int(uint(offset) % uint(len(text)+1))
		for _, i := range s.Complete(offset) {
			inside(i.Range, i.Label)
			if i.Range.Start > offset || i.Range.End < offset || strings.ContainsAny(text[i.Range.Start:i.Range.End], "\r\n") {
				t.Fatalf("the edit of %q at %v does not fit the cursor %d", i.Label, i.Range, offset)
			}
			s.Explain(i.Topic)
			for _, e := range append(s.RefAddition(i.RefFor, i.Ref), i.Added...) {
				if inside(e.Range, i.Label); e.Start <= i.Range.End && e.End >= i.Range.Start {
					t.Fatalf("%q changes %v and, with it, %v", i.Label, i.Range, e.Range)
				}
			}
		}
		if h := s.Hover(offset); h != nil {
			inside(h.Range, "hover")
		}
	})
}

// large is a template of about 1.1 MB with 2,000 nodes.
func large(nodes int) string {
	var b strings.Builder
	b.WriteString(`{"apiVersion":"v1.2","name":"Large","arguments":{"BRANCH":"main"},"spec":{"kind":"Workflow","spec":{"type":"sequential","context":{"projectId":"shop"},"steps":[`)
	for i := range nodes {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `
  {
    "kind": "DeploymentService",
    "ref": "web%d",
    "spec": {
      "name": "web-%d",
      "billing": { "deploymentPlan": "nf-compute-20" },
      "deployment": { "instances": 1, "external": { "imagePath": "nginx:1.27" } },
      "ports": [{ "name": "http", "internalPort": 80, "public": true, "protocol": "HTTP" }],
      "runtimeEnvironment": { "BRANCH": "${args.BRANCH}", "BEFORE": "https://${refs.web%d.ports.0.dns}", "A": "one", "B": "two", "C": "three" }
    }
  }`, i, i, max(0, i-1))
	}
	b.WriteString("]}}}")
	return b.String()
}

func BenchmarkFullCheck(b *testing.B) {
	text := large(2000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings()
	}
}

// One character of a value is typed, taken back, typed again.
func BenchmarkOneCharacterEdit(b *testing.B) {
	benchmarkEdits(b, `"three"`, 3, "x", "y")
}

// A quote is typed and taken back, so that a string ends too early and again
// where it should.
func BenchmarkQuoteToggled(b *testing.B) {
	benchmarkEdits(b, `"three"`, 3, `"`, "r")
}

// A ref is edited, which all references to it depend on.
func BenchmarkRefEdited(b *testing.B) {
	benchmarkEdits(b, `"web1000"`, 3, "x", "b")
}

// benchmarkEdits replaces one character, in the middle of a large template, by
// the one text and by the other in turn.
func benchmarkEdits(b *testing.B, near string, offset int, texts ...string) {
	benchmarkEditsOf(b, large(2000), near, offset, texts...)
}

func benchmarkEditsOf(b *testing.B, text, near string, offset int, texts ...string) {
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	s.Findings()
	at := strings.Index(text[len(text)/2-1000:], near) + len(text)/2 - 1000 + offset
	width := 1
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		piece := texts[i%len(texts)]
		s = analysis.NewSnapshot(s.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + width}, NewText: piece}), s, nil)
		s.Findings()
		width = len(piece)
	}
}

// What the tree alone costs.
func BenchmarkOneCharacterEditOfTheTree(b *testing.B) {
	text := large(2000)
	tree := syntax.Parse(text)
	at := strings.Index(text[len(text)/2:], `"three"`) + len(text)/2 + 3
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tree = tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + 1}, NewText: []string{"x", "y"}[i%2]})
	}
}

// References that no node carries: one that is being typed among many refs, and
// many to one ref that is edited.
func BenchmarkMissedRefs(b *testing.B) {
	for _, bb := range []struct {
		name      string
		refs      int
		reference func(i int) string
		near      string
	}{
		{"one among 20,000", 20_000, func(i int) string { return fmt.Sprintf("web-%d", max(0, i-1)) }, `refs.web-1`},
		{"a thousand to one", 1_000, func(int) string { return "web-0" }, `"ref":"web-0"`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString(`{"apiVersion":"v1.2","name":"Large","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[` + "\n")
			for i := range bb.refs {
				fmt.Fprintf(&text, `{"kind":"Project","ref":"web-%d","spec":{"name":"web-%d","region":"europe-west","description":"of ${refs.%s.id}"}},`+"\n", i, i, bb.reference(i))
			}
			text.WriteString(`{"kind":"Project","spec":{"name":"last","region":"europe-west"}}]}}}`)
			s := analysis.NewSnapshot(syntax.Parse(text.String()), nil, nil)
			at := strings.Index(text.String(), bb.near) + len(bb.near) - 1
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s = analysis.NewSnapshot(s.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + i%2}, NewText: []string{"x", ""}[i%2]}), s, nil)
				if missed := slices.ContainsFunc(s.Findings(), func(f analysis.Finding) bool { return f.Code == analysis.CodeUnresolvedRef }); missed != (i%2 == 0) {
					b.Fatalf("version %d, missed: %v", i, missed)
				}
			}
		})
	}
}
