package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// inlineArgument offers to put an argument's value wherever the argument is used
// and to take the argument away. What would change the meaning of anything is
// refused with its reason.
func inlineArgument(a *asked) []offer {
	if a.at.Len() > 0 && !a.cursor.str.Range().Contains(a.at.End) {
		return nil
	}
	f, ok := a.entityAt(&a.cursor)
	if !ok || f.output || f.kind != entityArgument || f.scope.Type == template.Fragment {
		return nil
	}
	argument := f.scope.Argument(f.name)
	if argument == nil {
		return nil
	}
	in := inliner{Snapshot: a.Snapshot, entity: &f.entity, argument: argument}
	err := in.hasOneValue()
	if a.thorough && err == nil {
		if _, err = in.edits(); err == nil && len(in.uses) == 0 {
			return nil // that nothing uses it is for a finding to say
		}
	}
	o := offer{
		Refactoring: Refactoring{ID: "inline-argument", Kind: kindInline, Title: fmt.Sprintf("Inline the argument %q", f.name)},
		edits: func() ([]syntax.Edit, error) {
			edits, err := in.edits()
			if err != nil {
				return nil, err
			}
			// What a condition comes to is plain once the value stands in it.
			return edits, a.spoils(edits, CodeConstantCondition)
		},
	}
	if err != nil {
		o.Disabled = err.Error()
	}
	return []offer{o}
}

// inliner puts the value of an argument in the place of its uses.
type inliner struct {
	*Snapshot
	*entity
	argument *template.Argument
	// text is the value where that is a string.
	text *expr.Interpolation
	uses []argumentUse
}

// argumentUse is a string with uses of the argument.
type argumentUse struct {
	holder     holder
	expression *template.Expression
}

// edits works the change out, or returns a *Refusal.
func (in *inliner) edits() ([]syntax.Edit, error) {
	in.uses = nil
	if err := in.findUses(); err != nil {
		return nil, err
	}
	var edits []syntax.Edit
	for _, u := range in.uses {
		more, err := in.replaced(u)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	removal, err := edit.New(in.Tree).RemoveMember(in.argument.Member).Edits()
	return append(edits, removal...), err
}

// hasOneValue refuses arguments whose value may be another one than that in the
// file, or that is not known from the file.
func (in *inliner) hasOneValue() error {
	declared := 0
	for object := range argumentObjects(in.scope) {
		for m := range object.Members() {
			if m.KeyText() != in.name {
				continue
			}
			if declared++; declared > 1 {
				return refuse("in line %d the argument %q is given another value", in.line(m.Range()), in.name)
			}
		}
	}
	for v := range inputArguments(in.scope) {
		if v.Text() == in.name {
			return refuse("a form field fills the argument %q (line %d)", in.name, in.line(v.Range()))
		}
	}
	v := in.argument.Value
	_, declares := in.argument.Declaration()
	switch {
	case !v.IsValid():
		return refuse("the argument %q has no value in %q", in.name, "arguments")
	case v.HasErrors() || !v.Terminated() || v.Kind() == syntax.KindWord || v.Kind() == syntax.KindExcess:
		return refuse("the value of the argument %q is not complete", in.name)
	case v.Kind() == syntax.KindString && v.Text() == "":
		return refuse("the argument %q is empty in the file: its value comes from an override", in.name)
	case declares:
		return refuse("the argument %q declares which values overrides may give it", in.name)
	case v.Kind() == syntax.KindString:
		in.text = expr.Parse(v.Text())
		return in.isSteady()
	case mayHoldExpressions(v):
		return refuse("the value of the argument %q has expressions in it", in.name)
	}
	return nil
}

// isSteady refuses a text whose expressions give another value elsewhere.
func (in *inliner) isSteady() error {
	var err error
	if len(in.text.Errors) > 0 {
		return refuse("the expression in the value of the argument %q is not complete", in.name)
	}
	in.text.Walk(func(n expr.Node, _ bool) bool {
		switch n := n.(type) {
		case *expr.Call:
			if f, ok := expr.LookupFunction(n.Name); !ok || n.Bare || !f.Pure {
				err = refuse("the value of the argument %q is made once in a run and kept: in another place it would be another value", in.name)
			}
		case *expr.Ref:
			if e, ok := meaning(n, in.scope); ok && e.kind == in.kind && e.name == in.name && e.scope == in.scope {
				err = refuse("the value of the argument %q uses the argument itself", in.name)
			}
		}
		return err == nil
	})
	return err
}

// findUses collects the strings that use the argument, and refuses uses that do
// not name it.
func (in *inliner) findUses() error {
	var err error
	holders := func(h holder) {
		if h.facts == nil || err != nil || h.scope != in.scope && h.scope.Outer != in.scope {
			return
		}
		for _, e := range h.facts.Expressions {
			if err == nil {
				err = in.findIn(argumentUse{h, e})
			}
		}
	}
	for _, scope := range in.Doc.Scopes() {
		holders(holder{scope, nil, scope.Value, scope.Facts})
	}
	for _, n := range in.Doc.Nodes() {
		holders(holder{n.Scope, n, n.Value(), n.Facts})
	}
	return err
}

func (in *inliner) findIn(u argumentUse) error {
	if !strings.Contains(u.expression.Text.Text, "args") {
		return nil
	}
	found := false
	var err error
	line := func() uint32 { return in.line(u.expression.Value(u.holder.owner).Range()) }
	u.expression.Text.Walk(func(n expr.Node, _ bool) bool {
		switch n := n.(type) {
		case *expr.Call:
			if e, _, _, ok := looksUp(n, u.holder.scope, u.expression.Text.Text); ok {
				if in.is(&e) {
					err = refuse("in line %d the argument %q is looked up by a path", line(), in.name)
				}
				return false
			}
		case *expr.Ref:
			if in.used(n, u.holder.scope) {
				found = true
			} else if e, ok := rooted(n, u.holder.scope); ok && len(n.Segments) == 0 && e.kind == entityArgument && e.scope == in.scope {
				err = refuse("in line %d all arguments are used together, and %q may be among them", line(), in.name)
			}
		}
		return err == nil
	})
	if found {
		in.uses = append(in.uses, u)
	}
	return err
}

func (in *inliner) is(e *entity) bool {
	return e.kind == in.kind && e.scope == in.scope && e.name == in.name
}

func (in *inliner) used(r *expr.Ref, scope *template.Scope) bool {
	e, ok := meaning(r, scope)
	return ok && in.is(&e)
}

// replaced returns the edits of one string.
func (in *inliner) replaced(u argumentUse) ([]syntax.Edit, error) {
	str, text := u.expression.Value(u.holder.owner), u.expression.Text
	if len(text.Errors) > 0 || str.HasErrors() {
		return nil, refuse("the expression in line %d is not complete", in.line(str.Range()))
	}
	d := str.Decode()
	var edits []syntax.Edit
	var after strings.Builder // the new content
	var want []string         // and what it has to mean
	for i := range text.Parts {
		part := &text.Parts[i]
		source := text.Text[part.Start:part.End]
		if part.Kind != expr.Expression {
			after.WriteString(source)
			want = appendMeaning(want, part, source)
			continue
		}
		if r, ok := part.Node.(*expr.Ref); ok && in.used(r, u.holder.scope) {
			if text.IsSingle() && !u.expression.Key {
				json, err := in.whole(r)
				return []syntax.Edit{{Range: str.Range(), NewText: json}}, err
			}
			raw, meant, err := in.inText(r)
			if err != nil {
				return nil, err
			}
			edits = append(edits, syntax.Edit{Range: d.SourceRange(part.Start, part.End), NewText: raw})
			after.WriteString(meant.Text)
			for j := range meant.Parts {
				p := &meant.Parts[j]
				want = appendMeaning(want, p, meant.Text[p.Start:p.End])
			}
			continue
		}
		more, changed, err := in.inCalls(u, d, part)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
		after.WriteString(changed)
		want = append(want, changed)
	}
	var got []string
	result := expr.Parse(after.String())
	for i := range result.Parts {
		got = appendMeaning(got, &result.Parts[i], result.Text[result.Parts[i].Start:result.Parts[i].End])
	}
	if len(result.Errors) > 0 || !slices.Equal(got, want) {
		return nil, refuse("in line %d the value would run together with the text around it", in.line(str.Range()))
	}
	return edits, nil
}

// appendMeaning adds what a part means: text that stands for itself is one with
// that in front of it.
func appendMeaning(list []string, p *expr.Part, source string) []string {
	const mark = "text:"
	if p.Kind != expr.Literal {
		return append(list, source)
	}
	if n := len(list); n > 0 && strings.HasPrefix(list[n-1], mark) {
		list[n-1] += p.Text
		return list
	}
	return append(list, mark+p.Text)
}

// valueFor returns the value that a use reads: the argument's, or a part of it.
func (in *inliner) valueFor(r *expr.Ref) (syntax.Value, error) {
	v := in.argument.Value
	for _, s := range r.Segments[1:] {
		if v = stepIn(v, s.Name); !v.IsValid() {
			return v, refuse("the argument %q has no %q, which %s reads", in.name, s.Name, r)
		}
	}
	if r.Template && in.text != nil && strings.Contains(in.text.Text, "${") {
		return v, refuse("a nested document would resolve the expression in the value of %q by itself", in.name)
	}
	return v, nil
}

// stepIn returns a member or an element by its name.
func stepIn(v syntax.Value, name string) syntax.Value {
	if v.Kind() != syntax.KindArray {
		return v.Get(name)
	}
	i := 0
	for e := range v.Elements() {
		if fmt.Sprint(i) == name {
			return e
		}
		i++
	}
	return syntax.Value{}
}

// whole is what takes the place of a string that is the use and nothing else.
func (in *inliner) whole(r *expr.Ref) (json string, err error) {
	v, err := in.valueFor(r)
	return v.Raw(), err
}

// inText is what stands for the use among other text: as it is written in a JSON
// string, and parsed.
func (in *inliner) inText(r *expr.Ref) (raw string, meant *expr.Interpolation, err error) {
	v, err := in.valueFor(r)
	if err != nil {
		return "", nil, err
	}
	switch v.Kind() {
	case syntax.KindString:
		return v.Raw()[1 : len(v.Raw())-1], expr.Parse(v.Text()), nil
	case syntax.KindNumber:
		f, _ := v.Float()
		raw = expr.Number(f).Text()
	case syntax.KindTrue, syntax.KindFalse:
		raw = v.Raw()
	default:
		return "", nil, refuse("the value of %s is no text, and stands in one", r)
	}
	return raw, expr.Parse(raw), nil
}

// inCalls replaces the uses in a part that is more than one use. It returns the
// part as it is then.
func (in *inliner) inCalls(u argumentUse, d syntax.Decoded, part *expr.Part) (edits []syntax.Edit, changed string, err error) {
	text := u.expression.Text.Text
	var b strings.Builder
	at := part.Start
	expr.Walk(part.Node, func(n expr.Node, _ bool) bool {
		r, ok := n.(*expr.Ref)
		if !ok || err != nil || !in.used(r, u.holder.scope) {
			return err == nil
		}
		var code string
		if c, isCall := part.Node.(*expr.Call); isCall && c.Template {
			err = refuse("in line %d the argument %q is used for the template around the document", in.line(d.SourceRange(part.Start, part.End)), in.name)
		} else {
			code, err = in.inCall(r)
		}
		if err != nil {
			return false
		}
		b.WriteString(text[at:r.Start])
		b.WriteString(code)
		at = r.End
		edits = append(edits, syntax.Edit{Range: d.SourceRange(r.Start, r.End), NewText: inner(code)})
		return true
	})
	b.WriteString(text[at:part.End])
	return edits, b.String(), err
}

// inCall is what stands for the use in an expression.
func (in *inliner) inCall(r *expr.Ref) (code string, err error) {
	v, err := in.valueFor(r)
	if err != nil {
		return "", err
	}
	if in.text != nil && in.text.HasExpressions() {
		if !in.text.IsSingle() {
			return "", refuse("the value of the argument %q is a text with expressions in it, which cannot be written in a call", in.name)
		}
		p := &in.text.Parts[0]
		return strings.TrimSpace(in.text.Text[p.Start+len("${") : p.End-len("}")]), nil
	}
	if code = codeFor(v); code == "" {
		return "", refuse("the value of %s cannot be written in a call", r)
	}
	return code, nil
}

// codeFor writes a JSON value as a literal of the expression language; empty
// where there is none.
func codeFor(v syntax.Value) string {
	switch v.Kind() {
	case syntax.KindString:
		var text strings.Builder
		ip := expr.Parse(v.Text())
		for i := range ip.Parts {
			switch p := &ip.Parts[i]; p.Kind {
			case expr.Literal:
				text.WriteString(p.Text)
			default:
				text.WriteString(ip.Text[p.Start:p.End])
			}
		}
		return expr.Quote(text.String())
	case syntax.KindNumber:
		if f, ok := v.Float(); ok {
			return expr.Number(f).Text()
		}
	case syntax.KindTrue, syntax.KindFalse, syntax.KindNull:
		return v.Raw()
	case syntax.KindArray:
		var items []string
		for e := range v.Elements() {
			item := codeFor(e)
			if item == "" {
				return ""
			}
			items = append(items, item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return ""
}
