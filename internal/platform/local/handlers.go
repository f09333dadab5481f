package local

import "github.com/nf-lsp/nf-lsp/internal/platform"

// handlerOf returns what carries out an operation, nil for one that this
// platform does not have.
func handlerOf(op string) handler {
	switch op {
	case platform.OpCreateProject:
		return creates(&projectFlavour)
	case platform.OpCreateOrUpdateProject:
		return puts(&projectFlavour)
	case platform.OpUpdateProject:
		return patches(&projectFlavour)
	case platform.OpGetProject:
		return getProject
	case platform.OpListProjects:
		return listProjects
	case platform.OpDeleteProject:
		return deleteProject

	case platform.OpCreateCombinedService:
		return creates(&combinedFlavour)
	case platform.OpPutCombinedService:
		return puts(&combinedFlavour)
	case platform.OpPatchCombinedService:
		return patches(&combinedFlavour)
	case platform.OpCreateBuildService:
		return creates(&buildServiceFlavour)
	case platform.OpPutBuildService:
		return puts(&buildServiceFlavour)
	case platform.OpPatchBuildService:
		return patches(&buildServiceFlavour)
	case platform.OpCreateDeploymentService:
		return creates(&deploymentFlavour)
	case platform.OpPutDeploymentService:
		return puts(&deploymentFlavour)
	case platform.OpPatchDeploymentService:
		return patches(&deploymentFlavour)
	case platform.OpGetService:
		return getService
	case platform.OpGetServicePorts:
		return getServicePorts
	case platform.OpListServices:
		return listServices
	case platform.OpDeleteService:
		return deletes("service", "services", "serviceId")
	case platform.OpRestartService:
		return restartService
	case platform.OpExecuteServiceCommand:
		return executeInService
	case platform.OpStartServiceBuild:
		return beginBuild(false)
	case platform.OpGetServiceBuild:
		return getBuild(false)
	case platform.OpListServiceBuilds:
		return listBuilds(false)
	case platform.OpAbortServiceBuild:
		return abortBuild(false)
	}
	if h := jobHandlerOf(op); h != nil {
		return h
	}
	if h := lifeHandlerOf(op); h != nil {
		return h
	}
	return storageHandlerOf(op)
}

func jobHandlerOf(op string) handler {
	switch op {
	case platform.OpCreateJob:
		return createAnyJob
	case platform.OpPutJob:
		return putAnyJob
	case platform.OpPatchJob:
		return patchAnyJob
	case platform.OpCreateManualJob:
		return creates(&manualJobFlavour)
	case platform.OpPutManualJob:
		return puts(&manualJobFlavour)
	case platform.OpPatchManualJob:
		return patches(&manualJobFlavour)
	case platform.OpCreateCronJob:
		return creates(&cronJobFlavour)
	case platform.OpPutCronJob:
		return puts(&cronJobFlavour)
	case platform.OpPatchCronJob:
		return patches(&cronJobFlavour)
	case platform.OpGetJob:
		return getJob
	case platform.OpListJobs:
		return listJobs
	case platform.OpDeleteJob:
		return deletes("job", "jobs", "jobId")
	case platform.OpExecuteJobCommand:
		return executeInJob
	case platform.OpStartJobBuild:
		return beginBuild(true)
	case platform.OpGetJobBuild:
		return getBuild(true)
	case platform.OpListJobBuilds:
		return listBuilds(true)
	case platform.OpAbortJobBuild:
		return abortBuild(true)
	case platform.OpRunJob:
		return runJob
	case platform.OpGetRunDetails:
		return getRun
	case platform.OpGetJobRuns:
		return listRuns
	case platform.OpAbortJobRun:
		return abortRun
	}
	return nil
}

func storageHandlerOf(op string) handler {
	switch op {
	case platform.OpCreateAddon:
		return creates(&addonFlavour)
	case platform.OpPutAddon:
		return puts(&addonFlavour)
	case platform.OpPatchAddon:
		return patches(&addonFlavour)
	case platform.OpGetAddon:
		return getAddon
	case platform.OpListAddons:
		return listAddons
	case platform.OpDeleteAddon:
		return deletes("addon", "addons", "addonId")
	case platform.OpRestartAddon:
		return restartAddon
	case platform.OpUpgradeAddonVersion:
		return upgradeAddon
	case platform.OpGetAddonCredentials:
		return getCredentials
	case platform.OpBackupAddon:
		return backUp
	case platform.OpGetAddonBackup:
		return getBackup
	case platform.OpListAddonBackups:
		return listBackups
	case platform.OpAbortBackup:
		return abortBackup
	case platform.OpRestoreAddonBackup:
		return restoreBackup
	case platform.OpListAddonBackupRestores:
		return listRestores

	case platform.OpCreateProjectSecret:
		return creates(&secretFlavour)
	case platform.OpPutProjectSecret:
		return puts(&secretFlavour)
	case platform.OpPatchProjectSecret:
		return patches(&secretFlavour)
	case platform.OpGetProjectSecret:
		return getSecret
	case platform.OpGetProjectSecretDetails:
		return getSecretDetails
	case platform.OpListProjectSecrets:
		return listSecrets
	case platform.OpDeleteProjectSecret:
		return deletes("secret group", "secrets", "secretId")

	case platform.OpCreateVolume:
		return creates(&volumeFlavour)
	case platform.OpUpdateVolume:
		return patches(&volumeFlavour)
	case platform.OpAttachVolume:
		return attachVolume
	case platform.OpGetVolume:
		return getVolume
	case platform.OpListVolumes:
		return listVolumes
	case platform.OpDeleteVolume:
		return deleteVolume
	case platform.OpDetachVolume:
		return detachVolume
	case platform.OpBackupVolume:
		return backUpVolume
	case platform.OpGetVolumeBackup:
		return getVolumeBackup
	case platform.OpListVolumeBackups:
		return listVolumeBackups
	case platform.OpDeleteVolumeBackup:
		return deleteVolumeBackup
	}
	if h := addonLifeHandlerOf(op); h != nil {
		return h
	}
	if h := secretLinkHandlerOf(op); h != nil {
		return h
	}
	return accountHandlers()[op]
}

func creates(f *flavour) handler { return func(c *call) (any, error) { return c.createNew(f) } }

func puts(f *flavour) handler { return func(c *call) (any, error) { return c.put(f) } }

func patches(f *flavour) handler { return func(c *call) (any, error) { return c.patch(f) } }

func replaces(f *flavour) handler { return func(c *call) (any, error) { return c.replace(f) } }

func deletes(noun, segment, param string) handler {
	return func(c *call) (any, error) { return c.delete(noun, segment, param) }
}
