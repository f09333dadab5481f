package platform

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// RollbackOf returns a release flow that goes back to a release: it deploys once more
// what the Release nodes of a run have deployed, in the order of the run, and does
// nothing of what else the run did. run is an answer of the operations that return a
// run of a release flow. Source: "Roll back a release".
//
// What was the newest build at the time of the run is deployed as that build. A run
// that has released nothing, that has not succeeded, or of which nobody can tell what
// it has deployed, because it is masked or not in the answer, is refused with an [*Error].
func RollbackOf(run map[string]any) (map[string]any, error) {
	id := jsonvalue.String(run, "id")
	if status := jsonvalue.String(run, "status"); status != "success" {
		return nil, rollbackRefusal("run %q is no release to go back to: it is %s", id, status)
	}
	r := rollback{last: map[string]int{}}
	r.collect("/spec", run["spec"])
	if r.problem != nil {
		return nil, r.problem
	}
	steps := []any{}
	for _, step := range r.steps {
		if step != nil {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return nil, rollbackRefusal("run %q has released nothing that could be gone back to", id)
	}
	return map[string]any{"apiVersion": "v1.2", "spec": map[string]any{"kind": "Workflow", "spec": map[string]any{"type": "sequential", "steps": steps}}}, nil
}

func rollbackRefusal(format string, args ...any) error {
	return &Error{Status: http.StatusConflict, ID: ErrorConflict, Message: fmt.Sprintf(format, args...)}
}

type rollback struct {
	steps   []any          // nil where a later node has released to the same target
	last    map[string]int // of each target
	problem error
}

// collect takes the releases of a node and of those in it.
func (r *rollback) collect(pointer string, v any) {
	node, ok := v.(map[string]any)
	if !ok || r.problem != nil {
		return
	}
	if node["kind"] == "LoopWorkflow" && releases(node) {
		r.problem = rollbackRefusal("%s: which iterations of this loop have released what is not told by the run: deploy it by hand", pointer)
		return
	}
	for i, step := range jsonvalue.List(node, "spec.steps") {
		r.collect(fmt.Sprintf("%s/spec/steps/%d", pointer, i), step)
	}
	if node["kind"] != "Release" || jsonvalue.String(node, "response.status") != "success" {
		return
	}
	data := jsonvalue.Object(node, "response.data")
	target := map[string]any{"id": orElse(jsonvalue.String(data, "id"), jsonvalue.String(node, "spec.target.id")),
		"type": orElse(jsonvalue.String(data, "type"), jsonvalue.String(node, "spec.target.type"))}
	spec := releaseAgain(jsonvalue.Object(data, "deployment"))
	if spec == nil {
		spec = releaseAsWritten(node)
	}
	if spec == nil || !settled(target["id"].(string)) || !settled(target["type"].(string)) {
		r.problem = rollbackRefusal("%s: the platform does not tell what this node has released: deploy it by hand", pointer)
		return
	}
	for _, v := range jsonvalue.Object(spec, "origin") {
		if text, _ := v.(string); strings.Contains(text, expr.Mask) {
			r.problem = rollbackRefusal("%s: what this node has released came from a secret, which nobody is told: deploy it by hand", pointer)
			return
		}
	}
	spec["target"] = target
	step := map[string]any{"kind": "Release", "spec": spec}
	for _, kept := range []string{"ref", "condition", "timeoutDuration"} {
		if value := node[kept]; value != nil {
			step[kept] = value
		}
	}
	key := target["type"].(string) + " " + target["id"].(string)
	if before, twice := r.last[key]; twice {
		r.steps[before] = nil
	}
	r.last[key] = len(r.steps)
	r.steps = append(r.steps, step)
}

// releases tells whether a Release node is among the steps of a workflow.
func releases(v any) bool {
	return slices.ContainsFunc(jsonvalue.List(v, "spec.steps"), func(step any) bool {
		return jsonvalue.String(step, "kind") == "Release" || releases(step)
	})
}

// releaseAgain releases a deployment as it was once more; nil for one that says too
// little.
func releaseAgain(deployment map[string]any) map[string]any {
	if image := jsonvalue.Object(deployment, "external"); jsonvalue.String(image, "imagePath") != "" {
		return map[string]any{"type": "registry", "origin": jsonvalue.Pick(image, []string{"imagePath", "credentials"})}
	}
	internal := jsonvalue.Object(deployment, "internal")
	build := jsonvalue.String(internal, "buildId")
	for _, commit := range []string{"deployedSHA", "buildSHA"} {
		if sha := jsonvalue.String(internal, commit); build == "" && isCommit(sha) {
			build = sha
		}
	}
	id := orElse(jsonvalue.String(internal, "id"), jsonvalue.String(internal, "nfObjectId"))
	if id == "" || build == "" {
		return nil
	}
	origin := map[string]any{"id": id, "build": build}
	if branch := jsonvalue.String(internal, "branch"); branch != "" {
		origin["branch"] = branch
	}
	return map[string]any{"type": "build", "origin": origin}
}

// releaseAsWritten is what a node releases by itself, nil where that depends on its run.
func releaseAsWritten(node map[string]any) map[string]any {
	origin := jsonvalue.Object(node, "spec.origin")
	for _, v := range origin {
		if text, ok := v.(string); !ok || !settled(text) {
			return nil
		}
	}
	switch typ := jsonvalue.String(node, "spec.type"); {
	case typ == "registry" && origin["imagePath"] != nil, typ == "build" && origin["build"] != latestBuild && origin["build"] != nil && origin["id"] != nil:
		return map[string]any{"type": typ, "origin": jsonvalue.Pick(origin, []string{"id", "branch", "build", "imagePath", "credentials"})}
	}
	return nil
}

// settled tells of a text that it is there, and no expression.
func settled(text string) bool { return text != "" && !strings.Contains(text, "${") }

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
