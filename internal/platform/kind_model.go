package platform

var modelKind = resource{
	kind: "LLMModelDeployment", noun: "AI model", segment: "llm-model-deployments", idParam: "llmModelDeploymentId",
	get: OpGetModel, create: OpCreateModel, patch: OpUpdateModel,
	spec:     []string{"name", "description", "tags", "ports", "spec"},
	computed: []string{"ports.*.id", "ports.*.dns"},
}
