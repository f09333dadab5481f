package platform

// What nodes make in a cloud account and the API of the hosted platform has no operation
// for: there it is made by nodes and in the browser only. The addresses are our own.
const (
	OpCreateCloudRegistry    = "cloud-node/create-cloud-registry"
	OpCreateCustomPlan       = "cloud-node/create-custom-plan"
	OpCreateWorkloadIdentity = "cloud-node/create-workload-identity"
	OpDeleteCloudRegistry    = "cloud-node/delete-cloud-registry"
	OpDeleteCustomPlan       = "cloud-node/delete-custom-plan"
	OpDeleteWorkloadIdentity = "cloud-node/delete-workload-identity"
	OpGetCloudRegistry       = "cloud-node/get-cloud-registry"
	OpGetCustomPlan          = "cloud-node/get-custom-plan"
	OpGetWorkloadIdentity    = "cloud-node/get-workload-identity"
	OpListCloudRegistries    = "cloud-node/list-cloud-registries"
	OpListCustomPlans        = "cloud-node/list-custom-plans"
	OpListWorkloadIdentities = "cloud-node/list-workload-identities"
	OpPatchCloudRegistry     = "cloud-node/patch-cloud-registry"
	OpPatchCustomPlan        = "cloud-node/patch-custom-plan"
	OpPatchWorkloadIdentity  = "cloud-node/patch-workload-identity"
	OpPutCloudRegistry       = "cloud-node/put-cloud-registry"
	OpPutCustomPlan          = "cloud-node/put-custom-plan"
	OpPutWorkloadIdentity    = "cloud-node/put-workload-identity"
)
