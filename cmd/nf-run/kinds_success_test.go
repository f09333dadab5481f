package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/message"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// A stand runs our templates on a local platform, whose people approve of everything, with
// an OpenTofu that makes nothing and messages that nobody gets.
type stand struct {
	t         *testing.T
	dir       string
	engine    engine.Engine
	target    *local.Platform
	documents *runner.Runner
	succeeded map[string]bool // kinds of nodes
}

func newStand(t *testing.T) *stand {
	t.Helper()
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	t.Setenv("FAKE_TOFU_LOG", filepath.Join(dir, "tofu.log"))
	store, err := history.OpenWith(t.Context(), filepath.Join(dir, "state"), history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	noon := time.Date(2030, time.January, 1, 12, 0, 0, 0, time.UTC) // a Tuesday, in the active hours of our previews
	target := local.New(local.Options{Dir: filepath.Join(dir, "local"), Delays: &local.Delays{}, Clock: func() time.Time { return noon.Add(time.Since(begin)) }})
	front := func(next platform.NodeDriver) platform.NodeDriver {
		next = tofu.New(next, tofu.Options{Program: "faketofu", Dir: filepath.Join(dir, "tofu"), Sealer: store.Sealer(), Environment: os.Environ()})
		d, err := message.New(next, message.Options{Target: target, Silent: true})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	e := engine.Engine{Store: store, Checker: engine.CatalogChecker{}, Platform: front(platform.NewDriver(target)), Target: target.Name()}
	e.Secrets = engine.NewPlatformSecrets(target, engine.StoredSecrets{Store: store})
	e.Platform = engine.Inheriting{Platform: e.Platform, Secrets: e.Secrets}
	documents := runner.New(e, target, front)
	documents.Rehearsal = &engine.Rehearsal{Approve: true}
	target.RunWith(documents)
	t.Cleanup(func() {
		documents.Wait()
		documents.Close()
		_ = target.Close()
		_ = store.Close()
	})
	return &stand{t, dir, e, target, documents, map[string]bool{}}
}

// do furnishes the platform with what a template expects to be there.
func (s *stand) do(op, body string, path ...string) {
	s.t.Helper()
	params := platform.Params{Path: map[string]string{}}
	for i := 0; i+1 < len(path); i += 2 {
		params.Path[path[i]] = path[i+1]
	}
	if _, err := s.target.Do(s.t.Context(), op, params, json.RawMessage(body)); err != nil {
		s.t.Fatalf("%s: %v", op, err)
	}
}

// run runs a template; what its triggers stand for is given.
func (s *stand) run(name, text string, o engine.Options, given map[string]any) *engine.RunView {
	s.t.Helper()
	snapshot := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	o.Config = snapshot.Config
	program, problems := engine.Compile(snapshot.Doc, o)
	if len(problems) > 0 {
		s.t.Fatalf("%s: %v", name, problems)
	}
	for ref, value := range given {
		program.Inherited = append(program.Inherited, engine.Inherited{Ref: ref, Output: value})
	}
	if o.Teardown {
		var err error
		if program.Inherited, err = s.engine.LastOutputs(s.t.Context(), program.Identity, ""); err != nil {
			s.t.Fatal(err)
		}
	}
	result, err := s.engine.Run(s.t.Context(), program, engine.RunOptions{Rehearsal: &engine.Rehearsal{Approve: true}})
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	view, err := engine.View(s.t.Context(), s.engine.Store, result.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range view.Nodes {
		if view.Nodes[i].State == engine.StateSuccess {
			s.succeeded[view.Nodes[i].Kind] = true
		}
	}
	return view
}

// runFile runs a template of testdata/templates to success.
func (s *stand) runFile(name string, o engine.Options, given map[string]any) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "templates", name))
	if err != nil {
		s.t.Fatal(err)
	}
	if v := s.run(name, string(text), o, given); v.Status != engine.StateSuccess {
		s.t.Errorf("%s: %s, %+v", name, v.Status, v.Error)
	}
}

// Why templates are not run, or not to their end.
var (
	notRun = map[string]string{"fragment.json": "it is a part of one", "payload-mistake.json": "it has mistakes"}
	runTo  = map[string]string{"nightly-jobs.json": "/spec/spec/steps/6"} // what follows takes a job that is still running
)

const (
	plan    = `{"billing": {"deploymentPlan": "nf-compute-20"}, `
	service = plan + `"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}, "name": `
	job     = plan + `"backoffLimit": 0, "deployment": {"external": {"imagePath": "nginx:1"}}, "name": `
	addon   = `{"type": "postgresql", "version": "16-latest", "billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 6144, "replicas": 1}, "name": `
	builder = plan + `"vcsData": {"projectUrl": "https://github.com/example-org/%s", "projectType": "github"},
		"buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}, "name": `
)

// Our templates run to success on the local platform, among them the release flows, a preview
// and a teardown, and so does a node of each kind.
func TestOurTemplatesSucceedWithANodeOfEachKind(t *testing.T) {
	s := newStand(t)
	// What they expect to be there.
	for _, project := range strings.Fields("website models reporting old-project portal editor search uploads billing api data platform newsroom shop-production tenants") {
		s.do(platform.OpCreateProject, `{"name": "`+project+`", "region": "europe-west"}`)
	}
	for _, domain := range []string{"example.com", "preview.example.com"} {
		s.do(platform.OpCreateDomain, `{"domain": "`+domain+`", "options": {"autoVerify": true}}`)
	}
	for _, secret := range []string{"company", "company-defaults", "region-eu"} {
		s.do(platform.OpCreateGlobalSecret, `{"name": "`+secret+`", "type": "secret", "secrets": {"values": {"SMTP_USER": "postman", "SMTP_HOST": "mail.example.com"},
			"files": {"ca": {"data": "cGxhbg==", "path": "/ca"}}}}`)
	}
	s.do(platform.OpCreateProject, `{"name": "Shop Staging", "region": "europe-west-frankfurt"}`)
	s.do(platform.OpCreateAddon, addon+`"database"}`, "projectId", "shop-production")
	s.do(platform.OpCreateAddon, `{"name": "Archive", "type": "mysql", "version": "8.4.9", "billing": {"deploymentPlan": "nf-compute-100-2", "storageClass": "ssd", "storage": 20480, "replicas": 1}}`, "projectId", "shop-staging")
	s.do(platform.OpBackupAddon, `{"backupType": "dump"}`, "projectId", "shop-staging", "addonId", "archive")
	s.do(platform.OpCreateManualJob, job+`"search tools"}`, "projectId", "search")
	for _, destination := range []string{"offsite-bucket", "second-region"} {
		s.do(platform.OpAddBackupDestination, `{"name": "`+destination+`", "type": "s3", "prefix": "billing/", "credentials": {"accessKey": "a", "secretKey": "b", "bucketName": "c", "region": "eu", "endpoint": "s3.example.com"}}`)
	}
	s.do(platform.OpCreateAddon, addon+`"billing data"}`, "projectId", "billing")
	s.do(platform.OpCreateManualJob, job+`"billing migrations"}`, "projectId", "billing")
	s.do(platform.OpCreateBuildService, strings.Replace(builder, "%s", "billing", 1)+`"billing builder"}`, "projectId", "billing")
	for _, name := range []string{"billing api", "billing worker"} {
		s.do(platform.OpCreateDeploymentService, service+`"`+name+`"}`, "projectId", "billing")
	}
	s.do(platform.OpCreateWorkflow, `{"apiVersion": "v1.2", "name": "smoke tests", "arguments": {"SHA": ""}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`, "projectId", "billing")
	for _, name := range []string{"api", "api staging"} {
		s.do(platform.OpCreateDeploymentService, service+`"`+name+`"}`, "projectId", "api")
	}
	for _, name := range []string{"frontend", "backend"} {
		s.do(platform.OpCreateBuildService, strings.Replace(builder, "%s", name, 1)+`"`+name+` builder"}`, "projectId", "website")
	}
	s.do(platform.OpCreateAddon, addon+`"staging data"}`, "projectId", "website")

	of := map[string]string{"release-production.json": "billing", "release-promotion.json": "api", "preview-environment.json": "website"}
	commit := map[string]any{"branch": "main", "sha": strings.Repeat("1", 40), "repoUrl": "https://github.com/example-org/backend", "pullRequestId": 7}
	given := map[string]map[string]any{"release-production.json": {"tag": commit}, "preview-environment.json": {"frontend": commit, "backend": commit}}
	arguments := []engine.Layer{{Values: map[string]any{"STAFF_PASSWORD": "of-the-staff", "SLACK_WEBHOOK": "https://chat.example.com/hooks", "AUDIT_WEBHOOK": "https://audit.example.com/hooks"},
		Literal: true, Secret: true}, {Values: map[string]any{"name": "one", "previewId": "one"}, Literal: true}}
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := filepath.Base(file); notRun[name] == "" {
			s.runFile(name, engine.Options{Arguments: arguments, ProjectID: of[name], Until: runTo[name]}, given[name])
		}
	}
	s.runFile("bucket-with-teardown.json", engine.Options{Teardown: true}, nil)

	for _, kind := range catalog.Kinds() {
		if !s.succeeded[kind.Name] {
			t.Errorf("no node of the kind %s has succeeded", kind.Name)
		}
	}
}

// What our templates store, such as release flows and previews, runs to success when somebody
// asks for it and when an event does.
func TestTheDocumentsInOurTemplatesSucceed(t *testing.T) {
	s := newStand(t)
	for _, project := range strings.Fields("portal editor") {
		s.do(platform.OpCreateProject, `{"name": "`+project+`", "region": "europe-west"}`)
	}
	s.do(platform.OpCreateBuildService, strings.Replace(builder, "%s", "editor", 1)+`"editor builder"}`, "projectId", "editor")
	s.do(platform.OpCreateManualJob, job+`"vacuum"}`, "projectId", "editor")
	arguments := []engine.Layer{{Values: map[string]any{"SLACK_WEBHOOK": "https://chat.example.com/hooks", "HOOK_TOKEN": "the-token-of-the-hook"}, Literal: true, Secret: true}}
	ran := map[string]int{}
	for _, name := range []string{"pipeline.json", "promotion.json", "preview-blueprint.json", "nested-template.json"} {
		s.runFile(name, engine.Options{Arguments: arguments}, nil)
	}
	pushed := func(event, project, branch string) string {
		return `{"event": "` + event + `", "repoUrl": "https://github.com/example-org/` + project + `", "branch": "` + branch + `", "pullRequestId": 7, "label": "preview"}`
	}
	portal, shop, editor := []string{"projectId", "portal", "pipelineId", "portal"}, []string{"projectId", "shop", "pipelineId", "delivery"}, []string{"projectId", "editor"}
	stage := func(pipeline []string, name string) []string { return append(slices.Clip(pipeline), "stage", name) }
	for _, how := range []struct {
		name, file, op, body string
		path                 []string
		again                bool // the same document was run before
	}{
		{"the preview of a pipeline by hand, without a pull request", "pipeline.json", platform.OpRunPreviewTemplate, `{}`, portal, false},
		{"the preview of a pipeline by a pull request", "pipeline.json", platform.OpSendGitEvent, pushed("pull-request", "portal", "new-page"), nil, true},
		{"the release of a pipeline's development by hand", "pipeline.json", platform.OpRunReleaseFlow, `{}`, stage(portal, "development"), false},
		{"the release of a pipeline's development by a push", "pipeline.json", platform.OpSendGitEvent, pushed("push", "portal", "main"), nil, true},
		{"the release of a pipeline's staging", "pipeline.json", platform.OpRunReleaseFlow, `{}`, stage(portal, "staging"), false},
		{"the release of a pipeline's production", "pipeline.json", platform.OpRunReleaseFlow, `{}`, stage(portal, "production"), false},
		{"the promotion to development", "promotion.json", platform.OpRunReleaseFlow, `{}`, stage(shop, "development"), false},
		{"the promotion to staging", "promotion.json", platform.OpRunReleaseFlow, `{}`, stage(shop, "staging"), false},
		{"the promotion to production", "promotion.json", platform.OpRunReleaseFlow, `{}`, stage(shop, "production"), false},
		{"the preview of a blueprint by hand", "preview-blueprint.json", platform.OpRunPreviewBlueprint, `{}`, append(slices.Clip(editor), "previewBlueprintId", "pull-requests"), false},
		{"the preview of a blueprint by a label", "preview-blueprint.json", platform.OpSendGitEvent, pushed("label", "editor", "main"), nil, true},
		{"the preview of a blueprint by a pull request", "preview-blueprint.json", platform.OpSendGitEvent, pushed("pull-request", "editor", "new-keys"), nil, true},
		{"the workflow", "preview-blueprint.json", platform.OpRunWorkflow, `{}`, append(slices.Clip(editor), "workflowId", "maintenance"), false},
		{"the template that a template keeps", "nested-template.json", platform.OpRunTemplate, `{"arguments": {"CUSTOMER": "acme"}}`, []string{"templateId", "customer"}, false},
	} {
		before := len(s.runs())
		s.do(how.op, how.body, how.path...)
		s.documents.Wait()
		runs := s.runs()
		if len(runs) != before+1 {
			t.Errorf("%s: %d runs have been started", how.name, len(runs)-before)
			continue
		}
		if v, err := engine.View(t.Context(), s.engine.Store, runs[0].ID); err != nil || v.Status != engine.StateSuccess {
			t.Errorf("%s: %s, %+v %v", how.name, v.Status, v.Error, err)
		}
		if !how.again {
			ran[how.file]++
		}
	}

	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		stored := 0
		for _, scope := range analysis.NewSnapshot(syntax.Parse(string(text)), nil, nil).Doc.Scopes() {
			if scope.Owner != nil {
				stored++
			}
		}
		if name := filepath.Base(file); ran[name] != stored {
			t.Errorf("%s stores %d documents, and %d of them are run", name, stored, ran[name])
		}
	}
}

// runs are those in the history, newest first.
func (s *stand) runs() []history.Run {
	s.t.Helper()
	runs, err := s.engine.Store.List(s.t.Context(), history.Filter{}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return runs
}
