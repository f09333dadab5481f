package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// kindInheritance is the kind of nodes that merge global secrets.
const kindInheritance = "SecretInheritance"

// Inheriting is a platform whose SecretInheritance nodes are carried out here: they
// read global secrets, from wherever those of expressions come, and change nothing.
type Inheriting struct {
	Platform
	Secrets SecretSource
}

// Supports implements [Platform].
func (i Inheriting) Supports(kind string, spec any) error {
	if kind == kindInheritance {
		return nil
	}
	return i.Platform.Supports(kind, spec)
}

// Repeatable implements [Platform].
func (i Inheriting) Repeatable(req platform.NodeRequest) bool {
	return req.Kind == kindInheritance || i.Platform.Repeatable(req)
}

// Preview implements [Platform].
func (i Inheriting) Preview(ctx context.Context, req platform.NodeRequest) (platform.Change, error) {
	if req.Kind != kindInheritance {
		return i.Platform.Preview(ctx, req)
	}
	change := platform.Change{Action: platform.ActionRead, Desired: req.Spec, Output: map[string]any{}}
	if platform.HasUnknown(req.Spec) {
		return change, nil
	}
	output, err := i.merge(ctx, req)
	change.Output, change.OutputSecret = output, inheritedSecrets
	return change, err
}

// Start implements [Platform].
func (i Inheriting) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	if req.Kind != kindInheritance {
		return i.Platform.Start(ctx, req)
	}
	output, err := i.merge(ctx, req)
	if err != nil {
		return platform.Result{}, err
	}
	return platform.Result{Action: platform.ActionRead, Output: output, Secret: inheritedSecrets}, nil
}

var inheritedSecrets = []string{"/values", "/files"}

// merge lays global secrets over one another, later ones over earlier ones: objects
// member by member, all else as a whole. Configurations come before secrets. The
// output says of each value from which secret it is; of what several make up,
// nothing.
func (i Inheriting) merge(ctx context.Context, req platform.NodeRequest) (map[string]any, error) {
	parts := map[string]any{"values": map[string]any{}, "files": map[string]any{}}
	origins := map[string]any{"values": map[string]any{}, "files": map[string]any{}}
	for _, list := range []string{"configs", "secrets"} {
		for _, item := range jsonvalue.List(req.Spec, list) {
			id, _ := item.(string)
			v := expr.Undefined()
			var err error
			if i.Secrets != nil {
				v, err = i.Secrets.Secret(ctx, id)
			}
			if err != nil {
				return nil, err
			}
			if v.IsUndefined() {
				return nil, &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound,
					Message: fmt.Sprintf("there is no global secret %q: set it with 'nf-run secrets set %s.values.NAME'", id, id)}
			}
			for name := range parts {
				of, _ := plain(v.Get(name)).(map[string]any)
				parts[name], origins[name] = overlay(parts[name], origins[name], of, id)
			}
		}
	}
	output := map[string]any{"values": parts["values"], "files": parts["files"], "origins": origins}
	return output, required(req, output)
}

// overlay lays a value from a secret over another one, and does so with what says
// where they come from.
func overlay(under, from, over any, id string) (any, any) {
	below, ok := under.(map[string]any)
	above, also := over.(map[string]any)
	if !ok || !also {
		return over, originOf(over, id)
	}
	out, origins := maps.Clone(below), map[string]any{}
	if known, ok := from.(map[string]any); ok {
		origins = maps.Clone(known)
	}
	for name, v := range above {
		out[name], origins[name] = overlay(below[name], origins[name], v, id)
	}
	return out, origins
}

// originOf says of all parts of a value that they are from a secret.
func originOf(v any, id string) any {
	object, ok := v.(map[string]any)
	if !ok {
		return id
	}
	out := make(map[string]any, len(object))
	for name, part := range object {
		out[name] = originOf(part, id)
	}
	return out
}

// required refuses what lacks a key or a file that it must have. A key may lead into
// objects, with dots.
func required(req platform.NodeRequest, output map[string]any) error {
	details := map[string]any{}
	var lacks []string
	for _, r := range []struct{ property, part, what string }{{"requiredKeys", "values", "key"}, {"requiredFiles", "files", "file"}} {
		for _, item := range jsonvalue.List(req.Spec, r.property) {
			name := fmt.Sprint(item)
			part, _ := output[r.part].(map[string]any)
			if part[name] != nil || jsonvalue.Get(part, name) != nil {
				continue
			}
			lacks = append(lacks, r.what+" "+name)
			problems, _ := details[r.property].([]any)
			details[r.property] = append(problems, name+" is missing")
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	slices.Sort(lacks)
	return &platform.Error{Status: http.StatusBadRequest, ID: platform.ErrorValidation, Details: details,
		Message: "the merged secrets lack " + strings.Join(lacks, ", ")}
}

// Find implements [Platform].
func (i Inheriting) Find(ctx context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	if req.Kind == kindInheritance {
		return platform.Result{}, false, nil
	}
	return i.Platform.Find(ctx, req)
}

// FindByID implements [Platform].
func (i Inheriting) FindByID(ctx context.Context, req platform.NodeRequest, id string) (platform.Result, error) {
	if req.Kind == kindInheritance {
		return platform.Result{}, errors.New("what SecretInheritance nodes read has no identifier")
	}
	return i.Platform.FindByID(ctx, req, id)
}

// atRuntime rewrites `${{refs.merged.values.KEY}}` for nodes that merge global
// secrets: what containers read when they start is the secret that the value is
// from, since nothing but the run knows the node. What several secrets make up has no
// such name and stays as it is written.
func (e env) atRuntime(text string) string {
	if !strings.Contains(text, "${{") {
		return text
	}
	ip := expr.Parse(text)
	var out strings.Builder
	done := 0
	for i := range ip.Parts {
		part := &ip.Parts[i]
		ref, ok := part.Node.(*expr.Ref)
		if part.Kind != expr.Runtime || !part.Closed || !ok || ref.Root != "refs" || len(ref.Segments) < 3 {
			continue
		}
		found, err := e.output(ref.Segments[0].Name, true)
		if err != nil || !found.there || found.partial {
			continue
		}
		id, ok := walk(found.value.Get("origins"), ref.Segments[1:], false).AsString()
		if !ok {
			continue
		}
		out.WriteString(text[done:part.Start])
		start, end := ref.Span()
		name := "secrets." + id + strings.TrimPrefix(ref.String(), "refs."+ref.Segments[0].Name)
		out.WriteString(text[part.Start:start] + name + text[end:part.End])
		done = part.End
	}
	if done == 0 {
		return text
	}
	return out.String() + text[done:]
}
