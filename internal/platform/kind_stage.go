package platform

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Release stages group what is in a project: resources name theirs by `stageId`.
var releaseStageKind = resource{
	kind: "ReleaseStage", noun: "release stage", segment: "release-stages", idParam: "releaseStageId",
	get: OpGetReleaseStage, create: OpPutReleaseStage, put: OpPutReleaseStage, patch: OpPatchReleaseStage,
	spec: []string{"name", "position"}, ident: StageID,
}

// StageID is the identifier of a release stage that has no name: it is the only one at
// its position.
func StageID(spec map[string]any) string {
	position, known := jsonvalue.Number(spec, "position")
	if !known {
		return ""
	}
	return fmt.Sprintf("stage-%d", int(position))
}
