package analysis

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// renameRef offers another ref for the second of two nodes with the same.
func (x *fixer) renameRef() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil || n.Ref == "" {
		return
	}
	ref := freeRef(n.Scope, n.Ref)
	x.offer(fmt.Sprintf("Change to %q", ref), syntax.Edit{Range: n.RefValue().Range(), NewText: edit.Quote(ref)})
}

// renameResource offers another name for the second of two resources that have
// the same.
func (x *fixer) renameResource() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil || n.Definition == nil {
		return
	}
	v := n.Spec().Get("name")
	separator := "-"
	if strings.Contains(v.Text(), " ") {
		separator = " "
	}
	const attempts = 20
	for i := 2; i < attempts; i++ {
		text := fmt.Sprintf("%s%s%d", v.Text(), separator, i)
		if x.offerVerified(fmt.Sprintf("Change to %q", text), syntax.Edit{Range: v.Range(), NewText: edit.Quote(text)}) {
			return
		}
	}
}

// cutName cuts the only expression of a name to the length that is left.
func (x *fixer) cutName() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil {
		return
	}
	limit, _ := nameLimit(n.Definition)
	p := x.placeAt(x.finding.Range.Start + 1)
	if p.text == nil || limit == 0 {
		return
	}
	var only *expr.Part
	for i := range p.text.Parts {
		switch part := &p.text.Parts[i]; part.Kind {
		case expr.Literal:
			limit -= utf8.RuneCountInString(part.Text)
		case expr.Expression:
			if only != nil {
				return
			}
			only = part
		}
	}
	if only == nil || limit < 1 {
		return
	}
	start, end := only.Node.Span()
	text := fmt.Sprintf("fn.slice(%s, 0, %d)", p.text.Text[start:end], limit)
	x.offerVerified(fmt.Sprintf("Cut the value to %d characters", limit), syntax.Edit{Range: p.decoded.SourceRange(start, end), NewText: inner(text)})
}

// removeRef takes a ref away that nothing uses.
func (x *fixer) removeRef() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil {
		return
	}
	if m, ok := n.Value().GetMember("ref"); ok {
		x.mend(fmt.Sprintf("Remove the ref %q", n.Ref), x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
	}
}

// removeNode offers to take a node away that may not stand where it does.
func (x *fixer) removeNode() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil || n.Parent == nil {
		return
	}
	x.offerVerified("Remove the node", x.edited(func(b *edit.Builder) { b.RemoveElement(n.Value()) })...)
}

// removeArgument offers to take away an argument that nothing uses.
func (x *fixer) removeArgument() {
	if m := x.memberNamedAt(x.finding.Range); m.IsValid() {
		x.offerVerified(fmt.Sprintf("Remove the argument %q", m.KeyText()), x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
	}
}

// outermostReference takes `template.` away where it reaches nothing.
func (x *fixer) outermostReference() {
	p := x.placeAt(x.finding.Range.Start)
	if p.text == nil {
		return
	}
	const prefix = "template."
	p.text.Walk(func(n expr.Node, _ bool) bool {
		r, ok := n.(*expr.Ref)
		if !ok || !r.Template {
			return true
		}
		if start, end := r.Span(); p.decoded.SourceRange(start, end) == x.finding.Range && p.scope != nil && p.scope.Outer == nil && len(p.scope.ByRef(r.Segments[0].Name)) > 0 {
			x.mend("Remove template.", syntax.Edit{Range: p.decoded.SourceRange(start, start+len(prefix))})
		}
		return true
	})
}

// keepAsItIs is the title of fixes that put a backslash in front of `${`.
const keepAsItIs = "Keep it as it is for a shell or a program"

// escape keeps a `${...}` as it is for another reader.
func (x *fixer) escape() {
	p := x.placeAt(x.finding.Range.Start)
	if p.text == nil || len(x.out) > 0 {
		return
	}
	for i := range p.text.Parts {
		part := &p.text.Parts[i]
		if part.Kind != expr.Expression {
			continue
		}
		start, end := part.Node.Span()
		at := p.decoded.SourceRange(part.Start, part.Start)
		if r := p.decoded.SourceRange(start, end); r.Start <= x.finding.Range.Start && x.finding.Range.End <= r.End {
			x.offerVerified(keepAsItIs, syntax.Edit{Range: at, NewText: `\\`})
		}
	}
}

// lastPort offers the last position that the service declares.
func (x *fixer) lastPort() {
	n := x.related()
	if n == nil || n.Ports < 1 {
		return
	}
	text := fmt.Sprint(n.Ports - 1)
	x.offer("Change to "+text, syntax.Edit{Range: x.finding.Range, NewText: text})
}
