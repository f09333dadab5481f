// Package stored works with documents that a platform stores and executes itself:
// it creates and updates them, starts runs of them, and reads how a run stands.
//
// It speaks the documented operations to a [platform.Target], and must not know where
// documents come from or how runs are shown.
package stored

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Family is a kind of documents with the operations on them.
type Family struct {
	// Name is what people and stored runs call it.
	Name string

	idParam, runParam string // the path parameters of a document and of a run
	rows, runRows     string // the members of their lists

	list, get, create, update    string
	run, listRuns, getRun, abort string
	// place says that there is a place for each document, which is neither created nor
	// listed; idParam leads to it.
	place bool
}

// The families.
var (
	// Templates are those of an account.
	Templates = &Family{
		Name: "template", idParam: "templateId", runParam: "templateRunId", rows: "templates", runRows: "templateRuns",
		list: platform.OpListTemplates, get: platform.OpGetTemplate, create: platform.OpCreateTemplate, update: platform.OpUpdateTemplate,
		run: platform.OpRunTemplate, listRuns: platform.OpListTemplateRuns, getRun: platform.OpGetTemplateRun, abort: platform.OpAbortTemplateRun,
	}
	// Workflows are those of a project. The documentation calls the rows of their list
	// pipelines.
	Workflows = &Family{
		Name: "workflow", idParam: "workflowId", runParam: "runId", rows: "pipelines", runRows: "runs",
		list: platform.OpListWorkflows, get: platform.OpGetWorkflow, create: platform.OpCreateWorkflow, update: platform.OpUpdateWorkflow,
		run: platform.OpRunWorkflow, listRuns: platform.OpListWorkflowRuns, getRun: platform.OpGetWorkflowRun, abort: platform.OpAbortWorkflowRun,
	}
	// PreviewBlueprints are those of a project. The rows of their list are pipelines too.
	PreviewBlueprints = &Family{
		Name: "preview blueprint", idParam: "previewBlueprintId", runParam: "runId", rows: "pipelines", runRows: "runs",
		list: platform.OpListPreviewBlueprints, get: platform.OpGetPreviewBlueprint, create: platform.OpCreatePreviewBlueprint, update: platform.OpUpdatePreviewBlueprint,
		run: platform.OpRunPreviewBlueprint, listRuns: platform.OpListPreviewBlueprintRuns, getRun: platform.OpGetPreviewBlueprintRun, abort: platform.OpAbortPreviewBlueprintRun,
	}
	// ReleaseFlows are those of a pipeline, one for each stage.
	ReleaseFlows = &Family{
		Name: "release flow", idParam: "stage", runParam: "runId", runRows: "runs", place: true,
		get: platform.OpGetReleaseFlow, update: platform.OpUpdateReleaseFlow,
		run: platform.OpRunReleaseFlow, listRuns: platform.OpListReleaseFlowRuns, getRun: platform.OpGetReleaseFlowRun, abort: platform.OpAbortReleaseFlowRun,
	}
)

// PreviewTemplates are those of pipelines, one for each. The platform's API has no
// operation that aborts their runs.
var PreviewTemplates = &Family{
	Name: "preview template", idParam: "pipelineId", runParam: "templateRunId", runRows: "previewTemplateRuns", place: true,
	get: platform.OpGetPreviewTemplate, update: platform.OpUpdatePreviewTemplate,
	run: platform.OpRunPreviewTemplate, listRuns: platform.OpListPreviewTemplateRuns, getRun: platform.OpGetPreviewTemplateRun,
}

// FamilyNamed returns a family by its name; nil for one that is not known.
func FamilyNamed(name string) *Family {
	for _, f := range []*Family{Templates, Workflows, PreviewBlueprints, ReleaseFlows, PreviewTemplates} {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// A Shelf is a place on a platform where documents of a family are.
type Shelf struct {
	Target platform.Target
	Family *Family
	// Project is the project's identifier, empty for what belongs to an account;
	// Pipeline that of the pipeline of release flows.
	Project, Pipeline string
}

// A Document is one that is stored.
type Document struct {
	ID, Name string
	// Path holds the parameters that lead to it.
	Path map[string]string
}

func (s Shelf) path(id string) map[string]string {
	path := map[string]string{}
	if s.Project != "" {
		path["projectId"] = s.Project
	}
	if s.Pipeline != "" {
		path["pipelineId"] = s.Pipeline
	}
	if id != "" {
		path[s.Family.idParam] = id
	}
	return path
}

func (s Shelf) document(row map[string]any) Document {
	id := jsonvalue.String(row, "id")
	return Document{ID: id, Name: jsonvalue.String(row, "name"), Path: s.path(id)}
}

// Find looks a document up by its identifier or, where none has that, its name.
func (s Shelf) Find(ctx context.Context, name string) (Document, bool, error) {
	if s.Family.place {
		d := Document{ID: name, Name: name, Path: s.path(name)}
		_, err := s.Target.Do(ctx, s.Family.get, platform.Params{Path: d.Path}, nil)
		if platform.IsNotFound(err) {
			return d, false, nil
		}
		return d, err == nil, err
	}
	var named *Document
	for row, err := range platform.Items(ctx, s.Target, s.Family.list, s.path(""), s.Family.rows) {
		if err != nil {
			return Document{}, false, err
		}
		d := s.document(row)
		if d.ID == name {
			return d, true, nil
		}
		if d.Name == name && named == nil {
			named = &d
		}
	}
	if named == nil {
		return Document{}, false, nil
	}
	return *named, true, nil
}

// Key is the path of a document on its platform, such as "templates/shop".
func (s Shelf) Key(d Document) string {
	op, known := platform.LookupOperation(s.Family.get)
	if !known {
		return ""
	}
	segments := strings.Split(strings.TrimPrefix(op.Path, "/v1/"), "/")
	for i, segment := range segments {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			segments[i] = d.Path[strings.TrimSuffix(name, "}")]
		}
	}
	return strings.Join(segments, "/")
}

// Whole returns a stored document with everything that the platform tells of it.
func (s Shelf) Whole(ctx context.Context, d Document) (map[string]any, error) {
	return object(s.Target.Do(ctx, s.Family.get, platform.Params{Path: d.Path}, nil))
}

// IDs lists the identifiers of the documents.
func (s Shelf) IDs(ctx context.Context) ([]string, error) {
	if s.Family.place {
		return nil, nil
	}
	var ids []string
	for row, err := range platform.Items(ctx, s.Target, s.Family.list, s.path(""), s.Family.rows) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, jsonvalue.String(row, "id"))
	}
	return ids, nil
}

// Text returns a stored document as JSON.
func (s Shelf) Text(ctx context.Context, d Document) (string, error) {
	stands, err := object(s.Target.Do(ctx, s.Family.get, platform.Params{Path: d.Path}, nil))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(documentOf(stands))
	return string(text), err
}

// documentOf leaves what is a document's own of what the platform shows.
func documentOf(shown map[string]any) map[string]any {
	return jsonvalue.Pick(shown, []string{"apiVersion", "name", "options", "arguments", "spec"})
}

// What [Shelf.Deploy] did.
const (
	Created   = "created"
	Updated   = "updated"
	Unchanged = "unchanged"
)

// Deploy makes the stored document of a name what text says. One that is so already is
// left alone: an update makes a template with autorun run. As overrides are never
// shown, a document with `argumentOverrides` is always updated.
func (s Shelf) Deploy(ctx context.Context, name string, text json.RawMessage) (Document, string, error) {
	var wanted map[string]any
	if err := json.Unmarshal(text, &wanted); err != nil {
		return Document{}, "", err
	}
	if name == "" {
		return Document{}, "", fmt.Errorf("a %s that is stored needs a name", s.Family.Name)
	}
	found, there, err := s.Find(ctx, name)
	switch {
	case err != nil:
		return Document{}, "", err
	case !there && s.Family.place:
		found, err = Document{ID: name, Name: name, Path: s.path(name)}, s.update(ctx, s.path(name), text)
		return found, Created, err
	case !there:
		made, err := s.Create(ctx, name, text)
		return made, Created, err
	}
	stands, err := object(s.Target.Do(ctx, s.Family.get, platform.Params{Path: found.Path}, nil))
	if err != nil {
		return found, "", err
	}
	if same(wanted, stands) {
		return found, Unchanged, nil
	}
	return found, Updated, s.update(ctx, found.Path, text)
}

func (s Shelf) update(ctx context.Context, path map[string]string, text json.RawMessage) error {
	_, err := s.Target.Do(ctx, s.Family.update, platform.Params{Path: path}, text)
	return err
}

// Replace sets a stored document, as a whole.
func (s Shelf) Replace(ctx context.Context, d Document, document map[string]any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return s.update(ctx, d.Path, text)
}

// Create stores a document that is not there yet.
func (s Shelf) Create(ctx context.Context, name string, text json.RawMessage) (Document, error) {
	row, err := object(s.Target.Do(ctx, s.Family.create, platform.Params{Path: s.path("")}, text))
	if err != nil {
		return Document{}, err
	}
	made := s.document(row)
	if made.ID == "" { // an answer without one
		there := false
		if made, there, err = s.Find(ctx, name); err == nil && !there {
			err = fmt.Errorf("the %s %q was created and is not listed", s.Family.Name, name)
		}
	}
	return made, err
}

func object(r platform.Response, err error) (map[string]any, error) {
	var data map[string]any
	if err == nil {
		err = r.Data(&data)
	}
	return data, err
}

// optionDefaults are what options are that a document does not name.
var optionDefaults = map[string]any{"autorun": false, "concurrencyPolicy": "allow"}

// same tells whether a stored document is as it is wanted, as far as it is shown.
func same(wanted, stands map[string]any) bool {
	if len(jsonvalue.Object(wanted, "argumentOverrides")) > 0 {
		return false
	}
	options := func(document map[string]any) map[string]any {
		all := maps.Clone(optionDefaults)
		maps.Copy(all, jsonvalue.Object(document, "options"))
		// These say what happens when a document is created.
		delete(all, "runOnCreation")
		delete(all, "runOnCreationArgumentOverrides")
		return all
	}
	if !reflect.DeepEqual(options(wanted), options(stands)) {
		return false
	}
	members := slices.Collect(maps.Keys(wanted))
	for _, optional := range []string{"description", "arguments", "teardownSpec", "gitops", "triggers", "richInputs"} {
		if _, there := wanted[optional]; !there {
			members = append(members, optional)
		}
	}
	for _, member := range members {
		switch member {
		case "options", "argumentOverrides", "$schema", "apiVersion":
			continue // the platform writes a version of its own
		}
		a, b := wanted[member], stands[member]
		if _, shown := stands[member]; !shown && member == "name" {
			continue // what has a place has no name
		}
		if !reflect.DeepEqual(a, b) && (!empty(a) || !empty(b)) {
			return false
		}
	}
	return true
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}
