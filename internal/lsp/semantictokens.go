package lsp

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// tokenTypes are the types of the protocol that editors have colours for, in the
// order in which replies number them.
var tokenTypes = []string{"operator", "namespace", "class", "property", "variable", "function", "parameter", "string", "number", "regexp", "keyword"}

// knownFunction is the modifier of functions that the language has.
const knownFunction = 1

// tokenCode says for each type of the analysis which of tokenTypes it is, and
// its modifiers.
var tokenCode = [...][2]uint32{
	analysis.TokenDelimiter:       {0, 0},
	analysis.TokenRoot:            {1, 0},
	analysis.TokenRef:             {2, 0},
	analysis.TokenProperty:        {3, 0},
	analysis.TokenArgument:        {4, 0},
	analysis.TokenVariable:        {4, 0},
	analysis.TokenFunction:        {5, knownFunction},
	analysis.TokenUnknownFunction: {5, 0},
	analysis.TokenParameter:       {6, 0},
	analysis.TokenString:          {7, 0},
	analysis.TokenNumber:          {8, 0},
	analysis.TokenRegex:           {9, 0},
	analysis.TokenKeyword:         {10, 0},
}

// semanticTokensMethod colours the expressions in strings. The three methods
// are announced together, by this one.
func semanticTokensMethod() method {
	return query(protocol.MethodTextDocumentSemanticTokensFull, semanticTokens).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.semanticTokens {
				return
			}
			delta := true
			caps.SemanticTokensProvider = &protocol.SemanticTokensOptions{
				Legend: protocol.SemanticTokensLegend{TokenTypes: tokenTypes, TokenModifiers: []string{"defaultLibrary"}},
				Range:  protocol.Boolean(true),
				Full:   &protocol.SemanticTokensFullDelta{Delta: &delta},
			}
		})
}

func semanticTokensDeltaMethod() method {
	return query(protocol.MethodTextDocumentSemanticTokensFullDelta, semanticTokensDelta)
}

func semanticTokensRangeMethod() method {
	return query(protocol.MethodTextDocumentSemanticTokensRange, semanticTokensRange)
}

func semanticTokens(_ context.Context, v *View, p *protocol.SemanticTokensParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return &protocol.SemanticTokens{Data: []uint32{}}, nil
	}
	next := d.sendTokens()
	return &protocol.SemanticTokens{ResultID: &next.id, Data: next.data}, nil
}

// semanticTokensDelta answers what is different from the tokens that the client
// has. If those are not the last ones that were sent, it answers them in full.
func semanticTokensDelta(_ context.Context, v *View, p *protocol.SemanticTokensDeltaParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return &protocol.SemanticTokens{Data: []uint32{}}, nil
	}
	prev := d.env.tokens.last.Load()
	next := d.sendTokens()
	if prev == nil || prev.id != p.PreviousResultID {
		return &protocol.SemanticTokens{ResultID: &next.id, Data: next.data}, nil
	}
	return &protocol.SemanticTokensDelta{ResultID: &next.id, Edits: tokenEdits(prev.data, next.data)}, nil
}

func semanticTokensRange(_ context.Context, v *View, p *protocol.SemanticTokensRangeParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return &protocol.SemanticTokens{Data: []uint32{}}, nil
	}
	return &protocol.SemanticTokens{Data: d.tokens(d.bytes(p.Range))}, nil
}

// whole is the range of the document's text.
func (d *Document) whole() syntax.Range { return syntax.Range{End: len(d.Text())} }

// bytes returns a range in bytes.
func (d *Document) bytes(r protocol.Range) syntax.Range {
	start, end := d.offset(r.Start), d.offset(r.End)
	return syntax.Range{Start: start, End: max(start, end)}
}

// tokens returns the tokens that touch a range as the protocol encodes them:
// five numbers each, the place relative to the token in front.
func (d *Document) tokens(within syntax.Range) []uint32 {
	found := d.Analysis().Tokens(within)
	data := make([]uint32, 0, 5*len(found))
	var line, character uint32
	for _, t := range found {
		at := d.span(t.Range)
		if at.Start.Line != line {
			character = 0
		}
		code := tokenCode[t.Type]
		data = append(data, at.Start.Line-line, at.Start.Character-character, at.End.Character-at.Start.Character, code[0], code[1])
		line, character = at.Start.Line, at.Start.Character
	}
	return data
}

// sentTokens are the tokens that a client was sent last for a document.
type sentTokens struct {
	id   string
	data []uint32
}

// tokenHistory numbers the tokens of a document and remembers the last ones.
type tokenHistory struct {
	count atomic.Uint64
	last  atomic.Pointer[sentTokens]
}

// sendTokens makes the document's tokens those that the client has. Their id
// holds the opening: a client may remember one from an earlier time.
func (d *Document) sendTokens() *sentTokens {
	h := &d.env.tokens
	next := &sentTokens{fmt.Sprintf("%d-%d", d.env.opening, h.count.Add(1)), d.tokens(d.whole())}
	h.last.Store(next)
	return next
}

// tokenEdits returns the edit that makes next of prev; none if they are equal.
// It keeps tokens whole.
func tokenEdits(prev, next []uint32) []protocol.SemanticTokensEdit {
	const size = 5
	most := min(len(prev), len(next))
	start := 0
	for start < most && slices.Equal(prev[start:start+size], next[start:start+size]) {
		start += size
	}
	end := 0
	for end < most-start && slices.Equal(prev[len(prev)-end-size:len(prev)-end], next[len(next)-end-size:len(next)-end]) {
		end += size
	}
	gone, come := len(prev)-start-end, next[start:len(next)-end]
	if gone == 0 && len(come) == 0 {
		return []protocol.SemanticTokensEdit{}
	}
	return []protocol.SemanticTokensEdit{{Start: uint32(start), DeleteCount: uint32(gone), Data: come}}
}
