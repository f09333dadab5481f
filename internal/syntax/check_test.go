package syntax

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// checkTree reports where a tree breaks its own rules.
func checkTree(t *testing.T, tree *Tree) {
	t.Helper()
	src := tree.Source()
	var b strings.Builder
	at := 0
	for tok := range tree.Tokens() {
		if tok.Range.Start != at || tok.Range.Len() <= 0 {
			t.Fatalf("a token of %q has the range %v, want one that starts at %d", src, tok.Range, at)
		}
		at = tok.Range.End
		b.WriteString(src[tok.Range.Start:tok.Range.End])
	}
	if b.String() != src {
		t.Fatalf("the tokens of %q are those of %q", src, b.String())
	}
	checkNode(t, tree.root)
	last := 0
	for _, e := range tree.Errors() {
		if e.Range.Start < last || e.Range.End < e.Range.Start || e.Range.End > len(src) {
			t.Fatalf("%q: error %v is out of order", src, e)
		}
		if e.Message == "" || e.Code == "" {
			t.Fatalf("%q: error without a message: %v", src, e)
		}
		last = e.Range.Start
	}
	valid := json.Valid([]byte(src))
	for _, e := range tree.Errors() {
		valid = valid && e.Code != ErrTooDeep // which is no mistake in JSON
	}
	if n := len(tree.Errors()); (n == 0) != valid || (n == 0) == tree.root.HasErrors() {
		t.Fatalf("%q: %d errors, valid JSON: %v, flagged: %v: %v", src, n, valid, tree.root.HasErrors(), tree.Errors())
	}
}

func checkNode(t *testing.T, n *Node) {
	t.Helper()
	again := Node{parts: n.parts, nodes: n.nodes}
	again.seal(n.kind)
	if !reflect.DeepEqual(&again, n) {
		t.Fatalf("a node says %v of itself, and its parts %v", *n, again)
	}
	i := 0
	for _, g := range n.parts {
		if !g.kind.isContainer() {
			continue
		}
		child := n.nodes[i].green()
		child.flags |= g.flags & flagMember
		if child != g {
			t.Fatalf("a part says %v of a node that is %v", g, child)
		}
		checkNode(t, n.nodes[i])
		i++
	}
	if i != len(n.nodes) {
		t.Fatalf("%d containers among the parts, %d nodes", i, len(n.nodes))
	}
}

// dump writes the structure of a tree, to compare two.
func dump(tree *Tree) string {
	var b strings.Builder
	dumpNode(&b, tree.root, 0)
	return b.String()
}

func dumpNode(b *strings.Builder, n *Node, depth int) {
	i := 0
	for _, g := range n.parts {
		fmt.Fprintf(b, "%d %v %d %d %d\n", depth, g.kind, g.width, g.flags, g.height)
		if g.kind.isContainer() {
			dumpNode(b, n.nodes[i], depth+1)
			i++
		}
	}
}

// sameTree reports where a tree that was edited differs from a fresh one.
func sameTree(t *testing.T, got *Tree, context func() string) {
	t.Helper()
	want := parse(newText(got.Source(), chunkSize), got.limits)
	if d, w := dump(got), dump(want); d != w {
		t.Fatalf("%s\nbecame\n%s\nwant\n%s", context(), d, w)
	}
	if !reflect.DeepEqual(got.Errors(), want.Errors()) {
		t.Fatalf("%s\nhas the errors\n%v\nwant\n%v", context(), got.Errors(), want.Errors())
	}
}

// randomDocument writes a document, in lines or not.
func randomDocument(r *rand.Rand, depth int) string {
	var b strings.Builder
	style := r.IntN(3)
	randomValue(r, &b, depth, style, "\n")
	if r.IntN(2) == 0 {
		b.WriteString("\n")
	}
	return b.String()
}

func randomValue(r *rand.Rand, b *strings.Builder, depth, style int, newline string) {
	scalars := []string{`1`, `-2.5e3`, `true`, `null`, `"x"`, `"a longer string"`, `"é\n\u00e9"`, `""`, `"${refs.a.b}"`}
	kind := r.IntN(4)
	if depth <= 0 {
		kind = 3
	}
	inner := newline + "  "
	space := func(s string) {
		switch style {
		case 0:
			b.WriteString(s)
		case 1:
			b.WriteString(" ")
		}
	}
	switch kind {
	case 0, 1:
		n := r.IntN(5)
		b.WriteString("{")
		for i := range n {
			if i > 0 {
				b.WriteString(",")
			}
			space(inner)
			fmt.Fprintf(b, "%q: ", string(rune('a'+i)))
			randomValue(r, b, depth-1, style, inner)
		}
		if n > 0 {
			space(newline)
		}
		b.WriteString("}")
	case 2:
		n := r.IntN(5)
		b.WriteString("[")
		for i := range n {
			if i > 0 {
				b.WriteString(",")
			}
			space(inner)
			randomValue(r, b, depth-1, style, inner)
		}
		if n > 0 {
			space(newline)
		}
		b.WriteString("]")
	default:
		b.WriteString(scalars[r.IntN(len(scalars))])
	}
}

// snippets are what random edits insert.
var snippets = []string{
	`"`, `'`, `{`, `}`, `[`, `]`, `,`, `:`, "\n", "\r\n", "\r", " ", "\t", "\\", `\"`, "//", "/*", "*/", "=", ";", "tru", "1", "x", ".",
	`"k": `, "\n  \"k\": 1", "\n\"k\": {", "{\n", "}\n", "],\n", `"v"`, ",\n", "é", "\xff", "\x00", "\ufeff", "null,", `"open` + "\n", `"open,` + " \n",
}

func randomEdit(r *rand.Rand, src string) Edit {
	e := Edit{}
	e.Start = r.IntN(len(src) + 1)
	e.End = e.Start
	switch r.IntN(6) {
	case 0, 1:
		e.End = min(len(src), e.Start+1)
	case 2:
		e.End = min(len(src), e.Start+r.IntN(8))
	case 3:
		if r.IntN(4) == 0 {
			e.End = min(len(src), e.Start+r.IntN(200))
		}
	}
	if e.End == e.Start || r.IntN(2) == 0 {
		e.NewText = snippets[r.IntN(len(snippets))]
		if r.IntN(8) == 0 {
			e.NewText += snippets[r.IntN(len(snippets))]
		}
	}
	return e
}
