// Code generated from schemas; DO NOT EDIT.

package catalog

var schemaTable = [...]*Schema{{}}

var kindTable = [...]Kind{
	{Name: "Action", Title: "Action", Project: false},
	{Name: "Addon", Title: "Addon", Project: true},
	{Name: "AddonBackup", Title: "AddonBackup", Project: true},
	{Name: "AddonImport", Title: "AddonImport", Project: true},
	{Name: "Approval", Title: "Approval", Project: false},
	{Name: "BYOCCluster", Title: "BYOCCluster", Project: false},
	{Name: "BYOCIntegration", Title: "BYOCIntegration", Project: false},
	{Name: "BYOCRegistry", Title: "BYOCRegistry", Project: false},
	{Name: "Build", Title: "Build", Project: true},
	{Name: "BuildService", Title: "BuildService", Project: true},
	{Name: "BuildSource", Title: "BuildSource", Project: true},
	{Name: "CombinedService", Title: "CombinedService", Project: true},
	{Name: "Condition", Title: "Condition", Project: false},
	{Name: "CronJob", Title: "CronJob", Project: true},
	{Name: "CustomDockerCredentials", Title: "CustomDockerCredentials", Project: false},
	{Name: "CustomPlan", Title: "CustomPlan", Project: false},
	{Name: "DeploymentService", Title: "DeploymentService", Project: true},
	{Name: "EgressIp", Title: "EgressIp", Project: false},
	{Name: "ExternalAddon", Title: "ExternalAddon", Project: true},
	{Name: "Job", Title: "Job", Project: true},
	{Name: "JobRun", Title: "JobRun", Project: true},
	{Name: "LLMModelDeployment", Title: "LLMModelDeployment", Project: true},
	{Name: "LoadBalancer", Title: "LoadBalancer", Project: false},
	{Name: "LoopData", Title: "LoopData", Project: false},
	{Name: "LoopWorkflow", Title: "LoopWorkflow", Project: false},
	{Name: "ManualJob", Title: "ManualJob", Project: true},
	{Name: "Message", Title: "Message", Project: false},
	{Name: "OpenTofu", Title: "OpenTofu", Project: false},
	{Name: "OpenTofuDestroy", Title: "OpenTofuDestroy", Project: false},
	{Name: "Pipeline", Title: "Pipeline", Project: true},
	{Name: "PreviewBlueprint", Title: "PreviewBlueprint", Project: true},
	{Name: "Project", Title: "Project", Project: false},
	{Name: "Release", Title: "Release", Project: true},
	{Name: "ReleaseStage", Title: "ReleaseStage", Project: true},
	{Name: "ResourceTag", Title: "ResourceTag", Project: false},
	{Name: "RolloutStrategy", Title: "RolloutStrategy", Project: false},
	{Name: "RunTemplate", Title: "RunTemplate", Project: false},
	{Name: "SSHIdentity", Title: "SSHIdentity", Project: false},
	{Name: "SecretGroup", Title: "SecretGroup", Project: true},
	{Name: "SecretInheritance", Title: "SecretInheritance", Project: false},
	{Name: "Subdomain", Title: "Subdomain", Project: false},
	{Name: "SubdomainPath", Title: "SubdomainPath", Project: false},
	{Name: "Template", Title: "Template", Project: false},
	{Name: "Volume", Title: "Volume", Project: true},
	{Name: "Workflow", Title: "Workflow", Project: false},
	{Name: "WorkflowTemplate", Title: "WorkflowTemplate", Project: true},
	{Name: "WorkloadIdentity", Title: "WorkloadIdentity", Project: false},
}

var documentTable = [...]DocumentType{
	{Name: "template", SpecKinds: []string{"Workflow", "CustomPlan", "Subdomain", "SubdomainPath", "ResourceTag", "BYOCIntegration", "RolloutStrategy", "BYOCCluster", "BYOCRegistry", "CustomDockerCredentials", "Project", "BuildService", "CombinedService", "DeploymentService", "LLMModelDeployment", "CronJob", "ManualJob", "Job", "Addon", "ExternalAddon", "AddonBackup", "AddonImport", "SecretGroup", "SSHIdentity", "WorkloadIdentity", "Pipeline", "Volume", "Build", "JobRun", "LoopWorkflow", "Action", "Condition", "Template", "Message", "LoopData", "SecretInheritance", "EgressIp", "LoadBalancer", "OpenTofu", "WorkflowTemplate", "PreviewBlueprint", "Approval", "ReleaseStage"}, TeardownKinds: []string{"Workflow", "JobRun", "LoopWorkflow", "Action", "Condition", "Message", "LoopData", "OpenTofuDestroy", "Approval"}},
	{Name: "releaseFlow", SpecKinds: []string{"Workflow", "RolloutStrategy", "AddonBackup", "AddonImport", "Build", "JobRun", "LoopWorkflow", "Action", "Condition", "Release", "Message", "LoopData", "SecretInheritance", "Approval", "RunTemplate"}, TeardownKinds: []string{"Workflow", "JobRun", "LoopWorkflow", "Action", "Condition", "Message", "LoopData", "OpenTofuDestroy", "Approval"}},
	{Name: "previewEnv", SpecKinds: []string{"Workflow", "Subdomain", "SubdomainPath", "ResourceTag", "RolloutStrategy", "BuildService", "CombinedService", "DeploymentService", "LLMModelDeployment", "CronJob", "ManualJob", "Job", "Addon", "ExternalAddon", "AddonBackup", "AddonImport", "SecretGroup", "Volume", "Build", "JobRun", "LoopWorkflow", "Action", "Condition", "BuildSource", "Message", "LoopData", "SecretInheritance", "OpenTofu", "Approval"}, TeardownKinds: []string{}},
}

var (
	planTable      [0]Plan
	regionTable    [0]Region
	addonTypeTable [0]AddonType
)
