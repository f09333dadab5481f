package lsp_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// A client that completes, as far as the protocol leaves it to clients how the
// lines of an insertion are indented and where it is said what they are.
type completingClient struct {
	name         string
	capabilities string // of textDocument.completion
	snippets     bool
	// adjusts says that it gives all lines but the first the indentation of the line
	// where they go, unless it is told not to.
	adjusts bool
}

var completingClients = []completingClient{
	{name: "one that says nothing takes texts as they are", capabilities: `{}`},
	{
		name:         "one that adjusts indentation and says so",
		capabilities: `{"insertTextMode":2}`, adjusts: true,
	},
	{
		name:         "one with snippets adjusts their indentation by custom, as Neovim does",
		capabilities: `{"completionItem":{"snippetSupport":true},"completionList":{"itemDefaults":["editRange","insertTextFormat","insertTextMode","data"]}}`,
		snippets:     true, adjusts: true,
	},
	{
		name:         "one that adjusts indentation and can be told not to, as VS Code can",
		capabilities: `{"insertTextMode":2,"completionItem":{"snippetSupport":true,"insertTextModeSupport":{"valueSet":[1,2]}},"completionList":{"itemDefaults":["commitCharacters","editRange","insertTextFormat","insertTextMode","data"]}}`,
		snippets:     true, adjusts: true,
	},
	{
		name:         "one that can be told for each item only",
		capabilities: `{"insertTextMode":2,"completionItem":{"snippetSupport":true,"insertTextModeSupport":{"valueSet":[1,2]}}}`,
		snippets:     true, adjusts: true,
	},
	{
		name:         "one that reads the range of the list only",
		capabilities: `{"completionList":{"itemDefaults":["editRange"]}}`,
	},
}

type insertion struct {
	InsertTextFormat, InsertTextMode int
	EditRange                        *lspRange
}

type lspRange struct{ Start, End struct{ Line, Character int } }

type insertedItem struct {
	insertion
	Label        string
	TextEditText *string
	TextEdit     *struct {
		Range   lspRange
		NewText string
	}
}

var proposal = regexp.MustCompile(`\$\{\d+:([^}]*)\}|\$\d+`)

// choose inserts an item of a reply into a text as the client does.
func (c completingClient) choose(t *testing.T, text, label string, reply json.RawMessage) string {
	t.Helper()
	list := decode[struct {
		ItemDefaults insertion
		Items        []insertedItem
	}](t, reply)
	for _, item := range list.Items {
		if item.Label != label {
			continue
		}
		var where lspRange
		var inserted string
		switch {
		case item.TextEdit != nil:
			where, inserted = item.TextEdit.Range, item.TextEdit.NewText
		case item.TextEditText != nil && list.ItemDefaults.EditRange != nil:
			where, inserted = *list.ItemDefaults.EditRange, *item.TextEditText
		default:
			t.Fatalf("nothing says what %s inserts, and where", label)
		}
		format, mode := item.InsertTextFormat, item.InsertTextMode
		if format == 0 {
			format = list.ItemDefaults.InsertTextFormat
		}
		if mode == 0 {
			mode = list.ItemDefaults.InsertTextMode
		}
		if format == 2 {
			if !c.snippets {
				t.Fatalf("%s is a snippet", label)
			}
			inserted = proposal.ReplaceAllString(inserted, "$1")
		}
		lines := strings.SplitAfter(text, "\n")
		line := lines[where.Start.Line]
		if c.adjusts && mode != 1 {
			inserted = strings.ReplaceAll(inserted, "\n", "\n"+line[:len(line)-len(strings.TrimLeft(line, " \t"))])
		}
		lines[where.Start.Line] = line[:where.Start.Character] + inserted + line[where.End.Character:]
		return strings.Join(lines, "")
	}
	t.Fatalf("%s is not offered", label)
	return ""
}

func TestAChosenNodeHasTheIndentationOfItsPlace(t *testing.T) {
	const before, after = `{
  "apiVersion": "v1.2",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    ` + "\t", `
  ] } }
}
`
	node := strings.ReplaceAll(`{
  "kind": "SecretGroup",
  "ref": "secretGroup",
  "spec": {
`, "\n", "\n    \t")
	for _, client := range completingClients {
		t.Run(client.name, func(t *testing.T) {
			s := open(t, `{"textDocument":{"diagnostic":{},"completion":`+client.capabilities+`}}`)
			s.didOpen(docURI, "json", before+after)
			reply := s.request("textDocument/completion", at(docURI, 3, 5))
			chosen := client.choose(t, before+after, "SecretGroup", reply)
			if !strings.HasPrefix(chosen, before+node) || !strings.HasSuffix(chosen, "\n    \t}"+after) {
				t.Errorf("the node is not indented as its first line is:\n%s", strings.ReplaceAll(chosen, "\t", "→"))
			}
		})
	}
}

// What is said once for all items goes for each of them.
func TestClientsWithDefaultsReadTheSameItems(t *testing.T) {
	texts := map[string]string{}
	for _, client := range completingClients {
		t.Run(client.name, func(t *testing.T) {
			s := open(t, `{"textDocument":{"diagnostic":{},"completion":`+client.capabilities+`}}`)
			s.didOpen(docURI, "json", half)
			for _, place := range []struct {
				line         int
				after, label string
			}{{6, `"kind": "`, "Addon"}, {7, `"name": "${`, "refs"}, {7, `${refs.shop.`, "id"}, {7, `${fn.`, "slug"}, {5, `"Shop", "`, "description"}} {
				line := strings.Split(half, "\n")[place.line]
				column := strings.Index(line, place.after) + len(place.after)
				chosen := client.choose(t, half, place.label, s.request("textDocument/completion", at(docURI, place.line, column)))
				if known, ok := texts[place.after]; ok && known != chosen {
					t.Errorf("%s:\n%s\nelsewhere:\n%s", place.label, chosen, known)
				}
				texts[place.after] = chosen
			}
		})
	}
}
