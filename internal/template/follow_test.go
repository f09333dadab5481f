package template

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Whatever is typed, a document that was built from the one before says the same
// as one that was built afresh, and it has kept account of what changed.
func TestADocumentThatFollowsEditsEqualsAFreshOne(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 2))
	texts := []string{flow, nestedFlow, longFlow(), `[{"kind":"Volume","ref":"v"},1,{"kind":"Build","ref":"b","spec":{"id":"${refs.v.id}"}}]`}
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no templates", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		f := &followed{t: t, text: text, doc: Build(syntax.Parse(text), nil)}
		edits := 60
		if testing.Short() {
			edits = 6
		}
		for range edits {
			if len(f.text) > 2*len(text) {
				f.edit(0, len(f.text), text)
			}
			start := r.IntN(len(f.text) + 1)
			end := min(len(f.text), start+r.IntN(5))
			piece := typed[r.IntN(len(typed))]
			if i := strings.Index(f.text[start:], "},"); i >= 0 && r.IntN(4) == 0 { // between two steps
				start += i + len("},")
				end = start
			}
			if r.IntN(3) == 0 { // a line is taken out, or repeated somewhere else
				lines := strings.SplitAfter(f.text, "\n")
				start = strings.LastIndexByte(f.text[:start], '\n') + 1
				end, piece = start, lines[r.IntN(len(lines))]
				if r.IntN(2) == 0 {
					end, piece = start+len(f.text[start:])-len(strings.TrimLeft(f.text[start:], "^\n")), ""
					if i := strings.IndexByte(f.text[start:], '\n'); i >= 0 {
						end = start + i + 1
					}
				}
			}
			taken := f.text[start:end]
			f.edit(start, end, piece)
			if r.IntN(3) > 0 {
				f.edit(start, start+len(piece), taken)
			}
		}
	}
}

// longFlow has more steps than versions share one by one.
func longFlow() string {
	steps := strings.Repeat("{\"kind\":\"Build\",\"ref\":\"b\"},\n", 3*runLen)
	return `{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[` + "\n" + steps + `{"kind":"Build"}]}}}`
}

const nestedFlow = `{"apiVersion":"v1.2","name":"x","arguments":{"A":1},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
  {"kind":"Build","ref":"build"},
  {"kind":"Pipeline","ref":"pipe","spec":{
    "preview":{"kind":"PreviewEnv","spec":{"apiVersion":"v1.2","triggers":[{"ref":"git"}],"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
      {"kind":"Addon","ref":"db","spec":{"name":"${template.refs.build.branch}"}},
      {"kind":"Template","ref":"inner","spec":{"kind":"Template","spec":{"arguments":{"C":1},"spec":{"kind":"Build","ref":"deep"}}}}]}}}},
    "stages":[{"name":"Staging"},
      {"name":"Production","releaseFlow":{"kind":"ReleaseFlow","spec":{"arguments":{"B":1},"spec":{"kind":"Workflow","ref":"flow"}}}}]}},
  {"kind":"Build","ref":"last"}]}}}`

var typed = []string{
	`"`, `{`, `}`, `[`, `]`, `,`, `:`, "\n", `x`, `\`, ` `, ``, ``, `${refs.build.id}`,
	`"ref": "a",`, `"kind": "Workflow",`, `"spec": {"type": "parallel"},`, `"teardownSpec": {"spec": {"kind": "Build"}},`,
	`{"kind": "Build", "ref": "new"},`, `{"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "Build", "ref": "c"}]}},`,
}

type followed struct {
	t    *testing.T
	text string
	doc  *Document
}

func (f *followed) edit(start, end int, piece string) {
	f.t.Helper()
	f.text = f.text[:start] + piece + f.text[end:]
	before := f.doc
	f.doc = Build(before.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: start, End: end}, NewText: piece}), before)
	fresh := Build(syntax.Parse(f.text), nil)
	if diff := cmp.Diff(described(fresh), described(f.doc)); diff != "" {
		f.t.Fatalf("after %q at %d-%d the documents differ (-fresh +followed):\n%s\nin\n%s", piece, start, end, diff, f.text)
	}
	if err := accounted(before, f.doc); err != nil {
		f.t.Fatalf("after %q at %d-%d %v\nin\n%s", piece, start, end, err, f.text)
	}
}

// described says all that a document holds.
func described(d *Document) []string {
	out := []string{fmt.Sprint(d.Type, d.Certain)}
	if d.Main == nil {
		return out
	}
	for _, s := range d.Scopes() {
		line := fmt.Sprint("scope ", s.Path(), " ", s.Type, s.Value.Range(), s.GivesProject, s.Outer != nil, expressions(s.Facts))
		for _, a := range s.Arguments() {
			line += fmt.Sprint("; ", a.Name, a.Member.Range(), a.Value.Range(), a.Override.Range(), a.Value.Raw(), s.Argument(a.Name) == a)
		}
		for _, t := range s.Triggers() {
			line += fmt.Sprint("; ", t.Ref, t.Value.Range(), t.RefValue.Raw())
		}
		refs := map[string]int{}
		for _, ref := range s.Carriers() {
			refs[ref]++
		}
		out = append(out, line, fmt.Sprint(s.Refs(), refs))
	}
	for _, n := range d.Nodes() {
		same := d.NodeOf(n.Value()) == n && d.Node(n.Number) == n && d.NodeAt(n.Value().Range().Start) == n
		carrier := n.Ref == "" || slices.Contains(n.Scope.ByRef(n.Ref), n)
		out = append(out, fmt.Sprint(n.Path(), " ", n.Value().Range(), n.Signature, n.Depth, n.Position, n.InTeardown, len(n.Steps()), n.HasSteps(),
			len(n.Nested()), same, carrier, n.Repeated, expressions(n.Facts)))
	}
	return out
}

func expressions(f *Facts) (out []string) {
	for _, e := range f.Expressions {
		out = append(out, fmt.Sprint(e.Offset, e.Width, e.Pointer, e.Key, e.Text.Text))
	}
	return out
}

// accounted reports a difference between two versions that is not among the changes.
func accounted(before, after *Document) error {
	if after.Main == nil || before.Main == nil {
		return nil
	}
	if after.Changes == nil {
		return fmt.Errorf("there is no account of changes")
	}
	changes, seen := map[int32]Change{}, map[int32]bool{}
	for _, c := range after.Changes.Nodes {
		if _, again := changes[c.Number]; again {
			return fmt.Errorf("node %d is listed twice", c.Number)
		}
		changes[c.Number] = c
	}
	around := func(n *Node) (parent, scope int32) {
		if n.Parent != nil {
			return n.Parent.Number, n.Scope.Number
		}
		return -1, n.Scope.Number
	}
	last := map[int32]int32{}
	for _, n := range after.Nodes() {
		if seen[n.Number] {
			return fmt.Errorf("two nodes have the number %d", n.Number)
		}
		seen[n.Number] = true
		c, listed := changes[n.Number]
		was := before.Node(n.Number)
		switch {
		case was == nil:
			if !c.Moved {
				return fmt.Errorf("%s is new, which is not said", n.Path())
			}
			continue
		case was.Facts != n.Facts && !listed:
			return fmt.Errorf("%s has another text, which is not said", n.Path())
		}
		if c.Moved {
			continue
		}
		p, s := around(n)
		if oldP, oldS := around(was); p != oldP || s != oldS {
			return fmt.Errorf("%s has moved, which is not said", n.Path())
		}
		// Those that have not moved stand in their old order.
		if at, ok := last[p]; ok && p >= 0 && was.Position < at {
			return fmt.Errorf("%s has changed places, which is not said", n.Path())
		}
		last[p] = was.Position
	}
	for _, n := range before.Nodes() {
		if !seen[n.Number] && !changes[n.Number].Moved {
			return fmt.Errorf("%s is gone, which is not said", n.Path())
		}
	}
	for number := range changes {
		if !seen[number] && before.Node(number) == nil {
			return fmt.Errorf("%d is listed, but was and is no node", number)
		}
	}
	scopes := map[int32]bool{}
	for _, s := range after.Changes.Scopes {
		scopes[s] = true
	}
	for _, s := range after.Scopes() {
		if was := before.Scope(s.Number); !scopes[s.Number] && (was == nil || was.Value.Green() != s.Value.Green() || was.Type != s.Type) {
			return fmt.Errorf("scope %s has changed, which is not said", s.Path())
		}
	}
	for _, s := range before.Scopes() {
		if after.Scope(s.Number) == nil && !scopes[s.Number] {
			return fmt.Errorf("scope %s is gone, which is not said", s.Path())
		}
	}
	return nil
}
