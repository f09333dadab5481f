package engine

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Kinds that the engine runs by itself, on every target: no operation of a platform
// does what they say.

// supports tells whether nodes of the kind with the spec can run.
func (e *Engine) supports(kind string, spec any) error {
	if kind == kindApproval {
		return nil
	}
	return e.Platform.Supports(kind, spec)
}

// preview says what starting a node would do.
func (e *Engine) preview(ctx context.Context, req platform.NodeRequest) (platform.Change, error) {
	if req.Kind == kindApproval {
		return platform.Change{Action: platform.ActionWait, Desired: req.Spec, Output: map[string]any{}}, nil
	}
	return e.Platform.Preview(ctx, req)
}
