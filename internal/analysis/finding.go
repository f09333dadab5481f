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
	// strange is set where no slip explains what stands there; see Snapshot.guessed.
	strange bool
	// Node is the path of the node that the finding belongs to; empty outside of nodes.
	Node string
	// Unnecessary marks text that has no effect; Deprecated text in an old form.
	Unnecessary, Deprecated bool

	// note is what the finding was made of, and base what the places in it count
	// from: see Snapshot.Fixes. nil for a finding that was made by hand.
	note *note
	base int
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
