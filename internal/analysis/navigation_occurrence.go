package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// occurrence is a place at which the name of an entity stands.
type occurrence struct {
	// at is the name alone, without quotes, dots and brackets.
	at syntax.Range
	// str is the name or value of JSON that it stands in.
	str     syntax.Value
	role    role
	spelled spelling
	// start is where the name starts in the decoded text of str, end where it ends.
	start, end int
	decoded    syntax.Decoded
}

// role says what a place does with a name.
type role uint8

const (
	// roleUse reads what the name stands for.
	roleUse role = iota
	// roleDeclaration gives the name.
	roleDeclaration
	// roleValue gives what is named elsewhere a value: an override, a form field.
	// Where nothing else does, it is what declares the name.
	roleValue
)

// spelling says how a name is written.
type spelling uint8

const (
	// spelledWhole is a name that is the whole of a JSON string or bare word.
	spelledWhole spelling = iota
	// spelledDot follows a dot; spelledBare and spelledQuoted stand in brackets.
	spelledDot
	spelledBare
	spelledQuoted
	// spelledPath starts a path in a quoted string.
	spelledPath
	// spelledRoot is the ref of a loop in front of the data of its iterations.
	spelledRoot
	// spelledParameter is a parameter of an arrow function or a use of it.
	spelledParameter
)

// occurrences lists the places at which the name stands, in the order of the text.
func (s *Snapshot) occurrences(e *entity) []occurrence {
	c := collector{entity: e}
	switch e.kind {
	case entityParameter:
		c.parameter()
	default:
		if e.kind == entityRef {
			c.refDeclarations()
		} else {
			c.argumentDeclarations()
		}
		for _, scope := range s.Doc.Scopes() {
			if scope == e.scope || scope.Outer == e.scope {
				c.uses(holder{scope, nil, scope.Value, scope.Facts})
			}
		}
		for _, n := range s.Doc.Nodes() {
			if n.Scope == e.scope || n.Scope.Outer == e.scope {
				c.uses(holder{n.Scope, n, n.Value(), n.Facts})
			}
		}
	}
	slices.SortFunc(c.found, func(a, b occurrence) int { return cmp.Compare(a.at.Start, b.at.Start) })
	return c.found
}

// collector collects the places of one name.
type collector struct {
	*entity
	found []occurrence
}

// is reports whether a ref or an argument is the one that is looked for.
func (c *collector) is(e *entity) bool {
	return e.kind == c.kind && e.scope == c.scope && e.name == c.name
}

// whole adds a string that is the name and nothing else.
func (c *collector) whole(v syntax.Value, r role) {
	if c.name == "" || v.Text() != c.name {
		return
	}
	d := v.Decode()
	c.found = append(c.found, occurrence{at: content(v), str: v, role: r, end: len(d.Text), decoded: d})
}

func (c *collector) refDeclarations() {
	for _, n := range c.scope.ByRef(c.name) {
		c.whole(n.RefValue(), roleDeclaration)
	}
	for _, t := range c.scope.Triggers() {
		c.whole(t.RefValue, roleDeclaration)
	}
	for _, n := range c.scope.Nodes() {
		if v := nodeRefOf(n); v.IsValid() {
			c.whole(v, roleUse)
		}
	}
}

func (c *collector) argumentDeclarations() {
	if c.scope.Type == template.Fragment {
		return // the object is a node, not a document
	}
	r := roleDeclaration
	for object := range argumentObjects(c.scope) {
		for m := range object.Members() {
			if m.Key().IsValid() {
				c.whole(m.Key(), r)
			}
		}
		r = roleValue
	}
	for v := range inputArguments(c.scope) {
		c.whole(v, roleValue)
	}
}

// uses adds the places in the expressions of one holder.
func (c *collector) uses(h holder) {
	if h.facts == nil {
		return
	}
	for _, e := range h.facts.Expressions {
		if !c.mayUse(e) {
			continue
		}
		p := inString{collector: c, holder: h, expression: e}
		for i := range e.Text.Parts {
			if n := e.Text.Parts[i].Node; n != nil {
				expr.Walk(n, p.visit)
			}
		}
	}
}

// mayUse reports cheaply whether the name can stand in the expression.
func (c *collector) mayUse(e *template.Expression) bool {
	if strings.Contains(e.Text.Text, c.name) {
		return true
	}
	return strings.IndexByte(e.Text.Text, '\\') >= 0 // it may be written with escapes
}

// inString looks for the name in one string; the string is decoded when it is found.
type inString struct {
	*collector
	holder     holder
	expression *template.Expression
	str        syntax.Value
	decoded    syntax.Decoded
}

func (p *inString) visit(n expr.Node, _ bool) bool {
	switch n := n.(type) {
	case *expr.Ref:
		if e, ok := meaning(n, p.holder.scope); ok && p.is(&e) {
			seg := n.Segments[0]
			p.add(seg.Start, seg.End, spellingOf(seg, p.expression.Text.Text))
		} else if e, ok := leads(n, p.holder); ok && p.is(&e) {
			p.add(n.RootStart, n.RootEnd, spelledRoot)
		}
	case *expr.Call:
		if e, start, end, ok := looksUp(n, p.holder.scope, p.expression.Text.Text); ok && p.is(&e) {
			p.add(start, end, spelledPath)
		}
	}
	return true
}

func (p *inString) add(start, end int, spelled spelling) {
	if !p.str.IsValid() {
		p.str = p.expression.Value(p.holder.owner)
		p.decoded = p.str.Decode()
	}
	p.found = append(p.found, occurrence{
		at: p.decoded.SourceRange(start, end), str: p.str, spelled: spelled, start: start, end: end, decoded: p.decoded,
	})
}

func spellingOf(seg expr.Segment, text string) spelling {
	switch {
	case !seg.Bracket:
		return spelledDot
	case seg.Start > 0 && (text[seg.Start-1] == '\'' || text[seg.Start-1] == '"'):
		return spelledQuoted
	}
	return spelledBare
}

// parameter adds the parameter of an arrow function and the uses that are bound to it.
func (c *collector) parameter() {
	p := c.param
	d := p.str.Decode()
	add := func(start, end int, r role) {
		c.found = append(c.found, occurrence{
			at: d.SourceRange(start, end), str: p.str, role: r, spelled: spelledParameter, start: start, end: end, decoded: d,
		})
	}
	own := p.lambda.Params[p.index]
	add(own.Start, own.End, roleDeclaration)
	boundUses(p.lambda.Body, c.name, func(r *expr.Ref) { add(r.RootStart, r.RootEnd, roleUse) })
}

// boundUses visits the references below n whose root is the name, arrow functions
// left out that have a parameter of that name themselves.
func boundUses(n expr.Node, name string, visit func(*expr.Ref)) {
	expr.Walk(n, func(n expr.Node, _ bool) bool {
		switch n := n.(type) {
		case *expr.Lambda:
			return parameterOf(n, name) < 0
		case *expr.Ref:
			if n.Param && n.Root == name {
				visit(n)
			}
		}
		return true
	})
}
