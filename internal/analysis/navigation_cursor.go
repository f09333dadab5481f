package analysis

import (
	"sort"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// cursor is where an offset stands for those who ask what the thing there is,
// not what may be written: the string and whose text it belongs to. It costs the
// depth of the place.
type cursor struct {
	offset int
	// str is the scalar that the offset lies in or touches: a string is left at
	// its quotes. Invalid between tokens.
	str    syntax.Value
	isKey  bool
	holder holder
	// expression is the string with its references, nil where it has none.
	expression *template.Expression
}

// holder is whose text a string belongs to: a node, without its steps and nested
// documents, or a document without its nodes.
type holder struct {
	scope *template.Scope
	// node is nil for a document's own properties.
	node  *template.Node
	owner syntax.Value
	facts *template.Facts
}

// cursorAt finds out where the byte offset is. The document is a template.
func (s *Snapshot) cursorAt(offset int) cursor {
	path := s.Tree.PathAt(offset)
	c := cursor{offset: path.Offset, str: path.Scalar, isKey: path.Spot == syntax.SpotName}
	if r := c.str.Range(); c.str.Kind() == syntax.KindString && (c.offset <= r.Start || c.str.Terminated() && c.offset >= r.End) {
		c.str = syntax.Value{}
	}
	scope, node := s.Doc.ScopeAt(c.offset), s.Doc.NodeAt(c.offset)
	if node != nil && node.Scope == scope {
		c.holder = holder{scope, node, node.Value(), node.Facts}
	} else {
		// In a nested document outside of its nodes, the innermost node is the
		// one that carries the document.
		c.holder = holder{scope, nil, scope.Value, scope.Facts}
	}
	c.expression = c.holder.expressionAt(c.str)
	return c
}

// expressionAt returns what is known of the string, nil where it holds no expression.
func (h holder) expressionAt(str syntax.Value) *template.Expression {
	if str.Kind() != syntax.KindString || h.facts == nil {
		return nil
	}
	list, at := h.facts.Expressions, str.Range().Start-h.owner.Range().Start
	i := sort.Search(len(list), func(i int) bool { return list[i].Offset >= at })
	if i < len(list) && list[i].Offset == at {
		return list[i]
	}
	return nil
}

// interpolation returns the parsed content of the string.
func (c *cursor) interpolation() *expr.Interpolation {
	if c.expression != nil {
		return c.expression.Text
	}
	return expr.Parse(c.str.Text())
}
