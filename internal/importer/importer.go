// Package importer writes a template of what is there: the resources of a project,
// with references in place of identifiers and arguments in place of secrets.
//
// What a resource's specification is, the driver of the platform tells; the order of
// members and what is a secret, the catalog. The package must not know files or
// terminals.
package importer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Result is a template with what it leaves out.
type Result struct {
	// Text is the template, laid out with two blanks.
	Text string
	// Arguments are the secrets, by the arguments that stand in their places. They
	// are in no text.
	Arguments map[string]any
	// Left are resources that are not in it, each with the reason.
	Left []string
}

// families are the lists of a project's resources, in the order in which their nodes
// run: what is referred to before what refers to it.
var families = []struct {
	op     string
	member string // of the answer; empty where that is the list
	kind   func(row map[string]any) string
}{
	{platform.OpListAddons, "addons", always("Addon")},
	{platform.OpListServices, "services", by("serviceType", map[string]string{"build": "BuildService", "combined": "CombinedService", "deployment": "DeploymentService"})},
	{platform.OpListJobs, "jobs", by("jobType", map[string]string{"manual": "ManualJob", "cron": "CronJob"})},
	{platform.OpListVolumes, "", always("Volume")},
	{platform.OpListProjectSecrets, "secrets", always("SecretGroup")},
	{platform.OpListExternalAddons, "data.externalAddons", always("ExternalAddon")},
	{platform.OpListModels, "llmModelDeployments", always("LLMModelDeployment")},
	{platform.OpListPipelines, "pipelines", always("Pipeline")},
	{platform.OpListWorkflows, "pipelines", always("WorkflowTemplate")},
	{platform.OpListPreviewBlueprints, "pipelines", always("PreviewBlueprint")},
}

func always(kind string) func(map[string]any) string {
	return func(map[string]any) string { return kind }
}

func by(member string, kinds map[string]string) func(map[string]any) string {
	return func(row map[string]any) string { return kinds[jsonvalue.String(row, member)] }
}

// A resource is one that was found.
type resource struct {
	kind, id, ref string
	spec          map[string]any
	secret        []string // JSON pointers in spec
}

// Project writes a template of a project, or of the resources in it that have an
// identifier: empty takes all, and the project itself.
func Project(ctx context.Context, target platform.Target, projectID, only string) (*Result, error) {
	im := &importer{target: target, driver: platform.NewDriver(target), project: projectID,
		refs: map[string]map[string]string{}, taken: map[string]bool{}, arguments: map[string]any{}}
	project, err := im.read(ctx, "Project", projectID, "project")
	if err != nil {
		return nil, err
	}
	if project == nil {
		return nil, fmt.Errorf("there is no project %q: it is named by its id", projectID)
	}
	var found []*resource
	for _, f := range families {
		for row, err := range platform.Items(ctx, target, f.op, map[string]string{"projectId": projectID}, f.member) {
			if platform.StatusOf(err) == http.StatusForbidden {
				im.left = append(im.left, fmt.Sprintf("the %s of the project: the token may not list them", f.member))
				break
			}
			if err != nil {
				return nil, err
			}
			id := jsonvalue.String(row, "id")
			if only != "" && only != id {
				continue
			}
			kind := f.kind(row)
			if kind == "" {
				im.left = append(im.left, fmt.Sprintf("%q of the %s: there is no kind of node for it", id, f.member))
				continue
			}
			r, err := im.read(ctx, kind, id, "")
			if err != nil {
				return nil, err
			}
			if r != nil {
				found = append(found, r)
			}
		}
	}
	if only != "" {
		if len(found) == 0 {
			return nil, fmt.Errorf("project %q has nothing with the id %q that a node makes: resources are named by their ids", projectID, only)
		}
		project = nil
	} else if found, err = im.withDomains(ctx, found); err != nil {
		return nil, err
	}
	text := im.document(project, ordered(found))
	return &Result{Text: text, Arguments: im.arguments, Left: im.left}, nil
}

type importer struct {
	target  platform.Target
	driver  *platform.Driver
	project string

	refs      map[string]map[string]string // by kind and identifier
	taken     map[string]bool              // refs and arguments
	arguments map[string]any
	left      []string
}

// read reads a resource as a specification; nil where it is not there any more.
func (im *importer) read(ctx context.Context, kind, id, ref string) (*resource, error) {
	// A node that creates only, and finds the resource, changes nothing: what it
	// would leave is what is there.
	spec, change, err := im.current(ctx, kind, map[string]any{"name": id})
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, id, err)
	}
	if spec == nil {
		return nil, nil
	}
	r := im.found(kind, id, ref, spec)
	r.secret = change.Secret
	return r, im.environment(ctx, r)
}

// current asks what a node that creates only would leave as it is.
func (im *importer) current(ctx context.Context, kind string, spec map[string]any) (map[string]any, platform.Change, error) {
	change, err := im.driver.Preview(ctx, platform.NodeRequest{Kind: kind, ProjectID: im.project,
		Spec: spec, Node: map[string]any{"updateMode": "create"}})
	current, _ := change.Current.(map[string]any)
	return current, change, err
}

// found gives a resource a ref, one of its own where that is empty.
func (im *importer) found(kind, id, ref string, spec map[string]any) *resource {
	if ref == "" {
		ref = im.free(camel(id))
	}
	im.taken[ref] = true
	if im.refs[kind] == nil {
		im.refs[kind] = map[string]string{}
	}
	im.refs[kind][id] = ref
	return &resource{kind: kind, id: id, ref: ref, spec: spec}
}

// environment adds what operations of their own read: variables, files, and the
// arguments of builds.
func (im *importer) environment(ctx context.Context, r *resource) error {
	param, ops := "", []string(nil)
	switch r.kind {
	case "BuildService":
		param, ops = "serviceId", []string{platform.OpGetServiceBuildArguments}
	case "CombinedService":
		param, ops = "serviceId", []string{platform.OpGetServiceEnvironment, platform.OpGetServiceBuildArguments}
	case "DeploymentService":
		param, ops = "serviceId", []string{platform.OpGetServiceEnvironment}
	case "ManualJob", "CronJob":
		param, ops = "jobId", []string{platform.OpGetJobEnvironment, platform.OpGetJobBuildArguments}
	}
	for _, op := range ops {
		response, err := im.target.Do(ctx, op, platform.Params{Path: map[string]string{"projectId": im.project, param: r.id}, Query: map[string]string{"show": "this"}}, nil)
		if platform.StatusOf(err) == http.StatusForbidden {
			im.left = append(im.left, fmt.Sprintf("the variables of %s: the token may not read them", r.id))
			continue
		}
		if err != nil {
			return err
		}
		var data map[string]any
		if err := response.Data(&data); err != nil {
			return err
		}
		for _, member := range []string{"runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles"} {
			if values := jsonvalue.Object(data, member); len(values) > 0 {
				r.spec[member] = values
				r.secret = append(r.secret, "/"+member)
			}
		}
	}
	return nil
}

// ordered puts what is referred to in front of what refers to it, and leaves the
// order alone otherwise.
func ordered(found []*resource) []*resource {
	ids := map[string]*resource{}
	for _, r := range found {
		ids[r.id] = r
	}
	var out []*resource
	state := map[*resource]int{} // 1 is being put, 2 is put
	var put func(r *resource)
	put = func(r *resource) {
		if state[r] != 0 {
			return
		}
		state[r] = 1
		for _, id := range identifiers(r.spec, nil) {
			if other := ids[id]; other != nil && other != r && other.kind != "SecretGroup" {
				put(other)
			}
		}
		state[r] = 2
		out = append(out, r)
	}
	for _, r := range found {
		put(r)
	}
	return out
}

// identifiers lists the texts of a value, any of which may be an identifier.
func identifiers(v any, into []string) []string {
	switch v := v.(type) {
	case string:
		into = append(into, v)
	case []any:
		for _, e := range v {
			into = identifiers(e, into)
		}
	case map[string]any:
		for name, e := range v {
			if name != "name" {
				into = identifiers(e, into)
			}
		}
	}
	return into
}

// free is a name that nothing carries yet.
func (im *importer) free(name string) string {
	free := name
	for i := 2; im.taken[free]; i++ {
		free = fmt.Sprintf("%s%d", name, i)
	}
	return free
}

// camel makes a ref of an identifier: `main-database` becomes mainDatabase.
func camel(id string) string {
	var b strings.Builder
	up := false
	for _, c := range id {
		switch {
		case c == '-' || c == '_' || c == ' ' || c == '.' || c == '/':
			up = b.Len() > 0
			continue
		case up:
			b.WriteString(strings.ToUpper(string(c)))
		default:
			b.WriteRune(c)
		}
		up = false
	}
	if b.Len() == 0 || !isLetter(b.String()[0]) {
		return "r" + b.String()
	}
	return b.String()
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// formsOf are the schemas that a value with one of these may follow, alternatives
// taken apart.
func formsOf(ids []catalog.SchemaID) []catalog.SchemaID {
	var out []catalog.SchemaID
	for _, id := range ids {
		if id == 0 {
			continue
		}
		s := id.Schema()
		if a := s.Alternatives(); len(a) > 0 {
			out = append(out, formsOf(a)...)
			if len(s.RefKinds) == 0 && !s.Secret {
				continue
			}
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
