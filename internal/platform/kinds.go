package platform

// resourceOf returns the description of a kind that is created or updated by
// identifier, nil for other kinds.
func resourceOf(kind string) *resource {
	switch kind {
	case "Project":
		return &projectKind
	case "CombinedService":
		return &combinedServiceKind
	case "BuildService":
		return &buildServiceKind
	case "DeploymentService":
		return &deploymentServiceKind
	case "Job":
		return &jobKind
	case "ManualJob":
		return &manualJobKind
	case "CronJob":
		return &cronJobKind
	case "Addon":
		return &addonKind
	case "SecretGroup":
		return &secretGroupKind
	case "Volume":
		return &volumeKind
	case "LLMModelDeployment":
		return &modelKind
	case "ExternalAddon":
		return &externalAddonKind
	}
	if r := documentResourceOf(kind); r != nil {
		return r
	}
	return accountResourceOf(kind)
}

// documentResourceOf is resourceOf for what holds documents.
func documentResourceOf(kind string) *resource {
	switch kind {
	case "WorkflowTemplate":
		return &workflowKind
	case "PreviewBlueprint":
		return &blueprintKind
	case "Pipeline":
		return &pipelineKind
	case "ReleaseStage":
		return &releaseStageKind
	}
	return nil
}

// accountResourceOf is resourceOf for what belongs to no project.
func accountResourceOf(kind string) *resource {
	switch kind {
	case "ResourceTag":
		return &tagKind
	case "EgressIp":
		return &egressKind
	case "LoadBalancer":
		return &loadBalancerKind
	case "RolloutStrategy":
		return &rolloutKind
	case "SSHIdentity":
		return &sshIdentityKind
	case "CustomDockerCredentials":
		return &registryKind
	case "BYOCIntegration":
		return &cloudIntegrationKind
	case "BYOCCluster":
		return &clusterKind
	case "BYOCRegistry":
		return &cloudRegistryKind
	case "CustomPlan":
		return &customPlanKind
	case "WorkloadIdentity":
		return &workloadIdentityKind
	}
	return nil
}
