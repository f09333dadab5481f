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
	items, whole := d.Analysis().CompleteMost(offset, typed(p.Context), mostItems)
	list.IsIncomplete = !whole
	// The protocol wants an edit to be on one line and around the cursor; some
	// clients drop the whole list for one that is not.
	items = slices.DeleteFunc(items, func(item analysis.CompletionItem) bool {
		r := item.Range
		return r.Start < line.Start || r.Start > offset || offset > r.End || r.End > line.End
	})
	w := completionWriter{d: d, line: line, list: list}
	w.write(items)
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

// completionWriter translates a list, as far as the client understands it. What
// all items have in common it says once where the client lets it: a list of all
// kinds of nodes comes at every letter.
type completionWriter struct {
	d    *Document
	line syntax.Range // where the cursor is
	list *protocol.CompletionList

	// span is the range of the items in common, as it is sent.
	common syntax.Range
	span   protocol.Range
}

func (w *completionWriter) write(items []analysis.CompletionItem) {
	if len(items) == 0 {
		return
	}
	c := w.d.env.client
	w.common = items[0].Range
	w.span = w.d.span(w.common)
	var defaults protocol.CompletionItemDefaults
	if c.defaultEditRange {
		defaults.EditRange = &w.span
	}
	if c.defaultTextFormat && c.snippets && items[0].Snippet {
		defaults.InsertTextFormat = protocol.InsertTextFormatSnippet
	}
	if c.defaultTextMode && c.asIs {
		defaults.InsertTextMode = protocol.InsertTextModeAsIs
	}
	if defaults.EditRange != nil || defaults.InsertTextFormat != 0 || defaults.InsertTextMode != 0 {
		w.list.ItemDefaults = &defaults
	}
	w.list.Items = make([]protocol.CompletionItem, len(items))
	for i := range items {
		w.item(&w.list.Items[i], &items[i])
	}
}

// insertion fills in what is inserted, where and how.
func (w *completionWriter) insertion(out *protocol.CompletionItem, item *analysis.CompletionItem) {
	c := w.d.env.client
	insert, format := item.Insert, protocol.InsertTextFormatPlainText
	switch {
	case item.Snippet && c.snippets:
		format = protocol.InsertTextFormatSnippet
	case item.Snippet:
		insert = plainSnippet(insert)
	}
	if defaults := w.list.ItemDefaults; defaults == nil || defaults.InsertTextFormat != format {
		out.InsertTextFormat = format
	}
	if strings.IndexByte(insert, '\n') >= 0 {
		switch {
		case c.asIs && c.defaultTextMode: // said for the list
		case c.asIs:
			out.InsertTextMode = protocol.InsertTextModeAsIs
		// Unless a client can be told, it is the custom of editors that the lines of a
		// snippet get the indentation of the line where it goes.
		case c.adjustsIndentation, format == protocol.InsertTextFormatSnippet:
			insert = w.unindented(insert)
		}
	}
	switch {
	case c.defaultEditRange && item.Range == w.common:
		out.TextEditText = protocol.NewOptional(insert)
	case item.Range == w.common:
		out.TextEdit = &protocol.TextEdit{Range: w.span, NewText: insert}
	default:
		out.TextEdit = &protocol.TextEdit{Range: w.d.span(item.Range), NewText: insert}
	}
}

// unindented takes from the lines of a text the indentation of the line where it
// goes, which the client gives them.
func (w *completionWriter) unindented(text string) string {
	line := w.d.Analysis().Tree.Slice(w.line)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return strings.ReplaceAll(text, "\n"+indent, "\n")
}

// item translates an item.
func (w *completionWriter) item(out *protocol.CompletionItem, item *analysis.CompletionItem) {
	c := w.d.env.client
	out.Label, out.Kind = item.Label, completionKind(item.Kind)
	w.insertion(out, item)
	if item.Detail != "" {
		out.Detail = protocol.NewOptional(item.Detail)
		// What tells items apart that look alike belongs beside them: sizes, prices.
		if c.labelDetails && item.Kind != analysis.ItemFunction {
			out.LabelDetails = &protocol.CompletionItemLabelDetails{Description: &item.Detail}
		}
	}
	w.d.deferred(out, item)
	// Without one, the label is what is filtered by; clients that know of defaults
	// can be trusted with this one.
	if item.Filter != "" && (item.Filter != item.Label || !c.defaultEditRange) {
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
