package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// An OpenTofuDestroy names a node of the template's spec, which is no part of the
// teardown that runs. What it needs of that is where the state is kept.

// destroys is that of a node, as written; nil where it names no OpenTofu node.
func destroys(n *template.Node) json.RawMessage {
	if n.Kind != "OpenTofuDestroy" {
		return nil
	}
	for _, named := range n.Scope.ByRef(text(n.Spec().Get("nodeRef"))) {
		if named.Kind != "OpenTofu" {
			continue
		}
		state := map[string]json.RawMessage{}
		for _, name := range []string{"stateKey", "isolateResourcesPerEnvironment"} {
			if v := raw(named.Spec().Get(name)); v != nil {
				state[name] = v
			}
		}
		out, err := json.Marshal(state)
		if err != nil {
			return nil
		}
		return out
	}
	return nil
}

// destroyed resolves where the state is kept that a node is about.
func (e env) destroyed(ctx context.Context, n *Node, req *platform.NodeRequest) error {
	if n.Destroys == nil {
		return nil
	}
	v, err := expr.ParseJSON(n.Destroys)
	if err == nil {
		v, err = e.resolve(ctx, v, n.Place, "/spec/nodeRef", nil)
	}
	if err != nil {
		return fmt.Errorf("the state of the node that it names is not known: %w", err)
	}
	key, ok := v.Get("stateKey").AsString()
	if !v.Get("stateKey").Known() || !ok {
		return errors.New("the state of the node that it names is not known")
	}
	req.StateKey, req.StateIsolated = key, isTrue(v.Get("isolateResourcesPerEnvironment"))
	return nil
}
