package platform

import (
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var combinedServiceKind = resource{
	kind: "CombinedService", noun: "service", segment: "services", idParam: "serviceId",
	get: OpGetService, create: OpCreateCombinedService, put: OpPutCombinedService, patch: OpPatchCombinedService,
	spec: []string{"name", "description", "stageId", "tags", "billing", "infrastructure", "deployment", "ports",
		"disabledCI", "buildSource", "vcsData", "bundleData", "buildSettings", "buildConfiguration",
		"runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts", "healthChecks",
		"loadBalancing", "autoscaling", "createOptions"},
	unread: []string{"stageId", "infrastructure", "buildSettings", "runtimeEnvironment", "runtimeFiles",
		"buildArguments", "buildFiles", "dockerSecretMounts", "healthChecks", "createOptions"},
	once:     []string{"createOptions"},
	computed: serviceComputed,
	secret:   serviceSecrets,
	read:     readService,
	uses:     serviceUses,
}

var buildServiceKind = resource{
	kind: "BuildService", noun: "service", segment: "services", idParam: "serviceId",
	get: OpGetService, create: OpCreateBuildService, put: OpPutBuildService, patch: OpPatchBuildService,
	spec: []string{"name", "description", "stageId", "tags", "billing", "infrastructure", "disabledCI", "buildSource",
		"vcsData", "bundleData", "buildSettings", "buildConfiguration", "buildArguments", "buildFiles", "dockerSecretMounts"},
	unread: []string{"stageId", "infrastructure", "buildSettings", "buildArguments", "buildFiles",
		"dockerSecretMounts"},
	defaults: []fallback{{"billing.deploymentPlan", nil}, {"billing.buildPlan", nil}},
	computed: serviceComputed,
	secret:   serviceSecrets,
	read:     readService,
}

var deploymentServiceKind = resource{
	kind: "DeploymentService", noun: "service", segment: "services", idParam: "serviceId",
	get: OpGetService, create: OpCreateDeploymentService, put: OpPutDeploymentService, patch: OpPatchDeploymentService,
	spec: []string{"name", "description", "stageId", "tags", "billing", "infrastructure", "deployment", "ports",
		"runtimeEnvironment", "runtimeFiles", "dockerSecretMounts", "healthChecks", "loadBalancing", "autoscaling",
		"createOptions"},
	unread: []string{"stageId", "infrastructure", "runtimeEnvironment", "runtimeFiles", "dockerSecretMounts",
		"healthChecks", "createOptions"},
	once:     []string{"createOptions"},
	defaults: []fallback{{"deployment.internal.buildSHA", "latest"}, {"deployment.internal.branch", nil}, {"deployment.internal.buildId", nil}},
	computed: serviceComputed,
	secret:   serviceSecrets,
	read:     readService,
	uses:     serviceUses,
}

// serviceComputed are the properties that get-service adds inside those of the
// specification.
var serviceComputed = []string{
	"ports.*.id", "ports.*.dns",
	"deployment.region", "deployment.imageUrl",
	"deployment.internal.appId", "deployment.internal.nfObjectId", "deployment.internal.nfObjectType",
	"deployment.internal.repository", "deployment.internal.deployedSHA",
	"deployment.external.registryProvider", "deployment.external.privateImage",
	"vcsData.publicRepo", "vcsData.dockerWorkDir", "vcsData.dockerFilePath",
	"bundleData.projectBranch", "bundleData.dockerWorkDir", "bundleData.dockerFilePath",
}

// serviceSecrets are where people put secrets in a service. Environments are
// secret as a whole: what is in them is not ours to tell.
var serviceSecrets = []string{
	"/runtimeEnvironment", "/runtimeFiles", "/buildArguments", "/buildFiles", "/dockerSecretMounts",
	"/ports/*/security/credentials/*/password",
	"/ports/*/security/headers/*/value",
	"/ports/*/security/securePathConfiguration/rules/*/securityPolicies/*/credentials/*/password",
	"/ports/*/security/securePathConfiguration/rules/*/securityPolicies/*/headers/*/value",
}

// readService brings a service that was read into the shape of its
// specification: domains are names there, and objects when they are read.
func readService(data map[string]any) map[string]any {
	spec := maps.Clone(data)
	if ports, ok := data["ports"].([]any); ok {
		read := make([]any, len(ports))
		for i, p := range ports {
			port, ok := p.(map[string]any)
			if !ok {
				read[i] = p
				continue
			}
			port = maps.Clone(port)
			if domains, ok := port["domains"].([]any); ok {
				port["domains"] = domainNames(domains)
			}
			read[i] = port
		}
		spec["ports"] = read
	}
	if id := jsonvalue.Get(data, "deployment.internal.nfObjectId"); id != nil && jsonvalue.Get(data, "deployment.internal.id") == nil {
		spec["deployment"] = jsonvalue.Merge(spec["deployment"], map[string]any{"internal": map[string]any{"id": id}})
	}
	return spec
}

func domainNames(domains []any) []any {
	names := make([]any, len(domains))
	for i, domain := range domains {
		names[i] = domain
		if name := jsonvalue.Get(domain, "name"); name != nil {
			names[i] = name
		}
	}
	return names
}

// serviceUses are the service that the deployed image is built by, and the
// volumes that a new service takes.
func serviceUses(projectID string, spec map[string]any, creating bool) []use {
	var uses []use
	if id := jsonvalue.String(spec, "deployment.internal.id"); id != "" {
		uses = append(uses, inProject(OpGetService, projectID, "services", "serviceId", id))
	}
	if !creating {
		return uses
	}
	for _, volume := range jsonvalue.List(spec, "createOptions.volumesToAttach") {
		if id, _ := volume.(string); id != "" {
			uses = append(uses, inProject(OpGetVolume, projectID, "volumes", "volumeId", id))
		}
	}
	return uses
}
