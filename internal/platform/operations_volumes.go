package platform

// The operations on backups of volumes, and on what volumes are attached to.
const (
	OpBackupVolume       = "project/volumes/backup-volume"
	OpDeleteVolumeBackup = "project/volumes/delete-volume-backup"
	OpDetachVolume       = "project/volumes/detach-volume"
	OpGetVolumeBackup    = "project/volumes/get-volume-backup-details"
	OpListVolumeBackups  = "project/volumes/get-volume-backups"
)
