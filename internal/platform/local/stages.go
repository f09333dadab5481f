package local

import (
	"cmp"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Release stages are columns that the resources of a project stand in. A resource names
// its stage, and a stage is shown with its resources; one that is deleted leaves them.
var releaseStageFamily = family{
	flavour: flavour{noun: "release stage", segment: "release-stages", idParam: "releaseStageId", typ: "release stage", kind: "ReleaseStage",
		check: checkStage, ident: stageID, show: showStage},
	put: platform.OpPutReleaseStage, patch: platform.OpPatchReleaseStage, get: platform.OpGetReleaseStage, list: platform.OpListReleaseStages,
	remove: platform.OpDeleteReleaseStage, member: "releaseStages", hidden: []string{"nfObjects"},
}

func checkStage(k *check) {
	fits("ReleaseStage")(k)
	if _, whole := jsonvalue.Number(k.spec, "position"); !whole {
		k.required("position")
	}
}

// stageID is the identifier of a stage, which need not have a name.
func stageID(_ *call, spec map[string]any) (string, error) {
	if id := platform.Slug(jsonvalue.String(spec, "name")); id != "" {
		return id, nil
	}
	return platform.StageID(spec), nil
}

// staying are the collections whose resources have a stage, by the type that they are
// called in pipelines.
var staying = [...]struct{ segment, typ string }{
	{"services", "service"}, {"jobs", "job"}, {"addons", "addon"}, {"secrets", "secret"}, {"volumes", "volume"}, {"workflows", "workflow"},
}

func showStage(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	objects := []map[string]any{}
	for _, collection := range staying {
		records, err := c.tx.all("projects/" + r.projectID() + "/" + collection.segment)
		if err != nil {
			return nil, err
		}
		for _, one := range records {
			if jsonvalue.String(one.spec, "stageId") == r.id() {
				objects = append(objects, map[string]any{"id": one.id(), "type": collection.typ})
			}
		}
	}
	slices.SortStableFunc(objects, func(a, b map[string]any) int {
		return cmp.Or(cmp.Compare(a["type"].(string), b["type"].(string)), cmp.Compare(a["id"].(string), b["id"].(string)))
	})
	shown["nfObjects"] = objects
	return shown, nil
}
