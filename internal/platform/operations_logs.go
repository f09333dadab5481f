package platform

// The operations that read what something has done and used.
const (
	OpGetServiceLogs         = "project/services/get-service-logs"
	OpGetServiceBuildLogs    = "project/services/get-service-build-logs"
	OpGetServiceMetrics      = "project/services/get-service-metrics"
	OpGetServiceBuildMetrics = "project/services/get-service-build-metrics"
	OpGetJobLogs             = "project/jobs/get-job-logs"
	OpGetJobBuildLogs        = "project/jobs/get-job-build-logs"
	OpGetJobMetrics          = "project/jobs/get-job-metrics"
	OpGetJobBuildMetrics     = "project/jobs/get-job-build-metrics"
	OpGetAddonLogs           = "project/addons/get-addon-logs"
	OpGetAddonMetrics        = "project/addons/get-addon-metrics"
	OpGetBackupLogs          = "project/addons/get-addon-backup-logs"
	OpGetRestoreLogs         = "project/addons/get-addon-restore-logs"
	OpGetOpenTofuJobLogs     = "team/opentofu/get-opentofu-job-logs"
	OpListAddonContainers    = "project/addons/list-addon-containers"
)
