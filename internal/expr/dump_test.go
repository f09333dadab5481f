package expr

import (
	"fmt"
	"strings"
)

// dump writes a parsed string so that a test can be read: holes are `_`, what is not closed ends in `…`, a dot without a
// name is `.…`, a parameter of a lambda begins with `$`.
func dump(ip *Interpolation) string {
	var parts []string
	for _, p := range ip.Parts {
		switch p.Kind {
		case Literal:
			parts = append(parts, fmt.Sprintf("%q", p.Text))
		case Runtime:
			parts = append(parts, closed("${{"+p.Text, p.Closed, "}}"))
		case Expression:
			parts = append(parts, closed("${"+dumpNode(p.Node), p.Closed, "}"))
		}
	}
	return strings.Join(parts, " ")
}

func closed(s string, is bool, end string) string {
	if !is {
		end = "…"
	}
	return s + end
}

func dumpNode(n Node) string {
	switch n := n.(type) {
	case *Ref:
		s := n.Root
		if n.Param {
			s = "$" + s
		}
		for _, seg := range n.Segments {
			if seg.Bracket {
				s += "[" + seg.Name + "]"
			} else {
				s += "." + seg.Name
			}
		}
		if n.Template {
			s = "template:" + s
		}
		if n.TrailingDot {
			s += ".…"
		} else if n.UnclosedFrom >= 0 {
			s += "…"
		}
		return s
	case *Call:
		s := "fn." + n.Name
		if n.Bare {
			s = "bare " + n.Name
		}
		if n.Template {
			s = "template:" + s
		}
		if n.Open < 0 {
			return s + "…"
		}
		return closed(s+"("+dumpList(n.Args), n.Closed, ")")
	case *ArrayLit:
		return closed("["+dumpList(n.Elems), n.Closed, "]")
	case *Lambda:
		var params []string
		for _, p := range n.Params {
			params = append(params, p.Name)
		}
		return "(" + strings.Join(params, ", ") + ") => " + dumpNode(n.Body)
	case *StringLit:
		return closed("'"+n.Value, n.Closed, "'")
	case *RegexLit:
		return closed("/"+n.Pattern, n.Closed, "/"+n.Flags)
	case *NumberLit:
		return formatNumber(n.Value)
	case *BoolLit:
		return fmt.Sprint(n.Value)
	case *NullLit:
		return "null"
	case *UndefinedLit:
		return "undefined"
	case *Missing:
		return "_"
	}
	return fmt.Sprintf("%T", n)
}

func dumpList(nodes []Node) string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = dumpNode(n)
	}
	return strings.Join(list, ", ")
}

func dumpErrors(ip *Interpolation) string {
	var lines []string
	for _, e := range ip.Errors {
		lines = append(lines, fmt.Sprintf("%s at %q: %s", e.Code, ip.Text[e.Start:e.End], e.Message))
	}
	return strings.Join(lines, "\n")
}
