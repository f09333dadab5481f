package platform

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// External addons are made in a cloud account. The names of their outputs are empty
// objects in the configuration.
var externalAddonKind = resource{
	kind: "ExternalAddon", noun: "external addon", segment: "external-addons", idParam: "externalAddonId",
	get: OpGetExternalAddon, create: OpCreateExternalAddon, patch: OpUpdateExternalAddon,
	spec:    []string{"name", "description", "tags", "environmentId", "spec"},
	literal: "spec.config",
	awaited: true,
	uses:    externalAddonUses,
}

// externalAddonUses are the cloud integrations that an external addon is made with.
// Those of an organisation are not the account's.
func externalAddonUses(_ string, spec map[string]any, _ bool) []use {
	var uses []use
	for _, provider := range jsonvalue.Object(spec, "spec.provider") {
		id := jsonvalue.String(provider, "integrationId")
		if id == "" || strings.HasPrefix(id, "org/") {
			continue
		}
		id = strings.TrimPrefix(id, "team/")
		uses = append(uses, use{OpGetCloudIntegration, map[string]string{"integrationId": id}, cloudIntegrationKind.segment + "/" + id})
	}
	return uses
}

// judgeExternalAddon tells whether an external addon is there.
func judgeExternalAddon(w Wait, data map[string]any) (bool, string, error) {
	status := jsonvalue.String(data, "status")
	if status == "running" {
		return true, status, nil
	}
	return conclude(w, status, status == "error", "")
}
