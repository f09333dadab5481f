package template

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestClassifyReadsTheDocumentTypeFromTheContent(t *testing.T) {
	workflow := func(steps string) string {
		return `{"kind":"Workflow","spec":{"type":"sequential","steps":[` + steps + `]}}`
	}
	for name, c := range map[string]struct {
		text    string
		want    Type
		certain bool
	}{
		"an empty file is nothing":                             {``, None, true},
		"a package manifest is nothing":                        {`{"name":"x","version":"1.0.0","dependencies":{}}`, None, true},
		"a Kubernetes manifest is nothing":                     {`{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":1}}`, None, true},
		"an answer of the API is nothing":                      {`{"data":{"apiVersion":"v1.2","spec":{"kind":"Workflow"}}}`, None, true},
		"a list of numbers is nothing":                         {`[1,2]`, None, true},
		"$schema names a template":                             {`{"$schema":"https://api.northflank.com/v1/schemas/template"}`, Template, true},
		"$schema names a release flow":                         {`{"$schema":"https://api.northflank.com/v1/schemas/release-flow"}`, ReleaseFlow, true},
		"$schema names a preview, on another host":             {`{"$schema":"https://api.example.org/v1/schemas/preview-environment"}`, PreviewEnv, true},
		"a project node makes a template":                      {`{"apiVersion":"v1.2","spec":` + workflow(`{"kind":"Project","spec":{}}`) + `}`, Template, true},
		"a workflow's project makes a template":                {`{"apiVersion":"v1","spec":{"kind":"Workflow","spec":{"context":{"projectId":"x"},"steps":[]}}}`, Template, true},
		"a name makes a template":                              {`{"apiVersion":"v1.2","name":"x","spec":` + workflow(``) + `}`, Template, true},
		"a release node makes a release flow":                  {`{"apiVersion":"v1.2","spec":` + workflow(`{"kind":"Release","spec":{}}`) + `}`, ReleaseFlow, true},
		"rich inputs make a release flow":                      {`{"apiVersion":"v1.2","richInputs":[],"spec":` + workflow(``) + `}`, ReleaseFlow, true},
		"a build source makes a preview":                       {`{"apiVersion":"v1.2","spec":` + workflow(`{"kind":"BuildSource","spec":{}}`) + `}`, PreviewEnv, true},
		"names with the preview's id make a preview":           {`{"apiVersion":"v1.2","spec":` + workflow(`{"kind":"Addon","spec":{"name":"db-${args.previewId}"}}`) + `}`, PreviewEnv, true},
		"an options property of previews makes one":            {`{"apiVersion":"v1.2","options":{"nameFormat":"x"},"spec":` + workflow(``) + `}`, PreviewEnv, true},
		"a workflow alone may be any of them":                  {`{"apiVersion":"v1.2","spec":` + workflow(`{"kind":"Build","spec":{}}`) + `}`, Template, false},
		"a root spec may be a resource":                        {`{"apiVersion":"v1","name":"x","spec":{"kind":"CombinedService","spec":{}}}`, Template, true},
		"a node alone is a fragment":                           {`{"kind":"Volume","spec":{}}`, Fragment, true},
		"a list of nodes is a fragment":                        {`[{"kind":"Volume","spec":{}}]`, Fragment, true},
		"a half-typed template is one":                         {`{"apiVersion":"v1.2","spec":{"kind":"Workflow","spec":{"steps":[{"kind":"Project"`, Template, true},
		"a template whose spec is still to come may be any":    {`{"apiVersion":"v1.2","spec":{}}`, Template, false},
		"another tool's file with a spec and a kind is silent": {`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"template":{"spec":{}}}}`, None, true},
		"a configuration map of Kubernetes is nothing":         {`{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"}}`, None, true},
		"what kubectl lists is nothing":                        {`{"apiVersion":"v1","items":[{"kind":"Service","spec":{}}],"kind":"List"}`, None, true},
		"a template of OpenShift is nothing":                   {`{"apiVersion":"v1","kind":"Template","objects":[]}`, None, true},
		"a chart is nothing":                                   {`{"apiVersion":"v1","name":"x","version":"1.0.0"}`, None, true},
		"a file of an API that is in its beta is nothing":      {`{"apiVersion":"v1beta1","name":"x"}`, None, true},
		"a record that has a kind is nothing":                  {`{"kind":"Project","id":1,"name":"x"}`, None, true},
		"a list of such records is nothing":                    {`[{"kind":"Workflow","id":1},{"kind":"Build","id":2}]`, None, true},
		"a version and nothing else may be any":                {`{"apiVersion":"v1"}`, Template, false},
		"an older version that is being written is one":        {`{"apiVersion":"v1","name":"x","arguments":{},"spe`, Template, true},
		"a version with a dot is ours":                         {`{"apiVersion":"v1.2","nme":"x","extra":1}`, Template, false},
		"a node whose spec is misspelt is a fragment":          {`{"kind":"Volume","spce":{"name":"v"}}`, Fragment, true},
		"a list with one such record may be one of nodes":      {`[{"kind":"Workflow","id":1},{"kind":"Volume","spec":{}}]`, Fragment, true},
		"a node that is being written is a fragment":           {`{"kind":"Volume","ref":"v","spe`, Fragment, true},
		"a list of nodes that is being written is a fragment":  {`[{"kind":"Volume"},{"ki`, Fragment, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := Build(syntax.Parse(c.text), nil)
			if d.Type != c.want || d.Certain != c.certain {
				t.Errorf("got %v, certain %v; want %v, %v", d.Type, d.Certain, c.want, c.certain)
			}
		})
	}
}

// flow is a template with a node of every position that order has to tell apart.
const flow = `{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","ref":"root","spec":{"type":"sequential","steps":[
  {"kind":"Build","ref":"first"},
  {"kind":"Workflow","ref":"both","spec":{"type":"parallel","steps":[
    {"kind":"Workflow","ref":"left","spec":{"type":"sequential","steps":[{"kind":"Build","ref":"l1"},{"kind":"Build","ref":"l2"}]}},
    {"kind":"Build","ref":"right"}]}},
  {"kind":"LoopWorkflow","ref":"loop","spec":{"steps":[{"kind":"Build","ref":"o1"},{"kind":"Build","ref":"o2"}]}},
  {"kind":"Build","ref":"last"}]}},
  "teardownSpec":{"spec":{"kind":"Workflow","ref":"down","spec":{"type":"sequential","steps":[{"kind":"JobRun","ref":"clean"}]}}}}`

func TestOrderFollowsTheWorkflows(t *testing.T) {
	d := Build(syntax.Parse(flow), nil)
	ref := func(name string) *Node {
		nodes := d.Main.ByRef(name)
		if len(nodes) != 1 {
			t.Fatalf("%d nodes with ref %q", len(nodes), name)
		}
		return nodes[0]
	}
	for _, c := range []struct {
		name, node, other string
		want              Order
	}{
		{"an earlier step has ended", "last", "first", Before},
		{"a later step has not started", "first", "last", After},
		{"everything in an earlier step has ended", "last", "l2", Before},
		{"steps of one branch follow each other", "l2", "l1", Before},
		{"branches run at once", "right", "l1", Concurrent},
		{"a workflow ends after its steps", "l1", "left", Around},
		{"the outermost workflow is around all", "l1", "root", Around},
		{"a step runs within its workflow", "left", "l1", Within},
		{"a node is itself", "l1", "l1", Same},
		{"an earlier step of a loop has ended", "o2", "o1", Before},
		{"a later step of a loop may belong to the iteration before", "o1", "o2", Unordered},
		{"a teardown runs after everything", "clean", "last", Before},
		{"nothing waits for the teardown", "last", "clean", After},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := OrderOf(ref(c.node), ref(c.other)); got != c.want {
				t.Errorf("OrderOf(%s, %s) = %d, want %d", c.node, c.other, got, c.want)
			}
		})
	}
}

func TestNodesCarryTheirPlaceInTheFile(t *testing.T) {
	for name, text := range map[string]string{
		"workflows in one another":             flow,
		"nodes in front of what is none":       `[{"kind":"Volume"},1,{"kind":"Build"}]`,
		"nodes behind several that are none":   `[1,"x",{"kind":"Volume"},{"kind":"Build"}]`,
		"a node whose comma is still to come":  `[{"kind":"Volume"} "x" {"kind":"Build"}]`,
		"a node behind a text that is not one": `["{",{"kind":"Build"},[],{"kind":"Volume"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			d := Build(syntax.Parse(text), nil)
			if len(d.Nodes()) < 2 {
				t.Errorf("there are %d nodes", len(d.Nodes()))
			}
			for i, n := range d.Nodes() {
				if d.Node(n.Number) != n {
					t.Errorf("node %s is not the one with the number %d", n.Path(), n.Number)
				}
				if got := d.Tree.Find(n.Path()); got.Range() != n.Value().Range() {
					t.Errorf("the pointer %s leads to %v, the node stands at %v", n.Path(), got.Range(), n.Value().Range())
				}
				inside := n.Value().Range().Start + 1
				if at := d.NodeAt(inside); at != n {
					t.Errorf("behind the brace of %s stands %s", n.Path(), at.Path())
				}
				if i > 0 && n.Value().Range().Start < d.Nodes()[i-1].Value().Range().Start {
					t.Errorf("node %s is out of the file's order", n.Path())
				}
			}
		})
	}
}

func TestNestedDocumentsAreScopesOfTheirOwn(t *testing.T) {
	d := Build(syntax.Parse(`{"apiVersion":"v1.2","name":"x","arguments":{"A":1},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
	  {"kind":"Build","ref":"build"},
	  {"kind":"Pipeline","ref":"pipe","spec":{
	    "preview":{"kind":"PreviewEnv","spec":{"apiVersion":"v1.2","triggers":[{"ref":"git"}],"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Addon","ref":"db","spec":{"name":"${template.refs.build.branch}"}}]}}}},
	    "stages":[{"name":"Production","releaseFlow":{"kind":"ReleaseFlow","spec":{"arguments":{"B":1},"spec":{"kind":"Workflow","ref":"flow"}}}}]}}]}}}`), nil)
	var got []string
	for _, s := range d.Scopes() {
		owner := "-"
		if s.Owner != nil {
			owner = s.Owner.Ref
		}
		got = append(got, fmt.Sprintf("%v of %s: refs %v, %d arguments, %d triggers", s.Type, owner, s.Refs(), len(s.Arguments()), len(s.Triggers())))
	}
	want := "template of -: refs [build pipe], 1 arguments, 0 triggers\n" +
		"previewEnv of pipe: refs [db], 0 arguments, 1 triggers\n" +
		"releaseFlow of pipe: refs [flow], 1 arguments, 0 triggers"
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	deps := d.Dependencies()
	if len(deps) != 1 || deps[0].User.Ref != "pipe" || deps[0].Target.Ref != "build" || deps[0].Holder.Ref != "db" {
		t.Errorf("template.refs must make the pipeline wait for the build, got %+v", deps)
	}
}

func TestAnEditKeepsTheFactsOfUntouchedNodes(t *testing.T) {
	text := `{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
	  {"kind":"Build","ref":"a","spec":{"id":"${args.one}"}},
	  {"kind":"Build","ref":"b","spec":{"id":"${args.two}"}},
	  {"kind":"Build","ref":"c","spec":{"id":"${args.three}"}}]}}}`
	before := Build(syntax.Parse(text), nil)
	at := strings.Index(text, "two")
	after := Build(before.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + 3}, NewText: "another"}), before)
	for _, ref := range []string{"a", "c"} {
		if before.Main.ByRef(ref)[0].Facts != after.Main.ByRef(ref)[0].Facts {
			t.Errorf("the facts of %q were collected again", ref)
		}
	}
	b := after.Main.ByRef("b")[0]
	if b.Facts == before.Main.ByRef("b")[0].Facts {
		t.Error("the facts of the edited node are the old ones")
	}
	e := after.Main.ByRef("c")[0].Facts.Expressions[0]
	if got := e.Value(after.Main.ByRef("c")[0].Value()).Text(); got != "${args.three}" {
		t.Errorf("a moved expression is found as %q", got)
	}
}

func TestProjectContextComesFromTheNearest(t *testing.T) {
	d := Build(syntax.Parse(`{"apiVersion":"v1.2","name":"x","project":{"id":"doc"},"spec":{"kind":"Workflow","ref":"outer","spec":{"type":"sequential","steps":[
	  {"kind":"Build","ref":"plain"},
	  {"kind":"Workflow","ref":"inner","context":{"projectId":"p"},"spec":{"type":"sequential","steps":[
	    {"kind":"Build","ref":"inherits"},
	    {"kind":"Build","ref":"own","spec":{"projectId":"q"}},
	    {"kind":"Condition","ref":"data","spec":{"kind":"Build","spec":{"data":{"projectId":"r"}}}}]}}]}}}`), nil)
	for ref, want := range map[string]string{"plain": "document", "inherits": "inner", "own": "own", "data": "data"} {
		c, ok := d.Main.ByRef(ref)[0].ProjectContext()
		got := "document"
		if c.Node != nil {
			got = c.Node.Ref
		}
		if !ok || got != want {
			t.Errorf("%s takes its project from %s (%v), want %s", ref, got, ok, want)
		}
	}
}

func TestACorpusOfRealFilesIsModelled(t *testing.T) {
	dir := os.Getenv("NF_CORPUS")
	if dir == "" {
		t.Skip("NF_CORPUS names no folder of real templates")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "public", "*.json"))
	if len(files) == 0 {
		t.Fatalf("%s holds no public/*.json", dir)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d := Build(syntax.Parse(string(text)), nil)
		if d.Type == None {
			t.Errorf("%s is not recognised", filepath.Base(f))
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add(flow)
	f.Add(`{"apiVersion":"v1.2","spec":{"kind":"Workflow","spec":{"steps":[{"kind":"Pipeline","spec":{"stages":[{"releaseFlow":{"spec":{"spec":{"kind":`)
	f.Add(`{"spec":{"kind":"Template","spec":{"kind":"PreviewEnv","spec":{"spec":{"kind":"Build","ref":"${"}}}}}`)
	f.Add(`[{"kind":"Volume"},[{"kind":1}]]`)
	f.Fuzz(func(t *testing.T, text string) {
		d := Build(syntax.Parse(text), nil)
		for _, n := range d.Nodes() {
			if d.Node(n.Number) != n || n.Facts == nil || n.Scope == nil {
				t.Fatalf("node %d is incomplete", n.Number)
			}
			for _, e := range n.Facts.Expressions {
				if v := e.Value(n.Value()); v.Range().Start != n.Value().Range().Start+e.Offset {
					t.Fatalf("the expression %q is not found again", e.Text.Text)
				}
			}
		}
		Cycles(d.Dependencies())
		for offset := 0; offset <= len(text); offset += 1 + len(text)/20 {
			d.NodeAt(offset)
			if d.Type != None {
				d.ScopeAt(offset)
			}
		}
		if again := Build(d.Tree, d); len(again.Nodes()) != len(d.Nodes()) {
			t.Fatalf("built again: %d nodes, first %d", len(again.Nodes()), len(d.Nodes()))
		}
	})
}

func TestAnArgumentsValueMayDeclareIt(t *testing.T) {
	for value, want := range map[string]string{
		`{"type": "number", "default": 3, "required": true}`: "number 3 required",
		`{"type": "secret"}`:                  "secret hidden",
		`{"type": "secret", "secret": false}`: "secret open",
		`{"description": "What it is for", "title": "Size", "required": false}`: "",
		`{"secret": true, "default": "${fn.randomSecret(8)}"}`:                  `"${fn.randomSecret(8)}" hidden`,
		`{"type": "object", "default": {"type": "x"}}`:                          `object {"type": "x"}`,
		`{"type": "postgresql"}`:                                                "a value",
		`{"type": "string", "version": "16"}`:                                   "a value",
		`{"type": 3}`:                                                           "a value",
		`{"type": "string", "required": "yes"}`:                                 "a value",
		`{"default": "x"}`:                                                      "a value",
		`{"type": "string", "secret": 1}`:                                       "a value",
		`{"required": true, "description": {}}`:                                 "a value",
		`{}`:                                                                    "a value",
		`"type"`:                                                                "a value",
		`{"type": "string", "default": `:                                        "string",
		`{"type": `:                                                             "a value",
	} {
		d, ok := declarationOf(syntax.Parse(value).Root())
		var parts []string
		if d.Type != "" {
			parts = append(parts, d.Type)
		}
		if d.Default.IsValid() {
			parts = append(parts, d.Default.Raw())
		}
		if d.Required {
			parts = append(parts, "required")
		}
		if d.SecretKnown {
			parts = append(parts, map[bool]string{true: "hidden", false: "open"}[d.Secret])
		}
		got := strings.Join(parts, " ")
		if !ok {
			got = "a value"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

func TestExpressionsMayBeWrittenWithEscapes(t *testing.T) {
	for _, written := range []string{`${refs.a.id}`, `\u0024{refs.a.id}`, `$\u007brefs.a.id\u007D`, `x \u0024\u007Brefs.\u0061.id}`} {
		text := `{"apiVersion":"v1.2","name":"x","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
		  {"kind":"Build","ref":"a"},{"kind":"Build","spec":{"list":["` + written + `"],"id":"` + written + `"}}]}}}`
		n := Build(syntax.Parse(text), nil).Nodes()[2]
		if len(n.Facts.Expressions) != 2 {
			t.Errorf("%s: %d expressions are seen, not 2", written, len(n.Facts.Expressions))
			continue
		}
		for _, e := range n.Facts.Expressions {
			if len(e.Uses) != 1 {
				t.Errorf("%s: %d uses", written, len(e.Uses))
				continue
			}
			segment := e.Uses[0].Ref.Segments[0]
			at := e.Value(n.Value()).Decode().SourceRange(segment.Start, segment.End)
			if got := text[at.Start:at.End]; got != "a" && got != `\u0061` {
				t.Errorf("%s: the ref stands at %q", written, got)
			}
		}
	}
}
