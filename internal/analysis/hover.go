package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Hover is what is to say about the thing under the cursor.
type Hover struct {
	// Range is the thing itself, in bytes.
	Range    syntax.Range
	Markdown string
}

// Hover describes what stands at the byte offset, or returns nil.
func (s *Snapshot) Hover(offset int) *Hover {
	if !s.IsTemplate() || offset < 0 || offset > s.Tree.Size() {
		return nil
	}
	p := s.placeAt(offset)
	switch {
	case !p.str.IsValid():
		return nil
	case p.inExpression():
		if h := hoverExpression(p); h != nil {
			return h
		}
	}
	if p.isKey {
		return hoverProperty(p)
	}
	return hoverValue(p)
}

func hoverExpression(p place) *Hover {
	_, path := p.text.PathAt(p.textOffset)
	if len(path) == 0 {
		return nil
	}
	span := func(start, end int) syntax.Range { return p.decoded.SourceRange(start, end) }
	switch n := path[len(path)-1].(type) {
	case *expr.Ref:
		return hoverRef(p, n, span)
	case *expr.Call:
		if f, ok := expr.LookupFunction(n.Name); ok && n.NameStart <= p.textOffset && p.textOffset <= n.NameEnd {
			return &Hover{span(n.NameStart, n.NameEnd), describeFunction(f)}
		}
	}
	return nil
}

func describeFunction(f *expr.Function) string {
	var b strings.Builder
	fmt.Fprintf(&b, "```\n%s\n```\n\n%s", f.Signature(), f.Doc)
	if f.Example != "" {
		fmt.Fprintf(&b, "\n\nExample: %s", code(f.Example))
	}
	return b.String()
}

func hoverRef(p place, r *expr.Ref, span func(start, end int) syntax.Range) *Hover {
	scope := p.lookup(r.Template)
	if scope == nil || r.Param {
		return nil
	}
	if p.textOffset <= r.RootEnd {
		for _, root := range expressionRoots {
			if root.name == r.Root {
				return &Hover{span(r.RootStart, r.RootEnd), "**" + root.name + "**: " + root.detail + "\n\n" + root.doc}
			}
		}
		return nil
	}
	at := -1
	for i, seg := range r.Segments {
		if p.textOffset >= seg.Start && p.textOffset <= seg.End {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	seg := r.Segments[at]
	here := span(seg.Start, seg.End)
	switch r.Root {
	case "args":
		if a := scope.Argument(r.Segments[0].Name); a != nil && at == 0 {
			return &Hover{here, describeArgument(a)}
		}
	case "refs":
		nodes := scope.ByRef(r.Segments[0].Name)
		if len(nodes) == 0 {
			if t := scope.Trigger(r.Segments[0].Name); t != nil && at == 0 {
				return &Hover{here, "**Git trigger** " + code(t.Ref)}
			}
			return nil
		}
		if at == 0 {
			return &Hover{here, describeNode(nodes[0])}
		}
		shape := outputShape(nodes[0])
		for _, s := range r.Segments[1 : at+1] {
			shape = step(shape, s.Name)
		}
		if shape == nil {
			return nil
		}
		doc := fmt.Sprintf("**%s** (%s) of %s %s", seg.Name, typeName(shape), nodes[0].Kind, code(nodes[0].Ref))
		if shape.Doc != "" {
			doc += "\n\n" + shape.Doc
		}
		return &Hover{here, doc}
	}
	return nil
}

func describeArgument(a *template.Argument) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**argument** %s", code(a.Name))
	if a.Value.IsValid() {
		fmt.Fprintf(&b, "\n\nvalue: %s", code(short(a.Value.Raw())))
	}
	if a.Override.IsValid() {
		fmt.Fprintf(&b, "\n\noverride: %s", code(short(a.Override.Raw())))
	}
	return b.String()
}

func short(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return s
}

func hoverProperty(p place) *Hover {
	name := p.member.KeyText()
	for _, s := range p.schemas() {
		if prop, ok := s.Property(name); ok {
			return &Hover{p.str.Range(), describeProperty(prop)}
		}
	}
	return nil
}

// describeProperty says what a property is for and what it takes.
func describeProperty(p *catalog.Property) string {
	var b strings.Builder
	schema := p.Schema.Schema()
	fmt.Fprintf(&b, "**%s** (%s", p.Name, typeName(schema))
	if p.Required {
		b.WriteString(", required")
	}
	b.WriteString(")")
	if doc := propertyDoc(p); doc != "" {
		b.WriteString("\n\n" + doc)
	}
	if c := constraints(schema); c != "" {
		b.WriteString("\n\n" + c)
	}
	if schema.Deprecated != "" {
		b.WriteString("\n\nDeprecated: " + schema.Deprecated)
	}
	return b.String()
}

// constraints lists what a value has to keep to.
func constraints(s *catalog.Schema) string {
	var lines []string
	if n := len(s.Enum); n > 0 {
		values := make([]string, 0, n)
		for _, v := range s.Enum {
			if !v.Hidden {
				values = append(values, code(v.Text))
			}
		}
		lines = append(lines, "One of "+listed(values, 20))
	}
	switch {
	case s.MinLength > 0 && s.MaxLength > 0:
		lines = append(lines, fmt.Sprintf("%d to %d characters", s.MinLength, s.MaxLength))
	case s.MaxLength > 0:
		lines = append(lines, fmt.Sprintf("at most %d characters", s.MaxLength))
	case s.MinLength > 0:
		lines = append(lines, fmt.Sprintf("at least %d characters", s.MinLength))
	}
	switch {
	case s.HasMinimum && s.HasMaximum:
		lines = append(lines, fmt.Sprintf("%v to %v", s.Minimum, s.Maximum))
	case s.HasMinimum:
		lines = append(lines, fmt.Sprintf("at least %v", s.Minimum))
	case s.HasMaximum:
		lines = append(lines, fmt.Sprintf("at most %v", s.Maximum))
	}
	if s.Pattern != nil {
		lines = append(lines, "matches "+code(s.Pattern.Source))
	}
	if s.Default != "" {
		lines = append(lines, "default "+code(s.Default))
	}
	if len(lines) == 0 {
		return ""
	}
	return "- " + strings.Join(lines, "\n- ")
}

func hoverValue(p place) *Hover {
	if p.str.Kind() != syntax.KindString {
		return nil
	}
	text := p.str.Text()
	if p.isKindOfNode {
		if kind, ok := catalog.Lookup(text); ok {
			return &Hover{p.str.Range(), "**" + kind.Name + "**\n\n" + kind.Doc}
		}
		return nil
	}
	for _, s := range p.schemas() {
		switch s.Role {
		case catalog.RolePlan:
			for _, plan := range catalog.Plans() {
				if plan.ID == text {
					return &Hover{p.str.Range(), "**" + plan.ID + "**: " + describePlan(plan)}
				}
			}
		case catalog.RoleRegion:
			for _, region := range catalog.Regions() {
				if region.ID == text {
					return &Hover{p.str.Range(), "**" + region.Name + "**"}
				}
			}
		case catalog.RoleAddonType:
			if t, ok := catalog.LookupAddonType(text); ok {
				return &Hover{p.str.Range(), "**" + t.Name + "**\n\n" + t.Doc}
			}
		}
		for _, v := range s.Enum {
			if v.Text == text && v.Doc != "" {
				return &Hover{p.str.Range(), code(text) + ": " + v.Doc}
			}
		}
	}
	return nil
}
