package local

import (
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The types of the records of volumes and of their backups.
const (
	volumeType       = "volume"
	volumeBackupType = "volume backup"
)

func (c *call) volume() (*record, error) { return c.find("volume", "volumes", "volumeId") }

func backUpVolume(c *call) (any, error) {
	volume, err := c.volume()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.name(namePattern(), 39)
	k.text("description", 200)
	if err := k.err(); err != nil {
		return nil, err
	}
	spec := jsonvalue.Pick(c.body, []string{"name", "description"})
	spec["source"] = jsonvalue.Pick(jsonvalue.Object(volume.spec, "spec"), []string{"accessMode", "storageSize", "storageClassName"})
	r := &record{parent: volume.key + "/backups", typ: volumeBackupType, created: c.now, spec: spec}
	r.key = r.parent + "/" + freshID()
	if err := c.tx.create(r, backupState{Step: c.step(KindBackup, volume.id(), c.now, c.platform.delays.Backup)}); err != nil {
		return nil, err
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	return c.showVolumeBackup(r), nil
}

func (c *call) showVolumeBackup(r *record) map[string]any {
	shown := jsonvalue.Pick(r.spec, []string{"name", "description"})
	status, ended := stateOf[backupState](r).status(c.now)
	shown["id"], shown["status"], shown["createdAt"], shown["updatedAt"] = r.id(), status, c.stamp(r.created), c.stamp(r.created)
	if !ended.IsZero() {
		shown["updatedAt"] = c.stamp(ended)
	}
	source := jsonvalue.Object(r.spec, "source")
	shown["spec"] = jsonvalue.Pick(source, []string{"storageSize"})
	volume := (&record{key: r.parent[:len(r.parent)-len("/backups")]}).id()
	shown["source"] = map[string]any{"type": "volume", "sourceObject": map[string]any{"id": volume, "spec": maps.Clone(source)}}
	return shown
}

func (c *call) volumeBackup() (*record, error) {
	volume, err := c.volume()
	if err != nil {
		return nil, err
	}
	return c.below(volume.key, "backup", "backups", c.path("backupId"))
}

func getVolumeBackup(c *call) (any, error) {
	r, err := c.volumeBackup()
	if err != nil {
		return nil, err
	}
	return c.showVolumeBackup(r), nil
}

func listVolumeBackups(c *call) (any, error) {
	volume, err := c.volume()
	if err != nil {
		return nil, err
	}
	return c.rows(volume.key+"/backups", true, func(r *record) (map[string]any, error) { return c.showVolumeBackup(r), nil })
}

func deleteVolumeBackup(c *call) (any, error) {
	r, err := c.volumeBackup()
	if err != nil {
		return nil, err
	}
	if status, _ := stateOf[backupState](r).status(c.now); status == "in-progress" {
		return nil, conflict("backup %q is %s: wait until it has ended", r.id(), status)
	}
	if err := c.tx.remove(r.key); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Deleted)
}

// checkSource checks that what a new volume is cloned from is there. Identifiers of
// backups are unique, and volumes may be cloned from other projects.
func (c *call) checkVolumeSource(spec map[string]any) error {
	id := jsonvalue.String(spec, "source.sourceId")
	if id == "" {
		return nil
	}
	typ := volumeType
	if jsonvalue.String(spec, "source.type") == "backup" {
		typ = volumeBackupType
	}
	candidates, err := c.tx.typed(typ)
	if err != nil {
		return err
	}
	for _, r := range candidates {
		if r.id() != id {
			continue
		}
		if status, _ := stateOf[backupState](r).status(c.now); typ == volumeBackupType && status != "completed" {
			return platform.Invalid("source.sourceId", "is %q, a backup that is %s", id, status)
		}
		return nil
	}
	return absent("source.sourceId", "is %q, which is no %s", id, typ)
}

// attachments are the services and jobs that a volume is attached to and that are
// still there.
func (c *call) attachments(volume *record) ([]any, error) {
	left := []any{}
	for _, object := range jsonvalue.List(volume.spec, "attachedObjects") {
		err := c.exists("projects/"+volume.projectID(), object)
		switch {
		case err == nil:
			left = append(left, object)
		case !platform.IsNotFound(err):
			return nil, err
		}
	}
	return left, nil
}

// detachVolume takes a volume from a service or a job; from all where the request
// names none. Services are deployed anew.
func detachVolume(c *call) (any, error) {
	volume, err := c.volume()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.object("nfObject")
	if k.present("nfObject") {
		k.required("nfObject.id", "nfObject.type")
		k.oneOf("nfObject.type", "service", "job")
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	attached, err := c.attachments(volume)
	if err != nil {
		return nil, err
	}
	left := []any{}
	for _, object := range attached {
		if named := c.body["nfObject"]; named != nil && !jsonvalue.Equal(named, object) {
			left = append(left, object)
			continue
		}
		if err := c.redeploy(volume.projectID(), object); err != nil {
			return nil, err
		}
	}
	if len(left) == len(attached) {
		if id := jsonvalue.String(c.body, "nfObject.id"); id != "" {
			return nil, conflict("volume %q is not attached to %s %q", volume.id(), jsonvalue.String(c.body, "nfObject.type"), id)
		}
		return nil, c.log(volume.key, Nothing)
	}
	volume.spec = put(volume.spec, "attachedObjects", left)
	return nil, c.keep(volume, struct{}{})
}

// redeploy gives a service new containers, if it has any.
func (c *call) redeploy(project string, object any) error {
	if jsonvalue.String(object, "type") != "service" {
		return nil
	}
	r, err := c.tx.load("projects/" + project + "/services/" + jsonvalue.String(object, "id"))
	if err != nil || r == nil || r.typ == buildServiceFlavour.typ {
		return err
	}
	state := stateOf[serviceState](r)
	if state.Paused != 0 {
		return nil
	}
	state.Rollouts = remember(state.Rollouts, c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy))
	return c.tx.save(r, state, r.updated)
}

// deleteVolume deletes a volume that is attached to nothing.
func deleteVolume(c *call) (any, error) {
	volume, err := c.volume()
	if err != nil {
		return nil, err
	}
	attached, err := c.attachments(volume)
	if err != nil {
		return nil, err
	}
	if len(attached) > 0 {
		return nil, conflict("volume %q is attached to %s %q: detach it first", volume.id(), jsonvalue.String(attached[0], "type"),
			jsonvalue.String(attached[0], "id"))
	}
	if err := c.tx.remove(volume.key); err != nil {
		return nil, err
	}
	return nil, c.log(volume.key, Deleted)
}
