package analysis

import (
	"sort"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// TokenType is what a piece of an expression is.
type TokenType uint8

const (
	// TokenDelimiter is `${`, `${{` or what closes it.
	TokenDelimiter TokenType = iota
	// TokenRoot is `refs`, `args`, `secrets`, `fn` or `template`.
	TokenRoot
	// TokenRef is the ref of a node or of a Git trigger.
	TokenRef
	// TokenProperty is a step into an output or into another value.
	TokenProperty
	// TokenArgument is the name of an argument of the template.
	TokenArgument
	// TokenFunction is the name of a function that there is.
	TokenFunction
	// TokenUnknownFunction is the name of one that there is not.
	TokenUnknownFunction
	// TokenParameter is a parameter of a lambda.
	TokenParameter
	// TokenVariable is another name.
	TokenVariable
	// TokenString is a string literal with its quotes.
	TokenString
	// TokenNumber is a number.
	TokenNumber
	// TokenRegex is a regular expression with its flags.
	TokenRegex
	// TokenKeyword is `true`, `false`, `null` or `undefined`.
	TokenKeyword
)

// Token is a piece of an expression.
type Token struct {
	Range syntax.Range // bytes of the file, on one line
	Type  TokenType
}

// Tokens returns the pieces of the expressions in the strings that touch a range
// of bytes, in the order of the text and apart from each other. What has no
// expression in it has none.
func (s *Snapshot) Tokens(within syntax.Range) []Token {
	if m := s.meant(); m != nil {
		return m.tokens(m.snapshot.Tokens(syntax.Range{Start: m.forth(within.Start), End: m.forth(within.End)}))
	}
	var t tokenizer
	for d := range s.dynamicStrings(within) {
		t.at = d.Decoded
		for i := range d.text.Parts {
			t.part(&d.text.Parts[i])
		}
	}
	sort.SliceStable(t.out, func(i, j int) bool { return t.out[i].Range.Start < t.out[j].Range.Start })
	return t.out
}

type tokenizer struct {
	at  syntax.Decoded
	out []Token
}

// add notes a token at offsets of the string's text. Holes have no width.
func (t *tokenizer) add(start, end int, what TokenType) {
	if start < end {
		t.out = append(t.out, Token{t.at.SourceRange(start, end), what})
	}
}

func (t *tokenizer) part(p *expr.Part) {
	braces := 1
	switch p.Kind {
	case expr.Literal:
		return
	case expr.Runtime:
		braces = 2
	}
	opened := min(p.Start+1+braces, p.End)
	t.add(p.Start, opened, TokenDelimiter)
	if p.Node != nil {
		t.node(p.Node)
	}
	if p.Closed {
		t.add(max(opened, p.End-braces), p.End, TokenDelimiter)
	}
}

// node adds the tokens of an expression in the order of the text.
func (t *tokenizer) node(n expr.Node) {
	start, end := n.Span()
	switch n := n.(type) {
	case *expr.Ref:
		t.ref(n)
	case *expr.Call:
		t.call(n)
	case *expr.ArrayLit:
		for _, e := range n.Elems {
			t.node(e)
		}
	case *expr.Lambda:
		for _, p := range n.Params {
			t.add(p.Start, p.End, TokenParameter)
		}
		if n.Body != nil {
			t.node(n.Body)
		}
	case *expr.StringLit:
		t.add(start, end, TokenString)
	case *expr.NumberLit:
		t.add(start, end, TokenNumber)
	case *expr.RegexLit:
		t.add(start, end, TokenRegex)
	case *expr.BoolLit, *expr.NullLit, *expr.UndefinedLit:
		t.add(start, end, TokenKeyword)
	}
}

func (t *tokenizer) ref(r *expr.Ref) {
	t.prefix(r.Start, r.RootStart)
	root, first := TokenVariable, TokenProperty
	switch {
	case r.Param:
		root = TokenParameter
	case r.Root == "refs":
		root, first = TokenRoot, TokenRef
	case r.Root == "args":
		root, first = TokenRoot, TokenArgument
	case r.Root == "secrets", r.Root == "fn":
		root = TokenRoot
	}
	t.add(r.RootStart, r.RootEnd, root)
	for i, s := range r.Segments {
		if i == 0 {
			t.add(s.Start, s.End, first)
		} else {
			t.add(s.Start, s.End, TokenProperty)
		}
	}
}

func (t *tokenizer) call(c *expr.Call) {
	what := TokenUnknownFunction
	if _, ok := expr.LookupFunction(c.Name); ok {
		what = TokenFunction
	}
	t.prefix(c.Start, c.NameStart)
	t.add(c.NameStart, c.NameEnd, what)
	for _, a := range c.Args {
		t.node(a)
	}
}

// prefix adds the names in front of another: `template`, `fn`.
func (t *tokenizer) prefix(start, end int) {
	name := -1
	for i := start; i < end; i++ {
		switch c := t.at.Text[i]; {
		case c >= 'a' && c <= 'z':
			if name < 0 {
				name = i
			}
		case name >= 0:
			t.add(name, i, TokenRoot)
			name = -1
		}
	}
	if name >= 0 {
		t.add(name, end, TokenRoot)
	}
}
