package analysis

import (
	"cmp"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Fixes returns the ways to mend a finding of this snapshot, the best first. A
// fix takes its finding away and leaves all else as it is. What needs a look at
// the text around is worked out only here, so that it costs nothing while
// somebody types.
func (s *Snapshot) Fixes(f Finding) []Fix {
	return s.fixesOf(f, false)
}

// fixesOf returns the fixes of a finding; unseen leaves out those that a person
// has to choose, which take the most work.
func (s *Snapshot) fixesOf(f Finding, unseen bool) []Fix {
	if m := s.bare(); m != nil && f.Code != CodeSyntaxError {
		return m.fixes(f, unseen)
	}
	x := fixer{Snapshot: s, finding: f, unseen: unseen}
	if n := f.note; n != nil {
		x.out = movedFixes(n.fixes, func(at int) int { return at + f.base })
		if d := n.declare; d != nil {
			x.mend("Declare the argument "+edit.Quote(d.name), declareArgument(s.Doc.Scope(d.scope), d.name, `""`)...)
		}
	}
	if more := fixerOf(f.Code); more != nil {
		more(&x)
	}
	return x.out
}

// fixerOf returns how the fixes of a rule are worked out on demand; nil where
// those that are known at once are all.
func fixerOf(code Code) func(*fixer) {
	switch code {
	case CodeDuplicateKey:
		return (*fixer).removeRepeated
	case CodeKindNotAllowed:
		return (*fixer).removeNode
	case CodeMissingProperty:
		return (*fixer).addMissing
	case CodeUnknownProperty:
		return (*fixer).removeUnknown
	case CodeWrongType:
		return (*fixer).retype
	case CodeNotInEnum:
		return (*fixer).chooseValue
	case CodePatternMismatch:
		return (*fixer).reform
	case CodeOutOfRange:
		return (*fixer).clamp
	case CodeWrongLength:
		return (*fixer).shorten
	case CodeExclusiveProperties:
		return (*fixer).removeEither
	case CodeDeprecatedForm:
		return (*fixer).renew
	case CodeNameCollision:
		return (*fixer).renameResource
	case CodeNameTooLong:
		return (*fixer).cutName
	case CodeAddonFork:
		return (*fixer).likeItsSource
	case CodeAddonDowngrade:
		return (*fixer).earlierVersion
	case CodeAddonUpgrade:
		return (*fixer).nextVersion
	case CodeReleaseTarget:
		return func(x *fixer) { x.fromStage(false) }
	case CodePromotionSource:
		return func(x *fixer) { x.fromStage(true) }
	case CodeUnresolvedRef:
		return (*fixer).otherRef
	case CodeDuplicateRef:
		return (*fixer).renameRef
	case CodeRefBeforeItResolves:
		return (*fixer).moveForward
	case CodeRefToSibling:
		return (*fixer).inSequence
	case CodeRefOutOfScope:
		return (*fixer).outermostReference
	case CodeSkippedRef:
		return (*fixer).unskip
	case CodePortIndex:
		return (*fixer).lastPort
	case CodeUnknownRoot:
		return (*fixer).escape
	case CodeUnusedRef:
		return (*fixer).removeRef
	case CodeDNSWithoutCondition:
		return (*fixer).refactored
	case CodeUnusedArgument:
		return (*fixer).removeArgument
	case CodeExpressionSyntax:
		return (*fixer).repair
	case CodeArgumentCount:
		return (*fixer).recount
	case CodeArgumentType:
		return (*fixer).convert
	case CodeInvalidRegex:
		return (*fixer).literalSearch
	case CodeResultType:
		return (*fixer).rewrap
	case CodeConstantCondition:
		return (*fixer).branch
	case CodeMissingProjectContext:
		return (*fixer).refactored
	case CodeSecretInTemplate:
		return (*fixer).refactored
	case CodeCommittedOverrides:
		return (*fixer).removeOverrides
	}
	return nil
}

// fixer collects the fixes of one finding.
type fixer struct {
	*Snapshot
	finding Finding
	// unseen asks for fixes alone that need no choice.
	unseen bool
	out    []Fix
}

// mend adds a fix that may be applied unseen. One without edits is none.
func (x *fixer) mend(title string, edits ...syntax.Edit) {
	if len(edits) > 0 {
		x.out = append(x.out, Fix{Title: title, Edits: edits})
	}
}

// offer adds a fix that a person has to choose.
func (x *fixer) offer(title string, edits ...syntax.Edit) {
	if len(edits) > 0 && !x.unseen {
		x.out = append(x.out, Fix{Title: title, Edits: edits, Choice: true})
	}
}

// edited returns the edits of changes to the tree; none where they cannot be made.
func (x *fixer) edited(change func(*edit.Builder)) []syntax.Edit {
	b := edit.New(x.Tree)
	change(b)
	edits, err := b.Edits()
	if err != nil {
		return nil
	}
	return edits
}

// refactored offers the refactorings that mend the finding.
func (x *fixer) refactored() {
	if x.unseen {
		return
	}
	if m, at := x.meantOver(x.finding.Range); m != nil {
		for _, r := range m.snapshot.remedies(at, []Finding{m.there(x.finding)}) {
			if edits, err := x.Refactor(x.finding.Range, r.ID); err == nil {
				x.offer(r.Title, edits...)
			}
		}
		return
	}
	for _, r := range refactorers() {
		if !slices.Contains(r.mends, x.finding.Code) {
			continue
		}
		for _, o := range r.find(x.askedAt(x.finding.Range, false)) {
			if o.Disabled != "" {
				continue
			}
			if edits, err := o.edits(); err == nil {
				slices.SortStableFunc(edits, byStart)
				x.offer(o.Title, edits...)
			}
		}
	}
}

func byStart(a, b syntax.Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End) }

// isRefactored reports whether refactorings mend findings of the rule.
func isRefactored(code Code) bool {
	for _, r := range refactorers() {
		if slices.Contains(r.mends, code) {
			return true
		}
	}
	return false
}
