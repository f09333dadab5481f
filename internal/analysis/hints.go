package analysis

import (
	"fmt"
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// HintKinds is a set of kinds of hints.
type HintKinds uint8

const (
	// HintValues are what constant expressions come to.
	HintValues HintKinds = 1 << iota
	// HintContext is the project that a node takes from what is around it.
	HintContext
	// HintCost is what a plan costs each month.
	HintCost
	// HintParameters are the names of the parameters that literals are given to.
	HintParameters
)

// AllHints are all kinds of hints.
const AllHints = HintValues | HintContext | HintCost | HintParameters

// InlayHint is a remark that an editor shows between the characters of the file.
type InlayHint struct {
	Kind HintKinds
	// Offset is the byte in front of which it stands.
	Offset int
	Label  string
	// Doc says more; Markdown, may be empty.
	Doc string
}

// Hints returns the hints of these kinds in a range of bytes, in the order of
// the text. Only what the file itself says goes into them.
func (s *Snapshot) Hints(within syntax.Range, kinds HintKinds) []InlayHint {
	if m := s.meant(); m != nil {
		out := m.snapshot.Hints(syntax.Range{Start: m.forth(within.Start), End: m.forth(within.End)}, kinds)
		for i := range out {
			out[i].Offset = m.offset(out[i].Offset)
		}
		return out
	}
	if !s.IsTemplate() {
		return nil
	}
	h := hinter{within: within, kinds: kinds}
	if kinds&(HintValues|HintParameters) != 0 {
		for d := range s.dynamicStrings(within) {
			h.expression(d)
		}
	}
	if kinds&(HintContext|HintCost) != 0 {
		for _, n := range s.Doc.Nodes() {
			if at := n.Value().Range(); at.End >= within.Start && at.Start <= within.End {
				h.context(n)
				h.cost(n)
			}
		}
	}
	sort.SliceStable(h.out, func(i, j int) bool { return h.out[i].Offset < h.out[j].Offset })
	return h.out
}

type hinter struct {
	within syntax.Range
	kinds  HintKinds
	out    []InlayHint
}

func (h *hinter) add(kind HintKinds, offset int, label, doc string) {
	if h.kinds&kind != 0 && h.within.Start <= offset && offset <= h.within.End {
		h.out = append(h.out, InlayHint{kind, offset, label, doc})
	}
}

// expression hints at what a constant string comes to, and at the parameters
// that literals are given to.
func (h *hinter) expression(d dynamicString) {
	if h.kinds&HintValues != 0 && !d.isKey && d.text.HasExpressions() {
		if v, ok := d.text.Fold(); ok {
			h.add(HintValues, d.token.End, "= "+label(string(v.MaskedJSON())), "")
		} else {
			h.constants(d)
		}
	}
	if h.kinds&HintParameters == 0 {
		return
	}
	d.text.Walk(func(n expr.Node, _ bool) bool {
		c, ok := n.(*expr.Call)
		if !ok || c.Bare {
			return true
		}
		f, known := expr.LookupFunction(c.Name)
		if !known || len(f.Params) < 2 {
			return true // the only parameter needs no name
		}
		for i, arg := range c.Args {
			p, ok := f.Param(i)
			if !ok || !isLiteral(arg) || f.Variadic && i >= len(f.Params) {
				continue
			}
			start, end := arg.Span()
			h.add(HintParameters, d.SourceRange(start, end).Start, p.Name+":", p.Doc)
		}
		return true
	})
}

// constants hints at the parts of a string that are always the same, where others
// are not.
func (h *hinter) constants(d dynamicString) {
	for _, p := range d.text.Parts {
		if _, isCall := p.Node.(*expr.Call); p.Kind != expr.Expression || !p.Closed || !isCall {
			continue
		}
		if v, ok := expr.Fold(p.Node); ok {
			h.add(HintValues, d.SourceRange(p.End, p.End).Start, "= "+label(string(v.MaskedJSON())), "")
		}
	}
}

// isLiteral reports whether an argument does not say by itself what it is for.
func isLiteral(n expr.Node) bool {
	switch n.(type) {
	case *expr.StringLit, *expr.NumberLit, *expr.BoolLit, *expr.NullLit, *expr.UndefinedLit, *expr.RegexLit, *expr.ArrayLit:
		return true
	}
	return false
}

// context hints at the project of a node that does not name one itself.
func (h *hinter) context(n *template.Node) {
	if h.kinds&HintContext == 0 || n.OwnProject || !NeedsProject(n) {
		return
	}
	c, ok := n.ProjectContext()
	if !ok {
		return
	}
	var project syntax.Value
	from := "the document's `project`"
	if c.FromDocument {
		given := n.Scope.Value.Get("project")
		if project = given.Get("id"); !project.IsValid() {
			project = given.Get("spec").Get("name")
		}
	} else {
		from = "the `context` of the workflow " + code(c.Node.Label())
		if project = c.Node.Spec().Get("context").Get("projectId"); !project.IsValid() {
			project = c.Node.Value().Get("context").Get("projectId")
		}
	}
	kind := n.KindValue()
	if project.Kind() != syntax.KindString || !kind.IsValid() {
		return
	}
	h.add(HintContext, kind.Range().End, "in "+label(project.Text()), "The project comes from "+from+".")
}

// cost hints at the monthly price of the plan of what runs all the time.
func (h *hinter) cost(n *template.Node) {
	if h.kinds&HintCost == 0 {
		return
	}
	var count syntax.Value
	spec := n.Spec()
	switch n.Kind {
	case "CombinedService", "DeploymentService":
		count = spec.Get("deployment").Get("instances")
	case "Addon":
		count = spec.Get("billing").Get("replicas")
	default:
		return
	}
	value := spec.Get("billing").Get("deploymentPlan")
	if value.Kind() != syntax.KindString {
		return
	}
	price := monthlyPrice(value.Text())
	if price == 0 {
		return
	}
	label := fmt.Sprintf("$%.2f a month", price)
	switch instances, literal := count.Float(); {
	case count.IsValid() && !literal:
		label += " each"
	case count.IsValid() && instances != 1:
		if instances < 0 {
			return
		}
		label = fmt.Sprintf("%g × $%.2f = $%.2f a month", instances, price, instances*price)
	}
	h.add(HintCost, value.Range().End, label, "The list price of instances that run all the time, without storage and traffic.")
}

// monthlyPrice is the price of one instance of a plan; 0 where it is not known.
func monthlyPrice(id string) float64 {
	p, ok := catalog.LookupPlan(id)
	if ok && p.Monthly == 0 && p.SameAs != "" {
		p, ok = catalog.LookupPlan(p.SameAs)
	}
	if !ok {
		return 0
	}
	return p.Monthly
}

// label is a text that fits between the characters of a line.
func label(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
