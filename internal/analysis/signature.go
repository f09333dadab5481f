package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Signature is the function whose arguments the cursor stands in.
type Signature struct {
	// Label is the signature as it is written, Doc its Markdown description.
	Label, Doc string
	Parameters []SignatureParameter
	// Active is the index of the parameter that the cursor's argument belongs
	// to; -1 where the function takes no such argument.
	Active int
}

// SignatureParameter is one parameter of a signature.
type SignatureParameter struct {
	// Start and End are bytes in the signature's label, which is ASCII.
	Start, End int
	// Doc is Markdown.
	Doc string
}

// Signature describes the innermost function call around the byte offset, or
// returns nil. The call may be half-typed: it goes on until it is closed, or to
// the end of its expression.
func (s *Snapshot) Signature(offset int) *Signature {
	if m, at := s.meantAt(offset); m != nil {
		return m.snapshot.Signature(at)
	}
	if !s.IsTemplate() {
		return nil
	}
	c, commas := s.cursorAt(offset), 0
	if !c.str.IsValid() {
		if c, commas = s.behindComma(offset), 1; !c.str.IsValid() {
			return nil
		}
	}
	if c.str.Kind() != syntax.KindString {
		return nil
	}
	text := c.interpolation()
	at := c.str.Decode().TextOffset(c.offset)
	part, _ := text.PathAt(at)
	if part == nil || part.Kind != expr.Expression || part.Closed && at >= part.End {
		return nil
	}
	call := callAround(part.Node, at)
	if call == nil {
		return nil
	}
	f, _ := expr.LookupFunction(call.Name)
	sig := &Signature{Doc: f.Doc, Active: call.ArgAt(at) + commas}
	if f.Example != "" {
		sig.Doc += "\n\nExample: " + code(f.Example)
	}
	var ranges [][2]int
	sig.Label, ranges = f.SignatureRanges()
	for i, r := range ranges {
		sig.Parameters = append(sig.Parameters, SignatureParameter{Start: r[0], End: r[1], Doc: f.Params[i].Doc})
	}
	if sig.Active >= len(f.Params) {
		if sig.Active = -1; f.Variadic {
			sig.Active = len(f.Params) - 1
		}
	}
	return sig
}

// behindComma returns the end of a string that is not closed, where a comma and
// nothing else stands between it and the offset on its line. That comma belongs
// to the JSON around the string, as far as anyone can tell, unless one is typing
// the arguments of a function.
func (s *Snapshot) behindComma(offset int) cursor {
	source := s.Tree.Source()
	before := strings.TrimRight(source[:min(max(offset, 0), len(source))], " \t")
	before, comma := strings.CutSuffix(before, ",")
	if !comma {
		return cursor{}
	}
	c := s.cursorAt(len(before))
	if c.str.Kind() != syntax.KindString || c.str.Terminated() || c.str.Range().End != len(before) {
		return cursor{}
	}
	return c
}

// callAround returns the innermost call of a known function between whose
// parentheses the offset stands, or nil. A node's span does not tell: that of a
// call which is not closed ends with its last argument, while one may go on
// typing behind it.
func callAround(n expr.Node, offset int) *expr.Call {
	var found *expr.Call
	expr.Walk(n, func(n expr.Node, _ bool) bool {
		start, _ := n.Span()
		if start > offset {
			return false
		}
		if c, ok := n.(*expr.Call); ok && !c.Bare && c.ArgAt(offset) >= 0 {
			if _, known := expr.LookupFunction(c.Name); known {
				found = c
			}
		}
		return true
	})
	return found
}
