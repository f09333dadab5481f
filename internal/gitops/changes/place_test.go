package changes

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

const placeOlder = `{ "apiVersion": "v1.2", "name": "Shop", "arguments": { "SIZE": 1, "API_TOKEN": "abc" }, "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
  { "kind": "Addon", "ref": "db", "spec": { "name": "data", "billing": { "storage": 4096 } } },
  { "kind": "SecretGroup", "ref": "keys", "spec": { "name": "keys", "secrets": { "variables": { "MODE": "production" } } } },
  { "kind": "CombinedService", "ref": "web", "spec": { "name": "web", "ports": [ { "name": "http", "internalPort": 80 }, { "name": "admin", "internalPort": 90 } ], "description": "by ${args.SIZE}" } }
] } } }`

func TestAPlaceIsFoundInAnOlderVersionWhereverItIsNow(t *testing.T) {
	newer := strings.NewReplacer(
		`[
  { "kind": "Addon"`, `[
  { "kind": "Condition", "ref": "first", "spec": {} },
  { "kind": "Addon"`,
		"4096", "8192", `"SIZE": 1`, `"SIZE": 2`, `"abc"`, `"xyz"`, `"production"`, `"staging"`,
		`{ "name": "http", "internalPort": 80 }, { "name": "admin", "internalPort": 90 }`, `{ "name": "admin", "internalPort": 91 }, { "name": "http", "internalPort": 80 }`,
		`"by ${args.SIZE}"`, `"by ${args.SIZE} more"`,
	).Replace(placeOlder)
	for _, c := range []struct{ name, at, want string }{
		{"a value", `"storage": 8`, "changed /spec/billing/storage 8192 4096"},
		{"a name is its value", `"stor`, "changed /spec/billing/storage 8192 4096"},
		{"an element that has moved is known by its name", `"internalPort": 9`, "changed /spec/ports/0/internalPort 91 90"},
		{"an element that is the same elsewhere", `"internalPort": 8`, "changed /spec/ports/1/internalPort 80 80"},
		{"what an environment holds is hidden", `"MODE": "s`, "changed /spec/secrets/variables/MODE \"***\" \"***\""},
		{"in objects too", `"vari`, `changed /spec/secrets/variables {"MODE":"***"} {"MODE":"***"}`},
		{"a property of the document", `"SIZE": 2`, "changed /arguments/SIZE 2 1"},
		{"an argument that is named as a secret", `"API_TOKEN": "x`, `changed /arguments/API_TOKEN "***" "***"`},
		{"a text with an expression", `"by ${`, `changed /spec/description "by ${args.SIZE} more" "by ${args.SIZE}"`},
		{"what is new has no counterpart", `"ref": "fir`, "added  whole "},
		{"a ref is the node", `"ref": "d`, "changed  whole /spec/billing/storage"},
		{"a node that is what it was", `"name": "Sh`, ` /name "Shop" "Shop"`},
		{"between values", `"name": "Shop",`, "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := strings.Index(newer, c.at)
			if i < 0 {
				t.Fatal("the place is not in the text")
			}
			p, ok := Of(syntax.Parse(placeOlder)).Place(Of(syntax.Parse(newer)), i+len(c.at))
			got := "nothing"
			switch {
			case ok && p.Whole:
				pointers, _ := p.Differences(5)
				if p.Change.What == Added {
					pointers = nil
				}
				got = string(p.Change.What) + " " + p.Pointer + " whole " + strings.Join(pointers, " ")
			case ok:
				got = string(p.Change.What) + " " + p.Pointer + " " + p.Shown(p.Now) + " " + p.Shown(p.Was)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	older := Of(syntax.Parse(placeOlder))
	for _, text := range []string{newer, placeOlder[:300], "", "[1,", `{"kind":`} {
		v := Of(syntax.Parse(text))
		for offset := -1; offset <= len(text)+1; offset++ {
			if p, ok := older.Place(v, offset); ok {
				p.Differences(3)
				p.Shown(p.Now)
			}
		}
	}
}

// The version of an edited text is the one that its text alone makes.
func TestAVersionThatFollowsAnEditIsTheOneOfItsText(t *testing.T) {
	base := Of(syntax.Parse(placeOlder))
	tree := syntax.Parse(placeOlder)
	doc := template.Build(tree, nil)
	v := OfDocument(doc, nil)
	text := placeOlder
	for i, edit := range [][2]string{{"4096", "8192"}, {`"ref": "keys", `, ""}, {`"web"`, `"we`}, {`"we`, `"web"`}, {"sequential", "parallel"}, {`"MODE": `, `"MODE": { "kind": `}} {
		at := strings.Index(text, edit[0])
		text = text[:at] + edit[1] + text[at+len(edit[0]):]
		tree = tree.Follow(syntax.NewLines(text))
		doc = template.Build(tree, doc)
		before := len(v.own)
		v = OfDocument(doc, v)
		want, got := base.Until(Of(syntax.Parse(text))), base.Until(v)
		if len(got) != len(want) {
			t.Fatalf("edit %d: got %v, want %v", i, got, want)
		}
		for j := range want {
			if got[j] != want[j] {
				t.Errorf("edit %d: got %v, want %v", i, got[j], want[j])
			}
		}
		if before == 0 {
			t.Error("nothing is known of the nodes")
		}
	}
}
