package platform

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

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

var cloudRegistryKind = resource{
	kind: "BYOCRegistry", noun: "cloud registry", segment: "cloud-providers/registries", idParam: "registryId", account: true,
	get: OpGetCloudRegistry, create: OpCreateCloudRegistry, put: OpPutCloudRegistry, patch: OpPatchCloudRegistry,
	spec:   []string{"name", "description", "uid", "provider", "region", "integrationId", "restrictions"},
	unread: []string{"uid"},
	uses:   cloudRegistryUses,
}

// cloudRegistryUses is the integration whose account has the registry. One of an
// organisation is not the account's.
func cloudRegistryUses(_ string, spec map[string]any, _ bool) []use {
	id := jsonvalue.String(spec, "integrationId")
	if id == "" || strings.HasPrefix(id, "org/") {
		return nil
	}
	id = strings.TrimPrefix(id, "team/")
	return []use{{OpGetCloudIntegration, map[string]string{"integrationId": id}, cloudIntegrationKind.segment + "/" + id}}
}

var customPlanKind = resource{
	kind: "CustomPlan", noun: "custom plan", segment: "custom-plans", idParam: "customPlanId", account: true,
	get: OpGetCustomPlan, create: OpCreateCustomPlan, put: OpPutCustomPlan, patch: OpPatchCustomPlan,
	spec: []string{"name", "type", "configuration"},
}

// A workload identity gets its role, or what stands for it, from the cloud.
var workloadIdentityKind = resource{
	kind: "WorkloadIdentity", noun: "workload identity", segment: "cloud-providers/workload-identities", idParam: "workloadIdentityId", account: true,
	get: OpGetWorkloadIdentity, create: OpCreateWorkloadIdentity, put: OpPutWorkloadIdentity, patch: OpPatchWorkloadIdentity,
	spec:     []string{"name", "description", "spec"},
	computed: []string{"spec.provider.arn", "spec.provider.audience", "spec.provider.impersonationUrl"},
	uses:     workloadIdentityUses,
}

func workloadIdentityUses(_ string, spec map[string]any, _ bool) []use {
	id := jsonvalue.String(spec, "spec.providerLinkInternalId")
	if id == "" {
		return nil
	}
	return []use{{OpGetCloudIntegration, map[string]string{"integrationId": id}, cloudIntegrationKind.segment + "/" + id}}
}
