package platform

// The operations on the life of an addon, its backups and its settings.
const (
	OpAbortBackupRestore    = "project/addons/abort-backup-restore"
	OpCreateBackupSchedule  = "project/addons/create-addon-backup-schedule"
	OpDeleteAddonBackup     = "project/addons/delete-addon-backup"
	OpDeleteBackupSchedule  = "project/addons/delete-addon-backup-schedule"
	OpListBackupSchedules   = "project/addons/get-addon-backup-schedules"
	OpGetAddonVersion       = "project/addons/get-addon-version-details"
	OpGetBackupDownloadLink = "project/addons/get-backup-download-link"
	OpImportAddonBackup     = "project/addons/import-addon-backup"
	OpListAddonRestores     = "project/addons/list-addon-restores"
	OpPauseAddon            = "project/addons/pause-addon"
	OpResetAddon            = "project/addons/reset-addon"
	OpResumeAddon           = "project/addons/resume-addon"
	OpRetainBackup          = "project/addons/retain-backup"
	OpScaleAddon            = "project/addons/scale-addon-resources"
	OpUpdateAddonNetwork    = "project/addons/update-addon-network-settings"
	OpUpdateAddonSecurity   = "project/addons/update-addon-security-rules"
)
