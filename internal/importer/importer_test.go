package importer

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

func TestATemplateOfAProjectSaysWhatIsThere(t *testing.T) {
	target := local.New(local.Options{Dir: t.TempDir()})
	t.Cleanup(func() { _ = target.Close() })
	at := map[string]string{"projectId": "shop"}
	do := func(op, body string, path map[string]string) {
		t.Helper()
		if _, err := target.Do(t.Context(), op, platform.Params{Path: path}, json.RawMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
	do(platform.OpCreateProject, `{"name": "Shop", "region": "europe-west"}`, nil)
	do(platform.OpCreateDeploymentService, `{"name": "The API", "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "external": {"imagePath": "a/b:1"}, "docker": {"configType": "customCommand", "customCommand": "echo ${HOME}"}},
		"runtimeEnvironment": {"dbPassword": "hush", "DB_PASSWORD": "hush-too"}}`, at)
	do(platform.OpCreateManualJob, `{"name": "the api", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "runOnSourceChange": "never", "activeDeadlineSeconds": 60,
		"deployment": {"external": {"imagePath": "a/b:1"}}}`, at)

	result, err := Project(t.Context(), target, "shop", "")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(result.Text)) {
		t.Fatalf("it is no JSON:\n%s", result.Text)
	}
	for name, text := range map[string]string{
		"a command with a variable of the shell is no expression": `"customCommand": "echo \\${HOME}"`,
		"an identifier becomes a ref that is written plainly":     `"ref": "theApi"`,
		"two of one identifier have refs of their own":            `"ref": "theApi2"`,
		"a secret is an argument":                                 `"DB_PASSWORD": "${args.THE_API_DB_PASSWORD}"`,
		"two of one name have names of their own":                 `"dbPassword": "${args.THE_API_DB_PASSWORD_2}"`,
	} {
		if !strings.Contains(result.Text, text) {
			t.Errorf("%s: there is no %s in\n%s", name, text, result.Text)
		}
	}
	if strings.Contains(result.Text, "hush") {
		t.Error("a secret is in the text")
	}
	if a := result.Arguments; a["THE_API_DB_PASSWORD"] != "hush-too" || a["THE_API_DB_PASSWORD_2"] != "hush" {
		t.Errorf("arguments: %v", a)
	}
	if strings.Index(result.Text, `"kind": "Project"`) > strings.Index(result.Text, `"kind": "DeploymentService"`) {
		t.Error("the project is not made first")
	}
	if _, err := Project(t.Context(), target, "nowhere", ""); err == nil || !strings.Contains(err.Error(), `there is no project "nowhere"`) {
		t.Errorf("a project that is not there: %v", err)
	}
}
