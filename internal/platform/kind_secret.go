package platform

import "github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"

var secretGroupKind = resource{
	kind: "SecretGroup", noun: "secret group", segment: "secrets", idParam: "secretId",
	get: OpGetProjectSecretDetails, create: OpCreateProjectSecret, put: OpPutProjectSecret, patch: OpPatchProjectSecret,
	spec: []string{"name", "description", "stageId", "tags", "type", "secretType", "priority", "restrictions",
		"addonDependencies", "externalAddonDependencies", "secrets"},
	unread:   []string{"stageId", "addonDependencies", "externalAddonDependencies"},
	defaults: []fallback{{"type", "secret"}},
	secret:   []string{"/secrets", "/addonSecrets/*/variables"},
	uses:     secretGroupUses,
}

// secretGroupUses are the addons whose connection details the group passes on.
func secretGroupUses(projectID string, spec map[string]any, _ bool) []use {
	var uses []use
	for _, dependency := range jsonvalue.List(spec, "addonDependencies") {
		if id := jsonvalue.String(dependency, "addonId"); id != "" {
			uses = append(uses, inProject(OpGetAddon, projectID, "addons", "addonId", id))
		}
	}
	for _, dependency := range jsonvalue.List(spec, "externalAddonDependencies") {
		if id := jsonvalue.String(dependency, "addonId"); id != "" {
			uses = append(uses, inProject(OpGetExternalAddon, projectID, "external-addons", "externalAddonId", id))
		}
	}
	return uses
}
