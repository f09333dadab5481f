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
	// isStep is true where a node may stand.
	isStep bool
	// isArgumentName is true where a form field names the argument that it fills.
	isArgumentName bool
	// followedByMember is true where another member or element follows, and
	// followsMember where one ends in front, without a comma in between.
	followedByMember, followsMember bool
	spot                            syntax.Spot
	// below is true where the value is missing and the next line starts with an
	// object, which is then taken for it.
	below bool

	// names lead to the place from the innermost node or, outside of nodes, from
	// the document around it.
	names []string
	// ids are the schemas that apply, applicable what they are.
	ids        []catalog.SchemaID
	applicable []*catalog.Schema

	// text is the parsed content of str, textOffset the cursor in it.
	decoded    syntax.Decoded
	text       *expr.Interpolation
	textOffset int
	// inEscape is true where the cursor is in the middle of an escape.
	inEscape bool

	// indent is the white space in front of the cursor's line, unit one step of it.
	indent, unit string
	// colon is how this file parts a name from its value.
	colon string
}

// placeAt finds out where the byte offset is.
func (s *Snapshot) placeAt(offset int) place {
	path := s.Tree.PathAt(offset)
	p := place{offset: path.Offset, str: path.Scalar, isKey: path.Spot == syntax.SpotName, spot: path.Spot, followedByMember: path.BeforeItem, followsMember: path.AfterItem}
	p.leaveQuotes()
	p.readString()
	p.indent, p.unit = indentation(s.Tree, p.offset)
	p.colon = colonOf(s.Tree.Root())
	if !s.IsTemplate() {
		return p
	}
	p.scope = s.Doc.Main
	// base is the innermost node or document around the place, names the way
	// from there.
	var base syntax.Value
	var names []string
	own := 0 // how many of the names lead to the document around the place
	for i, step := range path.Steps {
		last := i == len(path.Steps)-1
		if step.Value.Kind() == syntax.KindObject {
			p.object = step.Value
			if n := s.Doc.NodeOf(step.Value); n != nil {
				p.node, p.scope, p.inTeardown = n, n.Scope, n.InTeardown
				base, names, own = step.Value, names[:0], 0
			}
			// A node's spec may be a document itself.
			if scope := s.Doc.ScopeOf(step.Value); scope != nil && scope.Type != template.Fragment {
				p.scope, own = scope, len(names)
				if scope.Owner == nil {
					base, names, own = step.Value, names[:0], 0
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
	p.leaveItems()
	p.names = names[own:]
	s.findSchemas(&p, base, names)
	return p
}

// inDocument reports whether the place is among a document's own properties and
// not in one of its nodes.
func (p *place) inDocument() bool { return p.node == nil || p.node.Scope != p.scope }

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

// leaveItems recognises places at which nothing can be written, though no item
// touches them as text: in front of a value that is there, and right behind one.
func (p *place) leaveItems() {
	if p.str.IsValid() {
		return
	}
	if v := p.member.Value(); p.spot == syntax.SpotValue && p.container.Kind() == syntax.KindObject && v.IsValid() {
		between := v.Tree().Slice(syntax.Range{Start: p.offset, End: max(p.offset, v.Range().Start)})
		// Behind a colon at the end of a line the value may still have to be typed.
		if p.below = strings.ContainsAny(between, "\r\n") && v.Kind() == syntax.KindObject; !p.below {
			p.spot = syntax.SpotNone
		}
	}
	if p.followsMember && p.offset > 0 {
		if before := p.container.Tree().Slice(syntax.Range{Start: p.offset - 1, End: p.offset}); strings.TrimSpace(before) != "" {
			p.spot = syntax.SpotNone
		}
	}
}

func (p *place) readString() {
	if p.str.Kind() != syntax.KindString {
		return
	}
	p.decoded = p.str.Decode()
	p.text = expr.Parse(p.decoded.Text)
	p.textOffset = p.decoded.TextOffset(p.offset)
	if r := p.decoded.SourceRange(p.textOffset, p.textOffset); r.Start != p.offset {
		p.inEscape = true
	}
}

// findSchemas works out which schemas apply at the place: names lead from base,
// a node or a document, to it.
func (s *Snapshot) findSchemas(p *place, base syntax.Value, names []string) {
	p.describe()
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
	p.leaveObjectBelow()
}

// leaveObjectBelow lets a value stand in front of an object on the next line only
// where that object cannot be the value.
func (p *place) leaveObjectBelow() {
	if !p.below {
		return
	}
	for _, s := range p.applicable {
		if s.Types == 0 || s.Types.Has(catalog.TypeObject) {
			p.below = false
		}
	}
	if !p.below || len(p.applicable) == 0 {
		p.spot = syntax.SpotNone
	}
}

// describe recognises the places that the schemas do not speak of.
func (p *place) describe() {
	if p.isKey {
		return
	}
	is := func(names ...string) bool {
		if len(names) != len(p.names) {
			return false
		}
		for i, name := range names {
			if name != "*" && name != p.names[i] {
				return false
			}
		}
		return true
	}
	if p.inDocument() {
		p.isStep = is("spec") || is("teardownSpec", "spec")
		p.inTeardown = is("teardownSpec", "spec")
		p.isArgumentName = is("richInputs", "*", "spec", "outputs", "*")
		return
	}
	p.isKindOfNode, p.isRefName = is("kind"), is("ref")
	p.isStep = is("spec", "steps", "*") && p.node.Flow != template.NoFlow
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

// colonOf returns how a file parts names from values: as its first member does.
func colonOf(root syntax.Value) string {
	for m := range root.Members() {
		if v := m.Value(); m.HasColon() && v.IsValid() && m.Key().IsValid() {
			if v.Range().Start-m.Key().Range().End == len(":") {
				return ":"
			}
			break
		}
	}
	return ": "
}

// maxIndent bounds how much of a line is looked at.
const maxIndent = 400

func leadingSpace(tree *syntax.Tree, line syntax.Range) string {
	line.End = min(line.End, line.Start+maxIndent)
	text := tree.Slice(line)
	return text[:len(text)-len(strings.TrimLeft(text, " \t"))]
}
