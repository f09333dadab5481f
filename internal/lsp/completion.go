package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func completionMethod() method {
	return query(protocol.MethodTextDocumentCompletion, completion).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			options := &protocol.CompletionOptions{
				TriggerCharacters: []string{`"`, "$", "{", ".", "(", ",", "'", ":"},
			}
			if c.resolvesDocumentation || c.resolvesAdditions {
				resolve := true
				options.ResolveProvider = &resolve
			}
			caps.CompletionProvider = options
		})
}

// mostItems is how many items a list has at most. A large template has more
// nodes than anybody looks through, and a list of all of them takes seconds.
const mostItems = 1000

// completion lists what may be written at the cursor. A list that is complete is
// narrowed down by the client as more is typed, until a trigger character opens
// a new one; for one that is not, the client asks again.
func completion(_ context.Context, v *View, p *protocol.CompletionParams) (any, error) {
	list := &protocol.CompletionList{Items: []protocol.CompletionItem{}}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return list, nil
	}
	offset := d.offset(p.Position)
	line := d.lines.LineRange(int(d.lines.Position(offset, d.env.client.encoding).Line))
	items := d.Analysis().CompleteTyped(offset, typed(p.Context))
	if len(items) > mostItems {
		list.IsIncomplete = true
		items = d.likeliest(items, offset)
	}
	for _, item := range items {
		// The protocol wants an edit to be on one line and around the cursor; some
		// clients drop the whole list for one that is not.
		if r := item.Range; r.Start >= line.Start && r.Start <= offset && offset <= r.End && r.End <= line.End {
			list.Items = append(list.Items, d.completionItem(item))
		}
	}
	return list, nil
}

// typed returns the character that opened the list; 0 where a person did, or
// where letters of a word did.
func typed(c protocol.CompletionContext) analysis.Typed {
	if c.TriggerKind == protocol.CompletionTriggerKindTriggerCharacter {
		if text := c.TriggerCharacter; text != nil && len(*text) == 1 {
			return analysis.Typed((*text)[0])
		}
	}
	return 0
}

// likeliest returns the items that what is typed before the cursor fits, the
// first ones in their order.
func (d *Document) likeliest(items []analysis.CompletionItem, offset int) []analysis.CompletionItem {
	tree := d.Analysis().Tree
	items = slices.DeleteFunc(slices.Clone(items), func(i analysis.CompletionItem) bool {
		return !analysis.Matches(i.Filter, tree.Slice(syntax.Range{Start: i.Range.Start, End: offset}))
	})
	slices.SortStableFunc(items, func(a, b analysis.CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
	return items[:min(len(items), mostItems)]
}

// completionItem translates an item, as far as the client understands it.
func (d *Document) completionItem(item analysis.CompletionItem) protocol.CompletionItem {
	c := d.env.client
	out := protocol.CompletionItem{
		Label:            item.Label,
		Kind:             completionKind(item.Kind),
		InsertTextFormat: protocol.InsertTextFormatPlainText,
	}
	insert := item.Insert
	switch {
	case item.Snippet && c.snippets:
		out.InsertTextFormat = protocol.InsertTextFormatSnippet
	case item.Snippet:
		insert = plainSnippet(insert)
	}
	out.TextEdit = &protocol.TextEdit{Range: d.span(item.Range), NewText: insert}
	if item.Detail != "" {
		out.Detail = protocol.NewOptional(item.Detail)
		// What tells items apart that look alike belongs beside them: sizes, prices.
		if c.labelDetails && item.Kind != analysis.ItemFunction {
			out.LabelDetails = &protocol.CompletionItemLabelDetails{Description: &item.Detail}
		}
	}
	d.deferred(&out, item)
	if item.Filter != "" {
		out.FilterText = protocol.NewOptional(item.Filter)
	}
	if item.Sort != "" {
		out.SortText = protocol.NewOptional(item.Sort)
	}
	if item.Preselect && c.preselect {
		out.Preselect = protocol.NewOptional(true)
	}
	if item.Deprecated {
		switch {
		case c.completionTags:
			out.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
		case c.completionDeprecate:
			out.Deprecated = protocol.NewOptional(true) //nolint:staticcheck // clients without tags know nothing else
		}
	}
	if item.Retrigger && c.retriggerCommand != "" {
		out.Command = protocol.Command{Title: "Complete further", Command: c.retriggerCommand}
	}
	return out
}

// completionKind uses the kinds that every version of the protocol has.
func completionKind(k analysis.ItemKind) protocol.CompletionItemKind {
	switch k {
	case analysis.ItemNode:
		return protocol.CompletionItemKindClass
	case analysis.ItemProperty:
		return protocol.CompletionItemKindProperty
	case analysis.ItemRef:
		return protocol.CompletionItemKindReference
	case analysis.ItemOutput:
		return protocol.CompletionItemKindField
	case analysis.ItemArgument, analysis.ItemParameter:
		return protocol.CompletionItemKindVariable
	case analysis.ItemFunction:
		return protocol.CompletionItemKindFunction
	case analysis.ItemRoot:
		return protocol.CompletionItemKindModule
	default:
		return protocol.CompletionItemKindValue
	}
}
