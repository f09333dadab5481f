package lsp

import (
	"strings"
	"sync"
	"sync/atomic"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Document is one version of an open document. It is immutable; what it knows
// about its text is computed on demand, once.
type Document struct {
	URI      string // as the client spells it
	Version  int32
	Language string

	env    *documentEnv
	config *configuration
	lines  *syntax.Lines
	// signs is true where the text may be a template; where it is not, the text is
	// not read as JSON.
	signs  bool
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
	// runs is what is known of the newest run; lookAtRuns answers it and has it
	// brought up to date, nil for documents that are not open.
	runs       runFacts
	lookAtRuns func(v *View, d *Document) *analysis.RunFacts
	// git is how the document stands to Git; lookAtGit answers what it is compared with
	// and has it read, nil for documents that are not open.
	git       gitFacts
	lookAtGit func(v *View, d *Document) *gitVersions
	tokens    tokenHistory
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
	return d.isDeclared() || strings.Contains(strings.ToLower(d.Language), "json")
}

// languageNorthflank is the language of JSON that is a template by what its author
// says.
const languageNorthflank = "northflank"

// isDeclared reports whether the editor takes the document for a template whatever
// is in it: nobody else looks after its JSON.
func (d *Document) isDeclared() bool { return strings.EqualFold(d.Language, languageNorthflank) }

// Text returns the text of this version.
func (d *Document) Text() string { return d.lines.Text() }

// Analysis returns the analysis of this version.
func (d *Document) Analysis() *analysis.Snapshot { return d.parsed() }

// smallestForeign is from which length on, in bytes, a text without the signs of
// a template is left alone. A shorter one may be on its way to become one.
const smallestForeign = 1 << 10

// isForeign reports whether the text is somebody else's JSON for certain.
func (d *Document) isForeign() bool {
	return !d.signs && d.lines.Size() >= smallestForeign && !d.isDeclared() && !d.isSettings()
}

// foreign is what there is to say about somebody else's JSON: nothing.
var foreign = sync.OnceValue(func() *analysis.Snapshot { return analysis.NewSnapshot(syntax.Parse(""), nil, nil) })

func (d *Document) analyse() *analysis.Snapshot {
	if d.isForeign() {
		return foreign()
	}
	prev := d.env.latest.Load()
	cfg := d.config.of(d.URI)
	var tree *syntax.Tree
	if prev == nil {
		tree = syntax.ParseLines(d.lines)
	} else {
		cfg = sameConfig(prev.Config, cfg)
		if tree = prev.Tree.Follow(d.lines); tree == prev.Tree && prev.Config == cfg {
			return prev
		}
	}
	next := d.env.analyse(tree, prev, cfg)
	d.env.latest.Store(next)
	return next
}

// with returns the same text under another configuration.
func (d *Document) with(config *configuration) *Document {
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
			next.signs = template.MayBe(c.Text)
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
		next.signs = next.signs || template.MayBecome(next.lines, syntax.Range{Start: at.Start, End: at.Start + len(c.Text)})
	}
	return newDocument(d.env, next)
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

// versions returns what the document is compared with; nil where that is not known.
func (d *Document) versions(v *View) *gitVersions {
	if d.env.lookAtGit == nil {
		return nil
	}
	return d.env.lookAtGit(v, d)
}

// lastRun returns what is known of the document's newest run; nil for nothing.
func (d *Document) lastRun(v *View) *analysis.RunFacts {
	if d.env.lookAtRuns == nil {
		return nil
	}
	return d.env.lookAtRuns(v, d)
}
