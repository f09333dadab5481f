package platform

import (
	"context"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// templateFamily drives Template nodes, which keep another template. The node's spec
// says which kind of document it is and holds the document in a spec of its own.
type templateFamily struct{}

var templateSpec = []string{"apiVersion", "name", "description", "arguments", "argumentOverrides", "gitops", "$schema", "options", "project",
	"spec", "teardownSpec"}

var templateKind = resource{
	kind: "Template", noun: "template", segment: "templates", idParam: "templateId", account: true,
	get: OpGetTemplate, create: OpCreateTemplate, patch: OpUpdateTemplate,
	spec: templateSpec, unread: []string{"argumentOverrides", "project", "$schema", "teardownSpec"},
	// What happens at its creation is not shown afterwards.
	once:     []string{"options.runOnCreation", "options.runOnCreationArgumentOverrides"},
	defaults: []fallback{{"options.concurrencyPolicy", "allow"}, {"options.autorun", false}},
	secret:   []string{"/argumentOverrides", "/options/runOnCreationArgumentOverrides"},
	update:   setDocument(OpUpdateTemplate, templateSpec),
	enrich:   identified("templateId"),
}

// resourceTemplate is the kind of document that an account keeps. The other two
// belong to a stage of a pipeline, which a Template node cannot name.
const resourceTemplate = "ResourceTemplate"

func (templateFamily) supports(kind string, spec any) error {
	switch of := jsonvalue.String(spec, "kind"); of {
	case "", resourceTemplate:
		return nil
	case "ReleaseFlow", "PreviewEnv":
		return &UnsupportedError{Kind: kind, What: "a " + of + ", of which no node says to which pipeline it belongs (a Pipeline node holds such documents),"}
	default:
		if IsUnknown(jsonvalue.Get(spec, "kind")) || strings.Contains(of, "${") {
			return nil
		}
		return &UnsupportedError{Kind: kind, What: "kind " + of}
	}
}

func (templateFamily) repeatable(NodeRequest) bool { return true }

func (templateFamily) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

// document is the request for the document itself.
func (f templateFamily) document(req NodeRequest) (NodeRequest, error) {
	if err := f.supports(req.Kind, req.Spec); err != nil {
		return req, err
	}
	inner := req
	inner.Spec, inner.Secret = jsonvalue.Get(req.Spec, "spec"), nil
	for _, p := range req.Secret {
		if rest, ok := strings.CutPrefix(p, "/spec/"); ok {
			inner.Secret = append(inner.Secret, "/"+rest)
		}
	}
	return inner, nil
}

func (f templateFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	inner, err := f.document(req)
	if err != nil {
		return Change{}, err
	}
	change, err := templateKind.preview(ctx, d, inner)
	if err != nil {
		return Change{}, err
	}
	// The change has the shape of the node's spec, by which its secrets are named.
	wrap := func(document any) any {
		if document == nil {
			return nil
		}
		return map[string]any{"kind": resourceTemplate, "spec": document}
	}
	change.Current, change.Desired = wrap(change.Current), wrap(change.Desired)
	for i, p := range change.Secret {
		change.Secret[i] = "/spec" + p
	}
	change.OutputSecret = append(change.OutputSecret, inner.Secret...)
	return change, nil
}

func (f templateFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	inner, err := f.document(req)
	if err != nil {
		return Result{}, err
	}
	result, err := templateKind.start(ctx, d, inner)
	result.Secret = append(result.Secret, inner.Secret...)
	return result, err
}
