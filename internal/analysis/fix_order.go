package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// related returns the node that the finding points to as the other one.
func (x *fixer) related() *template.Node {
	if len(x.finding.Related) == 0 {
		return nil
	}
	return x.Doc.NodeAt(x.finding.Related[0].Range.Start)
}

// branches returns the steps of the nearest workflow around both nodes in which
// each of them stands; nil where there is none, or one is around the other.
func branches(a, b *template.Node) (workflow, ofA, ofB *template.Node) {
	if a == nil || b == nil || a.Scope != b.Scope || a == b || a.Ancestor(b) || b.Ancestor(a) {
		return nil, nil, nil
	}
	for a.Depth > b.Depth {
		a = a.Parent
	}
	for b.Depth > a.Depth {
		b = b.Parent
	}
	for a.Parent != b.Parent {
		a, b = a.Parent, b.Parent
	}
	return a.Parent, a, b
}

// moveForward offers to put the node whose output is needed in front of the one
// that needs it.
func (x *fixer) moveForward() {
	user, target := x.Doc.NodeAt(x.finding.Range.Start), x.related()
	workflow, ofUser, ofTarget := branches(user, target)
	if workflow == nil || workflow.Flow != template.Sequential || ofTarget.Position < ofUser.Position {
		return
	}
	x.offerVerified(fmt.Sprintf("Move %s in front of this node", edit.Quote(ofTarget.Label())), x.moved(ofTarget, ofUser)...)
}

// moved returns the edits that put a later step of a workflow in front of an
// earlier one, as it is written.
func (x *fixer) moved(step, before *template.Node) []syntax.Edit {
	at := before.Value().Range().Start
	text := step.Value().Raw() + "," + x.spaceBefore(at)
	edits := x.edited(func(b *edit.Builder) { b.RemoveElement(step.Value()) })
	if len(edits) == 0 {
		return nil
	}
	return append([]syntax.Edit{{Range: syntax.Range{Start: at, End: at}, NewText: text}}, edits...)
}

// spaceBefore returns the space in front of an element, for one more before it.
func (x *fixer) spaceBefore(at int) string {
	from := max(0, at-maxIndent)
	before := x.Tree.Slice(syntax.Range{Start: from, End: at})
	space := before[len(strings.TrimRight(before, " \t\r\n")):]
	if i := strings.LastIndexAny(space, "\r\n"); i >= 0 {
		newline := "\n"
		if i > 0 && space[i-1] == '\r' {
			newline = "\r\n"
		}
		return newline + space[i+1:]
	}
	return " "
}

// inSequence offers to run the steps of the workflow one after the other.
func (x *fixer) inSequence() {
	user, target := x.Doc.NodeAt(x.finding.Range.Start), x.related()
	workflow, ofUser, ofTarget := branches(user, target)
	if workflow == nil || workflow.Flow != template.Parallel {
		return
	}
	flow := workflow.Spec().Get("type")
	if !flow.IsValid() {
		return
	}
	edits := []syntax.Edit{{Range: flow.Range(), NewText: edit.Quote("sequential")}}
	if ofTarget.Position > ofUser.Position {
		edits = append(edits, x.moved(ofTarget, ofUser)...)
		slices.SortFunc(edits, func(a, b syntax.Edit) int { return a.Range.Start - b.Range.Start })
	}
	x.offerVerified("Run the steps of this workflow one after the other", edits...)
}

// unskip offers to let the node run whose output is needed.
func (x *fixer) unskip() {
	for n := x.related(); n != nil; n = n.Parent {
		if n.Skip == template.SkipAlways {
			if m, ok := n.Value().GetMember("skipNodeExecution"); ok {
				x.offerVerified(fmt.Sprintf("Let %s run", edit.Quote(n.Label())), x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
			}
			return
		}
	}
}

// freeRef returns a ref that no node of the scope carries yet.
func freeRef(scope *template.Scope, like string) string {
	ref := like
	for i := 2; len(scope.ByRef(ref)) > 0 || scope.Trigger(ref) != nil; i++ {
		ref = fmt.Sprintf("%s-%d", like, i)
	}
	return ref
}
