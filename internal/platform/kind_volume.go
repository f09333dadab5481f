package platform

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The platform has no PUT for volumes: they are looked up, then created or
// updated, and attached in further requests.
var volumeKind = resource{
	kind: "Volume", noun: "volume", segment: "volumes", idParam: "volumeId",
	get: OpGetVolume, create: OpCreateVolume, patch: OpUpdateVolume,
	spec:   []string{"name", "stageId", "tags", "mounts", "spec", "source", "owningObject", "attachedObjects"},
	unread: []string{"stageId", "mounts", "source", "owningObject"},
	once:   []string{"source", "owningObject", "stageId", "tags"},
	check:  checkVolume,
	update: updateVolume,
	uses:   volumeUses,
}

// checkVolume refuses to shrink a volume.
func checkVolume(_ NodeRequest, id string, current, desired map[string]any) error {
	have, ok := jsonvalue.Number(current, "spec.storageSize")
	want, wanted := jsonvalue.Number(desired, "spec.storageSize")
	if ok && wanted && want < have {
		return Unchangeable("volume", id, "spec.storageSize", have, want)
	}
	return nil
}

func updateVolume(ctx context.Context, d *Driver, req NodeRequest, path map[string]string, current, desired map[string]any) error {
	body := map[string]any{}
	if mounts := desired["mounts"]; mounts != nil && !jsonvalue.Equal(mounts, current["mounts"]) {
		body["mounts"] = mounts
	}
	if size := jsonvalue.Get(desired, "spec.storageSize"); size != nil && !jsonvalue.Equal(size, jsonvalue.Get(current, "spec.storageSize")) {
		body["spec"] = map[string]any{"storageSize": size}
	}
	if len(body) > 0 {
		if err := d.do(ctx, OpUpdateVolume, Params{Path: path, Token: req.Token}, body, nil); err != nil {
			return err
		}
	}
	attached := jsonvalue.List(current, "attachedObjects")
	for _, object := range jsonvalue.List(desired, "attachedObjects") {
		if isAttached(attached, object) {
			continue
		}
		if err := d.do(ctx, OpAttachVolume, Params{Path: path, Token: req.Token}, map[string]any{"nfObject": object}, nil); err != nil {
			return err
		}
	}
	return nil
}

func isAttached(attached []any, object any) bool {
	for _, a := range attached {
		if jsonvalue.Equal(jsonvalue.Get(a, "id"), jsonvalue.Get(object, "id")) &&
			jsonvalue.Equal(jsonvalue.Get(a, "type"), jsonvalue.Get(object, "type")) {
			return true
		}
	}
	return false
}

// volumeUses are the services and jobs that the volume is attached to.
func volumeUses(projectID string, spec map[string]any, _ bool) []use {
	var uses []use
	for _, object := range jsonvalue.List(spec, "attachedObjects") {
		id := jsonvalue.String(object, "id")
		if id == "" {
			continue
		}
		if jsonvalue.String(object, "type") == "job" {
			uses = append(uses, inProject(OpGetJob, projectID, "jobs", "jobId", id))
		} else {
			uses = append(uses, inProject(OpGetService, projectID, "services", "serviceId", id))
		}
	}
	return uses
}
