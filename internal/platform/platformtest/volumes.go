package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func testVolumeBackups(t *testing.T, w *world) {
	w.start(t, "Volume", volume("disk", ""))
	disk := at("volumeId", "disk")
	_, err := w.try(platform.OpBackupVolume, disk, nil, `{"description": "no name"}`)
	refusal(t, err, 400, "name")
	_, err = w.try(platform.OpBackupVolume, at("volumeId", "nobody"), nil, `{"name": "first"}`)
	refusal(t, err, 404, "nobody")
	made := w.do(t, platform.OpBackupVolume, disk, nil, `{"name": "first", "description": "before"}`)
	has(t, made, "name", "first", "description", "before", "spec.storageSize", float64(4096), "source.sourceObject.id", "disk",
		"source.sourceObject.spec.accessMode", "ReadWriteOnce")
	backup := at("volumeId", "disk", "backupId", id(t, made))
	w.state(t, platform.OpGetVolumeBackup, backup, "status", "completed")
	w.do(t, platform.OpBackupVolume, disk, nil, `{"name": "second"}`)
	has(t, w.do(t, platform.OpListVolumeBackups, disk, nil, ""), "0.name", "second", "1.name", "first", "2", nil)
	has(t, w.do(t, platform.OpListVolumeBackups, disk, map[string]string{"per_page": "1", "page": "2"}, ""), "0.name", "first", "1", nil)
	t.Run("a volume is cloned from a backup or a volume that is there", func(t *testing.T) {
		w.start(t, "Volume", volume("from-backup", `, "source": {"type": "backup", "sourceId": "`+id(t, made)+`"}`))
		w.start(t, "Volume", volume("from-volume", `, "source": {"type": "volume", "sourceId": "disk"}`))
		for _, typ := range []string{"backup", "volume"} {
			_, err := w.try(platform.OpCreateVolume, at(), nil, volume("from-nothing", `, "source": {"type": "`+typ+`", "sourceId": "nobody"}`))
			refusal(t, err, 404, "source.sourceId", "nobody")
		}
	})
	w.do(t, platform.OpDeleteVolumeBackup, backup, nil, "")
	_, err = w.try(platform.OpGetVolumeBackup, backup, nil, "")
	refusal(t, err, 404, id(t, made))
	inTime(t, "delete a backup that goes on", func() bool {
		going := at("volumeId", "disk", "backupId", id(t, w.do(t, platform.OpBackupVolume, disk, nil, `{"name": "going"}`)))
		_, err := w.try(platform.OpDeleteVolumeBackup, going, nil, "")
		return platform.StatusOf(err) == 409
	})
}

func testAttachments(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("web", nginx))
	w.start(t, "ManualJob", manualJob("task", nginx))
	w.start(t, "Volume", volume("disk", ""))
	disk := at("volumeId", "disk")
	before := w.containers(t, "web", 1)
	const web, task = `{"nfObject": {"id": "web", "type": "service"}}`, `{"nfObject": {"id": "task", "type": "job"}}`
	deployed := func(what string) {
		t.Helper()
		after := before
		inTime(t, what, func() bool {
			after = w.containers(t, "web", 1)
			return kept(before, after) == 0
		})
		before = after
	}
	w.do(t, platform.OpAttachVolume, disk, nil, web)
	deployed("deploy a service that gets a volume")
	w.do(t, platform.OpAttachVolume, disk, nil, task)
	_, err := w.try(platform.OpDeleteVolume, disk, nil, "")
	refusal(t, err, 409, "disk", "web", "detach it first")
	w.do(t, platform.OpDetachVolume, disk, nil, web)
	deployed("deploy a service that loses a volume")
	has(t, w.do(t, platform.OpGetVolume, disk, nil, ""), "attachedObjects.0.id", "task", "attachedObjects.1", nil)
	_, err = w.try(platform.OpDetachVolume, disk, nil, web)
	refusal(t, err, 409, "disk", "web")
	_, err = w.try(platform.OpDetachVolume, disk, nil, `{"nfObject": {"id": "web", "type": "addon"}}`)
	refusal(t, err, 400, "nfObject.type")
	w.do(t, platform.OpDetachVolume, disk, nil, "")
	if left := jsonvalue.List(w.do(t, platform.OpGetVolume, disk, nil, ""), "attachedObjects"); len(left) > 0 {
		t.Errorf("it is still attached to %v", left)
	}
	w.do(t, platform.OpDetachVolume, disk, nil, "")
	t.Run("what is deleted is attached no longer", func(t *testing.T) {
		w.do(t, platform.OpAttachVolume, disk, nil, task)
		w.do(t, platform.OpDeleteJob, at("jobId", "task"), nil, "")
		has(t, w.do(t, platform.OpGetVolume, disk, nil, ""), "attachedObjects", []any{})
		w.do(t, platform.OpDeleteVolume, disk, nil, "")
	})
}
