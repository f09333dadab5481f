package platform

import "github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"

var cloudIntegrationKind = resource{
	kind: "BYOCIntegration", noun: "cloud integration", segment: "cloud-providers/integrations", idParam: "integrationId", account: true,
	get: OpGetCloudIntegration, create: OpCreateCloudIntegration, put: OpPutCloudIntegration, patch: OpPatchCloudIntegration,
	spec:   []string{"name", "description", "provider", "features", "restrictions", "credentials", "aws", "gcp", "cloudflare"},
	unread: []string{"credentials"},
	secret: []string{"/credentials"},
}

var clusterKind = resource{
	kind: "BYOCCluster", noun: "cluster", segment: "cloud-providers/clusters", idParam: "clusterId", account: true,
	get: OpGetCluster, create: OpCreateCluster, put: OpPutCluster, patch: OpPatchCluster,
	spec: []string{"name", "description", "provider", "region", "kubernetesVersion", "integrationId", "storage", "nodePools", "settings",
		"restrictions", "gcp", "aws", "oci", "azure", "coreweave", "byok", "coordinates"},
	unread: []string{"storage", "restrictions", "byok", "coordinates"},
	uses:   clusterUses,
}

func clusterUses(_ string, spec map[string]any, _ bool) []use {
	id := jsonvalue.String(spec, "integrationId")
	if id == "" {
		return nil
	}
	return []use{{OpGetCloudIntegration, map[string]string{"integrationId": id}, cloudIntegrationKind.segment + "/" + id}}
}

// judgeCluster tells whether a cluster runs.
func judgeCluster(w Wait, data map[string]any) (bool, string, error) {
	state := jsonvalue.String(data, "status.state.state")
	if state == "running" {
		return true, state, nil
	}
	return conclude(w, state, state == "error" || state == "failed" || state == "deleting" || state == "deleted",
		jsonvalue.String(data, "status.state.reason"))
}
