package local

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// What nodes make in a cloud account and the hosted platform's API has no operations
// for. No cloud is asked: what the cloud would give is made up.

// The collections of these.
const (
	cloudRegistries    = "cloud-providers/registries"
	workloadIdentities = "cloud-providers/workload-identities"
	customPlans        = "custom-plans"
)

var cloudRegistryFamily = family{
	flavour: flavour{noun: "cloud registry", segment: cloudRegistries, idParam: "registryId", kind: "BYOCRegistry", typ: "cloud registry", account: true,
		check: fits("BYOCRegistry"), refuse: refuseCloudRegistry},
	create: platform.OpCreateCloudRegistry, put: platform.OpPutCloudRegistry, patch: platform.OpPatchCloudRegistry,
	get: platform.OpGetCloudRegistry, list: platform.OpListCloudRegistries, remove: platform.OpDeleteCloudRegistry, member: "registries",
}

// integrated refuses what names a cloud integration that is not there. One of an
// organisation is not the account's.
func (c *call) integrated(property, id string) error {
	if scope, plain, scoped := strings.Cut(id, "/"); scoped {
		if scope == "org" {
			return nil
		}
		id = plain
	}
	if id == "" {
		return nil
	}
	known, err := c.tx.load(cloudIntegrations + "/" + id)
	if err == nil && known == nil {
		err = absent(property, "is %q, which is no cloud integration", id)
	}
	return err
}

func refuseCloudRegistry(c *call, _ *record, _ string, spec map[string]any) error {
	return c.integrated("integrationId", jsonvalue.String(spec, "integrationId"))
}

var customPlanFamily = family{
	flavour: flavour{noun: "custom plan", segment: customPlans, idParam: "customPlanId", kind: "CustomPlan", typ: "custom plan", account: true,
		check: fits("CustomPlan")},
	create: platform.OpCreateCustomPlan, put: platform.OpPutCustomPlan, patch: platform.OpPatchCustomPlan,
	get: platform.OpGetCustomPlan, list: platform.OpListCustomPlans, remove: platform.OpDeleteCustomPlan, member: "plans",
}

var workloadIdentityFamily = family{
	flavour: flavour{noun: "workload identity", segment: workloadIdentities, idParam: "workloadIdentityId", kind: "WorkloadIdentity", typ: "workload identity",
		account: true, check: fits("WorkloadIdentity"), refuse: refuseWorkloadIdentity, show: showWorkloadIdentity},
	create: platform.OpCreateWorkloadIdentity, put: platform.OpPutWorkloadIdentity, patch: platform.OpPatchWorkloadIdentity,
	get: platform.OpGetWorkloadIdentity, list: platform.OpListWorkloadIdentities, remove: platform.OpDeleteWorkloadIdentity, member: "workloadIdentities",
}

func refuseWorkloadIdentity(c *call, _ *record, _ string, spec map[string]any) error {
	return c.integrated("spec.providerLinkInternalId", jsonvalue.String(spec, "spec.providerLinkInternalId"))
}

// showWorkloadIdentity adds what the cloud would have given: of a role that is there
// already its own name, of one that would be made a made-up one.
func showWorkloadIdentity(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	given := jsonvalue.Object(r.spec, "spec.provider")
	made := map[string]any{}
	name := func(property, existing, otherwise string) {
		if given[property] != nil {
			return
		}
		if made[property] = given[existing]; made[property] == nil {
			made[property] = otherwise
		}
	}
	switch given["type"] {
	case "aws":
		name("arn", "existingRoleArn", "arn:aws:iam::000000000000:role/nf-"+r.id())
	case "gcp":
		account := fmt.Sprintf("nf-%s@example.iam.gserviceaccount.com", r.id())
		name("audience", "existingRoleAudience", "//iam.googleapis.com/projects/0/locations/global/workloadIdentityPools/nf/providers/nf-"+r.id())
		name("impersonationUrl", "existingRoleImpersonationUrl", "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"+account+":generateAccessToken")
	}
	shown["spec"] = jsonvalue.Merge(shown["spec"], map[string]any{"provider": jsonvalue.Merge(map[string]any{}, made)})
	return shown, nil
}
