package platform

import (
	"context"
	"fmt"
)

// A Driver maps template nodes to the operations of a target. It holds no
// state; one driver serves any number of concurrent runs.
type Driver struct {
	target Target
}

// NewDriver returns the driver of a target.
func NewDriver(t Target) *Driver { return &Driver{target: t} }

// Target returns the target that the driver drives.
func (d *Driver) Target() Target { return d.target }

// An UnsupportedError names what the driver cannot do yet.
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

// A family drives the kinds of one resource family.
type family interface {
	// supports refuses the parts of a spec that cannot be driven yet.
	supports(kind string, spec any) error
	// repeatable tells whether starting the node a second time changes nothing.
	repeatable(req NodeRequest) bool
	preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error)
	start(ctx context.Context, d *Driver, req NodeRequest) (Result, error)
	find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error)
}

// familyOf returns the family that drives a kind, nil when there is none.
func familyOf(kind string) family {
	return nil
}

// Supports tells whether the driver can run nodes of the kind with the spec. It
// asks no target and accepts [Unknown]; an [*UnsupportedError] names what is
// missing. The spec may be unresolved: expressions count as unknown strings.
func (d *Driver) Supports(kind string, spec any) error {
	f := familyOf(kind)
	if f == nil {
		return &UnsupportedError{Kind: kind}
	}
	return f.supports(kind, spec)
}

// Repeatable tells whether a node whose start may have been cut off by a crash
// can simply be started again. What is not repeatable is looked up with Find.
func (d *Driver) Repeatable(req NodeRequest) bool {
	f := familyOf(req.Kind)
	return f != nil && f.repeatable(req)
}

// Preview says what starting the node would do. It changes nothing.
func (d *Driver) Preview(ctx context.Context, req NodeRequest) (Change, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Change{}, &UnsupportedError{Kind: req.Kind}
	}
	return f.preview(ctx, d, req)
}

// Start does what the node says. It returns when the platform has accepted it;
// what takes longer is left in [Result.Wait].
func (d *Driver) Start(ctx context.Context, req NodeRequest) (Result, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Result{}, &UnsupportedError{Kind: req.Kind}
	}
	if HasUnknown(req.Spec) {
		return Result{}, fmt.Errorf("a %s node cannot start: its spec holds values that are not known yet", req.Kind)
	}
	return f.start(ctx, d, req)
}

// Find looks for what an earlier, cut off Start of the same request (same
// [NodeRequest.Token]) has started. It returns false when nothing was started,
// so that Start is safe, and an [*UndecidedError] when the platform cannot tell.
func (d *Driver) Find(ctx context.Context, req NodeRequest) (Result, bool, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Result{}, false, &UnsupportedError{Kind: req.Kind}
	}
	return f.find(ctx, d, req)
}

// An UndecidedError says that nobody but a person can tell whether an action
// was carried out before a crash.
type UndecidedError struct {
	// Subject is what was to be done, Candidates are identifiers of what may
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
