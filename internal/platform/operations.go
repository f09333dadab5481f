package platform

import (
	"iter"
	"slices"
	"strings"
)

// An Operation is one of the platform's REST operations, as data. What carries
// operations over HTTP, on either side, derives its routes from this table.
type Operation struct {
	// ID is the operation's name: the address of its reference page, such as
	// "project/services/create-combined-service".
	ID string
	// Method is the HTTP method.
	Method string
	// Path is the path template without a team; the same operation exists
	// under "/v1/teams/{teamId}", unless NoTeam.
	Path string
	// NoTeam says that no address under a team is documented.
	NoTeam bool
	// Query names the parameters of the query string.
	Query []string
	// Effect says what carrying it out again would do.
	Effect Effect
}

// An Effect classes operations by what happens when one is carried out twice.
type Effect uint8

// The effects.
const (
	Reads      Effect = iota // changes nothing
	Repeatable               // leaves the same state when repeated
	Once                     // does something more each time
)

// The operations that the driver uses. The two of "execute-command" have no
// REST page: the hosted platform offers them over a WebSocket, with this
// request and result.
const (
	OpExecuteJobCommand     = "execute-command/job"
	OpExecuteServiceCommand = "execute-command/service"

	OpAbortBackup             = "project/addons/abort-backup"
	OpBackupAddon             = "project/addons/backup-addon"
	OpCreateAddon             = "project/addons/create-addon"
	OpDeleteAddon             = "project/addons/delete-addon"
	OpGetAddon                = "project/addons/get-addon"
	OpGetAddonBackup          = "project/addons/get-addon-backup"
	OpGetAddonCredentials     = "project/addons/get-addon-credentials"
	OpListAddonBackupRestores = "project/addons/list-addon-backup-restores"
	OpListAddonBackups        = "project/addons/list-addon-backups"
	OpListAddons              = "project/addons/list-addons"
	OpPatchAddon              = "project/addons/patch-addon"
	OpPutAddon                = "project/addons/put-addon"
	OpRestartAddon            = "project/addons/restart-addon"
	OpRestoreAddonBackup      = "project/addons/restore-addon-backup"
	OpUpgradeAddonVersion     = "project/addons/upgrade-addon-version"

	OpAbortJobBuild   = "project/jobs/abort-job-build"
	OpAbortJobRun     = "project/jobs/abort-job-run"
	OpCreateCronJob   = "project/jobs/create-cron-job"
	OpCreateJob       = "project/jobs/create-job"
	OpCreateManualJob = "project/jobs/create-manual-job"
	OpDeleteJob       = "project/jobs/delete-job"
	OpGetJob          = "project/jobs/get-job"
	OpGetJobBuild     = "project/jobs/get-job-build"
	OpGetJobRuns      = "project/jobs/get-job-runs"
	OpGetRunDetails   = "project/jobs/get-run-details"
	OpListJobBuilds   = "project/jobs/list-job-builds"
	OpListJobs        = "project/jobs/list-jobs"
	OpPatchCronJob    = "project/jobs/patch-cron-job"
	OpPatchJob        = "project/jobs/patch-job"
	OpPatchManualJob  = "project/jobs/patch-manual-job"
	OpPutCronJob      = "project/jobs/put-cron-job"
	OpPutJob          = "project/jobs/put-job"
	OpPutManualJob    = "project/jobs/put-manual-job"
	OpRunJob          = "project/jobs/run-job"
	OpStartJobBuild   = "project/jobs/start-job-build"

	OpCreateProjectSecret     = "project/secrets/create-project-secret"
	OpDeleteProjectSecret     = "project/secrets/delete-project-secret"
	OpGetProjectSecret        = "project/secrets/get-project-secret"
	OpGetProjectSecretDetails = "project/secrets/get-project-secret-details"
	OpListProjectSecrets      = "project/secrets/list-project-secrets"
	OpPatchProjectSecret      = "project/secrets/patch-project-secret"
	OpPutProjectSecret        = "project/secrets/put-project-secret"
	OpUpdateProjectSecret     = "project/secrets/update-project-secret"
	OpGetSecretLink           = "project/secrets/get-project-secret-addon-link-details"
	OpRemoveSecretLink        = "project/secrets/unlink-addon-from-project-secret"
	OpUpdateSecretLink        = "project/secrets/update-project-secret-addon-link"

	OpAbortServiceBuild       = "project/services/abort-service-build"
	OpCreateBuildService      = "project/services/create-build-service"
	OpCreateCombinedService   = "project/services/create-combined-service"
	OpCreateDeploymentService = "project/services/create-deployment-service"
	OpDeleteService           = "project/services/delete-service"
	OpGetService              = "project/services/get-service"
	OpGetServiceBuild         = "project/services/get-service-build"
	OpGetServicePorts         = "project/services/get-service-ports"
	OpListServiceBuilds       = "project/services/list-service-builds"
	OpListServices            = "project/services/list-services"
	OpPatchBuildService       = "project/services/patch-build-service"
	OpPatchCombinedService    = "project/services/patch-combined-service"
	OpPatchDeploymentService  = "project/services/patch-deployment-service"
	OpPutBuildService         = "project/services/put-build-service"
	OpPutCombinedService      = "project/services/put-combined-service"
	OpPutDeploymentService    = "project/services/put-deployment-service"
	OpRestartService          = "project/services/restart-service"
	OpStartServiceBuild       = "project/services/start-service-build"

	OpAttachVolume = "project/volumes/attach-volume"
	OpCreateVolume = "project/volumes/create-volume"
	OpDeleteVolume = "project/volumes/delete-volume"
	OpGetVolume    = "project/volumes/get-volume"
	OpListVolumes  = "project/volumes/list-volumes"
	OpUpdateVolume = "project/volumes/update-volume"

	OpCreateOrUpdateProject = "team/projects/create-or-update-project"
	OpCreateProject         = "team/projects/create-project"
	OpDeleteProject         = "team/projects/delete-project"
	OpGetProject            = "team/projects/get-project"
	OpListProjects          = "team/projects/list-projects"
	OpUpdateProject         = "team/projects/update-project"
)

// operations is sorted by ID.
var operations = [...]Operation{
	{ID: OpCreateCloudRegistry, Method: "POST", Path: "/v1/cloud-providers/registries", Effect: Once},
	{ID: OpCreateCustomPlan, Method: "POST", Path: "/v1/custom-plans", Effect: Once},
	{ID: OpCreateWorkloadIdentity, Method: "POST", Path: "/v1/cloud-providers/workload-identities", Effect: Once},
	{ID: OpDeleteCloudRegistry, Method: "DELETE", Path: "/v1/cloud-providers/registries/{registryId}", Effect: Repeatable},
	{ID: OpDeleteCustomPlan, Method: "DELETE", Path: "/v1/custom-plans/{customPlanId}", Effect: Repeatable},
	{ID: OpDeleteWorkloadIdentity, Method: "DELETE", Path: "/v1/cloud-providers/workload-identities/{workloadIdentityId}", Effect: Repeatable},
	{ID: OpGetCloudRegistry, Method: "GET", Path: "/v1/cloud-providers/registries/{registryId}", Effect: Reads},
	{ID: OpGetCustomPlan, Method: "GET", Path: "/v1/custom-plans/{customPlanId}", Effect: Reads},
	{ID: OpGetWorkloadIdentity, Method: "GET", Path: "/v1/cloud-providers/workload-identities/{workloadIdentityId}", Effect: Reads},
	{ID: OpListCloudRegistries, Method: "GET", Path: "/v1/cloud-providers/registries", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListCustomPlans, Method: "GET", Path: "/v1/custom-plans", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListWorkloadIdentities, Method: "GET", Path: "/v1/cloud-providers/workload-identities", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchCloudRegistry, Method: "PATCH", Path: "/v1/cloud-providers/registries/{registryId}", Effect: Repeatable},
	{ID: OpPatchCustomPlan, Method: "PATCH", Path: "/v1/custom-plans/{customPlanId}", Effect: Repeatable},
	{ID: OpPatchWorkloadIdentity, Method: "PATCH", Path: "/v1/cloud-providers/workload-identities/{workloadIdentityId}", Effect: Repeatable},
	{ID: OpPutCloudRegistry, Method: "PUT", Path: "/v1/cloud-providers/registries", Effect: Repeatable},
	{ID: OpPutCustomPlan, Method: "PUT", Path: "/v1/custom-plans", Effect: Repeatable},
	{ID: OpPutWorkloadIdentity, Method: "PUT", Path: "/v1/cloud-providers/workload-identities", Effect: Repeatable},
	{ID: OpAcceptDraft, Method: "POST", Path: "/v1/documents/{documentId}/drafts/{draftId}/accept", Effect: Once},
	{ID: OpCloseDraft, Method: "POST", Path: "/v1/documents/{documentId}/drafts/{draftId}/close", Effect: Repeatable},
	{ID: OpCreateDraft, Method: "POST", Path: "/v1/documents/{documentId}/drafts", Effect: Once},
	{ID: OpGetDraft, Method: "GET", Path: "/v1/documents/{documentId}/drafts/{draftId}", Effect: Reads},
	{ID: OpGetVersion, Method: "GET", Path: "/v1/documents/{documentId}/versions/{version}", Effect: Reads},
	{ID: OpListDrafts, Method: "GET", Path: "/v1/documents/{documentId}/drafts", Query: []string{"per_page", "page", "cursor", "status"}, Effect: Reads},
	{ID: OpListVersions, Method: "GET", Path: "/v1/documents/{documentId}/versions", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpNoteVersion, Method: "POST", Path: "/v1/documents/{documentId}/versions/{version}", Effect: Repeatable},
	{ID: OpRestoreVersion, Method: "POST", Path: "/v1/documents/{documentId}/versions/{version}/restore", Effect: Repeatable},
	{ID: OpUpdateDraft, Method: "POST", Path: "/v1/documents/{documentId}/drafts/{draftId}", Effect: Repeatable},
	{ID: OpExecuteJobCommand, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/exec", Effect: Once},
	{ID: OpExecuteServiceCommand, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/exec", Effect: Once},
	{ID: OpGetJobCommit, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/commit", Query: []string{"sha", "branch", "pullRequestId"}, Effect: Reads},
	{ID: OpGetServiceCommit, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/commit", Query: []string{"sha", "branch", "pullRequestId"}, Effect: Reads},
	{ID: OpSendGitEvent, Method: "POST", Path: "/v1/git-events", Effect: Once},
	{ID: OpListPlans, Method: "GET", Path: "/v1/plans", NoTeam: true, Effect: Reads},
	{ID: OpListRegions, Method: "GET", Path: "/v1/regions", NoTeam: true, Effect: Reads},
	{ID: OpListOrgMembers, Method: "GET", Path: "/v1/org-members", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpAddOrgRoleMember, Method: "POST", Path: "/v1/org-roles/{roleId}/members", NoTeam: true, Effect: Repeatable},
	{ID: OpPutOrgRole, Method: "PUT", Path: "/v1/org-roles", NoTeam: true, Effect: Repeatable},
	{ID: OpCreateOrgRole, Method: "POST", Path: "/v1/org-roles", NoTeam: true, Effect: Once},
	{ID: OpDeleteOrgRole, Method: "DELETE", Path: "/v1/org-roles/{roleId}", NoTeam: true, Effect: Repeatable},
	{ID: OpGetOrgRole, Method: "GET", Path: "/v1/org-roles/{roleId}", NoTeam: true, Effect: Reads},
	{ID: OpListGroupMembers, Method: "GET", Path: "/v1/directory-groups/{groupId}/members", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListDirectoryGroups, Method: "GET", Path: "/v1/directory-groups", NoTeam: true, Effect: Reads},
	{ID: OpListOrgRoleMembers, Method: "GET", Path: "/v1/org-roles/{roleId}/members", NoTeam: true, Query: []string{"per_page", "page", "cursor", "type", "userIds"}, Effect: Reads},
	{ID: OpListOrgRoles, Method: "GET", Path: "/v1/org-roles", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpRemoveOrgRoleMember, Method: "DELETE", Path: "/v1/org-roles/{roleId}/members/{memberId}", NoTeam: true, Effect: Repeatable},
	{ID: OpUpdateOrgRole, Method: "PATCH", Path: "/v1/org-roles/{roleId}", NoTeam: true, Effect: Repeatable},
	{ID: OpCreateTeam, Method: "POST", Path: "/v1/teams", NoTeam: true, Effect: Once},
	{ID: OpGetTeam, Method: "GET", Path: "/v1/teams/{teamId}", NoTeam: true, Effect: Reads},
	{ID: OpListTeams, Method: "GET", Path: "/v1/teams", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpUpdateTeam, Method: "PATCH", Path: "/v1/teams/{teamId}", NoTeam: true, Effect: Repeatable},
	{ID: OpDeletePipeline, Method: "DELETE", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}", Effect: Repeatable},
	{ID: OpPutPipeline, Method: "PUT", Path: "/v1/projects/{projectId}/pipelines", Effect: Repeatable},
	{ID: OpPausePreview, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/previews/{previewId}/pause", Effect: Repeatable},
	{ID: OpResetPreview, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/previews/{previewId}/reset-expiry", Effect: Repeatable},
	{ID: OpResumePreview, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/previews/{previewId}/resume", Effect: Repeatable},
	{ID: OpAbortBackup, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/abort", Effect: Repeatable},
	{ID: OpAbortBackupRestore, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/abort-restore", Query: []string{"sourceProjectId", "sourceAddonId"}, Effect: Repeatable},
	{ID: OpBackupAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backups", Effect: Once},
	{ID: OpCreateAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons", Effect: Once},
	{ID: OpCreateBackupSchedule, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backup-schedules", Effect: Once},
	{ID: OpDeleteAddon, Method: "DELETE", Path: "/v1/projects/{projectId}/addons/{addonId}", Effect: Repeatable},
	{ID: OpDeleteAddonBackup, Method: "DELETE", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}", Effect: Repeatable},
	{ID: OpDeleteBackupSchedule, Method: "DELETE", Path: "/v1/projects/{projectId}/addons/{addonId}/backup-schedules/{scheduleId}", Effect: Repeatable},
	{ID: OpGetAddon, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}", Effect: Reads},
	{ID: OpGetAddonBackup, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}", Effect: Reads},
	{ID: OpGetBackupLogs, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/logs", Query: []string{"containerName", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpListBackupSchedules, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backup-schedules", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetAddonCredentials, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/credentials", Effect: Reads},
	{ID: OpGetAddonLogs, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/logs", Query: []string{"type", "containerName", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetAddonMetrics, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/metrics", Query: []string{"containerName", "queryType", "metricTypes", "startTime", "endTime", "duration", "time"}, Effect: Reads},
	{ID: OpGetRestoreLogs, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores/{restoreId}/logs", Query: []string{"containerName", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetAddonVersion, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/version", Effect: Reads},
	{ID: OpGetBackupDownloadLink, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/download-link", Effect: Reads},
	{ID: OpImportAddonBackup, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/import", NoTeam: true, Effect: Once},
	{ID: OpListAddonBackupRestores, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores", Query: []string{"per_page", "page", "cursor", "sourceProjectId", "sourceAddonId"}, Effect: Reads},
	{ID: OpListAddonBackups, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/backups", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListAddonContainers, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/containers", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListAddonRestores, Method: "GET", Path: "/v1/projects/{projectId}/addons/{addonId}/restores", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListAddons, Method: "GET", Path: "/v1/projects/{projectId}/addons", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchAddon, Method: "PATCH", Path: "/v1/projects/{projectId}/addons/{addonId}", Effect: Repeatable},
	{ID: OpPauseAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/pause", Effect: Repeatable},
	{ID: OpPutAddon, Method: "PUT", Path: "/v1/projects/{projectId}/addons", Effect: Repeatable},
	{ID: OpResetAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/reset", Effect: Once},
	{ID: OpRestartAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/restart", Effect: Once},
	{ID: OpRestoreAddonBackup, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restore", Query: []string{"sourceProjectId", "sourceAddonId"}, Effect: Once},
	{ID: OpResumeAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/resume", Effect: Repeatable},
	{ID: OpRetainBackup, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/retain", Effect: Repeatable},
	{ID: OpScaleAddon, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/scale", Effect: Repeatable},
	{ID: OpUpdateAddonNetwork, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/network-settings", Effect: Repeatable},
	{ID: OpUpdateAddonSecurity, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/security", Effect: Repeatable},
	{ID: OpUpgradeAddonVersion, Method: "POST", Path: "/v1/projects/{projectId}/addons/{addonId}/version", Effect: Once},
	{ID: OpCreateModel, Method: "POST", Path: "/v1/projects/{projectId}/llm-model-deployments", Effect: Once},
	{ID: OpDeleteModel, Method: "DELETE", Path: "/v1/projects/{projectId}/llm-model-deployments/{llmModelDeploymentId}", Effect: Repeatable},
	{ID: OpGetModel, Method: "GET", Path: "/v1/projects/{projectId}/llm-model-deployments/{llmModelDeploymentId}", Effect: Reads},
	{ID: OpListModels, Method: "GET", Path: "/v1/projects/{projectId}/llm-model-deployments", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpUpdateModel, Method: "POST", Path: "/v1/projects/{projectId}/llm-model-deployments/{llmModelDeploymentId}", Effect: Repeatable},
	{ID: OpCreateExternalAddon, Method: "POST", Path: "/v1/projects/{projectId}/external-addons", Effect: Once},
	{ID: OpDeleteExternalAddon, Method: "DELETE", Path: "/v1/projects/{projectId}/external-addons/{externalAddonId}", Effect: Repeatable},
	{ID: OpGetExternalAddon, Method: "GET", Path: "/v1/projects/{projectId}/external-addons/{externalAddonId}", Effect: Reads},
	{ID: OpListExternalAddons, Method: "GET", Path: "/v1/projects/{projectId}/external-addons", Query: []string{"per_page", "page", "cursor", "resourceType", "status"}, Effect: Reads},
	{ID: OpUpdateExternalAddon, Method: "PATCH", Path: "/v1/projects/{projectId}/external-addons/{externalAddonId}", Effect: Repeatable},
	{ID: OpAbortJobBuild, Method: "DELETE", Path: "/v1/projects/{projectId}/jobs/{jobId}/build/{buildId}", Effect: Repeatable},
	{ID: OpAbortJobRun, Method: "DELETE", Path: "/v1/projects/{projectId}/jobs/{jobId}/runs/{runId}", Effect: Repeatable},
	{ID: OpCreateCronJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/cron", Effect: Once},
	{ID: OpCreateJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs", Effect: Once},
	{ID: OpCreateManualJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/manual", Effect: Once},
	{ID: OpDeleteJob, Method: "DELETE", Path: "/v1/projects/{projectId}/jobs/{jobId}", Effect: Repeatable},
	{ID: OpEditJobBuildArguments, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-arguments", Effect: Repeatable},
	{ID: OpEditJobEnvironment, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/runtime-environment", Effect: Repeatable},
	{ID: OpGetJob, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}", Effect: Reads},
	{ID: OpListJobBranches, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/branches", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetJobBuild, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build/{buildId}", Effect: Reads},
	{ID: OpGetJobBuildArgumentDetails, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-arguments/details", Effect: Reads},
	{ID: OpGetJobBuildArguments, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-arguments", Query: []string{"show", "replaceTemplatedValues"}, Effect: Reads},
	{ID: OpGetJobBuildLogs, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-logs", Query: []string{"buildId", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetJobBuildMetrics, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-metrics", Query: []string{"buildId", "queryType", "metricTypes", "startTime", "endTime", "duration", "time"}, Effect: Reads},
	{ID: OpGetJobDeployment, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/deployment", Effect: Reads},
	{ID: OpGetJobHealthChecks, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/health-checks", Effect: Reads},
	{ID: OpGetJobLogs, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/logs", Query: []string{"runId", "type", "containerName", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetJobMetrics, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/metrics", Query: []string{"runId", "containerName", "queryType", "metricTypes", "startTime", "endTime", "duration", "time"}, Effect: Reads},
	{ID: OpListJobPullRequests, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/pull-requests", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetJobRuns, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/runs", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetJobEnvironment, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/runtime-environment", Query: []string{"show", "replaceTemplatedValues"}, Effect: Reads},
	{ID: OpGetJobEnvironmentDetails, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/runtime-environment/details", Effect: Reads},
	{ID: OpGetRunDetails, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/runs/{runId}", Effect: Reads},
	{ID: OpListJobBuilds, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/build", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListJobContainers, Method: "GET", Path: "/v1/projects/{projectId}/jobs/{jobId}/containers", Query: []string{"per_page", "page", "cursor", "runId"}, Effect: Reads},
	{ID: OpListJobs, Method: "GET", Path: "/v1/projects/{projectId}/jobs", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchCronJob, Method: "PATCH", Path: "/v1/projects/{projectId}/jobs/cron/{jobId}", Effect: Repeatable},
	{ID: OpPatchJob, Method: "PATCH", Path: "/v1/projects/{projectId}/jobs/{jobId}", Effect: Repeatable},
	{ID: OpPatchManualJob, Method: "PATCH", Path: "/v1/projects/{projectId}/jobs/manual/{jobId}", Effect: Repeatable},
	{ID: OpPauseJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/pause", Effect: Repeatable},
	{ID: OpPutCronJob, Method: "PUT", Path: "/v1/projects/{projectId}/jobs/cron", Effect: Repeatable},
	{ID: OpPutJob, Method: "PUT", Path: "/v1/projects/{projectId}/jobs", Effect: Repeatable},
	{ID: OpPutManualJob, Method: "PUT", Path: "/v1/projects/{projectId}/jobs/manual", Effect: Repeatable},
	{ID: OpResumeJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/resume", Effect: Repeatable},
	{ID: OpRunJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/runs", Effect: Once},
	{ID: OpScaleJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/scale", Effect: Repeatable},
	{ID: OpStartJobBuild, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/build", Effect: Once},
	{ID: OpSuspendJob, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/suspend", Effect: Repeatable},
	{ID: OpUpdateJobBuildOptions, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-options", Effect: Repeatable},
	{ID: OpUpdateJobBuildSource, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/build-source", Effect: Repeatable},
	{ID: OpUpdateJobDeployment, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/deployment", Effect: Repeatable},
	{ID: OpUpdateJobHealthChecks, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/health-checks", Effect: Repeatable},
	{ID: OpUpdateJobSettings, Method: "POST", Path: "/v1/projects/{projectId}/jobs/{jobId}/settings", Effect: Repeatable},
	{ID: OpAbortReleaseFlowRun, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs/{runId}/abort", Effect: Repeatable},
	{ID: OpDeletePreview, Method: "DELETE", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/previews/{previewId}", Query: []string{"skipTeardown"}, Effect: Repeatable},
	{ID: OpGetPipeline, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}", Effect: Reads},
	{ID: OpGetPreviewTemplate, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetPreviewTemplateRun, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/runs/{templateRunId}", Effect: Reads},
	{ID: OpGetReleaseFlow, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}", Effect: Reads},
	{ID: OpGetReleaseFlowRun, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs/{runId}", Effect: Reads},
	{ID: OpListPipelines, Method: "GET", Path: "/v1/projects/{projectId}/pipelines", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListPreviews, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/previews", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListPreviewTemplateRuns, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/runs", Query: []string{"per_page", "page", "cursor", "status", "concluded"}, Effect: Reads},
	{ID: OpListReleaseFlowRuns, Method: "GET", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs", Query: []string{"per_page", "page", "cursor", "status", "concluded"}, Effect: Reads},
	{ID: OpRunPreviewTemplate, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs/runs", Effect: Once},
	{ID: OpRunReleaseFlow, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs", Effect: Once},
	{ID: OpUpdatePreviewTemplate, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/preview-envs", Effect: Repeatable},
	{ID: OpUpdateReleaseFlow, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}", Effect: Repeatable},
	{ID: OpAbortPreviewBlueprintRun, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/runs/{runId}/abort", Effect: Repeatable},
	{ID: OpCreatePreviewBlueprint, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints", Effect: Once},
	{ID: OpDeletePreviewBlueprint, Method: "DELETE", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}", Effect: Repeatable},
	{ID: OpDeleteBlueprintPreview, Method: "DELETE", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/previews/{previewId}", Query: []string{"skipTeardown"}, Effect: Repeatable},
	{ID: OpGetPreviewBlueprint, Method: "GET", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}", Effect: Reads},
	{ID: OpGetPreviewBlueprintRun, Method: "GET", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/runs/{runId}", Effect: Reads},
	{ID: OpListPreviewBlueprintRuns, Method: "GET", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/runs", Query: []string{"per_page", "page", "cursor", "status", "concluded"}, Effect: Reads},
	{ID: OpListPreviewBlueprints, Method: "GET", Path: "/v1/projects/{projectId}/preview-blueprints", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListBlueprintPreviews, Method: "GET", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/previews", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPauseBlueprintPreview, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/previews/{previewId}/pause", Effect: Repeatable},
	{ID: OpResetBlueprintPreview, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/previews/{previewId}/reset", Effect: Repeatable},
	{ID: OpResumeBlueprintPreview, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/previews/{previewId}/resume", Effect: Repeatable},
	{ID: OpRunPreviewBlueprint, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}/runs", Effect: Once},
	{ID: OpUpdatePreviewBlueprint, Method: "POST", Path: "/v1/projects/{projectId}/preview-blueprints/{previewBlueprintId}", Effect: Repeatable},
	{ID: OpCreateProjectSecret, Method: "POST", Path: "/v1/projects/{projectId}/secrets", Effect: Once},
	{ID: OpDeleteProjectSecret, Method: "DELETE", Path: "/v1/projects/{projectId}/secrets/{secretId}", Effect: Repeatable},
	{ID: OpGetProjectSecret, Method: "GET", Path: "/v1/projects/{projectId}/secrets/{secretId}", Query: []string{"show"}, Effect: Reads},
	{ID: OpGetSecretLink, Method: "GET", Path: "/v1/projects/{projectId}/secrets/{secretId}/addons/{addonId}", Effect: Reads},
	{ID: OpGetProjectSecretDetails, Method: "GET", Path: "/v1/projects/{projectId}/secrets/{secretId}/details", Effect: Reads},
	{ID: OpListProjectSecrets, Method: "GET", Path: "/v1/projects/{projectId}/secrets", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchProjectSecret, Method: "PATCH", Path: "/v1/projects/{projectId}/secrets/{secretId}", Effect: Repeatable},
	{ID: OpPutProjectSecret, Method: "PUT", Path: "/v1/projects/{projectId}/secrets", Effect: Repeatable},
	{ID: OpRemoveSecretLink, Method: "DELETE", Path: "/v1/projects/{projectId}/secrets/{secretId}/addons/{addonId}", Effect: Repeatable},
	{ID: OpUpdateProjectSecret, Method: "POST", Path: "/v1/projects/{projectId}/secrets/{secretId}", Effect: Repeatable},
	{ID: OpUpdateSecretLink, Method: "POST", Path: "/v1/projects/{projectId}/secrets/{secretId}/addons/{addonId}", Effect: Repeatable},
	{ID: OpAbortServiceBuild, Method: "DELETE", Path: "/v1/projects/{projectId}/services/{serviceId}/build/{buildId}", Effect: Repeatable},
	{ID: OpClearServiceBuildCache, Method: "DELETE", Path: "/v1/projects/{projectId}/services/{serviceId}/build-cache", Effect: Repeatable},
	{ID: OpCreateBuildService, Method: "POST", Path: "/v1/projects/{projectId}/services/build", Effect: Once},
	{ID: OpCreateCombinedService, Method: "POST", Path: "/v1/projects/{projectId}/services/combined", Effect: Once},
	{ID: OpCreateDeploymentService, Method: "POST", Path: "/v1/projects/{projectId}/services/deployment", Effect: Once},
	{ID: OpDeleteService, Method: "DELETE", Path: "/v1/projects/{projectId}/services/{serviceId}", Query: []string{"delete_child_objects"}, Effect: Repeatable},
	{ID: OpEditServiceBuildArguments, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/build-arguments", Effect: Repeatable},
	{ID: OpEditServiceEnvironment, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/runtime-environment", Effect: Repeatable},
	{ID: OpGetService, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}", Effect: Reads},
	{ID: OpListServiceBranches, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/branches", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetServiceBuild, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build/{buildId}", Effect: Reads},
	{ID: OpGetServiceBuildArguments, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build-arguments", Query: []string{"show", "replaceTemplatedValues"}, Effect: Reads},
	{ID: OpGetServiceBuildArgumentDetails, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build-arguments/details", Effect: Reads},
	{ID: OpGetServiceBuildLogs, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build-logs", Query: []string{"buildId", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetServiceBuildMetrics, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build-metrics", Query: []string{"buildId", "queryType", "metricTypes", "startTime", "endTime", "duration", "time"}, Effect: Reads},
	{ID: OpGetServiceDeployment, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/deployment", Effect: Reads},
	{ID: OpGetServiceHealthChecks, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/health-checks", Effect: Reads},
	{ID: OpGetServiceLogs, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/logs", Query: []string{"deploymentId", "type", "containerName", "queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpGetServiceMetrics, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/metrics", Query: []string{"queryType", "metricTypes", "startTime", "endTime", "duration", "containerName", "deploymentId", "time"}, Effect: Reads},
	{ID: OpGetServicePorts, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/ports", Effect: Reads},
	{ID: OpListServicePullRequests, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/pull-requests", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetServiceEnvironment, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/runtime-environment", Query: []string{"show", "replaceTemplatedValues"}, Effect: Reads},
	{ID: OpGetServiceEnvironmentDetails, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/runtime-environment/details", Effect: Reads},
	{ID: OpListServiceBuilds, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/build", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListServiceContainers, Method: "GET", Path: "/v1/projects/{projectId}/services/{serviceId}/containers", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListServices, Method: "GET", Path: "/v1/projects/{projectId}/services", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchBuildService, Method: "PATCH", Path: "/v1/projects/{projectId}/services/build/{serviceId}", Effect: Repeatable},
	{ID: OpPatchCombinedService, Method: "PATCH", Path: "/v1/projects/{projectId}/services/combined/{serviceId}", Effect: Repeatable},
	{ID: OpPatchDeploymentService, Method: "PATCH", Path: "/v1/projects/{projectId}/services/deployment/{serviceId}", Effect: Repeatable},
	{ID: OpPauseService, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/pause", Effect: Repeatable},
	{ID: OpPutBuildService, Method: "PUT", Path: "/v1/projects/{projectId}/services/build", Effect: Repeatable},
	{ID: OpPutCombinedService, Method: "PUT", Path: "/v1/projects/{projectId}/services/combined", Effect: Repeatable},
	{ID: OpPutDeploymentService, Method: "PUT", Path: "/v1/projects/{projectId}/services/deployment", Effect: Repeatable},
	{ID: OpRestartService, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/restart", Effect: Once},
	{ID: OpResumeService, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/resume", Effect: Repeatable},
	{ID: OpScaleService, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/scale", Effect: Repeatable},
	{ID: OpStartServiceBuild, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/build", Effect: Once},
	{ID: OpUpdateServiceBuildOptions, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/build-options", Effect: Repeatable},
	{ID: OpUpdateServiceBuildSource, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/build-source", Effect: Repeatable},
	{ID: OpUpdateServiceDeployment, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/deployment", Effect: Repeatable},
	{ID: OpUpdateServiceHealthChecks, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/health-checks", Effect: Repeatable},
	{ID: OpUpdateServicePorts, Method: "POST", Path: "/v1/projects/{projectId}/services/{serviceId}/ports", Effect: Repeatable},
	{ID: OpAttachVolume, Method: "POST", Path: "/v1/projects/{projectId}/volumes/{volumeId}/attach", Effect: Repeatable},
	{ID: OpBackupVolume, Method: "POST", Path: "/v1/projects/{projectId}/volumes/{volumeId}/backups", Effect: Once},
	{ID: OpCreateVolume, Method: "POST", Path: "/v1/projects/{projectId}/volumes", Effect: Once},
	{ID: OpDeleteVolume, Method: "DELETE", Path: "/v1/projects/{projectId}/volumes/{volumeId}", Effect: Repeatable},
	{ID: OpDeleteVolumeBackup, Method: "DELETE", Path: "/v1/projects/{projectId}/volumes/{volumeId}/backups/{backupId}", Effect: Repeatable},
	{ID: OpDetachVolume, Method: "POST", Path: "/v1/projects/{projectId}/volumes/{volumeId}/detach", Effect: Repeatable},
	{ID: OpGetVolume, Method: "GET", Path: "/v1/projects/{projectId}/volumes/{volumeId}", Effect: Reads},
	{ID: OpGetVolumeBackup, Method: "GET", Path: "/v1/projects/{projectId}/volumes/{volumeId}/backups/{backupId}", Effect: Reads},
	{ID: OpListVolumeBackups, Method: "GET", Path: "/v1/projects/{projectId}/volumes/{volumeId}/backups", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListVolumes, Method: "GET", Path: "/v1/projects/{projectId}/volumes", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpUpdateVolume, Method: "POST", Path: "/v1/projects/{projectId}/volumes/{volumeId}", Effect: Repeatable},
	{ID: OpAbortWorkflowRun, Method: "POST", Path: "/v1/projects/{projectId}/workflows/{workflowId}/runs/{runId}/abort", Effect: Repeatable},
	{ID: OpCreateWorkflow, Method: "POST", Path: "/v1/projects/{projectId}/workflows", Effect: Once},
	{ID: OpGetWorkflow, Method: "GET", Path: "/v1/projects/{projectId}/workflows/{workflowId}", Effect: Reads},
	{ID: OpGetWorkflowRun, Method: "GET", Path: "/v1/projects/{projectId}/workflows/{workflowId}/runs/{runId}", Effect: Reads},
	{ID: OpListWorkflowRuns, Method: "GET", Path: "/v1/projects/{projectId}/workflows/{workflowId}/runs", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListWorkflows, Method: "GET", Path: "/v1/projects/{projectId}/workflows", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpRunWorkflow, Method: "POST", Path: "/v1/projects/{projectId}/workflows/{workflowId}/runs", Effect: Once},
	{ID: OpUpdateWorkflow, Method: "POST", Path: "/v1/projects/{projectId}/workflows/{workflowId}", Effect: Repeatable},
	{ID: OpDescribeRelease, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs/{runId}", Effect: Repeatable},
	{ID: OpRollBackRelease, Method: "POST", Path: "/v1/projects/{projectId}/pipelines/{pipelineId}/release-flows/{stage}/runs/{runId}/roll-back", Effect: Once},
	{ID: OpDeleteReleaseStage, Method: "DELETE", Path: "/v1/projects/{projectId}/release-stages/{releaseStageId}", Effect: Repeatable},
	{ID: OpGetReleaseStage, Method: "GET", Path: "/v1/projects/{projectId}/release-stages/{releaseStageId}", Effect: Reads},
	{ID: OpListReleaseStages, Method: "GET", Path: "/v1/projects/{projectId}/release-stages", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchReleaseStage, Method: "PATCH", Path: "/v1/projects/{projectId}/release-stages/{releaseStageId}", Effect: Repeatable},
	{ID: OpPutReleaseStage, Method: "PUT", Path: "/v1/projects/{projectId}/release-stages", Effect: Repeatable},
	{ID: OpAddBackupDestination, Method: "POST", Path: "/v1/backup-destinations", Effect: Once},
	{ID: OpDeleteBackupDestination, Method: "DELETE", Path: "/v1/backup-destinations/{backupDestinationId}", Effect: Repeatable},
	{ID: OpGetBackupDestination, Method: "GET", Path: "/v1/backup-destinations/{backupDestinationId}", Effect: Reads},
	{ID: OpListBackupDestinations, Method: "GET", Path: "/v1/backup-destinations", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListDestinationBackups, Method: "GET", Path: "/v1/backup-destinations/{backupDestinationId}/backups", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchBackupDestination, Method: "PATCH", Path: "/v1/backup-destinations/{backupDestinationId}", Effect: Repeatable},
	{ID: OpGetInvoice, Method: "GET", Path: "/v1/billing/invoices/{invoiceId}", Query: []string{"teamId", "projectId", "resourceType", "per_page", "page"}, Effect: Reads},
	{ID: OpGetUsage, Method: "GET", Path: "/v1/billing/usage/{timestamp}", Query: []string{"teamId", "projectId", "resourceType", "per_page", "page"}, Effect: Reads},
	{ID: OpListInvoices, Method: "GET", Path: "/v1/billing/invoices", Query: []string{"per_page", "cursor"}, Effect: Reads},
	{ID: OpListUsage, Method: "GET", Path: "/v1/billing/usage", Query: []string{"per_page", "cursor", "startTime", "endTime"}, Effect: Reads},
	{ID: OpCordonClusterNode, Method: "POST", Path: "/v1/cloud-providers/clusters/{clusterId}/nodes/{nodeId}/cordon", Effect: Repeatable},
	{ID: OpCreateCluster, Method: "POST", Path: "/v1/cloud-providers/clusters", Effect: Once},
	{ID: OpCreateCloudIntegration, Method: "POST", Path: "/v1/cloud-providers/integrations", Effect: Once},
	{ID: OpDeleteCluster, Method: "DELETE", Path: "/v1/cloud-providers/clusters/{clusterId}", Effect: Repeatable},
	{ID: OpDeleteCloudIntegration, Method: "DELETE", Path: "/v1/cloud-providers/integrations/{integrationId}", Effect: Repeatable},
	{ID: OpDrainClusterNode, Method: "POST", Path: "/v1/cloud-providers/clusters/{clusterId}/nodes/{nodeId}/drain", Effect: Repeatable},
	{ID: OpGetCluster, Method: "GET", Path: "/v1/cloud-providers/clusters/{clusterId}", Effect: Reads},
	{ID: OpGetCloudIntegration, Method: "GET", Path: "/v1/cloud-providers/integrations/{integrationId}", Effect: Reads},
	{ID: OpListClusterNodes, Method: "GET", Path: "/v1/cloud-providers/clusters/{clusterId}/nodes", Query: []string{"per_page", "page", "cursor", "status"}, Effect: Reads},
	{ID: OpListClusters, Method: "GET", Path: "/v1/cloud-providers/clusters", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListCloudIntegrations, Method: "GET", Path: "/v1/cloud-providers/integrations", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListProviderNodeTypes, Method: "GET", Path: "/v1/cloud-providers/node-types", NoTeam: true, Query: []string{"per_page", "page", "cursor", "provider", "region", "family", "maxGenerationAge", "hasGpu"}, Effect: Reads},
	{ID: OpListProviderRegions, Method: "GET", Path: "/v1/cloud-providers/regions", NoTeam: true, Query: []string{"per_page", "page", "cursor", "provider"}, Effect: Reads},
	{ID: OpPatchCluster, Method: "PATCH", Path: "/v1/cloud-providers/clusters/{clusterId}", Effect: Repeatable},
	{ID: OpPatchCloudIntegration, Method: "PATCH", Path: "/v1/cloud-providers/integrations/{integrationId}", Effect: Repeatable},
	{ID: OpPutCluster, Method: "PUT", Path: "/v1/cloud-providers/clusters", Effect: Repeatable},
	{ID: OpPutCloudIntegration, Method: "PUT", Path: "/v1/cloud-providers/integrations", Effect: Repeatable},
	{ID: OpUncordonClusterNode, Method: "POST", Path: "/v1/cloud-providers/clusters/{clusterId}/nodes/{nodeId}/uncordon", Effect: Repeatable},
	{ID: OpAddSubdomain, Method: "POST", Path: "/v1/domains/{domain}/subdomains", Effect: Once},
	{ID: OpAddSubdomainPath, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths", Effect: Once},
	{ID: OpAssignSubdomain, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/assign", Effect: Repeatable},
	{ID: OpAssignSubdomainPath, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths/{subdomainPath}/assign", Effect: Repeatable},
	{ID: OpCreateDomain, Method: "POST", Path: "/v1/domains", Effect: Once},
	{ID: OpDeleteDomain, Method: "DELETE", Path: "/v1/domains/{domain}", Effect: Repeatable},
	{ID: OpDeleteSubdomain, Method: "DELETE", Path: "/v1/domains/{domain}/subdomains/{subdomain}", Effect: Repeatable},
	{ID: OpDeleteSubdomainPath, Method: "DELETE", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths/{subdomainPath}", Effect: Repeatable},
	{ID: OpEnableSubdomainCDN, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/cdn/enable", Effect: Repeatable},
	{ID: OpGetDomain, Method: "GET", Path: "/v1/domains/{domain}", Effect: Reads},
	{ID: OpGetDomainCertificate, Method: "GET", Path: "/v1/domains/{domain}/certificate", Effect: Reads},
	{ID: OpGetSubdomain, Method: "GET", Path: "/v1/domains/{domain}/subdomains/{subdomain}", Effect: Reads},
	{ID: OpGetSubdomainPath, Method: "GET", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths/{subdomainPath}", Effect: Reads},
	{ID: OpImportDomainCertificate, Method: "POST", Path: "/v1/domains/{domain}/import", Effect: Repeatable},
	{ID: OpListDomains, Method: "GET", Path: "/v1/domains", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListSubdomainPaths, Method: "GET", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths", Effect: Reads},
	{ID: OpPutSubdomain, Method: "PUT", Path: "/v1/domains/{domain}/subdomains", Effect: Repeatable},
	{ID: OpDisableSubdomainCDN, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/cdn/disable", Effect: Repeatable},
	{ID: OpUnassignSubdomain, Method: "DELETE", Path: "/v1/domains/{domain}/subdomains/{subdomain}/assign", Query: []string{"unassignPaths"}, Effect: Repeatable},
	{ID: OpUnassignSubdomainPath, Method: "DELETE", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths/{subdomainPath}/assign", Effect: Repeatable},
	{ID: OpUpdateSubdomainPath, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/paths/{subdomainPath}", Effect: Repeatable},
	{ID: OpVerifyDomain, Method: "POST", Path: "/v1/domains/{domain}/verify", Effect: Repeatable},
	{ID: OpVerifySubdomain, Method: "POST", Path: "/v1/domains/{domain}/subdomains/{subdomain}/verify", Effect: Repeatable},
	{ID: OpCreateEgressIP, Method: "POST", Path: "/v1/egress-ips", Effect: Once},
	{ID: OpDeleteEgressIP, Method: "DELETE", Path: "/v1/egress-ips/{egressIpId}", Effect: Repeatable},
	{ID: OpGetEgressIP, Method: "GET", Path: "/v1/egress-ips/{egressIpId}", Effect: Reads},
	{ID: OpListEgressIPs, Method: "GET", Path: "/v1/egress-ips", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchEgressIP, Method: "PATCH", Path: "/v1/egress-ips/{egressIpId}", Effect: Repeatable},
	{ID: OpPutEgressIP, Method: "PUT", Path: "/v1/egress-ips", Effect: Repeatable},
	{ID: OpAddRegistry, Method: "POST", Path: "/v1/integrations/registries", Effect: Once},
	{ID: OpAddSSHIdentity, Method: "POST", Path: "/v1/integrations/ssh-identities", Effect: Once},
	{ID: OpCreateLogSink, Method: "POST", Path: "/v1/integrations/log-sinks", Effect: Once},
	{ID: OpCreateNotificationIntegration, Method: "POST", Path: "/v1/integrations/notifications", Effect: Once},
	{ID: OpPutSSHIdentity, Method: "PUT", Path: "/v1/integrations/ssh-identities/{identityId}", Effect: Repeatable},
	{ID: OpDeleteLogSink, Method: "DELETE", Path: "/v1/integrations/log-sinks/{logSinkId}", Effect: Repeatable},
	{ID: OpDeleteNotificationIntegration, Method: "DELETE", Path: "/v1/integrations/notifications/{notificationId}", Effect: Repeatable},
	{ID: OpDeleteRegistry, Method: "DELETE", Path: "/v1/integrations/registries/{credentialId}", Effect: Repeatable},
	{ID: OpDeleteSSHIdentity, Method: "DELETE", Path: "/v1/integrations/ssh-identities/{identityId}", Effect: Repeatable},
	{ID: OpGenerateVCSToken, Method: "POST", Path: "/v1/integrations/vcs/custom/{customVCSId}/token/{vcsLinkId}", Query: []string{"force_refresh"}, Effect: Repeatable},
	{ID: OpGetLogSinkDetails, Method: "GET", Path: "/v1/integrations/log-sinks/{logSinkId}", Effect: Reads},
	{ID: OpGetNotificationIntegration, Method: "GET", Path: "/v1/integrations/notifications/{notificationId}", Effect: Reads},
	{ID: OpGetRegistry, Method: "GET", Path: "/v1/integrations/registries/{credentialId}", Effect: Reads},
	{ID: OpGetSSHIdentity, Method: "GET", Path: "/v1/integrations/ssh-identities/{identityId}", Effect: Reads},
	{ID: OpListBranches, Method: "GET", Path: "/v1/integrations/vcs/repos/{vcsService}/{repositoryOwner}/{repositoryName}/branches", Query: []string{"per_page", "page", "cursor", "vcs_link_id"}, Effect: Reads},
	{ID: OpListLogSinks, Method: "GET", Path: "/v1/integrations/log-sinks", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListNotificationIntegrations, Method: "GET", Path: "/v1/integrations/notifications", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListRegistries, Method: "GET", Path: "/v1/integrations/registries", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListRepositories, Method: "GET", Path: "/v1/integrations/vcs/repos", Query: []string{"per_page", "page", "cursor", "vcs_service", "self_hosted_vcs_id", "account_login", "vcs_link_id"}, Effect: Reads},
	{ID: OpListSSHIdentities, Method: "GET", Path: "/v1/integrations/ssh-identities", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpListVCSProviders, Method: "GET", Path: "/v1/integrations/vcs", Effect: Reads},
	{ID: OpPauseLogSink, Method: "POST", Path: "/v1/integrations/log-sinks/{logSinkId}/pause", Effect: Repeatable},
	{ID: OpResumeLogSink, Method: "POST", Path: "/v1/integrations/log-sinks/{logSinkId}/resume", Effect: Repeatable},
	{ID: OpUpdateLogSink, Method: "POST", Path: "/v1/integrations/log-sinks/{logSinkId}/settings", Effect: Repeatable},
	{ID: OpUpdateNotificationIntegration, Method: "POST", Path: "/v1/integrations/notifications/{notificationId}", Effect: Repeatable},
	{ID: OpUpdateRegistry, Method: "PATCH", Path: "/v1/integrations/registries/{credentialId}", Effect: Repeatable},
	{ID: OpUpdateSSHIdentity, Method: "PATCH", Path: "/v1/integrations/ssh-identities/{identityId}", Effect: Repeatable},
	{ID: OpCreateLoadBalancer, Method: "POST", Path: "/v1/load-balancers", Effect: Once},
	{ID: OpDeleteLoadBalancer, Method: "DELETE", Path: "/v1/load-balancers/{loadBalancerId}", Effect: Repeatable},
	{ID: OpGetLoadBalancer, Method: "GET", Path: "/v1/load-balancers/{loadBalancerId}", Effect: Reads},
	{ID: OpListLoadBalancers, Method: "GET", Path: "/v1/load-balancers", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchLoadBalancer, Method: "PATCH", Path: "/v1/load-balancers/{loadBalancerId}", Effect: Repeatable},
	{ID: OpPutLoadBalancer, Method: "PUT", Path: "/v1/load-balancers", Effect: Repeatable},
	{ID: OpGetDNSID, Method: "GET", Path: "/v1/dns-id", Effect: Reads},
	{ID: OpCreateNetworkPolicy, Method: "POST", Path: "/v1/network-policies", Effect: Once},
	{ID: OpDeleteNetworkPolicy, Method: "DELETE", Path: "/v1/network-policies/{networkPolicyId}", Effect: Repeatable},
	{ID: OpGetNetworkPolicy, Method: "GET", Path: "/v1/network-policies/{networkPolicyId}", Effect: Reads},
	{ID: OpUpdateNetworkPolicy, Method: "PATCH", Path: "/v1/network-policies/{networkPolicyId}", Effect: Repeatable},
	{ID: OpGetOpenTofuJobLogs, Method: "GET", Path: "/v1/opentofu-jobs/{opentofuJobId}/logs", Query: []string{"queryType", "startTime", "endTime", "duration", "lineLimit", "direction", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}, Effect: Reads},
	{ID: OpCreateOrUpdateProject, Method: "PUT", Path: "/v1/projects", Effect: Repeatable},
	{ID: OpCreateProject, Method: "POST", Path: "/v1/projects", Effect: Once},
	{ID: OpDeleteProject, Method: "DELETE", Path: "/v1/projects/{projectId}", Query: []string{"delete_child_objects"}, Effect: Repeatable},
	{ID: OpGetProject, Method: "GET", Path: "/v1/projects/{projectId}", Effect: Reads},
	{ID: OpListProjects, Method: "GET", Path: "/v1/projects", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpUpdateProject, Method: "PATCH", Path: "/v1/projects/{projectId}", Effect: Repeatable},
	{ID: OpCreateRolloutStrategy, Method: "POST", Path: "/v1/gradual-rollout-strategies", Effect: Once},
	{ID: OpPutRolloutStrategy, Method: "PUT", Path: "/v1/gradual-rollout-strategies", Effect: Repeatable},
	{ID: OpDeleteRolloutStrategy, Method: "DELETE", Path: "/v1/gradual-rollout-strategies/{gradualRolloutStrategyId}", Effect: Repeatable},
	{ID: OpUpdateRolloutStrategy, Method: "PATCH", Path: "/v1/gradual-rollout-strategies/{gradualRolloutStrategyId}", Effect: Repeatable},
	{ID: OpCreateGlobalSecret, Method: "POST", Path: "/v1/secrets", Effect: Once},
	{ID: OpDeleteGlobalSecret, Method: "DELETE", Path: "/v1/secrets/{secretId}", Effect: Repeatable},
	{ID: OpGetGlobalSecret, Method: "GET", Path: "/v1/secrets/{secretId}", Effect: Reads},
	{ID: OpListGlobalSecrets, Method: "GET", Path: "/v1/secrets", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPatchGlobalSecret, Method: "PATCH", Path: "/v1/secrets/{secretId}", Effect: Repeatable},
	{ID: OpPutGlobalSecret, Method: "PUT", Path: "/v1/secrets", Effect: Repeatable},
	{ID: OpAddTag, Method: "POST", Path: "/v1/tags", Effect: Once},
	{ID: OpDeleteTag, Method: "DELETE", Path: "/v1/tags/{resourceTagId}", Effect: Repeatable},
	{ID: OpGetTag, Method: "GET", Path: "/v1/tags/{resourceTagId}", Effect: Reads},
	{ID: OpListTags, Method: "GET", Path: "/v1/tags", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpPutTag, Method: "PUT", Path: "/v1/tags", Effect: Repeatable},
	{ID: OpUpdateTag, Method: "PATCH", Path: "/v1/tags/{resourceTagId}", Effect: Repeatable},
	{ID: OpInviteTeamMember, Method: "POST", Path: "/v1/teams/{teamId}/members", NoTeam: true, Effect: Once},
	{ID: OpListTeamMembers, Method: "GET", Path: "/v1/teams/{teamId}/members", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpRemoveTeamMember, Method: "DELETE", Path: "/v1/teams/{teamId}/members/{memberId}", NoTeam: true, Effect: Repeatable},
	{ID: OpAddTeamRoleMember, Method: "POST", Path: "/v1/teams/{teamId}/roles/{roleId}/members", NoTeam: true, Effect: Repeatable},
	{ID: OpPutTeamRole, Method: "PUT", Path: "/v1/teams/{teamId}/roles", NoTeam: true, Effect: Repeatable},
	{ID: OpCreateTeamRole, Method: "POST", Path: "/v1/teams/{teamId}/roles", NoTeam: true, Effect: Once},
	{ID: OpDeleteTeamRole, Method: "DELETE", Path: "/v1/teams/{teamId}/roles/{roleId}", NoTeam: true, Effect: Repeatable},
	{ID: OpGetTeamRole, Method: "GET", Path: "/v1/teams/{teamId}/roles/{roleId}", NoTeam: true, Effect: Reads},
	{ID: OpListTeamRoleMembers, Method: "GET", Path: "/v1/teams/{teamId}/roles/{roleId}/members", NoTeam: true, Query: []string{"per_page", "page", "cursor", "userIds"}, Effect: Reads},
	{ID: OpListTeamRoles, Method: "GET", Path: "/v1/teams/{teamId}/roles", NoTeam: true, Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpRemoveTeamRoleMember, Method: "DELETE", Path: "/v1/teams/{teamId}/roles/{roleId}/members/{memberId}", NoTeam: true, Effect: Repeatable},
	{ID: OpUpdateTeamRole, Method: "PATCH", Path: "/v1/teams/{teamId}/roles/{roleId}", NoTeam: true, Effect: Repeatable},
	{ID: OpAbortTemplateRun, Method: "POST", Path: "/v1/templates/{templateId}/runs/{templateRunId}/abort", Effect: Repeatable},
	{ID: OpCreateTemplate, Method: "POST", Path: "/v1/templates", Effect: Once},
	{ID: OpDeleteTemplate, Method: "DELETE", Path: "/v1/templates/{templateId}", Effect: Repeatable},
	{ID: OpGetTemplate, Method: "GET", Path: "/v1/templates/{templateId}", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpGetTemplateRun, Method: "GET", Path: "/v1/templates/{templateId}/runs/{templateRunId}", Effect: Reads},
	{ID: OpListTemplateRuns, Method: "GET", Path: "/v1/templates/{templateId}/runs", Query: []string{"per_page", "page", "cursor", "status", "concluded"}, Effect: Reads},
	{ID: OpListTemplates, Method: "GET", Path: "/v1/templates", Query: []string{"per_page", "page", "cursor"}, Effect: Reads},
	{ID: OpRunTemplate, Method: "POST", Path: "/v1/templates/{templateId}/runs", Effect: Once},
	{ID: OpUpdateTemplate, Method: "POST", Path: "/v1/templates/{templateId}", Effect: Repeatable},
	{ID: OpTearDownTemplate, Method: "POST", Path: "/v1/templates/{templateId}/teardown", Effect: Once},
	{ID: OpTearDownWorkflow, Method: "POST", Path: "/v1/projects/{projectId}/workflows/{workflowId}/teardown", Effect: Once},
	{ID: OpCopyRepository, Method: "POST", Path: "/v1/integrations/vcs/copies", Effect: Once},
	{ID: OpGetRepositoryCopy, Method: "GET", Path: "/v1/integrations/vcs/copies/{trackerId}", Effect: Reads},
	{ID: OpCallWebhook, Method: "POST", Path: "/v1/webhook-calls", Effect: Once},
	{ID: OpGetWebhook, Method: "GET", Path: "/v1/documents/{documentId}/webhook", Effect: Reads},
	{ID: OpSetWebhook, Method: "POST", Path: "/v1/documents/{documentId}/webhook", Effect: Repeatable},
}

// LookupOperation returns the operation of an ID.
func LookupOperation(id string) (Operation, bool) {
	i, ok := slices.BinarySearchFunc(operations[:], id, func(op Operation, id string) int {
		return strings.Compare(op.ID, id)
	})
	if !ok {
		return Operation{}, false
	}
	return operations[i], true
}

// TakesMany tells of a parameter of the query whether it may be given several times.
// In [Params] its values stand with commas between them.
func TakesMany(parameter string) bool {
	switch parameter {
	case "metricTypes", "type", "userIds":
		return true
	}
	return false
}

// Operations returns every operation of the contract, sorted by ID.
func Operations() iter.Seq[Operation] { return slices.Values(operations[:]) }

// PathParameters returns the names of the path's parameters, in order.
func (op Operation) PathParameters() []string {
	var names []string
	for _, segment := range strings.Split(op.Path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// Missing returns the first path parameter that has no value in params, ""
// when all have one.
func (op Operation) Missing(params Params) string {
	for _, name := range op.PathParameters() {
		if params.Path[name] == "" {
			return name
		}
	}
	return ""
}
