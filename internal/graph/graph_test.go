package graph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

func graphOf(text string) *Graph {
	return Of(template.Build(syntax.Parse(text), nil))
}

const shop = `{
  "apiVersion": "v1.2", "name": "Shop & <more>", "arguments": {"source": "${refs.database.id}"},
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
    {"kind": "Addon", "ref": "database", "spec": {"name": "db"}},
    {"kind": "Workflow", "spec": {"type": "parallel", "steps": [
      {"kind": "SecretGroup", "ref": "config", "spec": {"name": "x", "note": "${refs.database.id} ${refs.database.name}"}},
      {"kind": "Job", "ref": "migrate", "spec": {"description": "${fn.if(args.on, refs.config.id, '')}"}}
    ]}},
    {"kind": "Job", "ref": "report", "spec": {"description": "${args.source}"}}
  ]}}
}`

func TestEdgesLeadFromWhatGivesAValueToWhatUsesIt(t *testing.T) {
	g := graphOf(shop)
	var got []string
	for _, e := range g.Edges {
		line := g.Nodes[e.From].Ref + " -> " + g.Nodes[e.To].Ref
		if e.Soft {
			line += " (soft)"
		}
		got = append(got, line)
	}
	want := []string{"database -> config", "config -> migrate (soft)", "database -> report"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAReferenceToTheWorkflowAroundANodeIsNoEdge(t *testing.T) {
	g := graphOf(`{"apiVersion":"v1.2","spec":{"kind":"Workflow","ref":"all","spec":{"type":"sequential","steps":[{"kind":"Job","ref":"a","spec":{"name":"${refs.all.id}${refs.a.id}"}}]}}}`)
	if len(g.Nodes) != 2 || len(g.Edges) != 0 {
		t.Errorf("%d nodes and edges %v", len(g.Nodes), g.Edges)
	}
}

func TestWhatIsNoTemplateHasAnEmptyGraph(t *testing.T) {
	for _, text := range []string{"", "{", "[1]", `{"name":"package","version":"1.0.0"}`} {
		g := graphOf(text)
		if len(g.Nodes) != 0 || g.Nodes == nil || g.Edges == nil {
			t.Errorf("%q: %+v", text, g)
		}
		var b bytes.Buffer
		if err := errors.Join(g.WriteSVG(&b), g.WriteMermaid(&b), g.WriteDOT(&b)); err != nil {
			t.Error(err)
		}
	}
}

func TestMarksShowInEveryFormat(t *testing.T) {
	g := graphOf(shop)
	g.Mark(func(n *Node) (Mark, bool) {
		return map[string]Mark{"database": {"success", "1.2s"}, "migrate": {"failure", "340ms"}}[n.Ref], n.Ref == "database" || n.Ref == "migrate"
	})
	for format, write := range map[string]func(io.Writer) error{"svg": g.WriteSVG, "mermaid": g.WriteMermaid, "dot": g.WriteDOT} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"✓ success 1.2s", "✗ failure 340ms"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", format, want, b.String())
			}
		}
	}
}

func TestFormats(t *testing.T) {
	g := graphOf(shop)
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"mermaid", g.WriteMermaid, `---
title: "Shop & <more>"
---
flowchart TD
  subgraph n0["Workflow<br/>sequential"]
    direction TB
    n1["database<br/>Addon"]
    subgraph n2["Workflow<br/>parallel"]
      direction LR
      n3["config<br/>SecretGroup"]
      n4["migrate<br/>Job"]
    end
    n5["report<br/>Job"]
  end
  n1 ==> n2
  n2 ==> n5
  n1 --> n3
  n3 -.-> n4
  n1 --> n5
`},
		{"dot", g.WriteDOT, `digraph "Shop & <more>" {
  compound=true; rankdir=TB; fontname="sans-serif";
  node [shape=box, style=rounded, fontname="sans-serif"];
  subgraph cluster_n0 {
    label="Workflow\nsequential"; style=rounded;
    n1 [label="database\nAddon"];
    subgraph cluster_n2 {
      label="Workflow\nparallel"; style=rounded;
      n3 [label="config\nSecretGroup"];
      n4 [label="migrate\nJob"];
    }
    n5 [label="report\nJob"];
  }
  n1 -> n3 [style=bold, lhead=cluster_n2];
  n4 -> n5 [style=bold, ltail=cluster_n2];
  n1 -> n3 [color="#0969da", constraint=false];
  n3 -> n4 [color="#0969da", constraint=false, style=dashed];
  n1 -> n5 [color="#0969da", constraint=false];
}
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := c.write(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTextOfTemplatesCannotLeaveItsPlace(t *testing.T) {
	ref := `x\"]; end <script>alert(1)</script> #quot; \\ \u0000 \n & 'y`
	g := graphOf(`{"apiVersion":"v1.2","name":"` + ref + `","spec":{"kind":"Job","ref":"` + ref + `","spec":{}}}`)
	for _, c := range []struct {
		format string
		write  func(io.Writer) error
		not    []string
	}{
		{"svg", g.WriteSVG, []string{"<script", "\x00"}},
		{"mermaid", g.WriteMermaid, []string{`n0["x"]`, "n0[\"x<script", "&lt;"}},
		{"dot", g.WriteDOT, []string{`"x"`, "\x00"}},
	} {
		var b strings.Builder
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		for _, not := range c.not {
			if strings.Contains(b.String(), not) {
				t.Errorf("%s holds %q:\n%s", c.format, not, b.String())
			}
		}
	}
}

// check fails where a drawing is not well formed, a node leaves its box, or two
// nodes of one box cover each other.
func check(t *testing.T, g *Graph) {
	t.Helper()
	var b bytes.Buffer
	if err := g.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
	d := g.layOut()
	for i, inside := range d.inside {
		for k, a := range inside {
			r := d.at[a]
			around := d.size
			if i < len(g.Nodes) {
				around = d.at[i]
			}
			if r.x < around.x || r.y < around.y || r.right() > around.right() || r.bottom() > around.bottom() {
				t.Errorf("%s at %+v leaves its box at %+v", g.Nodes[a].Path, r, around)
			}
			if k > 0 {
				p := d.at[inside[k-1]]
				if r.x < p.right() && p.x < r.right() && r.y < p.bottom() && p.y < r.bottom() {
					t.Errorf("%s at %+v covers %s at %+v", g.Nodes[a].Path, r, g.Nodes[inside[k-1]].Path, p)
				}
			}
		}
	}
	if err := errors.Join(g.WriteMermaid(io.Discard), g.WriteDOT(io.Discard)); err != nil {
		t.Fatal(err)
	}
}

func templates(t testing.TB) []string {
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	var texts []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

func TestEveryTemplateIsDrawnWithEachNodeInItsBox(t *testing.T) {
	for _, text := range templates(t) {
		check(t, graphOf(text))
	}
}

func TestManyNodesAtOnceStandInRows(t *testing.T) {
	steps := strings.TrimSuffix(strings.Repeat(`{"kind":"Job","ref":"j","spec":{}},`, 900), ",")
	g := graphOf(`{"apiVersion":"v1.2","spec":{"kind":"Workflow","spec":{"type":"parallel","steps":[` + steps + `]}}}`)
	check(t, g)
	if size := g.layOut().size; size.w > 3*size.h || size.h > 3*size.w {
		t.Errorf("the drawing is %.0f wide and %.0f high", size.w, size.h)
	}
}

func FuzzGraph(f *testing.F) {
	for _, text := range templates(f) {
		f.Add(text)
		f.Add(text[:len(text)/2])
	}
	f.Add(shop)
	f.Fuzz(func(t *testing.T, text string) { check(t, graphOf(text)) })
}
