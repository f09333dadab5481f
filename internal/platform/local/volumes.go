package local

import (
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var volumeFlavour = flavour{
	noun: "volume", segment: "volumes", idParam: "volumeId", kind: "Volume", typ: volumeType,
	once:   []string{"source"},
	check:  checkVolume,
	refuse: refuseVolume,
	born:   func(*call, *record) (any, error) { return struct{}{}, nil },
	grown:  func(*call, *record, map[string]any) (any, error) { return struct{}{}, nil },
	show:   showVolume,
}

func checkVolume(k *check) {
	k.name(namePattern(), 39)
	k.required("spec.accessMode", "spec.storageSize")
	k.oneOf("spec.accessMode", "ReadWriteOnce", "ReadWriteMany")
	k.integer("spec.storageSize", 1, 1<<30)
	k.each("mounts", func(at string) { k.required(at + ".containerMountPath") })
	k.each("attachedObjects", func(at string) {
		k.required(at+".id", at+".type")
		k.oneOf(at+".type", "service", "job")
	})
}

func refuseVolume(c *call, old *record, key string, spec map[string]any) error {
	if old != nil {
		have, _ := jsonvalue.Number(old.spec, "spec.storageSize")
		want, ok := jsonvalue.Number(spec, "spec.storageSize")
		if ok && want < have {
			return platform.Unchangeable("volume", old.id(), "spec.storageSize", have, want)
		}
	}
	if old == nil {
		if err := c.checkVolumeSource(spec); err != nil {
			return err
		}
	}
	project := key[:len("projects/")+len(c.path("projectId"))]
	for _, object := range jsonvalue.List(spec, "attachedObjects") {
		if err := c.exists(project, object); err != nil {
			return err
		}
	}
	return nil
}

// exists checks that what a volume is attached to is there.
func (c *call) exists(project string, object any) error {
	segment, noun := "services", "service"
	if jsonvalue.String(object, "type") == "job" {
		segment, noun = "jobs", "job"
	}
	_, err := c.below(project, noun, segment, jsonvalue.String(object, "id"))
	return err
}

func showVolume(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "stageId", "mounts", "source", "owningObject")
	shown["projectId"] = r.projectID()
	shown["status"] = "RUNNING"
	attached, err := c.attachments(r)
	shown["attachedObjects"] = attached
	return shown, err
}

func getVolume(c *call) (any, error) {
	r, err := c.find("volume", "volumes", "volumeId")
	if err != nil {
		return nil, err
	}
	return showVolume(c, r)
}

func listVolumes(c *call) (any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	return c.rows(project.key+"/volumes", false, func(r *record) (map[string]any, error) { return showVolume(c, r) })
}

// attachVolume attaches a volume to a service or a job. Services are deployed anew.
func attachVolume(c *call) (any, error) {
	r, err := c.find("volume", "volumes", "volumeId")
	if err != nil {
		return nil, err
	}
	object := jsonvalue.Object(c.body, "nfObject")
	k := &check{spec: c.body}
	k.required("nfObject.id", "nfObject.type")
	k.oneOf("nfObject.type", "service", "job")
	if err := k.err(); err != nil {
		return nil, err
	}
	if err := c.exists("projects/"+r.projectID(), object); err != nil {
		return nil, err
	}
	attached, err := c.attachments(r)
	if err != nil {
		return nil, err
	}
	for _, a := range attached {
		if jsonvalue.Equal(a, object) {
			return nil, c.log(r.key, Nothing)
		}
	}
	if err := c.redeploy(r.projectID(), object); err != nil {
		return nil, err
	}
	return nil, c.addAttachment(r, object)
}

func (c *call) addAttachment(volume *record, object map[string]any) error {
	volume.spec = maps.Clone(volume.spec)
	volume.spec["attachedObjects"] = append(append([]any{}, jsonvalue.List(volume.spec, "attachedObjects")...), object)
	if err := c.tx.save(volume, struct{}{}, c.now); err != nil {
		return err
	}
	return c.log(volume.key, Updated)
}

// attach attaches a volume to a service that is being created.
func (c *call) attach(service *record, volumeID any) error {
	id, _ := volumeID.(string)
	volume, err := c.tx.load("projects/" + service.projectID() + "/volumes/" + id)
	if err != nil || volume == nil {
		return err
	}
	return c.addAttachment(volume, map[string]any{"id": service.id(), "type": "service"})
}
