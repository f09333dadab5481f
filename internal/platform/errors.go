package platform

import (
	"errors"
	"fmt"
	"net/http"
)

// IDs of the errors that the contract itself tells apart.
const (
	ErrorNotFound     = "not-found"     // 404
	ErrorConflict     = "conflict"      // 409, a taken identifier or a state that forbids the operation
	ErrorValidation   = "validation"    // 400, Details names the properties
	ErrorUnchangeable = "unchangeable"  // 400, a property that no update can change
	ErrorUnknownOp    = "unknown-op"    // 501, the target has no such operation
	ErrorInternal     = "internal"      // 500
	ErrorUnavailable  = "unavailable"   // 503
	ErrorForbidden    = "run-forbidden" // 409, a run that the concurrency policy keeps from starting
)

// StatusOf returns the HTTP status of a refusal, 0 for any other error.
func StatusOf(err error) int {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return 0
}

// IsNotFound tells whether the platform said that something does not exist.
func IsNotFound(err error) bool { return StatusOf(err) == http.StatusNotFound }

// Invalid is the refusal of one property: its dotted path and what is wrong.
func Invalid(property, format string, args ...any) *Error {
	problem := fmt.Sprintf(format, args...)
	return &Error{
		Status:  http.StatusBadRequest,
		ID:      ErrorValidation,
		Message: fmt.Sprintf("%s %s", property, problem),
		Details: map[string]any{property: []any{problem}},
	}
}

// An UnsupportedError names what cannot be driven yet.
type UnsupportedError struct {
	// Kind is the node's kind; What is what about it is not supported, empty
	// when that is the kind itself.
	Kind, What string
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	if e.What == "" {
		return fmt.Sprintf("nodes of kind %s are not supported yet", e.Kind)
	}
	return fmt.Sprintf("%s nodes with %s are not supported yet", e.Kind, e.What)
}

// An UndecidedError says that nobody but a person can tell whether an action
// was carried out before a crash.
type UndecidedError struct {
	// Subject is what was to be done; Candidates are identifiers of what may
	// have come of it.
	Subject    string
	Candidates []string
}

// Error implements error.
func (e *UndecidedError) Error() string {
	if len(e.Candidates) == 0 {
		return fmt.Sprintf("whether %s was started before the interruption cannot be told", e.Subject)
	}
	return fmt.Sprintf("which of %q came from %s before the interruption cannot be told", e.Candidates, e.Subject)
}

// An OutcomeError says that what was waited for has ended badly and will not
// get well by waiting: a failed build, an addon that could not be provisioned.
type OutcomeError struct {
	// Subject is what was waited for: `build "b-1" of service "web"`.
	Subject string
	// State is its state in the platform's words, such as "FAILURE".
	State string
	// Reason is the platform's message; it may be empty.
	Reason string
}

// Error implements error.
func (e *OutcomeError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s ended in state %s", e.Subject, e.State)
	}
	return fmt.Sprintf("%s ended in state %s: %s", e.Subject, e.State, e.Reason)
}
