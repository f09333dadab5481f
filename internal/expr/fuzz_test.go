package expr

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"
)

// seeds are texts with everything that the language has, and with mistakes.
var seeds = []string{
	"", "text", "${args.NAME}", "a${refs.web.ports.0.dns}b", "${fn.if(fn.eq(args.branch, 'main'), 3, 1)}", `\${x}`, `${'\${aws.id}'}`,
	"${{ secrets.a.values.b }}", "${", "${refs.", "${fn.if(a,", "${fn.eq(a, 'x)} ${b}", "${fn.map(args.l, (x, i) => fn.join([x.n, i], '-'))}",
	"${fn.replace(args.a, /[a-z]+(?<n>\\d)/gi, '$<n>')}", "${VAR:-x}", "${refs['a b'][0]}", "${template.fn.randomString(8)}", "${fn.date('LLLL')}",
	"${fn.get(fn.parseJSON('{\"a\":[1]}'), 'a.0')}", "${fn.split('😀', '')}", "${fn.fromBase64('/w==')}", "${fn.slug('É 東')}",
}

// invariants says what is wrong with a parsed text, whatever it was.
func invariants(ip *Interpolation) string {
	at := 0
	for i, p := range ip.Parts {
		if p.Start != at || p.End <= p.Start {
			return fmt.Sprintf("part %d is at %d..%d, want it to begin at %d", i, p.Start, p.End, at)
		}
		at = p.End
		if (p.Kind == Expression) != (p.Node != nil) && p.Kind != Runtime {
			return fmt.Sprintf("part %d of kind %d has the node %v", i, p.Kind, p.Node)
		}
		if p.Node != nil {
			if err := nested(p.Node, p.Start+2, p.End); err != "" {
				return err
			}
		}
	}
	if at != len(ip.Text) {
		return fmt.Sprintf("the parts end at %d of %d", at, len(ip.Text))
	}
	for _, e := range ip.Errors {
		if e.Start < 0 || e.End < e.Start || e.End > len(ip.Text) || e.Message == "" || e.Code == "" {
			return fmt.Sprintf("the error %+v is not within the text", e)
		}
	}
	return ""
}

func nested(n Node, low, high int) string {
	start, end := n.Span()
	if start < low || end > high || start > end {
		return fmt.Sprintf("%T at %d..%d is not within %d..%d", n, start, end, low, high)
	}
	var children []Node
	switch n := n.(type) {
	case *Call:
		children = n.Args
		if n.NameStart < start || n.NameEnd > end || n.Open > end || n.Close >= end {
			return fmt.Sprintf("the pieces of the call at %d..%d are not within it: %+v", start, end, n)
		}
	case *ArrayLit:
		children = n.Elems
	case *Lambda:
		children = []Node{n.Body}
	case *Ref:
		at := n.RootEnd
		for _, s := range n.Segments {
			if s.Start < at || s.End < s.Start || s.End > end {
				return fmt.Sprintf("the segment %+v of the reference at %d..%d is out of place", s, start, end)
			}
			at = s.End
		}
	}
	for _, c := range children {
		if err := nested(c, start, end); err != "" {
			return err
		}
		start, _ = c.Span()
	}
	return ""
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ip := Parse(text)
		if err := invariants(ip); err != "" {
			t.Fatalf("%q: %s", text, err)
		}
		if again := Parse(EscapeLiteral(text)); again.HasExpressions() || len(again.Errors) > 0 {
			t.Fatalf("%q: escaped it has expressions or errors", text)
		}
		for offset := 0; offset <= len(text); offset += 1 + len(text)/16 {
			ip.PathAt(offset)
		}
	})
}

func FuzzEval(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, `{"NAME":"x","l":[{"n":1}],"a":"b2"}`)
	}
	f.Fuzz(func(t *testing.T, text, args string) {
		ip := Parse(text)
		env := vectorEnv{Args: []byte(args), Refs: []byte(`{"web":{"ports":[{"dns":"d"}]}}`)}
		v, err := ip.Eval(context.Background(), env, "place")
		if len(ip.Errors) > 0 && err == nil {
			t.Fatalf("%q has syntax errors but the value %v", text, v)
		}
		if err != nil {
			var e *EvalError
			if !errors.As(err, &e) || e.Start < 0 || e.Start > e.End || e.End > len(text) || e.Code == "" || e.Message == "" {
				t.Fatalf("%q: the error %#v has no place in the text", text, err)
			}
			return
		}
		if v.weigh() > 2*MaxWeight {
			t.Fatalf("%q: the value has no bounds", text)
		}
		if !utf8.ValidString(v.Text()) || !utf8.Valid(v.JSON()) {
			t.Fatalf("%q: what leaves is no UTF-8", text)
		}
		if again, err := ParseJSON(v.JSON()); err != nil || string(again.JSON()) != string(v.JSON()) {
			t.Fatalf("%q: %s does not read back: %v", text, v.JSON(), err)
		}
		for _, p := range ip.Parts {
			if p.Kind == Expression {
				Walk(p.Node, func(n Node, _ bool) bool {
					TypeOf(n, nil)
					if c, ok := n.(*Call); ok {
						CheckCall(c, nil)
					}
					return true
				})
			}
		}
		// What the types say holds for the value.
		if typ := ip.TypeOf(nil); v.Kind() != KindUnknown && !v.Type().Within(typ) {
			t.Fatalf("%q has the type %s, but the value is %s %s", text, typ, v.Kind(), v.JSON())
		}
	})
}
