package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// testStages makes stages of a project, with and without a name, and puts resources in
// them.
func testStages(t *testing.T, w *world) {
	previewed := func(spec string, want platform.Action) {
		t.Helper()
		change, err := w.driver.Preview(w.ctx, w.request(t, "ReleaseStage", spec))
		if err != nil || change.Action != want {
			t.Errorf("the plan says %q, want %q: %v", change.Action, want, err)
		}
	}
	previewed(`{"name": "Going Live", "position": 1}`, platform.ActionCreate)
	has(t, w.start(t, "ReleaseStage", `{"name": "Going Live", "position": 1}`).Output, "id", "going-live", "name", "Going Live", "position", 1, "projectId", project)
	previewed(`{"name": "Going Live", "position": 1}`, platform.ActionUnchanged)
	previewed(`{"name": "Going Live", "position": 2}`, platform.ActionUpdate)
	has(t, w.start(t, "ReleaseStage", `{"name": "Going Live", "position": 2}`).Output, "id", "going-live", "position", 2)
	has(t, w.start(t, "ReleaseStage", `{"name": "Going Live", "position": 3}`, `{"updateMode": "patch"}`).Output, "position", 3)
	has(t, w.start(t, "ReleaseStage", `{"name": "Going Live", "position": 9}`, `{"updateMode": "create"}`).Output, "position", 3)
	// One without a name is the one at its position.
	for range 2 {
		has(t, w.start(t, "ReleaseStage", `{"position": 0}`).Output, "id", "stage-0")
	}
	previewed(`{"position": 0}`, platform.ActionUnchanged)
	w.start(t, "DeploymentService", `{"name": "Web", "stageId": "going-live", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, `+nginx+`}}`)
	w.start(t, "ManualJob", `{"name": "Migrate", "stageId": "going-live", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "deployment": {`+nginx+`}}`)
	live := at("releaseStageId", "going-live")
	has(t, w.do(t, platform.OpGetReleaseStage, live, nil, ""), "nfObjects.0.id", "migrate", "nfObjects.0.type", "job", "nfObjects.1.id", "web", "nfObjects.2", nil)
	has(t, w.do(t, platform.OpGetService, at("serviceId", "web"), nil, ""), "stageId", "going-live")
	has(t, w.do(t, platform.OpListReleaseStages, at(), nil, ""), "releaseStages.0.id", "going-live", "releaseStages.1.id", "stage-0", "releaseStages.0.nfObjects", nil)
	for what, spec := range map[string]string{"position": `{"name": "Other"}`, "name": `{"name": "x", "position": 1}`} {
		_, err := w.driver.Start(w.ctx, w.request(t, "ReleaseStage", spec))
		refusal(t, err, 400, what)
	}
	w.do(t, platform.OpDeleteReleaseStage, live, nil, "")
	_, err := w.try(platform.OpGetReleaseStage, live, nil, "")
	refusal(t, err, 404, "going-live")
	w.do(t, platform.OpGetService, at("serviceId", "web"), nil, "") // what stood in it stays
}
