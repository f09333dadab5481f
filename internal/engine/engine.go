package engine

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A Platform does what nodes say. [*platform.Driver] is one.
type Platform = platform.NodeDriver

// DefaultSlots is how many calls of the platform go on at once.
const DefaultSlots = 16

// DefaultCallTimeout is how long one call of the platform may take. Calls set
// something off or look at something; what takes long is waited for by polling.
const DefaultCallTimeout = 5 * time.Minute

// An Engine plans and executes programs.
type Engine struct {
	// Store is the state folder; plans need it only for kept secrets and may do
	// without.
	Store    *history.Store
	Platform Platform
	// Target names the platform in the history; a run is resumed only on the
	// target that it began on.
	Target string
	// Checker looks at resolved nodes; nil is [CatalogChecker].
	Checker Checker
	// Secrets gives global secrets; it may be nil.
	Secrets SecretSource
	// Remotes finds the runs again that the platform executes, by what their programs
	// say and their ids in the history; nil where none are followed.
	Remotes func(at RemoteRun, id string) (Remote, error)
	// Clock is nil for the time outside.
	Clock Clock
	// Slots bounds the calls of the platform at once; 0 is DefaultSlots.
	Slots int
	// Retention, where it is not nil, is what is kept of a template's runs: after
	// each run, what goes beyond it is removed.
	Retention *history.Retention
	// AbortGrace is how long calls of the platform may go on after an abort, in
	// the time outside; 0 is DefaultAbortGrace.
	AbortGrace time.Duration
	// CallTimeout is how long one call of the platform may take, in the time
	// outside; 0 is DefaultCallTimeout. After it, what the call has done is not known.
	CallTimeout time.Duration
	// Random is in [0, 1) and spreads retries; nil is math/rand.
	Random func() float64
}

func (e *Engine) clock() Clock {
	if e.Clock != nil {
		return e.Clock
	}
	return systemClock{}
}

func (e *Engine) checker() Checker {
	if e.Checker != nil {
		return e.Checker
	}
	return CatalogChecker{}
}

func (e *Engine) slots() int {
	if e.Slots > 0 {
		return e.Slots
	}
	return DefaultSlots
}

func (e *Engine) abortGrace() time.Duration {
	if e.AbortGrace > 0 {
		return e.AbortGrace
	}
	return DefaultAbortGrace
}

func (e *Engine) callTimeout() time.Duration {
	if e.CallTimeout > 0 {
		return e.CallTimeout
	}
	return DefaultCallTimeout
}

func (e *Engine) random() float64 {
	if e.Random != nil {
		return e.Random()
	}
	return rand.Float64()
}

// A RefusedError says why a program cannot run.
type RefusedError struct{ Problems []Problem }

// Error implements error.
func (e *RefusedError) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0].Message
	}
	return fmt.Sprintf("%s (and %d more problems)", e.Problems[0].Message, len(e.Problems)-1)
}
