package lsp

import (
	"strings"
	"sync"
	"sync/atomic"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Document is one version of an open document. It is immutable; what it knows
// about its text is computed on demand, once.
type Document struct {
	URI      string // as the client spells it
	Version  int32
	Language string

	env    *documentEnv
	config *analysis.Config
	lines  *syntax.Lines
	parsed func() *analysis.Snapshot
	report func() *report
}

// documentEnv is what all versions of an open document share.
type documentEnv struct {
	client  *client
	analyse Analyse
	// opening numbers the openings of documents on this connection.
	opening uint64
	// latest is the analysis that was made last. Any version may build on it: it
	// is only a source of parts that are still the same.
	latest atomic.Pointer[analysis.Snapshot]
	tokens tokenHistory
}

func newDocument(env *documentEnv, d Document) *Document {
	doc := &d
	doc.env = env
	doc.parsed = sync.OnceValue(doc.analyse)
	doc.report = sync.OnceValue(func() *report { return newReport(doc) })
	return doc
}

// isJSON reports whether the document's language is one that a template is
// written in. Whether it is a template is for its content to say.
func (d *Document) isJSON() bool {
	language := strings.ToLower(d.Language)
	return language == "northflank" || strings.Contains(language, "json")
}

// Text returns the text of this version.
func (d *Document) Text() string { return d.lines.Text() }

// Analysis returns the analysis of this version.
func (d *Document) Analysis() *analysis.Snapshot { return d.parsed() }

func (d *Document) analyse() *analysis.Snapshot {
	prev := d.env.latest.Load()
	var tree *syntax.Tree
	switch {
	case prev == nil:
		tree = syntax.Parse(d.Text())
	case prev.Tree.Source() != d.Text():
		tree = prev.Tree.Edit(difference(prev.Tree.Source(), d.Text()))
	case prev.Config == d.config:
		return prev
	default:
		tree = prev.Tree
	}
	next := d.env.analyse(tree, prev, d.config)
	d.env.latest.Store(next)
	return next
}

// with returns the same text under another configuration.
func (d *Document) with(config *analysis.Config) *Document {
	next := *d
	next.config = config
	return newDocument(d.env, next)
}

// edited returns the version that change makes of d. A range that lies outside
// of the text is moved into it.
func (d *Document) edited(version int32, changes []contentChange) *Document {
	next := *d
	next.Version = version
	encoding := d.env.client.encoding
	for _, c := range changes {
		if c.Range == nil {
			next.lines = syntax.NewLines(c.Text)
			continue
		}
		at := syntax.Range{
			Start: next.lines.Offset(position(c.Range.Start), encoding),
			End:   next.lines.Offset(position(c.Range.End), encoding),
		}
		if at.End < at.Start {
			at.Start, at.End = at.End, at.Start
		}
		next.lines = next.lines.Edit(at, c.Text)
	}
	return newDocument(d.env, next)
}

// difference returns the edit that makes newText of oldText. Clients describe
// their edits, but one edit from any earlier version is all that is needed, and
// it also serves those that send whole documents.
func difference(oldText, newText string) syntax.Edit {
	most := min(len(oldText), len(newText))
	start := commonPrefix(oldText[:most], newText[:most])
	end := commonSuffix(oldText[start:], newText[start:])
	return syntax.Edit{
		Range:   syntax.Range{Start: start, End: len(oldText) - end},
		NewText: newText[start : len(newText)-end],
	}
}

// block is how much is compared at once: comparing strings is much faster than
// comparing bytes.
const block = 64

func commonPrefix(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n+block <= most && a[n:n+block] == b[n:n+block] {
		n += block
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n+block <= most && a[len(a)-n-block:len(a)-n] == b[len(b)-n-block:len(b)-n] {
		n += block
	}
	for n < most && a[len(a)-n-1] == b[len(b)-n-1] {
		n++
	}
	return n
}

// offset returns the byte offset of a position; one outside of the text is
// moved into it.
func (d *Document) offset(p protocol.Position) int {
	return d.lines.Offset(position(p), d.env.client.encoding)
}

// span returns a byte range in the client's positions.
func (d *Document) span(r syntax.Range) protocol.Range {
	start := d.lines.Position(r.Start, d.env.client.encoding)
	end := d.lines.Position(r.End, d.env.client.encoding)
	return protocol.Range{
		Start: protocol.Position{Line: start.Line, Character: start.Character},
		End:   protocol.Position{Line: end.Line, Character: end.Character},
	}
}

func position(p protocol.Position) syntax.Position {
	return syntax.Position{Line: p.Line, Character: p.Character}
}
