package local

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// previewSegment is where a pipeline keeps its preview template.
const previewSegment = "preview-envs"

// A pipeline has one preview template.
var previewFlavour = flavour{noun: "preview template", versioned: true, typ: "preview template",
	check: checkDocumentOf(platform.PreviewDocument), refuse: refuseDocument(platform.PreviewDocument),
	born: stateless, grown: keptState, show: showPreviewTemplate}

var previewRuns = holder{kind: platform.PreviewDocument, runParam: "templateRunId", member: "previewTemplateRuns", previews: true,
	find: previewTemplate, face: previewFace}

// Blueprints are preview templates that stand by themselves, with triggers of more
// kinds.
var blueprintFamily = family{
	flavour: flavour{noun: "preview blueprint", versioned: true, segment: "preview-blueprints", idParam: "previewBlueprintId", typ: "preview blueprint",
		kind: "PreviewBlueprint", check: checkBlueprint, ident: rolloutID, refuse: refuseDocument(platform.PreviewDocument), show: showBlueprint},
	create: platform.OpCreatePreviewBlueprint, replace: platform.OpUpdatePreviewBlueprint, get: platform.OpGetPreviewBlueprint,
	list: platform.OpListPreviewBlueprints, remove: platform.OpDeletePreviewBlueprint,
	// The documentation calls the rows of the list pipelines.
	member: "pipelines", hidden: []string{"arguments", "argumentOverrides", "gitops", "spec", "teardownSpec", "$schema", "project", "triggers"},
}

var blueprintRuns = holder{kind: platform.PreviewDocument, runParam: "runId", member: "runs", previews: true,
	find: func(c *call) (*record, error) { return c.look(&blueprintFamily.flavour) }, face: previewFace}

func checkBlueprint(k *check) {
	k.pattern("name", secretNamePattern(), 3, 100)
	checkProjectDocument("PreviewBlueprint")(k)
}

func showBlueprint(c *call, r *record) (map[string]any, error) {
	shown, err := showFlow(c, r)
	if err == nil {
		shown["name"] = orDefault(jsonvalue.String(r.spec, "name"), r.id())
	}
	return shown, err
}

func previewTemplate(c *call) (*record, error) {
	pipeline, err := c.look(&pipelineFamily.flavour)
	if err != nil {
		return nil, err
	}
	r, err := c.tx.load(pipeline.key + "/" + previewSegment)
	if err == nil && r == nil {
		err = &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound, Message: nameOf(pipeline) + " has no preview template"}
	}
	return r, err
}

func getPreviewTemplate(c *call) (any, error) {
	r, err := previewTemplate(c)
	if err != nil {
		return nil, err
	}
	return showPreviewTemplate(c, r)
}

// updatePreviewTemplate sets the preview template of a pipeline, which may have had none.
func updatePreviewTemplate(c *call) (any, error) {
	pipeline, err := c.look(&pipelineFamily.flavour)
	if err != nil {
		return nil, err
	}
	return c.storeDocument(&previewFlavour, pipeline.key, previewSegment, c.asked())
}

func showPreviewTemplate(c *call, r *record) (map[string]any, error) {
	shown, err := showFlow(c, r)
	if err == nil {
		shown["id"], shown["paused"] = templateID(r), jsonvalue.Bool(r.spec, "paused")
	}
	return shown, err
}

// templateID is what runs call the template of previews: the pipeline or the blueprint.
func templateID(owner *record) string {
	return (&record{key: strings.TrimSuffix(owner.key, "/"+previewSegment)}).id()
}

// previewFace adds to a run which environment it makes, and of which template.
func previewFace(_ *call, run *record, shown map[string]any) error {
	environment := jsonvalue.String(run.spec, "environment")
	shown["templateId"] = templateID(&record{key: strings.TrimSuffix(run.parent, "/runs")})
	shown["environmentId"] = environment
	if jsonvalue.String(shown, "name") == "" {
		shown["name"] = environment
	}
	options := map[string]any{"autorun": false}
	maps.Copy(options, jsonvalue.Object(shown, "options"))
	shown["options"] = options
	return nil
}

// A previewState is what is recorded of an environment.
type previewState struct {
	Paused bool `json:"paused,omitempty"`
	// Expires is when it goes by itself, 0 for never.
	Expires int64 `json:"expires,omitempty"`
	// Ending is the run that tears it down.
	Ending string `json:"ending,omitempty"`
	// Made are the keys of what its runs have made, as far as they have ended.
	Made []string `json:"made,omitempty"`
	// Origin is what it was made for.
	Origin origin `json:"origin,omitzero"`
}

func (s previewState) expired(now time.Time) bool {
	return s.Expires != 0 && now.UnixNano() >= s.Expires
}

const environmentType = "preview environment"

// enter creates or updates the environment of a run.
func (c *call) enter(owner *record, asked flowRun, given, arguments map[string]any) error {
	name := asked.environment
	key := owner.key + "/previews/" + name
	env, err := c.tx.load(key)
	if err != nil {
		return err
	}
	lifetime, limited := jsonvalue.Number(owner.spec, "options.expiry.previewLifetime")
	spec := map[string]any{"arguments": arguments, "triggers": given}
	for _, ref := range slices.Concat(slices.Sorted(maps.Keys(asked.triggers)), slices.Sorted(maps.Keys(given))) {
		if commit, ok := given[ref].(map[string]any); ok && commit["repoUrl"] != nil {
			spec["vcsData"] = commit
			break
		}
	}
	state := previewState{Origin: asked.origin}
	if env != nil {
		if state = stateOf[previewState](env); state.Ending != "" {
			return &platform.Error{Status: http.StatusConflict, ID: string(reasonTearing), Message: fmt.Sprintf("preview environment %q is being torn down", name)}
		}
	}
	if limited && lifetime > 0 && (env == nil || jsonvalue.Bool(owner.spec, "options.expiry.resetOnUpdate")) {
		state.Expires = c.now.Add(time.Duration(lifetime) * time.Minute).UnixNano()
	}
	if err := c.keepTag(name); err != nil {
		return err
	}
	if env == nil {
		return c.tx.create(&record{key: key, parent: owner.key + "/previews", typ: environmentType, created: c.now, spec: spec}, state)
	}
	env.spec = spec
	return c.tx.save(env, state, c.now)
}

// undoEnvironment removes the environment that a run was to make, when the run was
// refused. One that was there before stays.
func (t *tx) undoEnvironment(run *record) error {
	name := jsonvalue.String(run.spec, "environment")
	if name == "" {
		return nil
	}
	env, err := t.load(strings.TrimSuffix(run.parent, "/runs") + "/previews/" + name)
	if err != nil || env == nil || !env.created.Equal(run.created) {
		return err
	}
	return t.remove(env.key) // its tag goes with the next environment of the name
}

// environment returns the environment that the path names, and the template that has
// made it.
func (h *holder) environment(c *call) (owner, env *record, state previewState, err error) {
	if owner, err = h.find(c); err != nil {
		return nil, nil, state, err
	}
	env, err = c.tx.load(owner.key + "/previews/" + c.path("previewId"))
	if err == nil && env != nil {
		state = stateOf[previewState](env)
	}
	if err == nil && (env == nil || state.expired(c.now)) {
		err = notFound(environmentType, c.path("previewId"), `"`+templateID(owner)+`"`)
	}
	return owner, env, state, err
}

// environments lists those that have not expired.
func (h *holder) environments(c *call) (any, error) {
	owner, err := h.find(c)
	if err != nil {
		return nil, err
	}
	records, err := c.listWhere(owner.key+"/previews", true, func(r *record) (bool, error) {
		return !stateOf[previewState](r).expired(c.now), nil
	})
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, 0, len(records))
	for _, r := range records {
		state := stateOf[previewState](r)
		row := map[string]any{"id": r.id(), "paused": state.Paused, "createdAt": c.stamp(r.created), "updatedAt": c.stamp(r.updated)}
		if vcs := jsonvalue.Object(r.spec, "vcsData"); vcs != nil {
			row["vcsData"] = vcs
		}
		if state.Expires != 0 {
			row["expiryTime"] = c.stamp(time.Unix(0, state.Expires))
		}
		rows = append(rows, row)
	}
	return map[string]any{"previewEnvironments": rows}, nil
}

// collections are where the resources are that nodes of a kind make.
var collections = map[string]string{
	"CombinedService": "services", "BuildService": "services", "DeploymentService": "services", "Job": "jobs", "ManualJob": "jobs",
	"CronJob": "jobs", "Addon": "addons", "SecretGroup": "secrets", "Volume": "volumes", "ExternalAddon": "external-addons",
	"LLMModelDeployment": "llm-model-deployments",
}

// made are the resources that the runs of an environment have made. What was there
// before the environment is shared and not its own.
func (c *call) made(owner, env *record) ([]*record, error) {
	keys := stateOf[previewState](env).Made
	runs, err := c.tx.all(owner.key + "/runs")
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		// What runs that have ended have made is recorded.
		if jsonvalue.String(run.spec, "environment") != env.id() || stateOf[execution](run).State.Concluded {
			continue
		}
		if keys, err = c.madeBy(run, owner, env, keys); err != nil {
			return nil, err
		}
	}
	var made []*record
	for _, key := range keys {
		r, err := c.tx.load(key)
		if err != nil {
			return nil, err
		}
		// One that somebody else has made anew is not the environment's.
		if r != nil && !r.created.Before(env.created) {
			made = append(made, r)
		}
	}
	return made, nil
}

// madeBy adds to the keys those of what a run has made.
func (c *call) madeBy(run, owner, env *record, keys []string) ([]string, error) {
	if c.platform.runner == nil {
		return keys, nil
	}
	nodes, err := c.platform.runner.Nodes(c.tx.ctx, run.id())
	if err != nil {
		return nil, err
	}
	document := jsonvalue.Object(run.spec, "document")
	for i := range nodes {
		key, err := c.resourceOf(document, &nodes[i], owner.projectID(), env)
		if err != nil {
			return nil, err
		}
		if key == "" || slices.Contains(keys, key) {
			continue
		}
		r, err := c.tx.load(key)
		if err != nil {
			return nil, err
		}
		if r != nil && !r.created.Before(env.created) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// noteMade records in an environment what a run that has ended has made: the history
// does not keep runs for ever.
func (c *call) noteMade(run *record) error {
	name := jsonvalue.String(run.spec, "environment")
	if name == "" {
		return nil
	}
	owner, err := c.tx.load(strings.TrimSuffix(run.parent, "/runs"))
	if err != nil || owner == nil {
		return err
	}
	env, err := c.tx.load(owner.key + "/previews/" + name)
	if err != nil || env == nil {
		return err
	}
	state := stateOf[previewState](env)
	before := len(state.Made)
	if state.Made, err = c.madeBy(run, owner, env, state.Made); err != nil || len(state.Made) == before {
		return err
	}
	return c.tx.save(env, state, env.updated)
}

// resourceOf is the key of what a node has made, empty for one that makes nothing.
func (c *call) resourceOf(document map[string]any, n *platform.RunNode, project string, env *record) (string, error) {
	kind, _ := jsonvalue.Get(document, strings.ReplaceAll(strings.TrimPrefix(n.Path, "/"), "/", ".")+".kind").(string)
	output := decoded(n.Data)
	id := jsonvalue.String(output, "id")
	switch {
	case id == "":
		return "", nil
	case kind == "Subdomain":
		name := jsonvalue.String(output, "name")
		return "domains/" + strings.TrimPrefix(id, name+".") + "/subdomains/" + orDefault(name, "@"), nil
	case kind == "SubdomainPath":
		paths, err := c.tx.typed(pathFamily.typ)
		if err != nil {
			return "", err
		}
		for _, r := range paths {
			if r.id() == id && !r.created.Before(env.created) && strings.HasPrefix(jsonvalue.String(output, "subdomain"), strings.Split(r.key, "/")[3]) {
				return r.key, nil
			}
		}
		return "", nil
	}
	segment := collections[kind]
	if segment == "" {
		return "", nil
	}
	return "projects/" + orDefault(jsonvalue.String(output, "projectId"), project) + "/" + segment + "/" + id, nil
}

// each carries out an operation on every service, job and addon of an environment that
// allows it now.
func (c *call) each(resources []*record, service, job, addon handler) error {
	for _, r := range resources {
		collection := r.parent[strings.LastIndexByte(r.parent, '/')+1:]
		do := map[string]handler{"services": service, "jobs": job, "addons": addon}[collection]
		if do == nil {
			continue
		}
		one := *c
		one.home, one.body = nil, map[string]any{}
		one.params.Path = map[string]string{"projectId": r.projectID(), strings.TrimSuffix(collection, "s") + "Id": r.id()}
		if _, err := do(&one); err != nil && platform.StatusOf(err) != http.StatusConflict {
			return err
		}
	}
	return nil
}

// pause pauses what an environment has made, or resumes it.
func (h *holder) pause(paused bool) handler {
	return func(c *call) (any, error) {
		owner, env, state, err := h.environment(c)
		if err != nil {
			return nil, err
		}
		if state.Paused == paused {
			return nil, c.log(env.key, Nothing)
		}
		made, err := c.made(owner, env)
		if err != nil {
			return nil, err
		}
		if paused {
			err = c.each(made, pauseService, pauseJob, pauseAddon)
		} else {
			err = c.each(made, resumeService, resumeJob, resumeAddon)
		}
		if err != nil {
			return nil, err
		}
		state.Paused = paused
		return nil, c.keep(env, state)
	}
}

// resetExpiry lets an environment live for as long again, or for the minutes of the
// request.
func (h *holder) resetExpiry(c *call) (any, error) {
	owner, env, state, err := h.environment(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.integer("lifetime", 1, 525_600)
	if err := k.err(); err != nil {
		return nil, err
	}
	minutes, ok := jsonvalue.Number(c.body, "lifetime")
	if !ok {
		if minutes, ok = jsonvalue.Number(owner.spec, "options.expiry.previewLifetime"); !ok {
			return nil, conflict("preview environment %q does not expire: its template sets no lifetime; give one", env.id())
		}
	}
	state.Expires = c.now.Add(time.Duration(minutes) * time.Minute).UnixNano()
	return map[string]any{"expiryTime": c.stamp(time.Unix(0, state.Expires))}, c.keep(env, state)
}

// leave deletes an environment with what it has made, after its teardown.
func (h *holder) leave(c *call) (any, error) {
	owner, env, state, err := h.environment(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: map[string]any{"skipTeardown": c.params.Query["skipTeardown"], "teardownArgumentOverrides": c.body["teardownArgumentOverrides"]}}
	k.oneOf("skipTeardown", "true", "false")
	k.object("teardownArgumentOverrides")
	if err := k.err(); err != nil {
		return nil, err
	}
	skip, _ := strconv.ParseBool(c.params.Query["skipTeardown"])
	if state.Ending != "" && !skip {
		return nil, c.log(env.key, Nothing)
	}
	_, err = c.end(h, owner, env, skip, jsonvalue.Object(c.body, "teardownArgumentOverrides"))
	return nil, err
}

// end deletes an environment: at once, or after the run of its teardown, which it
// returns.
func (c *call) end(h *holder, owner, env *record, skip bool, overrides map[string]any) (*record, error) {
	if skip || jsonvalue.Object(owner.spec, "teardownSpec.spec") == nil || c.platform.runner == nil {
		return nil, c.dissolve(owner, env)
	}
	arguments := map[string]any{}
	maps.Copy(arguments, jsonvalue.Object(env.spec, "arguments"))
	maps.Copy(arguments, overrides)
	run, err := c.begin(h, owner, arguments, flowRun{triggers: jsonvalue.Object(env.spec, "triggers"), environment: env.id(), teardown: true})
	if err != nil {
		return nil, err
	}
	state := stateOf[previewState](env)
	state.Ending = run.id()
	return run, c.tx.save(env, state, c.now)
}

// dissolve removes an environment and what it has made.
func (c *call) dissolve(owner, env *record) error {
	made, err := c.made(owner, env)
	if err != nil {
		return err
	}
	for _, r := range made {
		if err := c.tx.remove(r.key); err != nil {
			return err
		}
		if err := c.log(r.key, Deleted); err != nil {
			return err
		}
	}
	if err := c.tx.remove(env.key); err != nil {
		return err
	}
	if err := c.dropTag(env.id()); err != nil {
		return err
	}
	return c.log(env.key, Deleted)
}

// tornDown follows the end of a run that tears an environment down, and tells whether the
// environment has gone. One that has failed keeps it where its template says so; it is
// marked as failed by that run, its newest. Source: "Set failure policy".
func (c *call) tornDown(run *record, succeeded bool) (gone bool, err error) {
	owner, err := c.tx.load(strings.TrimSuffix(run.parent, "/runs"))
	if err != nil || owner == nil {
		return false, err
	}
	env, err := c.tx.load(owner.key + "/previews/" + jsonvalue.String(run.spec, "environment"))
	if err != nil || env == nil {
		return false, err
	}
	state := stateOf[previewState](env)
	if state.Ending != run.id() {
		return false, nil
	}
	if !succeeded && jsonvalue.String(owner.spec, "teardownSpec.failurePolicy") == "block" {
		// It is there to be looked at, and does not go by itself again.
		state.Ending, state.Expires = "", 0
		return false, c.tx.save(env, state, c.now)
	}
	return true, c.dissolve(owner, env)
}

// sweep ends the environments of a template that have expired.
func (c *call) sweep(h *holder, owner *record) error {
	all, err := c.tx.all(owner.key + "/previews")
	if err != nil {
		return err
	}
	for _, env := range all {
		if state := stateOf[previewState](env); !state.expired(c.now) || state.Ending != "" {
			continue
		}
		one := *c
		one.body, one.later = map[string]any{}, nil
		if _, err := one.end(h, owner, env, false, nil); err != nil {
			return err
		}
		for _, start := range one.later {
			c.later = append(c.later, func(ctx context.Context) error {
				if err := start(ctx); platform.StatusOf(err) == 0 {
					return err
				}
				return nil // the run says so, and is nothing to who has come for something else
			})
		}
	}
	return nil
}

// EndPreviews ends the preview environments whose time is over, each after its
// teardown, and returns when the next one's is; the zero time where there is none.
func (p *Platform) EndPreviews(ctx context.Context) (next time.Time, err error) {
	s, err := p.open(ctx)
	if err != nil {
		return next, err
	}
	over := false
	err = s.read(ctx, func(t *tx) error {
		next, over, err = t.nextEnd(s.now(p.clock))
		return err
	})
	if err != nil || !over {
		return next, err
	}
	var c *call
	err = s.write(ctx, func(t *tx) (err error) {
		c = p.lifeOf(t)
		if err := c.endExpired(); err != nil {
			return err
		}
		next, _, err = t.nextEnd(c.now)
		return err
	})
	if err != nil {
		return time.Time{}, err // the write of a caller that gives up may still go on
	}
	return next, c.settle(ctx)
}

// nextEnd is when the next environment's time will be over; over tells whether that of
// one is, which nobody has begun to end.
func (t *tx) nextEnd(now time.Time) (next time.Time, over bool, err error) {
	all, err := t.typed(environmentType)
	for _, env := range all {
		state := stateOf[previewState](env)
		if state.Expires == 0 || state.Ending != "" {
			continue
		}
		if state.expired(now) {
			over = true
		} else if at := time.Unix(0, state.Expires); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, over, err
}

// endExpired sweeps all templates. What is refused is tried again another time.
func (c *call) endExpired() error {
	for typ, h := range listeners() {
		if !h.previews {
			continue
		}
		owners, err := c.tx.typed(typ)
		if err != nil {
			return err
		}
		for _, owner := range owners {
			begun := len(c.later)
			if err := c.tx.attempt(func() error { return c.sweep(h, owner) }); err != nil {
				if platform.StatusOf(err) == 0 {
					return err
				}
				c.later = c.later[:begun]
			}
		}
	}
	return nil
}
