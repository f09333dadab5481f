package template

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Facts are what one node's own text says by itself, without its steps and
// nested documents: the expressions in it. They hold offsets relative to the
// object's start, so a node that only moved keeps them: a document built from
// an edited tree shares the facts of all nodes that the edit did not touch.
type Facts struct {
	// Expressions are the strings that hold `${`, in file order.
	Expressions []*Expression
	// Strings counts all strings that were looked at, for statistics.
	Strings int
}

// Expression is one string with `${` in it.
type Expression struct {
	// Offset is where the string's token starts, in bytes from the start of
	// the object that the facts belong to.
	Offset int
	// Width is the token's length in bytes, quotes included.
	Width int
	// Pointer is the RFC 6901 pointer from that object to the string; for a
	// key it is the pointer of the member.
	Pointer string
	// Key is true where the string is a property's name.
	Key bool
	// Text is the parsed content.
	Text *expr.Interpolation
	// Uses are the references and calls in it, in order.
	Uses []Use
}

// Use is one reference in an expression.
type Use struct {
	Ref *expr.Ref
	// InCall is true among the arguments of a function, where a reference that
	// does not resolve is `undefined` instead of an error.
	InCall bool
}

// Value returns the string as a cursor, given the object that the facts belong to.
func (e *Expression) Value(tree *syntax.Tree, owner syntax.Value) syntax.Value {
	return tree.PathAt(owner.Range().Start + e.Offset + 1).Scalar
}

// stop tells the collector which values belong to somebody else: a step of a
// workflow, a nested document.
type stop func(v syntax.Value) bool

func collect(owner syntax.Value, foreign stop) *Facts {
	f := &Facts{}
	c := collector{facts: f, base: owner.Range().Start, foreign: foreign}
	c.value(owner, "")
	return f
}

type collector struct {
	facts   *Facts
	base    int
	foreign stop
}

func (c *collector) value(v syntax.Value, pointer string) {
	switch v.Kind() {
	case syntax.KindObject:
		for m := range v.Members() {
			c.member(m, pointer)
		}
	case syntax.KindArray:
		i := 0
		for e := range v.Elements() {
			if e.Kind().IsScalar() || !c.foreign(e) {
				c.value(e, pointer+"/"+strconv.Itoa(i))
			}
			i++
		}
	case syntax.KindString:
		c.str(v, pointer, false)
	}
}

func (c *collector) member(m syntax.Member, pointer string) {
	key, val := m.Key(), m.Value()
	raw := key.Raw()
	hasExpr := strings.IndexByte(raw, '$') >= 0
	switch val.Kind() {
	case syntax.KindString:
		if !hasExpr && strings.IndexByte(val.Raw(), '$') < 0 {
			c.facts.Strings++ // the usual case: nothing to parse, no pointer to build
			return
		}
	case syntax.KindObject, syntax.KindArray:
		if c.foreign(val) {
			return
		}
	default:
		if !hasExpr {
			return
		}
	}
	inner := pointer + "/" + escapePointer(m.KeyText())
	if hasExpr {
		c.str(key, inner, true)
	}
	c.value(val, inner)
}

func (c *collector) str(v syntax.Value, pointer string, key bool) {
	c.facts.Strings++
	if strings.IndexByte(v.Raw(), '$') < 0 {
		return
	}
	ip := expr.Parse(v.Text())
	if !ip.HasExpressions() && len(ip.Errors) == 0 && !hasRuntime(ip) {
		return
	}
	r := v.Range()
	e := &Expression{Offset: r.Start - c.base, Width: r.End - r.Start, Pointer: pointer, Key: key, Text: ip}
	ip.Walk(func(n expr.Node, inCall bool) bool {
		if ref, ok := n.(*expr.Ref); ok {
			e.Uses = append(e.Uses, Use{Ref: ref, InCall: inCall})
		}
		return true
	})
	c.facts.Expressions = append(c.facts.Expressions, e)
}

func hasRuntime(ip *expr.Interpolation) bool {
	for _, p := range ip.Parts {
		if p.Kind == expr.Runtime {
			return true
		}
	}
	return false
}

func escapePointer(s string) string {
	if !strings.ContainsAny(s, "~/") {
		return s
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}
