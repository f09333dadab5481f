package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// schemaAddresses say in a document itself of which type it is. Sources: the
// `$schema` of the documents that the platform writes.
var schemaAddresses = map[string]string{
	platform.TemplateDocument:    "https://api.northflank.com/v1/schemas/template",
	platform.ReleaseFlowDocument: "https://api.northflank.com/v1/schemas/release-flow",
	platform.PreviewDocument:     "https://api.northflank.com/v1/schemas/preview-environment",
}

// projectDocument makes a document of what a resource of a project holds: a workflow,
// a release flow, a preview. Its identity is the resource, since names are those of
// a project only.
func projectDocument(typ string, owner *record, text map[string]any) (platform.Document, error) {
	if text["spec"] == nil {
		return platform.Document{}, conflict("%s has nothing to run: its document is in a repository, which nobody has read", nameOf(owner))
	}
	written := jsonvalue.Pick(text, []string{"apiVersion", "name", "description", "arguments", "argumentOverrides", "options", "triggers",
		"spec", "teardownSpec"})
	written["triggers"] = gitTriggers(text)
	written["$schema"] = schemaAddresses[typ]
	encoded, err := json.Marshal(written)
	return platform.Document{Type: typ, Identity: strings.TrimPrefix(owner.key, "projects/"), ProjectID: owner.projectID(),
		AnyKind: takesAnyKind(owner), Text: encoded}, err
}

// takesAnyKind tells of a workflow and of a blueprint from other holders of documents.
func takesAnyKind(owner *record) bool {
	collection := strings.Split(owner.key, "/")[2]
	return collection == "workflows" || collection == "preview-blueprints"
}

// gitTriggers are the triggers of a document in the form that documents themselves
// have. Of a workflow or a blueprint, which have triggers of several kinds, those that
// watch a repository stand in that form in its runs.
func gitTriggers(document any) []any {
	triggers := []any{}
	for _, t := range jsonvalue.List(document, "triggers") {
		vcs := jsonvalue.Object(t, "spec.vcs")
		switch {
		case jsonvalue.Object(t, "spec") == nil:
			triggers = append(triggers, t)
		case vcs != nil:
			plain := maps.Clone(vcs)
			plain["ref"] = jsonvalue.String(t, "ref")
			if branches := jsonvalue.List(t, "spec.branchNamePatterns"); branches != nil {
				plain["branchRestrictions"] = branches
			}
			triggers = append(triggers, plain)
		}
	}
	return triggers
}

// nameOf names a resource in messages.
func nameOf(r *record) string { return fmt.Sprintf("%s %q", r.typ, r.id()) }

// refuseDocument has the nodes of a document of a project looked at by what would run
// them.
func refuseDocument(typ string) func(c *call, old *record, key string, spec map[string]any) error {
	return func(c *call, _ *record, key string, spec map[string]any) error {
		if spec["spec"] == nil {
			return nil
		}
		document, err := projectDocument(typ, &record{key: key}, spec)
		if err != nil {
			return err
		}
		return c.checked(document)
	}
}

// checkProjectDocument checks a document of a project with the schema of the nodes
// that create such.
func checkProjectDocument(kind string) func(k *check) {
	return func(k *check) {
		checkDocument(k)
		k.required("apiVersion")
		if !k.present("gitops") {
			k.required("spec")
		}
		if known, ok := catalog.Lookup(kind); ok && k.err() == nil {
			k.around(known.Spec)
		}
		checkCrons(k)
	}
}

// around checks what stands around the nodes of a document: what is in those is for
// whoever runs them, who knows expressions.
func (k *check) around(id catalog.SchemaID) {
	outer := &check{spec: maps.Clone(k.spec), details: k.details}
	for _, name := range []string{"spec", "teardownSpec"} {
		delete(outer.spec, name)
	}
	outer.schema(id, map[string]bool{"spec": true})
	k.details = outer.details
}

// checkDocumentOf checks a document of a project with the schema of its type.
func checkDocumentOf(typ string) func(k *check) {
	return func(k *check) {
		checkDocument(k)
		k.required("apiVersion")
		if !k.present("gitops") {
			k.required("spec")
		}
		if known := catalog.Document(typ); known != nil && k.err() == nil {
			k.around(known.Root)
		}
	}
}

// storeDocument sets the document of a place in a resource, which may have had none.
func (c *call) storeDocument(f *flavour, parent, id string, spec map[string]any) (any, error) {
	k := &check{spec: spec}
	f.check(k)
	if err := k.err(); err != nil {
		return nil, err
	}
	key := parent + "/" + id
	old, err := c.tx.load(key)
	if err != nil {
		return nil, err
	}
	spec, said, enabled, regenerate := documentWebhook(spec)
	shown, err := c.store(f, parent, key, old, spec)
	if err == nil && said {
		_, err = c.keepWebhook(key, enabled, regenerate)
	}
	return shown, err
}

// A flowRun is what a client says about a run.
type flowRun struct {
	// overrides change what is under a ref: a trigger's commit, a node's spec.
	// releases change Release nodes by the service that they deploy to.
	overrides, releases map[string]any
	// triggers are the commits of the triggers, by their refs.
	triggers map[string]any
	// environment is the one of a preview that the run makes or updates, or tears
	// down.
	environment string
	teardown    bool
	// origin is what a new environment is made for.
	origin origin
}

// readRun reads the request to run a document.
func readRun(c *call) (flowRun, error) {
	k := &check{spec: c.body}
	k.pattern("name", namePattern(), 3, 39)
	k.text("description", 200)
	k.object("arguments", "overrides", "releaseNodeOverrides", "triggers")
	for _, property := range []string{"overrides", "releaseNodeOverrides", "triggers"} {
		for name, v := range jsonvalue.Object(c.body, property) {
			if _, ok := v.(map[string]any); !ok {
				k.fail(property+"."+name, "is not an object")
			}
		}
	}
	return flowRun{overrides: jsonvalue.Object(c.body, "overrides"), releases: jsonvalue.Object(c.body, "releaseNodeOverrides"),
		triggers: jsonvalue.Object(c.body, "triggers")}, k.err()
}

// commits are what the triggers of a document stand for in a run: what the request
// says, and for the rest the head of the branch that the trigger watches.
func (c *call) commits(document map[string]any, run flowRun) (map[string]any, error) {
	given := map[string]any{}
	for _, t := range jsonvalue.List(document, "triggers") {
		ref := jsonvalue.String(t, "ref")
		if ref == "" {
			continue
		}
		source := t
		if own := jsonvalue.Object(t, "spec"); own != nil {
			source = own // of a workflow or a blueprint, which have triggers of several kinds
		}
		said := map[string]any{}
		maps.Copy(said, jsonvalue.Object(run.overrides, ref))
		maps.Copy(said, jsonvalue.Object(run.triggers, ref))
		repository := orDefault(jsonvalue.String(source, "repoUrl"), jsonvalue.String(source, "vcs.repoUrl"))
		if repository != "" {
			branch := orDefault(jsonvalue.String(said, "branch"), watchedBranch(source))
			commit := map[string]any{"repoUrl": repository, "branch": branch}
			head, err := c.head(repository, 0, branch)
			if err != nil {
				return nil, err
			}
			commit["sha"] = head
			maps.Copy(commit, said)
			said = commit
		}
		given[ref] = said
	}
	for ref := range run.triggers {
		if given[ref] == nil {
			return nil, platform.Invalid("triggers."+ref, "is no trigger of the document")
		}
	}
	return given, nil
}

// complete gives commits that are of no pull request an empty number of one: documents
// that start for pull requests and for pushes read it in both cases.
func complete(given map[string]any) map[string]any {
	all := make(map[string]any, len(given))
	for ref, v := range given {
		if commit, ok := v.(map[string]any); ok && commit["repoUrl"] != nil && commit["pullRequestId"] == nil {
			commit = maps.Clone(commit)
			commit["pullRequestId"] = nil
			v = commit
		}
		all[ref] = v
	}
	return all
}

// watchedBranch is the first branch that a trigger names, "main" where it names none.
func watchedBranch(trigger any) string {
	for _, property := range []string{"branchRestrictions", "branchNamePatterns"} {
		for _, v := range jsonvalue.List(trigger, property) {
			if name, ok := v.(string); ok && name != "" && !strings.ContainsAny(name, "*!") {
				return name
			}
		}
	}
	return "main"
}

// overridden lays the overrides of a run over the nodes that they name. Those of
// triggers are the commits'.
func (run flowRun) overridden(document, given map[string]any) error {
	refs, services := map[string]bool{}, map[string]bool{}
	eachNode(document["spec"], func(node map[string]any) {
		ref := jsonvalue.String(node, "ref")
		if over := jsonvalue.Object(run.overrides, ref); ref != "" && over != nil {
			node["spec"] = jsonvalue.Merge(node["spec"], over)
			refs[ref] = true
		}
		if node["kind"] != "Release" {
			return
		}
		service := jsonvalue.String(node, "spec.target.id")
		if over := jsonvalue.Object(run.releases, service); service != "" && over != nil {
			node["spec"] = jsonvalue.Merge(node["spec"], over)
			services[service] = true
		}
	})
	for _, ref := range slices.Sorted(maps.Keys(run.overrides)) {
		if !refs[ref] && given[ref] == nil {
			return platform.Invalid("overrides."+ref, "is the ref of no node or trigger of the document")
		}
	}
	for _, service := range slices.Sorted(maps.Keys(run.releases)) {
		if !services[service] {
			return platform.Invalid("releaseNodeOverrides."+service, "is no service that a Release node of the document names")
		}
	}
	return nil
}

// defaulted gives the BuildSource nodes of triggers that have not started the run their
// defaults. One that has none builds what the trigger stands for all the same. Source:
// "Build on trigger".
func (run flowRun) defaulted(document, given map[string]any) {
	quiet := map[string]bool{}
	for ref := range given {
		quiet[ref] = run.triggers[ref] == nil && run.overrides[ref] == nil
	}
	eachNode(document["spec"], func(node map[string]any) {
		spec, defaults := jsonvalue.Object(node, "spec"), jsonvalue.Object(node, "spec.defaults")
		if node["kind"] != "BuildSource" || spec == nil {
			return
		}
		// What is of no pull request has no number of one.
		pull, _ := spec["pullRequestId"].(string)
		for ref, commit := range given {
			if strings.Contains(pull, "refs."+ref+".") && jsonvalue.Get(commit, "pullRequestId") == nil {
				delete(spec, "pullRequestId")
			}
		}
		if len(defaults) == 0 {
			return
		}
		commit := jsonvalue.Pick(spec, []string{"branch", "sha", "pullRequestId"})
		for _, v := range commit {
			text, _ := v.(string)
			for ref := range quiet {
				if quiet[ref] && strings.Contains(text, "refs."+ref+".") {
					for name := range commit {
						delete(spec, name)
					}
					return
				}
			}
		}
	})
}

// eachNode visits a node and those in its workflows and loops.
func eachNode(v any, visit func(node map[string]any)) {
	node, ok := v.(map[string]any)
	if !ok {
		return
	}
	visit(node)
	for _, step := range jsonvalue.List(node, "spec.steps") {
		eachNode(step, visit)
	}
}

// newestRun is how the newest run of a document stands; pending before the first.
func (c *call) newestRun(owner string) (platform.RunState, error) {
	runs, err := c.tx.list(owner+"/runs", page{newest: true, limit: 1})
	if err != nil || len(runs) == 0 {
		return pending, err
	}
	return c.stand(runs[0])
}

// showFlow shows what holds a document: the document, how its newest run stands,
// whether its triggers are paused.
func showFlow(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description", "gitops")
	shown["apiVersion"] = orDefault(jsonvalue.String(r.spec, "apiVersion"), "v1.2")
	shown["concurrencyPolicy"] = orDefault(jsonvalue.String(r.spec, "options.concurrencyPolicy"), "allow")
	shown["paused"] = jsonvalue.Bool(r.spec, "options.paused")
	state, err := c.newestRun(r.key)
	shown["status"] = state.Status
	return shown, err
}
