package analysis

import "github.com/nf-lsp/nf-lsp/internal/syntax"

// Severity is how sure and how bad a finding is.
type Severity uint8

const (
	// Off findings are not reported.
	Off Severity = iota
	// Error is what the schema or the platform's own dry run provably refuses.
	Error
	// Warning is what probably goes wrong.
	Warning
	// Information is worth knowing.
	Information
	// Hint is the rest: what could be written better, what is unused.
	Hint
)

// String returns the word that settings and machine output use.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Information:
		return "information"
	case Hint:
		return "hint"
	default:
		return "off"
	}
}

// Finding is one thing that is, or may be, wrong at one place.
type Finding struct {
	Code     Code
	Severity Severity
	// Range is in bytes of the snapshot's text.
	Range   syntax.Range
	Message string
	// Related are other places that the message speaks of.
	Related []Related
	// fixes are the ways to mend it that are known at once; see Snapshot.Fixes.
	fixes []Fix
	// strange is set where no slip explains what stands there; see Snapshot.guessed.
	strange bool
	// Node is the path of the node that the finding belongs to; empty outside of nodes.
	Node string
	// Unnecessary marks text that has no effect; Deprecated text in an old form.
	Unnecessary, Deprecated bool
}

// Related is another place that a finding speaks of.
type Related struct {
	Range   syntax.Range
	Message string
}

// Fix is a set of edits that mends a finding.
type Fix struct {
	Title string
	Edits []syntax.Edit
	// Choice is true where a person has to choose the fix: it makes up a value,
	// takes something away, or is one of several that are as good.
	Choice bool
}

// shifted returns the finding moved by delta bytes.
func (f Finding) shifted(delta int) Finding {
	if delta == 0 {
		return f
	}
	return f.mapped(func(r syntax.Range) syntax.Range {
		return syntax.Range{Start: r.Start + delta, End: r.End + delta}
	})
}

// mapped returns the finding with all of its ranges mapped.
func (f Finding) mapped(to func(syntax.Range) syntax.Range) Finding {
	f.Range = to(f.Range)
	if len(f.Related) > 0 {
		related := make([]Related, len(f.Related))
		for i, r := range f.Related {
			related[i] = Related{to(r.Range), r.Message}
		}
		f.Related = related
	}
	if len(f.fixes) > 0 {
		fixes := make([]Fix, len(f.fixes))
		for i, fix := range f.fixes {
			edits := make([]syntax.Edit, len(fix.Edits))
			for j, e := range fix.Edits {
				e.Range = to(e.Range)
				edits[j] = e
			}
			fix.Edits = edits
			fixes[i] = fix
		}
		f.fixes = fixes
	}
	return f
}
