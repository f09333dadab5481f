package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func completionResolveMethod() method {
	return query(protocol.MethodCompletionItemResolve, completionResolve)
}

// itemData is what a completion item brings along to be resolved. The document may
// have changed since: what it is about is looked up again.
type itemData struct {
	// URI is empty where the item is about nothing in a document.
	URI   string         `json:"uri,omitempty"`
	Topic analysis.Topic `json:"topic,omitempty"`
	// RefFor is a node that gets a ref with the item, Ref that ref.
	RefFor string `json:"refFor,omitempty"`
	Ref    string `json:"ref,omitempty"`
}

// completionResolve works out the documentation of an item and the edits that it
// needs elsewhere.
func completionResolve(_ context.Context, v *View, p *protocol.CompletionItem) (any, error) {
	if len(p.Data) == 0 {
		return p, nil // it came complete
	}
	var data itemData
	if err := json.Unmarshal(p.Data, &data); err != nil {
		return nil, fmt.Errorf("the data of a completion item is not what the server has sent: %w", err)
	}
	if data.URI == "" {
		if doc := analysis.Explain(data.Topic); doc != "" {
			p.Documentation = markup(doc, v.client.markdownCompletion)
		}
		return p, nil
	}
	d := v.template(uri.URI(keyOf(data.URI)))
	if d == nil {
		return p, nil
	}
	if doc := d.Analysis().Explain(data.Topic); doc != "" {
		p.Documentation = markup(doc, v.client.markdownCompletion)
	}
	p.AdditionalTextEdits = append(p.AdditionalTextEdits, d.textEdits(d.Analysis().RefAddition(data.RefFor, data.Ref))...)
	return p, nil
}

// deferred leaves to be resolved what the client asks for later, and fills in the
// rest.
func (d *Document) deferred(out *protocol.CompletionItem, item *analysis.CompletionItem) {
	c := d.env.client
	data := itemData{}
	if c.resolvesDocumentation {
		data.Topic = item.Topic
	} else if doc := d.Analysis().Explain(item.Topic); doc != "" {
		out.Documentation = markup(doc, c.markdownCompletion)
	}
	if len(item.Added) > 0 {
		out.AdditionalTextEdits = d.textEdits(item.Added)
	}
	if c.resolvesAdditions {
		data.RefFor, data.Ref = item.RefFor, item.Ref
	} else {
		out.AdditionalTextEdits = append(out.AdditionalTextEdits, d.textEdits(d.Analysis().RefAddition(item.RefFor, item.Ref))...)
	}
	if data.RefFor != "" || data.Topic.OfDocument() {
		data.URI = d.URI
	}
	out.Data = data.encoded()
}

// encoded is the data as JSON, nil for none. Most items have a topic alone, whose
// letters need no escapes, and lists have many of them.
func (d itemData) encoded() []byte {
	switch {
	case d == itemData{}:
		return nil
	case d == itemData{Topic: d.Topic} && isPlain(string(d.Topic)):
		return []byte(`{"topic":"` + string(d.Topic) + `"}`)
	}
	encoded, err := json.Marshal(d)
	if err != nil { // strings only: it cannot fail
		panic(fmt.Sprintf("encoding the data of an item: %v", err))
	}
	return encoded
}

// isPlain reports whether a text is its own JSON form but for the quotes.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '/', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
