package platformtest

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func (w *world) preview(t testing.TB, kind string, spec any, node ...string) platform.Change {
	t.Helper()
	req := w.request(t, kind, `{}`, node...)
	req.Spec = spec
	change, err := w.driver.Preview(w.ctx, req)
	if err != nil {
		t.Fatalf("preview %s: %v", kind, err)
	}
	return change
}

func testPreviews(t *testing.T, w *world) {
	for _, s := range samples() {
		t.Run(s.kind, func(t *testing.T) {
			change := w.preview(t, s.kind, decode(t, s.spec))
			if change.Action != platform.ActionCreate || change.Current != nil || change.Desired == nil {
				t.Errorf("of what is not there the preview is %+v", change)
			}
			if !strings.HasSuffix(change.Resource, "/"+s.id) {
				t.Errorf("the resource is %q", change.Resource)
			}
			has(t, change.Output, "id", s.id)
			if len(change.Operations) == 0 {
				t.Error("no operation is named")
			}
			w.start(t, s.kind, s.spec)
			change = w.preview(t, s.kind, decode(t, s.spec))
			if change.Action != platform.ActionUnchanged {
				t.Errorf("after it has run the preview is %s\ncurrent %v\ndesired %v", change.Action, change.Current, change.Desired)
			}
			has(t, change.Output, "id", s.id)
			change = w.preview(t, s.kind, decode(t, s.changed))
			if change.Action != platform.ActionUpdate || jsonvalue.Equal(change.Current, change.Desired) {
				t.Errorf("of a change the preview is %s\ncurrent %v\ndesired %v", change.Action, change.Current, change.Desired)
			}
			unknown := jsonvalue.Merge(decode(t, s.spec), map[string]any{"description": platform.Unknown})
			if change = w.preview(t, s.kind, unknown); s.kind != "Volume" && s.kind != "CustomDockerCredentials" && s.kind != "CustomPlan" && change.Action != platform.ActionUpdate {
				t.Errorf("with an unknown value the preview is %s", change.Action)
			}
			unknown = jsonvalue.Merge(decode(t, s.spec), map[string]any{"name": platform.Unknown})
			if change = w.preview(t, s.kind, unknown); change.Action != platform.ActionApply || change.Resource != "" {
				t.Errorf("with an unknown name the preview is %s of %q", change.Action, change.Resource)
			}
			after := w.start(t, s.kind, s.spec)
			if s.kind != "Volume" && s.kind != "Addon" { // these grew and cannot shrink
				has(t, after.Output, "id", s.id)
			}
		})
	}
	t.Run("previews change nothing", func(t *testing.T) {
		w.preview(t, "ManualJob", decode(t, manualJob("phantom", nginx)))
		_, err := w.try(platform.OpGetJob, at("jobId", "phantom"), nil, "")
		refusal(t, err, 404, "phantom")
	})
	t.Run("what is not there yet is named", func(t *testing.T) {
		req := w.request(t, "SecretGroup", secretGroup("later", `, "addonDependencies": [{"addonId": "later-db", "keys": []}]`))
		req.ProjectID = "later"
		change, err := w.driver.Preview(w.ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"projects/later", "projects/later/addons/later-db"}
		if strings.Join(change.Needs, " ") != strings.Join(want, " ") {
			t.Errorf("it needs %v, want %v", change.Needs, want)
		}
		change = w.preview(t, "DeploymentService", decode(t, deployment("later", `"internal": {"id": "later-builder", "branch": "main"}`)))
		if len(change.Needs) != 1 || change.Needs[0] != "projects/"+project+"/services/later-builder" {
			t.Errorf("it needs %v", change.Needs)
		}
	})
	t.Run("what only a new resource needs is named for a new one", func(t *testing.T) {
		fork := strings.Replace(addon("twig", "postgresql", "16"), `"tlsEnabled"`, `"source": {"addonId": "stem", "backupId": "latest"}, "tlsEnabled"`, 1)
		if change := w.preview(t, "Addon", decode(t, fork)); strings.Join(change.Needs, " ") != "projects/"+project+"/addons/stem" {
			t.Errorf("the fork needs %v", change.Needs)
		}
		change := w.preview(t, "CombinedService", decode(t, combined("keeper", `, "createOptions": {"volumesToAttach": ["attic"]}`)))
		if strings.Join(change.Needs, " ") != "projects/"+project+"/volumes/attic" {
			t.Errorf("the service needs %v", change.Needs)
		}
		w.start(t, "Addon", addon("twig", "postgresql", "16"))
		if change := w.preview(t, "Addon", decode(t, fork)); len(change.Needs) > 0 || change.Action != platform.ActionUnchanged {
			t.Errorf("once it is there it needs %v and the preview is %s", change.Needs, change.Action)
		}
	})
	t.Run("secrets are marked in both sides of a diff", func(t *testing.T) {
		w.start(t, "SecretGroup", secretGroup("diffed", ""))
		change := w.preview(t, "SecretGroup", decode(t, secretGroup("diffed", `, "description": "new"`)))
		if strings.Join(change.Secret, " ") != "/secrets" {
			t.Errorf("secret are %v", change.Secret)
		}
	})
	t.Run("a removed variable is a change", func(t *testing.T) {
		w.start(t, "SecretGroup", `{"name": "fewer", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "1", "B": "2"}}}`)
		change := w.preview(t, "SecretGroup", decode(t, `{"name": "fewer", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "1"}}}`))
		if change.Action != platform.ActionUpdate {
			t.Errorf("the preview is %s", change.Action)
		}
	})
	t.Run("a concurrency policy is one in either spelling", func(t *testing.T) {
		for _, spelled := range []string{cronJob("policy"), strings.Replace(cronJob("policy"), "forbid", "Forbid", 1)} {
			w.start(t, "CronJob", spelled)
			for _, planned := range []string{cronJob("policy"), strings.Replace(cronJob("policy"), "forbid", "Forbid", 1)} {
				if change := w.preview(t, "CronJob", decode(t, planned)); change.Action != platform.ActionUnchanged {
					t.Errorf("the preview is %s\ncurrent %v\ndesired %v", change.Action, change.Current, change.Desired)
				}
			}
		}
	})
	t.Run("an update keeps the host names that are known", func(t *testing.T) {
		dns := jsonvalue.Get(w.start(t, "DeploymentService", deployment("keeps", nginx)).Output, "ports.0.dns")
		change := w.preview(t, "DeploymentService", decode(t, deployment("keeps", `"external": {"imagePath": "caddy:2"}`)))
		has(t, change.Output, "ports.0.dns", dns)
	})
	t.Run("the plan of a whole run needs no target's state", func(t *testing.T) {
		for kind, spec := range map[string]any{
			"Build":       map[string]any{"id": platform.Unknown, "type": "service"},
			"JobRun":      map[string]any{"jobId": platform.Unknown},
			"AddonBackup": map[string]any{"addonId": platform.Unknown},
			"Condition":   map[string]any{"kind": "Service", "spec": map[string]any{"type": "running", "data": map[string]any{"serviceId": platform.Unknown}}},
			"Action":      map[string]any{"kind": "Service", "spec": map[string]any{"type": "restart", "data": map[string]any{"serviceId": platform.Unknown}}},
		} {
			change := w.preview(t, kind, spec)
			if want := platform.ActionRun; change.Action != want && kind != "Condition" || kind == "Condition" && change.Action != platform.ActionWait {
				t.Errorf("%s: the preview is %s", kind, change.Action)
			}
			if !w.driverStartRefuses(t, kind, spec) {
				t.Errorf("%s: a start with unknown values must be refused", kind)
			}
		}
	})
}

func (w *world) driverStartRefuses(t testing.TB, kind string, spec any) bool {
	req := w.request(t, kind, `{}`)
	req.Spec = spec
	_, err := w.driver.Start(w.ctx, req)
	return err != nil
}

func testUnchangeable(t *testing.T, w *world) {
	tests := []struct{ name, kind, spec, changed, property string }{
		{"the region of a project", "Project", `{"name": "fixed", "region": "europe-west"}`,
			`{"name": "fixed", "region": "us-east"}`, "region"},
		{"the type of an addon", "Addon", addon("fixed", "redis", "latest"), addon("fixed", "mongodb", "latest"), "type"},
		{"the storage of an addon to less", "Addon", addon("fixed2", "redis", "latest"),
			strings.Replace(addon("fixed2", "redis", "latest"), "4096", "1024", 1), "billing.storage"},
		{"the workload type of a service", "CombinedService", workload("deployment"), workload("statefulSet"), "deployment.type"},
		{"the architecture of a service", "CombinedService", combined("fixed-arch", `, "infrastructure": {"architecture": "x86"}`),
			combined("fixed-arch", `, "infrastructure": {"architecture": "arm"}`), "infrastructure.architecture"},
		{"the access mode of a volume", "Volume", volume("fixed", ""), strings.Replace(volume("fixed", ""), "WriteOnce", "WriteMany", 1), "spec.accessMode"},
		{"the size of a volume to less", "Volume", volume("fixed2", ""), strings.Replace(volume("fixed2", ""), "4096", "1024", 1), "spec.storageSize"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.start(t, tt.kind, tt.spec)
			_, err := w.driver.Start(w.ctx, w.request(t, tt.kind, tt.changed))
			refusal(t, err, 400, tt.property)
			_, err = w.driver.Preview(w.ctx, w.request(t, tt.kind, tt.changed))
			refusal(t, err, 400, tt.property)
			if again := w.preview(t, tt.kind, decode(t, tt.spec)); again.Action != platform.ActionUnchanged {
				t.Errorf("the refused change has left something: %s", again.Action)
			}
		})
	}
	t.Run("the workload type of a deployment service can be changed", func(t *testing.T) {
		// Patching one takes it, other than patching a combined one.
		w.start(t, "DeploymentService", deployment("changes", `"type": "deployment", `+nginx))
		w.start(t, "DeploymentService", deployment("changes", `"type": "statefulSet", `+nginx))
	})
	t.Run("the type of a service by its name", func(t *testing.T) {
		w.start(t, "BuildService", builder("same name"))
		_, err := w.driver.Start(w.ctx, w.request(t, "CombinedService", combined("same name", "")))
		refusal(t, err, 409, "same-name", "build")
	})
}

func workload(kind string) string {
	return strings.Replace(combined("fixed-type", ""), `"deployment": {`, `"deployment": {"type": "`+kind+`", `, 1)
}

func testAddonVersions(t *testing.T, w *world) {
	const upgrade = `{"options": {"upgradeOnVersionMismatch": true}}`
	w.start(t, "Addon", addon("old", "postgresql", "14"))
	w.finish(t, "Condition", `{"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "old"}}}`)
	tests := []struct{ name, version, node, want string }{
		{"another version needs leave", "15", `{}`, "upgradeOnVersionMismatch"},
		{"a major version is not skipped", "16", upgrade, "skip"},
		{"there is no way back", "13", upgrade, "go back"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.driver.Start(w.ctx, w.request(t, "Addon", addon("old", "postgresql", tt.version), tt.node))
			refusal(t, err, 400, "version", tt.want)
			_, err = w.driver.Preview(w.ctx, w.request(t, "Addon", addon("old", "postgresql", tt.version), tt.node))
			refusal(t, err, 400, "version", tt.want)
		})
	}
	t.Run("a selector that the addon satisfies changes nothing", func(t *testing.T) {
		for _, version := range []string{"14", "14-latest", "latest"} {
			change := w.preview(t, "Addon", decode(t, addon("old", "postgresql", version)))
			if change.Action != platform.ActionUnchanged {
				t.Errorf("%s: the preview is %s", version, change.Action)
			}
			w.start(t, "Addon", addon("old", "postgresql", version))
		}
	})
	t.Run("with leave it is upgraded", func(t *testing.T) {
		if change := w.preview(t, "Addon", decode(t, addon("old", "postgresql", "15")), upgrade); change.Action != platform.ActionUpdate {
			t.Errorf("the preview is %s", change.Action)
		}
		output := w.start(t, "Addon", addon("old", "postgresql", "15"), upgrade).Output
		has(t, output, "version", "15")
		w.finish(t, "Condition", `{"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "old"}}}`)
	})
}
