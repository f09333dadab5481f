package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// newDocuments are what a file may become that holds nothing yet, by the members
// in front of its spec; all begin with a sequence of steps.
var newDocuments = [...]struct{ label, detail, head string }{
	{"Northflank template", "a new template", `
  "apiVersion": "v1.2",
  "name": "${1:my-template}",
  "arguments": {},`},
	{"Northflank release flow", "a new release flow of a pipeline's stage", `
  "\$schema": "https://api.northflank.com/v1/schemas/release-flow",
  "apiVersion": "v1.2",`},
	{"Northflank preview environment", "a new preview environment template", `
  "\$schema": "https://api.northflank.com/v1/schemas/preview-environment",
  "apiVersion": "v1.2",
  "triggers": [],`},
}

const newSpec = `
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        $0
      ]
    }
  }
`

// completeNewDocument offers skeletons in an empty file, and between the braces
// of one that holds nothing else.
func (s *Snapshot) completeNewDocument(p place) []CompletionItem {
	root := s.Doc.Root
	inBraces := isEmpty(root) && root.Range().Start < p.offset && (p.offset < root.Range().End || !root.Terminated())
	if strings.TrimSpace(s.Tree.Source()) != "" && !inBraces {
		return s.completeFirstName(p)
	}
	var items []CompletionItem
	for i, d := range newDocuments {
		text := d.head + newSpec
		switch {
		case !inBraces:
			text = "{" + text + "}"
		case strings.ContainsAny(root.Raw(), "\r\n"): // the braces are on lines of their own
			text = strings.TrimSpace(text)
		}
		items = append(items, CompletionItem{
			Label: d.label, Kind: ItemNode, Detail: d.detail, Insert: text, Snippet: true,
			Range: syntax.Range{Start: p.offset, End: p.offset}, Filter: strings.ToLower(d.label) + " {", Sort: pad(i),
		})
	}
	return items
}

// completeFirstName offers, in an object that holds nothing but a name that is being
// typed, the one that makes a template of it.
func (s *Snapshot) completeFirstName(p place) []CompletionItem {
	steps := s.Tree.PathAt(p.offset).Steps
	if p.spot != syntax.SpotName || !p.str.IsValid() || len(steps) != 1 || s.Doc.Root.Len() > 1 {
		return nil
	}
	p.object, p.container, p.member = steps[0].Value, steps[0].Value, steps[0].Member
	p.hasColon = p.member.HasColon()
	c := &completer{snapshot: s, place: p}
	id := catalog.Document(template.Template.String()).Root
	properties := id.Schema().Properties
	for i := range properties {
		if properties[i].Name == "apiVersion" {
			c.property(&properties[i], i, topicProperty(id, i))
		}
	}
	return c.items
}
