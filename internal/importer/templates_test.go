package importer_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/importer"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("NF_KEY", "file") // no test asks a keyring
	os.Exit(m.Run())
}

// TestWhatOurTemplatesMakeIsImportedUnchanged runs our templates, as far as they come
// without people, messages and OpenTofu, and imports each project that there is then: a
// plan of what is written says that nothing would change.
func TestWhatOurTemplatesMakeIsImportedUnchanged(t *testing.T) {
	store, err := history.OpenWith(t.Context(), filepath.Join(t.TempDir(), "state"), history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	target := local.New(local.Options{Dir: t.TempDir(), Delays: &local.Delays{}})
	settings := engine.Engine{Store: store, Checker: engine.CatalogChecker{Assert: assert.Node}, Platform: platform.NewDriver(target), Target: target.Name()}
	settings.Secrets = engine.NewPlatformSecrets(target, engine.StoredSecrets{Store: store})
	settings.Platform = engine.Inheriting{Platform: settings.Platform, Secrets: settings.Secrets}
	documents := runner.New(settings, target, nil)
	target.RunWith(documents)
	t.Cleanup(func() {
		documents.Wait()
		documents.Close()
		_ = target.Close()
		_ = store.Close()
	})
	do := func(op, body string) any {
		t.Helper()
		response, err := target.Do(t.Context(), op, platform.Params{}, json.RawMessage(body))
		var data any
		if err == nil {
			err = response.Data(&data)
		}
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		return data
	}
	for _, project := range []string{"website", "models", "reporting", "old-project", "portal", "editor", "search", "platform", "newsroom", "data", "uploads"} {
		do(platform.OpCreateProject, `{"name": "`+project+`", "region": "europe-west"}`)
	}
	do(platform.OpCreateDomain, `{"domain": "example.com", "options": {"autoVerify": true}}`)
	do(platform.OpCreateGlobalSecret, `{"name": "company", "type": "secret", "secrets": {"files": {"ca": {"data": "cGxhbg==", "path": "/ca"}}}}`)
	do(platform.OpCreateGlobalSecret, `{"name": "company-defaults", "type": "secret", "secrets": {"values": {"SMTP_USER": "planted-user"}}}`)
	do(platform.OpCreateGlobalSecret, `{"name": "region-eu", "type": "secret", "secrets": {"values": {"x": "y"}}}`)

	compile := func(text string, arguments map[string]any) *engine.Program {
		snapshot := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for _, f := range snapshot.Findings() {
			if f.Severity == analysis.Error {
				t.Logf("%s", f.Message)
				return nil
			}
		}
		program, problems := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config, Arguments: []engine.Layer{{Values: arguments, Literal: true, Secret: true}}})
		if len(problems) > 0 {
			return nil
		}
		return program
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
		program := compile(string(text), map[string]any{"STAFF_PASSWORD": "planted-staff"})
		if program == nil {
			continue
		}
		// What has been made when one cannot go on is there to be imported as well.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, _ = settings.Run(ctx, program, engine.RunOptions{Patience: -1})
		cancel()
	}

	kinds := map[string]int{}
	for _, project := range jsonvalue.List(do(platform.OpListProjects, ""), "projects") {
		id := jsonvalue.String(project, "id")
		result, err := importer.Project(t.Context(), target, id, "")
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if len(result.Left) > 0 {
			t.Errorf("%s: %v is left out", id, result.Left)
		}
		program := compile(result.Text, result.Arguments)
		if program == nil {
			t.Errorf("%s: what was written has errors\n%s", id, result.Text)
			continue
		}
		plan, err := settings.Plan(t.Context(), program)
		if err != nil || len(plan.Problems) > 0 {
			t.Errorf("%s: %v, %+v", id, err, plan.Problems)
			continue
		}
		for _, n := range plan.Nodes {
			switch n.Action {
			case "", platform.ActionUnchanged:
				kinds[n.Kind]++
			default:
				t.Errorf("%s: %s %s would be %s: %s", id, n.Kind, n.Ref, n.Action, n.Diff)
			}
		}
	}
	for _, kind := range []string{"Project", "Addon", "BuildService", "CombinedService", "DeploymentService", "CronJob", "ManualJob", "SecretGroup", "Volume", "Subdomain",
		"SubdomainPath", "Pipeline", "WorkflowTemplate", "PreviewBlueprint", "ExternalAddon", "LLMModelDeployment"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was imported", kind)
		}
	}
	if t.Failed() {
		t.Log(kinds)
	}
}
