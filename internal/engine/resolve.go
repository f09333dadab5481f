package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// resolve evaluates all expressions in a value. place and pointer together name
// each string; n, which may be nil, knows the nested documents among them.
func (e env) resolve(ctx context.Context, v expr.Value, place, pointer string, n *Node) (expr.Value, error) {
	r := resolver{env: e, ctx: ctx, place: place, node: n}
	return r.part(v, pointer, n != nil && len(n.Nested) > 0, false)
}

type resolver struct {
	env
	ctx   context.Context
	place string
	node  *Node
}

// value resolves a value. mayNest says that nested documents can stand below;
// nested that the value is in one.
func (r *resolver) value(v expr.Value, pointer string, mayNest, nested bool) (expr.Value, error) {
	switch v.Kind() {
	case expr.KindString:
		return r.text(v, pointer, nested)
	case expr.KindArray:
		items := v.Items()
		out := make([]expr.Value, len(items))
		for i, item := range items {
			x, err := r.part(item, pointer+"/"+strconv.Itoa(i), mayNest, nested)
			if err != nil {
				return expr.Value{}, err
			}
			if x.IsUndefined() {
				x = mark(expr.Null(), x) // as in JSON.stringify
			}
			out[i] = x
		}
		return expr.Array(out), nil
	case expr.KindObject:
		return r.object(v, pointer, mayNest, nested)
	}
	return v, nil
}

func (r *resolver) object(v expr.Value, pointer string, mayNest, nested bool) (expr.Value, error) {
	members := v.Members()
	out := make([]expr.Member, 0, len(members))
	for _, m := range members {
		at := pointer + "/" + escapePointer(m.Key)
		if strings.Contains(m.Key, "$") {
			key, err := r.text(expr.String(m.Key), at, nested)
			if err != nil {
				return expr.Value{}, err
			}
			m.Key = key.Text()
		}
		x, err := r.part(m.Value, at, mayNest, nested)
		if err != nil {
			return expr.Value{}, err
		}
		if !x.IsUndefined() { // as in JSON.stringify
			out = append(out, expr.Member{Key: m.Key, Value: x})
		}
	}
	return expr.Object(out...), nil
}

func (r *resolver) part(v expr.Value, pointer string, mayNest, nested bool) (expr.Value, error) {
	if mayNest {
		switch {
		case nested && slices.Contains(r.node.Opaque, pointer):
			return v, nil
		case slices.Contains(r.node.Nested, pointer):
			nested = true
		}
	}
	return r.value(v, pointer, mayNest, nested)
}

func (r *resolver) text(v expr.Value, pointer string, nested bool) (expr.Value, error) {
	s, _ := v.AsString()
	if !strings.Contains(s, "$") {
		return v, nil
	}
	if !nested {
		s = r.atRuntime(s)
	}
	ip := expr.Parse(s)
	if left := r.foreign(ip, pointer); left != s && !nested {
		ip = expr.Parse(left)
	}
	place := r.place + pointer
	var err error
	if nested {
		v, err = r.splice(ip, place)
	} else {
		v, err = ip.Eval(r.ctx, r.env, place)
	}
	if err != nil {
		return expr.Value{}, &ResolveError{Pointer: pointer, Err: err}
	}
	return v, nil
}

// foreign makes literals of what another program is to read: in the values of
// environments, in commands and in OpenTofu nodes, `${NAME}` is mostly meant for a
// shell. What starts with a root of the language, or names what the data of a loop's
// iteration has, is the template's.
func (r *resolver) foreign(ip *expr.Interpolation, pointer string) string {
	if r.node == nil || !analysis.ForAnotherReader(r.node.Kind, pointer) {
		return ip.Text
	}
	var out strings.Builder
	done := 0
	for i := range ip.Parts {
		part := &ip.Parts[i]
		if part.Kind != expr.Expression || !r.elsewhere(ip, part) {
			continue
		}
		out.WriteString(ip.Text[done:part.Start] + `\`)
		done = part.Start
	}
	if out.Len() == 0 {
		return ip.Text
	}
	return out.String() + ip.Text[done:]
}

// elsewhere tells whether an expression is meant for another reader: a name that is no
// root, or something of another form, such as ${HOME:-/root}.
func (r *resolver) elsewhere(ip *expr.Interpolation, part *expr.Part) bool {
	for _, e := range ip.Errors {
		if e.Start >= part.Start && e.Start < part.End {
			word := strings.TrimLeft(strings.TrimPrefix(ip.Text[part.Start:part.End], "${"), " ")
			end := strings.IndexFunc(word, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
			return end > 0 && !isRoot(word[:end])
		}
	}
	ref, ok := part.Node.(*expr.Ref)
	return ok && !ref.Template && ref.Root != "" && !isRoot(ref.Root) && !r.inLoop(ref)
}

func isRoot(name string) bool {
	switch name {
	case "refs", "args", "secrets", "fn", "template":
		return true
	}
	return false
}

// inLoop tells whether a name may be one of the data of an iteration.
func (r *resolver) inLoop(ref *expr.Ref) bool {
	if r.node.Pattern || r.node.round == nil {
		return r.node.Pattern
	}
	if len(ref.Segments) > 0 {
		return true
	}
	v, err := r.iterationRef(ref, true)
	return err == nil && !v.IsUndefined()
}

// splice puts the values of what is under `template.` into a string of a nested
// document and leaves all else as it is written.
func (r *resolver) splice(ip *expr.Interpolation, place string) (expr.Value, error) {
	if ip.IsSingle() && isOuter(ip.Parts[0].Node) {
		v, err := expr.EvalNode(r.ctx, ip.Parts[0].Node, r.env, place)
		if err != nil {
			return expr.Value{}, err
		}
		return escaped(v), nil
	}
	var out strings.Builder
	done, secret, unknown, touched := 0, false, false, false
	put := func(start, end int, text string, v expr.Value) {
		out.WriteString(ip.Text[done:start])
		out.WriteString(text)
		done, touched = end, true
		secret, unknown = secret || v.IsSecret(), unknown || !v.Known()
	}
	for i := range ip.Parts {
		part := &ip.Parts[i]
		if part.Kind != expr.Expression {
			continue
		}
		if isOuter(part.Node) {
			v, err := expr.EvalNode(r.ctx, part.Node, r.env, place)
			if err != nil {
				return expr.Value{}, err
			}
			put(part.Start, part.End, expr.EscapeLiteral(v.Text()), v)
			continue
		}
		var failed error
		expr.Walk(part.Node, func(n expr.Node, _ bool) bool {
			if failed != nil || !isOuter(n) {
				return failed == nil
			}
			v, err := expr.EvalNode(r.ctx, n, r.env, place)
			if err != nil {
				failed = err
				return false
			}
			start, end := n.Span()
			put(start, end, literal(v), v)
			return false
		})
		if failed != nil {
			return expr.Value{}, failed
		}
	}
	if !touched {
		return expr.String(ip.Text), nil
	}
	out.WriteString(ip.Text[done:])
	v := expr.String(out.String())
	if unknown {
		v = expr.Unknown(expr.TypeString)
	}
	if secret {
		v = v.WithSecret()
	}
	return v, nil
}

// isOuter tells whether an expression stands under `template.`.
func isOuter(n expr.Node) bool {
	switch n := n.(type) {
	case *expr.Ref:
		return n.Template
	case *expr.Call:
		return n.Template
	}
	return false
}

// escaped makes sure that nothing in a value that becomes part of a nested
// document is taken for an expression there.
func escaped(v expr.Value) expr.Value {
	var out expr.Value
	switch v.Kind() {
	case expr.KindString:
		s, _ := v.AsString()
		e := expr.EscapeLiteral(s)
		if e == s {
			return v
		}
		out = expr.String(e)
	case expr.KindArray:
		items := v.Items()
		list := make([]expr.Value, len(items))
		for i, item := range items {
			list[i] = escaped(item)
		}
		return expr.Array(list)
	case expr.KindObject:
		members := v.Members()
		list := make([]expr.Member, len(members))
		for i, m := range members {
			list[i] = expr.Member{Key: m.Key, Value: escaped(m.Value)}
		}
		return expr.Object(list...)
	default:
		return v
	}
	if v.IsSecret() {
		out = out.WithSecret()
	}
	return out
}

// literal writes a value as the expression language does.
func literal(v expr.Value) string {
	switch v.Kind() {
	case expr.KindUndefined:
		return "undefined"
	case expr.KindString, expr.KindObject:
		// There are no literals of objects; JSON text comes nearest.
		s := v.Text()
		if v.Kind() == expr.KindObject {
			s = string(v.JSON())
		}
		text, err := json.Marshal(s)
		if err != nil {
			return "undefined"
		}
		return string(text)
	case expr.KindArray:
		items := v.Items()
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = literal(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return v.Text()
}
