package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Fold is a part of the text that can be folded away.
type Fold struct {
	// Range is in bytes, from behind the opening bracket to the closing one or,
	// where that is missing, to the end of what there is; of comments, all of them.
	Range syntax.Range
	// Closed is true where a closing bracket follows, which stays to be seen.
	Closed  bool
	Comment bool
	// Depth is how many folds stand around this one.
	Depth int
	// Text says what a folded node is; empty for others.
	Text string
}

// Folds returns the objects, lists and comments of the document that have more
// than one line, in the order in which they start.
func (s *Snapshot) Folds() []Fold {
	if m := s.meant(); m != nil {
		return m.folds(m.snapshot.Folds())
	}
	if !s.IsTemplate() {
		return nil
	}
	f := folder{source: s.Tree.Source(), texts: map[int]string{}}
	for _, n := range s.Doc.Nodes() {
		if v := n.Value(); v.IsValid() {
			f.texts[v.Range().Start] = n.Label()
		}
	}
	f.parts(s.Tree.Parts(), 0)
	return f.folds
}

type folder struct {
	source string
	// texts are the names of the nodes by where they start.
	texts map[int]string
	folds []Fold
}

// parts folds what stands among the parts of a container, comments that follow
// one another in one.
func (f *folder) parts(parts func(func(syntax.Part) bool), depth int) {
	var comments syntax.Range
	flush := func() {
		if comments.Len() > 0 {
			f.add(Fold{Range: comments, Comment: true, Depth: depth})
		}
		comments = syntax.Range{}
	}
	for p := range parts {
		switch {
		case p.Kind == syntax.KindSpace:
		case p.Kind == syntax.KindLineComment || p.Kind == syntax.KindBlockComment:
			if comments.Len() == 0 {
				comments.Start = p.Range.Start
			}
			comments.End = p.Range.End
		default:
			flush()
			if m := p.Member(); m.IsValid() {
				f.value(m.Value(), depth)
			} else {
				f.value(p.Value(), depth)
			}
		}
	}
	flush()
}

func (f *folder) value(v syntax.Value, depth int) {
	if k := v.Kind(); k != syntax.KindObject && k != syntax.KindArray {
		return
	}
	r := v.Range()
	inner := syntax.Range{Start: r.Start + 1, End: r.End}
	if v.Terminated() {
		inner.End--
	} else {
		inner.End -= inner.Len() - len(strings.TrimRight(f.source[inner.Start:inner.End], " \t\r\n"))
	}
	if f.add(Fold{Range: inner, Closed: v.Terminated(), Depth: depth, Text: f.texts[r.Start]}) {
		f.parts(v.Parts(), depth+1)
	}
}

// add adds a fold that has more than one line.
func (f *folder) add(fold Fold) bool {
	if !strings.ContainsAny(f.source[fold.Range.Start:fold.Range.End], "\r\n") {
		return false
	}
	f.folds = append(f.folds, fold)
	return true
}
