package local

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A pipeline holds what its stages hold. Release flows and the preview template are
// records of their own, below it: they have operations of their own.
var pipelineFamily = family{
	flavour: flavour{noun: "pipeline", segment: "pipelines", idParam: "pipelineId", typ: "pipeline", kind: "Pipeline",
		check: checkPipeline, refuse: refusePipeline, show: showPipeline},
	get: platform.OpGetPipeline, list: platform.OpListPipelines, remove: platform.OpDeletePipeline,
	member: "pipelines", hidden: []string{"stages", "preview", "nfObjects"},
}

// stages are in the order in which they promote.
var stages = []string{"Development", "Staging", "Production"}

func checkPipeline(k *check) {
	k.name(namePattern(), 39)
	k.text("description", 200)
	k.each("stages", func(at string) { k.required(at + ".name") })
	if k.err() == nil {
		outer := &check{spec: bare(k.spec)}
		fits("Pipeline")(outer)
		k.details = outer.details
	}
	seen := map[string]bool{}
	k.each("stages", func(at string) {
		name := jsonvalue.String(k.spec, at+".name")
		if seen[name] {
			k.fail(at+".name", "is %s a second time", name)
		}
		seen[name] = true
		k.each(at+".nfObjects", func(at string) { k.required(at+".id", at+".type") })
	})
}

// putPipeline creates or replaces a pipeline. Release flows and a preview template
// that it does not name stay as they are.
func putPipeline(c *call) (any, error) {
	whole := &check{spec: staged(c.body)}
	checkPipeline(whole)
	if err := whole.err(); err != nil {
		return nil, err
	}
	own, flows := bare(whole.spec), map[string]any{}
	for i, stage := range jsonvalue.List(whole.spec, "stages") {
		if flow := jsonvalue.Object(stage, "releaseFlow.spec"); flow != nil {
			flows[fmt.Sprintf("stages.%d.releaseFlow.spec", i)] = flow
		}
	}
	// The call stays as it is: what is refused after something was written is carried
	// out once more, without the others of its batch.
	left, err := c.leaving(own)
	if err != nil {
		return nil, err
	}
	bareCall := *c
	bareCall.body = own
	if _, err := bareCall.put(&pipelineFamily.flavour); err != nil {
		return nil, err
	}
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	pipeline, err := c.below(project.key, "pipeline", "pipelines", platform.Slug(jsonvalue.String(own, "name")))
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for at := range flows {
		given[strings.ToLower(jsonvalue.String(whole.spec, strings.TrimSuffix(at, ".releaseFlow.spec")+".name"))] = true
	}
	if err := c.dropNodes(pipeline, left, given); err != nil {
		return nil, err
	}
	for _, at := range slices.Sorted(maps.Keys(flows)) {
		stage := jsonvalue.String(whole.spec, strings.TrimSuffix(at, ".releaseFlow.spec")+".name")
		if _, err := c.storeDocument(&releaseFlowFlavour, releaseFlowsOf(pipeline), strings.ToLower(stage), flows[at].(map[string]any)); err != nil {
			return nil, beneath(at, err)
		}
	}
	if preview := jsonvalue.Object(whole.spec, "preview.spec"); preview != nil {
		if _, err := c.storeDocument(&previewFlavour, pipeline.key, previewSegment, preview); err != nil {
			return nil, beneath("preview.spec", err)
		}
	}
	return showPipeline(c, pipeline)
}

// leaving are the resources that a pipeline has and is not to have any more.
func (c *call) leaving(spec map[string]any) ([]map[string]any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	old, err := c.tx.load(project.key + "/pipelines/" + platform.Slug(jsonvalue.String(spec, "name")))
	if err != nil || old == nil {
		return nil, err
	}
	stays := map[string]bool{}
	for _, object := range objectsOf(spec) {
		stays[objectKey(object)] = true
	}
	return slices.DeleteFunc(objectsOf(old.spec), func(object map[string]any) bool { return stays[objectKey(object)] }), nil
}

// dropNodes takes the nodes out of a pipeline's release flows that are about resources
// which have left it. Flows that are given with the pipeline say themselves what is in
// them. Source: "Remove resources".
func (c *call) dropNodes(pipeline *record, left []map[string]any, given map[string]bool) error {
	if len(left) == 0 {
		return nil
	}
	flows, err := c.tx.all(releaseFlowsOf(pipeline))
	if err != nil {
		return err
	}
	for _, flow := range flows {
		if given[flow.id()] {
			continue
		}
		var gone []string
		text, _ := jsonvalue.Merge(map[string]any{}, flow.spec).(map[string]any)
		for _, object := range left {
			if dropAbout(text["spec"], object) {
				gone = append(gone, jsonvalue.String(object, "type")+" "+jsonvalue.String(object, "id"))
			}
		}
		if len(gone) == 0 {
			continue
		}
		of := *c
		of.cause = strings.Join(gone, ", ") + " left the pipeline"
		if _, err := of.storeDocument(&releaseFlowFlavour, flow.parent, flow.id(), text); err != nil {
			return conflict("without the nodes about %s, which leave the pipeline, the release flow of %s cannot run: change it in the same request (%v)",
				strings.Join(gone, ", "), stageNamed(flow.id()), err)
		}
	}
	return nil
}

// dropAbout takes the steps out of a workflow, and of those in it, that are about a
// resource.
func dropAbout(v any, object map[string]any) bool {
	spec := jsonvalue.Object(v, "spec")
	steps := jsonvalue.List(spec, "steps")
	if steps == nil {
		return false
	}
	dropped := false
	kept := []any{}
	for _, step := range steps {
		if isAbout(step, object) {
			dropped = true
			continue
		}
		dropped = dropAbout(step, object) || dropped
		kept = append(kept, step)
	}
	spec["steps"] = kept
	return dropped
}

// isAbout tells whether a node names a resource: as what it releases from or to, or by
// the identifier of its type.
func isAbout(node any, object map[string]any) bool {
	id, typ := jsonvalue.String(object, "id"), jsonvalue.String(object, "type")
	for _, end := range []string{"spec.origin", "spec.target"} {
		if jsonvalue.String(node, end+".id") == id && jsonvalue.String(node, end+".type") == typ {
			return true
		}
	}
	for _, at := range []string{"spec.", "spec.spec.data."} {
		if jsonvalue.String(node, at+typ+"Id") == id {
			return true
		}
	}
	return false
}

// bare is a pipeline without its documents.
func bare(spec map[string]any) map[string]any {
	own := maps.Clone(spec)
	delete(own, "preview")
	var list []any
	for _, stage := range jsonvalue.List(spec, "stages") {
		if held, ok := stage.(map[string]any); ok {
			held = maps.Clone(held)
			delete(held, "releaseFlow")
			stage = held
		}
		list = append(list, stage)
	}
	if list != nil {
		own["stages"] = list
	}
	return own
}

// staged puts what older templates list beside the stages into the stages.
func staged(body map[string]any) map[string]any {
	spec := maps.Clone(body)
	delete(spec, "projectId")
	old := jsonvalue.List(spec, "nfObjects")
	delete(spec, "nfObjects")
	if len(old) == 0 {
		return spec
	}
	named := slices.Clone(jsonvalue.List(spec, "stages"))
	for _, object := range old {
		entry, ok := object.(map[string]any)
		if !ok {
			continue
		}
		name := jsonvalue.String(entry, "stage")
		i := slices.IndexFunc(named, func(s any) bool { return jsonvalue.String(s, "name") == name })
		if i < 0 {
			i, named = len(named), append(named, map[string]any{"name": name})
		}
		stage, ok := named[i].(map[string]any)
		if !ok {
			continue
		}
		stage = maps.Clone(stage)
		stage["nfObjects"] = append(slices.Clone(jsonvalue.List(stage, "nfObjects")), jsonvalue.Pick(entry, []string{"id", "type"}))
		named[i] = stage
	}
	spec["stages"] = named
	return spec
}

// beneath puts the properties that a refusal names below another one.
func beneath(at string, err error) error {
	var refused *platform.Error
	if !errors.As(err, &refused) || len(refused.Details) == 0 {
		return err
	}
	moved := *refused
	moved.Details = map[string]any{}
	for name, problems := range refused.Details {
		moved.Details[at+"."+name] = problems
	}
	moved.Message = at + ": " + refused.Message
	return &moved
}

// refusePipeline looks for the resources of the stages. Each is in one stage of one
// pipeline, and deploys what is built elsewhere. Source: "Create a pipeline".
func refusePipeline(c *call, _ *record, key string, spec map[string]any) error {
	project, err := c.project()
	if err != nil {
		return err
	}
	held := map[string]string{}
	pipelines, err := c.tx.all(project.key + "/pipelines")
	if err != nil {
		return err
	}
	for _, other := range pipelines {
		if other.key == key {
			continue
		}
		for _, object := range objectsOf(other.spec) {
			held[objectKey(object)] = fmt.Sprintf("in the pipeline %q", other.id())
		}
	}
	for i, stage := range jsonvalue.List(spec, "stages") {
		for j, object := range jsonvalue.List(stage, "nfObjects") {
			at := fmt.Sprintf("stages.%d.nfObjects.%d.id", i, j)
			id, typ := jsonvalue.String(object, "id"), jsonvalue.String(object, "type")
			r, err := c.tx.load(project.key + "/" + typ + "s/" + id)
			if err != nil {
				return err
			}
			if r == nil {
				return platform.Invalid(at, "is %q, which is no %s of the project", id, typ)
			}
			if buildsItself(r) {
				return platform.Invalid(at, "is %q, which builds what it runs: pipelines take what deploys a build service's image or an external one", id)
			}
			if where := held[typ+"s/"+id]; where != "" {
				return platform.Invalid(at, "is %q, which is %s already", id, where)
			}
			held[typ+"s/"+id] = "in the stage " + jsonvalue.String(stage, "name")
		}
	}
	return nil
}

// buildsItself tells of a service or a job whether it builds from a repository.
func buildsItself(r *record) bool {
	switch r.typ {
	case combinedFlavour.typ, buildServiceFlavour.typ:
		return true
	}
	return jsonvalue.Object(r.spec, "deployment.vcs") != nil
}

func objectKey(object map[string]any) string {
	return jsonvalue.String(object, "type") + "s/" + jsonvalue.String(object, "id")
}

// objectsOf are the resources of all stages, with their stages.
func objectsOf(spec map[string]any) []map[string]any {
	all := []map[string]any{}
	for _, stage := range jsonvalue.List(spec, "stages") {
		for _, object := range jsonvalue.List(stage, "nfObjects") {
			all = append(all, map[string]any{"id": jsonvalue.Get(object, "id"), "type": jsonvalue.Get(object, "type"),
				"stage": jsonvalue.Get(stage, "name")})
		}
	}
	return all
}

// showPipeline shows a pipeline as its node has it: with its documents.
func showPipeline(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description")
	held := map[string]map[string]any{}
	for _, stage := range jsonvalue.List(r.spec, "stages") {
		held[jsonvalue.String(stage, "name")] = maps.Clone(stage.(map[string]any))
	}
	flows, err := c.tx.all(releaseFlowsOf(r))
	if err != nil {
		return nil, err
	}
	for _, flow := range flows {
		name := stageNamed(flow.id())
		if held[name] == nil {
			held[name] = map[string]any{"name": name}
		}
		held[name]["releaseFlow"] = map[string]any{"kind": "ReleaseFlow", "spec": flow.spec}
	}
	list := []any{}
	for _, name := range stages {
		if held[name] != nil {
			list = append(list, held[name])
		}
	}
	shown["stages"], shown["nfObjects"] = list, objectsOf(r.spec)
	preview, err := c.tx.load(r.key + "/" + previewSegment)
	if err == nil && preview != nil {
		shown["preview"] = map[string]any{"kind": "PreviewEnv", "spec": preview.spec}
	}
	return shown, err
}

// stageNamed is the stage that a path names, in whatever case; empty for none.
func stageNamed(id string) string {
	i := slices.IndexFunc(stages, func(s string) bool { return strings.EqualFold(s, id) })
	if i < 0 {
		return ""
	}
	return stages[i]
}
