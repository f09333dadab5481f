package platform

import (
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var projectKind = resource{
	kind: "Project", noun: "project", segment: "projects", idParam: "projectId",
	get: OpGetProject, create: OpCreateProject, put: OpCreateOrUpdateProject, patch: OpUpdateProject,
	spec:   []string{"name", "description", "color", "region", "clusterId", "networking"},
	unread: []string{"color", "networking"},
	secret: []string{"/networking/tailscale/secrets"},
	read:   readProject,
}

// readProject takes the region and the cluster from where get shows them.
func readProject(data map[string]any) map[string]any {
	spec := maps.Clone(data)
	if _, ok := spec["region"]; !ok {
		spec["region"] = jsonvalue.Get(data, "deployment.region")
	}
	return spec
}
