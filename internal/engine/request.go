package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A prepared request is a node with every expression resolved.
type prepared struct {
	req platform.NodeRequest
	// readable is the node for readers, but for what only the masker knows of;
	// canonical the whole request for hashing.
	readable  map[string]any
	canonical []byte
	// secret are the pointers of the secret values of the spec; confidential are
	// the properties that are for secrets.
	secret       []string
	confidential confidential
	// last is the checker's second opinion; nil for none.
	last func() error
	// unknown says that the request holds values that are not known yet.
	unknown bool
}

// prepare resolves a node, brings its values into the types of its schema and
// checks it.
func (s *scope) prepare(ctx context.Context, node int, checker Checker) (*prepared, error) {
	n := &s.program.Nodes[node]
	e := env{s, node}
	value, err := e.whole(ctx, n)
	if err != nil {
		return nil, err
	}
	p := &prepared{req: platform.NodeRequest{Kind: n.Kind}}
	p.req.Identity = s.program.Identity
	if err := e.destroyed(ctx, n, value, &p.req); err != nil {
		return nil, err
	}
	project, known, err := e.project(ctx, n)
	if err != nil {
		return nil, err
	}
	p.req.ProjectID = project
	object, _ := plain(value).(map[string]any)
	p.unknown = platform.HasUnknown(object)
	p.secret = secrets(nil, value.Get("spec"), "")
	s.masker.add(value) // what was computed from secrets is one, and may be shown by the platform
	object["kind"] = n.Kind
	if object, p.last, err = checker.Fit(n.Kind, object, n.Allowed); err != nil {
		return nil, err
	}
	object = maps.Clone(object)
	delete(object, "kind")
	p.req.Spec = object["spec"]
	if spec, ok := p.req.Spec.(map[string]any); ok && !known {
		// The request names projects as text; in a spec one can be unknown.
		spec["projectId"], p.unknown = platform.Unknown, true
	}
	if len(object) > 1 {
		rest := make(map[string]any, len(object)-1)
		for k, v := range object {
			if k != "spec" {
				rest[k] = v
			}
		}
		p.req.Node = rest
	}
	p.confidential = confidentialOf(n.Kind, object, n.Nested)
	p.confidential.learn(object, s.masker)
	p.secret = append(p.secret, inSpec(p.confidential.secret)...)
	p.req.Documents, p.req.Secret = n.Nested, p.secret
	p.readable, _ = p.confidential.hideIn(masked(value, object)).(map[string]any)
	if p.req.ProjectID != "" && n.Context >= 0 {
		withProject := map[string]any{"projectId": p.req.ProjectID}
		for k, v := range p.readable {
			withProject[k] = v
		}
		p.readable = withProject
	}
	if p.canonical, err = marshal([]any{n.Kind, p.req.ProjectID, object}); err != nil {
		return nil, fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	return p, nil
}

// shown is the node for readers.
func (p *prepared) shown(m *masker) (json.RawMessage, error) {
	text, err := marshal(m.hideIn(p.readable))
	if err != nil {
		return nil, fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	return text, nil
}

// whole is the node as an object: its spec and what stands beside it, resolved.
func (e env) whole(ctx context.Context, n *Node) (expr.Value, error) {
	var members []expr.Member
	if n.Spec != nil {
		spec, err := expr.ParseJSON(n.Spec)
		if err != nil {
			return expr.Value{}, fmt.Errorf("spec cannot be read: %w", err)
		}
		if spec, err = e.resolve(ctx, spec, n.Place, "/spec", n); err != nil {
			return expr.Value{}, err
		}
		members = append(members, expr.Member{Key: "spec", Value: spec})
	}
	if n.Rest != nil {
		rest, err := expr.ParseJSON(n.Rest)
		if err != nil {
			return expr.Value{}, fmt.Errorf("the node cannot be read: %w", err)
		}
		if rest, err = e.resolve(ctx, rest, n.Place, "", n); err != nil {
			return expr.Value{}, err
		}
		members = append(members, rest.Members()...)
	}
	return expr.Object(members...), nil
}

// project is the project that the node inherits; empty when it inherits none or
// when it is not known yet.
func (e env) project(ctx context.Context, n *Node) (id string, known bool, err error) {
	if n.Context < 0 {
		return "", true, nil
	}
	c := e.program.Contexts[n.Context]
	var v expr.Value
	if c.Inherited != "" {
		out, ok := e.inherited[c.Inherited]
		if !ok {
			return "", true, errors.New("the template's project is not known: no run of it has succeeded yet")
		}
		v = walk(out, []expr.Segment{{Name: "id"}}, false)
	} else if c.Value == nil {
		out := e.outputs[c.Node]
		v = walk(out.value, []expr.Segment{{Name: "id"}}, out.partial)
	} else {
		raw, err := expr.ParseJSON(c.Value)
		if err != nil {
			return "", true, fmt.Errorf("the project context cannot be read: %w", err)
		}
		if v, err = e.resolve(ctx, raw, c.Place, "", nil); err != nil {
			return "", true, fmt.Errorf("the project context has no value: %w", err)
		}
	}
	if !v.Known() {
		return "", false, nil
	}
	id, ok := v.AsString()
	if !ok || strings.TrimSpace(id) == "" {
		return "", true, fmt.Errorf("the project context is no identifier of a project: %s", v.MaskedText())
	}
	return id, true, nil
}

// skip evaluates whether a node is skipped: only true and "true" skip. known is
// false where a plan cannot tell.
func (s *scope) skip(ctx context.Context, node int) (skip, known bool, err error) {
	n := &s.program.Nodes[node]
	if n.Skip == nil {
		return false, true, nil
	}
	v, err := expr.ParseJSON(n.Skip)
	if err == nil {
		v, err = env{s, node}.resolve(ctx, v, n.Place, "/skipNodeExecution", nil)
	}
	if err != nil {
		return false, true, err
	}
	if !v.Known() {
		return false, false, nil
	}
	return isTrue(v), true, nil
}
