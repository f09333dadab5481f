package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// An OpenTofuDestroy names a node of the template's spec, which is no part of the
// teardown that runs. What it needs of that is where the state is kept.

// destroys is that of a node, as written: of the node that it names or, where only a
// run can tell which that is, of each that it can name, under `refs`. It is nil where it
// can name none.
func destroys(n *template.Node) json.RawMessage {
	if n.Kind != "OpenTofuDestroy" {
		return nil
	}
	name := text(n.Spec().Get("nodeRef"))
	if !strings.Contains(name, "${") {
		for _, named := range n.Scope.ByRef(name) {
			if named.Kind == "OpenTofu" {
				return object(keptState(named))
			}
		}
		return nil
	}
	refs := map[string]json.RawMessage{}
	for _, named := range n.Scope.Nodes() {
		if named.Kind == "OpenTofu" && named.Ref != "" {
			refs[named.Ref] = object(keptState(named))
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return object(map[string]json.RawMessage{"refs": object(refs)})
}

// keptState is what an OpenTofu node says of its state.
func keptState(n *template.Node) map[string]json.RawMessage {
	state := map[string]json.RawMessage{}
	for _, name := range []string{"stateKey", "isolateResourcesPerEnvironment"} {
		if v := raw(n.Spec().Get(name)); v != nil {
			state[name] = v
		}
	}
	return state
}

func object(members map[string]json.RawMessage) json.RawMessage {
	out, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	return out
}

// destroyed resolves where the state is kept that a node is about, whose value is given.
func (e env) destroyed(ctx context.Context, n *Node, value expr.Value, req *platform.NodeRequest) error {
	if n.Destroys == nil {
		return nil
	}
	v, err := expr.ParseJSON(n.Destroys)
	if refs := v.Get("refs"); err == nil && !refs.IsUndefined() {
		name, ok := value.Get("spec").Get("nodeRef").AsString()
		if v = refs.Get(name); ok && v.IsUndefined() {
			return fmt.Errorf("spec.nodeRef names no OpenTofu node of the template: %q", name)
		}
	}
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
