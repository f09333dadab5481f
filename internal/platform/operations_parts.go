package platform

// The operations on parts of a service, and on its life.
const (
	OpClearServiceBuildCache         = "project/services/clear-the-build-cache-of-a-service"
	OpEditServiceBuildArguments      = "project/services/edit-service-build-arguments"
	OpEditServiceEnvironment         = "project/services/edit-service-runtime-environment"
	OpListServiceBranches            = "project/services/get-service-branches"
	OpGetServiceBuildArguments       = "project/services/get-service-build-arguments"
	OpGetServiceBuildArgumentDetails = "project/services/get-service-build-arguments-details"
	OpGetServiceDeployment           = "project/services/get-service-deployment"
	OpGetServiceHealthChecks         = "project/services/get-service-health-checks"
	OpListServicePullRequests        = "project/services/get-service-pull-requests"
	OpGetServiceEnvironment          = "project/services/get-service-runtime-environment"
	OpGetServiceEnvironmentDetails   = "project/services/get-service-runtime-environment-details"
	OpListServiceContainers          = "project/services/list-service-containers"
	OpPauseService                   = "project/services/pause-service"
	OpResumeService                  = "project/services/resume-service"
	OpScaleService                   = "project/services/scale-service"
	OpUpdateServiceBuildOptions      = "project/services/update-service-build-options"
	OpUpdateServiceBuildSource       = "project/services/update-service-build-source"
	OpUpdateServiceDeployment        = "project/services/update-service-deployment"
	OpUpdateServiceHealthChecks      = "project/services/update-service-health-checks"
	OpUpdateServicePorts             = "project/services/update-service-ports"
)

// The operations on parts of a job, and on its life.
const (
	OpEditJobBuildArguments      = "project/jobs/edit-job-build-arguments"
	OpEditJobEnvironment         = "project/jobs/edit-job-runtime-environment"
	OpListJobBranches            = "project/jobs/get-job-branches"
	OpGetJobBuildArgumentDetails = "project/jobs/get-job-build-argument-details"
	OpGetJobBuildArguments       = "project/jobs/get-job-build-arguments"
	OpGetJobDeployment           = "project/jobs/get-job-deployment"
	OpGetJobHealthChecks         = "project/jobs/get-job-health-checks"
	OpListJobPullRequests        = "project/jobs/get-job-pull-requests"
	OpGetJobEnvironment          = "project/jobs/get-job-runtime-environment"
	OpGetJobEnvironmentDetails   = "project/jobs/get-job-runtime-environment-details"
	OpListJobContainers          = "project/jobs/list-job-containers"
	OpPauseJob                   = "project/jobs/pause-job"
	OpResumeJob                  = "project/jobs/resume-job"
	OpScaleJob                   = "project/jobs/scale-job"
	OpSuspendJob                 = "project/jobs/suspend-job"
	OpUpdateJobBuildOptions      = "project/jobs/update-job-build-options"
	OpUpdateJobBuildSource       = "project/jobs/update-job-build-source"
	OpUpdateJobDeployment        = "project/jobs/update-job-deployment"
	OpUpdateJobHealthChecks      = "project/jobs/update-job-health-checks"
	OpUpdateJobSettings          = "project/jobs/update-job-settings"
)
