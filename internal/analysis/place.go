package analysis

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// place is where a cursor stands: in which node, in which property, in which
// token, and which schemas apply there. It is found by descending the tree, so
// it costs the depth of the place and not the size of the file.
type place struct {
	offset int
	// node and scope are the innermost around the cursor; nil outside.
	node       *template.Node
	scope      *template.Scope
	inTeardown bool

	// container is the innermost object or array around the cursor; object is
	// the innermost object.
	container, object syntax.Value
	// member is the member whose name or value is at the cursor.
	member   syntax.Member
	hasColon bool
	// str is the scalar at the cursor: a key, a value, a bare word; invalid
	// where nothing is there yet.
	str   syntax.Value
	isKey bool

	// isKindOfNode is true at the value of a node's `kind`.
	isKindOfNode bool
	// isRefName is true at the value of a node's `ref`.
	isRefName bool
	// isStep is true where an element of `steps` may stand.
	isStep bool
	// followedByMember is true where another member or element follows, and
	// followsMember where one ends in front, without a comma in between.
	followedByMember, followsMember bool
	spot                            syntax.Spot

	// ids are the schemas that apply, applicable what they are.
	ids        []catalog.SchemaID
	applicable []*catalog.Schema

	// text is the parsed content of str, textOffset the cursor in it.
	decoded    syntax.Decoded
	text       *expr.Interpolation
	textOffset int

	// indent is the white space in front of the cursor's line, unit one step of it.
	indent, unit string
}

// placeAt finds out where the byte offset is.
func (s *Snapshot) placeAt(offset int) place {
	path := s.Tree.PathAt(offset)
	p := place{offset: path.Offset, str: path.Scalar, isKey: path.Spot == syntax.SpotName, spot: path.Spot, followedByMember: path.BeforeItem, followsMember: path.AfterItem}
	p.leaveQuotes()
	p.readString()
	p.indent, p.unit = indentation(s.Tree, p.offset)
	if !s.IsTemplate() {
		return p
	}
	p.scope = s.Doc.Main
	// base is the innermost node or document around the place, names the way
	// from there.
	var base syntax.Value
	var names []string
	for i, step := range path.Steps {
		last := i == len(path.Steps)-1
		if step.Value.Kind() == syntax.KindObject {
			p.object = step.Value
			if n := s.Doc.NodeOf(step.Value); n != nil {
				p.node, p.scope, p.inTeardown = n, n.Scope, n.InTeardown
				base, names = step.Value, names[:0]
			} else if scope := s.Doc.ScopeOf(step.Value); scope != nil {
				p.scope = scope
				if scope.Owner == nil {
					base, names = step.Value, names[:0]
				}
			}
		}
		p.container = step.Value
		if last && (p.str.IsValid() || !p.isKey) {
			p.member = step.Member
			p.hasColon = step.Member.IsValid() && step.Member.HasColon()
		}
		switch {
		case step.Value.Kind() == syntax.KindArray:
			names = append(names, strconv.Itoa(step.Index))
		case step.Member.IsValid() && !(last && p.isKey):
			names = append(names, step.Member.KeyText())
		}
	}
	s.findSchemas(&p, base, names)
	return p
}

// leaveQuotes takes the cursor out of a string that it only touches from
// outside. In front of a name another member may be written; in front of a
// value and behind a closing quote nothing may.
func (p *place) leaveQuotes() {
	if p.str.Kind() != syntax.KindString {
		return
	}
	r := p.str.Range()
	switch {
	case p.offset <= r.Start:
		if p.isKey {
			p.followedByMember = true
		} else {
			p.spot = syntax.SpotNone
		}
	case p.str.Terminated() && p.offset >= r.End:
		p.isKey, p.spot = false, syntax.SpotNone
	default:
		return
	}
	p.str = syntax.Value{}
}

func (p *place) readString() {
	if p.str.Kind() != syntax.KindString {
		return
	}
	p.decoded = p.str.Decode()
	p.text = expr.Parse(p.decoded.Text)
	p.textOffset = p.decoded.TextOffset(p.offset)
}

// findSchemas works out which schemas apply at the place: names lead from base,
// a node or a document, to it.
func (s *Snapshot) findSchemas(p *place, base syntax.Value, names []string) {
	p.describe(names)
	var schema catalog.SchemaID
	switch {
	case p.node != nil:
		kind, ok := catalog.Lookup(p.node.Kind)
		if !ok {
			// The kind is missing or misspelt: what every node has still applies.
			kind, _ = catalog.Lookup("Workflow")
			if len(names) > 0 {
				return
			}
		}
		schema = kind.Node
	case p.scope != nil && p.scope.Type != template.Fragment:
		d := catalog.Document(p.scope.Type.String())
		if d == nil {
			return
		}
		schema = d.Root
	default:
		return
	}
	if !base.IsValid() {
		return
	}
	p.ids = validate.At(base, schema, names)
	for _, id := range p.ids {
		p.applicable = append(p.applicable, id.Schema())
	}
}

// describe recognises the places that the schemas do not speak of.
func (p *place) describe(names []string) {
	if p.isKey {
		return
	}
	switch {
	case len(names) == 1 && names[0] == "kind" && p.node != nil:
		p.isKindOfNode = true
	case len(names) == 1 && names[0] == "ref" && p.node != nil:
		p.isRefName = true
	case len(names) == 3 && names[0] == "spec" && names[1] == "steps" && p.node != nil && p.node.Flow != template.NoFlow,
		p.node == nil && len(names) == 1 && names[0] == "spec",
		p.node == nil && len(names) == 2 && names[0] == "teardownSpec" && names[1] == "spec":
		p.isStep = true
	}
}

// indentation returns the white space that the line of the offset starts with,
// and what one step of indentation is in this file: that of its second line,
// which is the first level in every template.
func indentation(tree *syntax.Tree, offset int) (indent, unit string) {
	lines := tree.Lines()
	indent = leadingSpace(tree, lines.LineRange(int(lines.Position(offset, syntax.UTF8).Line)))
	unit = "  "
	if lines.Count() > 1 {
		if second := leadingSpace(tree, lines.LineRange(1)); second != "" {
			unit = second
		}
	}
	return indent, unit
}

// maxIndent bounds how much of a line is looked at.
const maxIndent = 400

func leadingSpace(tree *syntax.Tree, line syntax.Range) string {
	line.End = min(line.End, line.Start+maxIndent)
	text := tree.Slice(line)
	return text[:len(text)-len(strings.TrimLeft(text, " \t"))]
}
