package platformtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func testSecretGroups(t *testing.T, w *world) {
	envs := jsonvalue.Object(w.start(t, "Addon", addon("my db", "mongodb", "7.0-latest")).Output, "envs")
	dependency := func(addonID, key string) string {
		return fmt.Sprintf(`, "addonDependencies": [{"addonId": %q, "keys": [{"keyName": %q, "aliases": ["MONGODB_URI", "DB"]}]}]`, addonID, key)
	}
	t.Run("aliases give the connection details", func(t *testing.T) {
		result := w.start(t, "SecretGroup", secretGroup("linked", dependency("my-db", "MONGO_SRV")))
		variables := jsonvalue.Object(result.Output, "addonSecrets.0.variables")
		for _, name := range []string{"MONGODB_URI", "DB", "NF_MY-DB_MONGO_SRV"} {
			if variables[name] == nil || !jsonvalue.Equal(variables[name], envs["MONGO_SRV"]) {
				t.Errorf("%s is %v, want %v", name, variables[name], envs["MONGO_SRV"])
			}
		}
		secret(t, result, "/secrets")
		secret(t, result, "/addonSecrets/0/variables")
	})
	t.Run("a group shows its own variables, the inherited ones, or all", func(t *testing.T) {
		for show, want := range map[string][2]bool{"this": {true, false}, "inherited": {false, true}, "all": {true, true}} {
			data := w.do(t, platform.OpGetProjectSecret, at("secretId", "linked"), map[string]string{"show": show}, "")
			own, inherited := jsonvalue.Get(data, "secrets.variables.TOKEN") != nil, jsonvalue.Get(data, "secrets.variables.MONGODB_URI") != nil
			if own != want[0] || inherited != want[1] {
				t.Errorf("show=%s: own %v, inherited %v", show, own, inherited)
			}
		}
		_, err := w.try(platform.OpGetProjectSecret, at("secretId", "linked"), map[string]string{"show": "some"}, "")
		refusal(t, err, 400, "show")
	})
	t.Run("an unknown addon is refused", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "SecretGroup", secretGroup("broken", dependency("nobody", "MONGO_SRV"))))
		refusal(t, err, 404, "addonDependencies.0.addonId", "nobody")
	})
	t.Run("an unknown key is refused and the known ones are named", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "SecretGroup", secretGroup("broken", dependency("my-db", "POSTGRES_URI"))))
		refusal(t, err, 400, "addonDependencies.0.keys.0.keyName", "POSTGRES_URI", "MONGO_SRV")
	})
}

func testVolumes(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("mounts", nginx))
	w.start(t, "ManualJob", manualJob("mounts", nginx))
	attached := `, "attachedObjects": [{"id": "mounts", "type": "service"}]`
	both := `, "attachedObjects": [{"id": "mounts", "type": "service"}, {"id": "mounts", "type": "job"}]`
	has(t, w.start(t, "Volume", volume("disk", attached)).Output, "attachedObjects.0.id", "mounts")
	output := w.start(t, "Volume", volume("disk", both)).Output
	if len(jsonvalue.List(output, "attachedObjects")) != 2 {
		t.Errorf("it is attached to %v", jsonvalue.Get(output, "attachedObjects"))
	}
	if result := w.start(t, "Volume", volume("disk", both)); result.Action != platform.ActionUnchanged {
		t.Errorf("repeating it did %q", result.Action)
	}
	_, err := w.driver.Start(w.ctx, w.request(t, "Volume", volume("disk2", strings.Replace(attached, "mounts", "nobody", 1))))
	refusal(t, err, 404, "nobody")
	w.start(t, "Volume", volume("scratch", ""))
	w.start(t, "CombinedService", combined("stateful", `, "createOptions": {"volumesToAttach": ["scratch"]}`))
	has(t, w.do(t, platform.OpGetVolume, at("volumeId", "scratch"), nil, ""), "attachedObjects.0.id", "stateful")
}

func testRefusals(t *testing.T, w *world) {
	tests := []struct {
		name, kind, spec string
		status           int
		names            []string
	}{
		{"a project without a name", "Project", `{"region": "europe-west"}`, 400, []string{"name"}},
		{"a project whose name is too short", "Project", `{"name": "ab"}`, 400, []string{"name", "3"}},
		{"a project whose name is too long", "Project", `{"name": "` + strings.Repeat("x", 40) + `"}`, 400, []string{"name", "39"}},
		{"a project whose name has an underscore", "Project", `{"name": "my_project"}`, 400, []string{"name"}},
		{"a project with a colour that is none", "Project", `{"name": "colour", "color": "red"}`, 400, []string{"color"}},
		{"a service without a plan", "CombinedService", strings.Replace(combined("broken", ""), "deploymentPlan", "plan", 1), 400, []string{"billing.deploymentPlan"}},
		{"a service without a repository", "CombinedService", strings.Replace(combined("broken", ""), "vcsData", "git", 1), 400, []string{"vcsData.projectUrl"}},
		{"a port without a protocol", "CombinedService", strings.Replace(combined("broken", ""), "protocol", "proto", 1), 400, []string{"ports.0.protocol"}},
		{"a port out of range", "CombinedService", strings.Replace(combined("broken", ""), "3000", "70000", 1), 400, []string{"ports.0.internalPort"}},
		{"a public port of TCP", "CombinedService", strings.Replace(combined("broken", ""), `"HTTP"`, `"TCP"`, 1), 400, []string{"ports.0.public"}},
		{"an image of a service that does not exist", "DeploymentService", deployment("broken", `"internal": {"id": "nobody"}`), 404, []string{"deployment.internal.id", "nobody"}},
		{"a job without a plan", "ManualJob", strings.Replace(manualJob("broken", nginx), "deploymentPlan", "plan", 1), 400, []string{"billing.deploymentPlan"}},
		{"a cron job without a schedule", "CronJob", strings.Replace(cronJob("broken"), "schedule", "when", 1), 400, []string{"schedule"}},
		{"an addon without a version", "Addon", strings.Replace(addon("broken", "redis", "latest"), "version", "release", 1), 400, []string{"version"}},
		{"an addon without a type", "Addon", strings.Replace(addon("broken", "redis", "latest"), `"type"`, `"sort"`, 1), 400, []string{"type"}},
		{"a secret group without a priority", "SecretGroup", strings.Replace(secretGroup("broken", ""), "priority", "rank", 1), 400, []string{"priority"}},
		{"a secret group of an unknown type", "SecretGroup", strings.Replace(secretGroup("broken", ""), "environment-arguments", "all", 1), 400, []string{"secretType", "arguments"}},
		{"a volume without a size", "Volume", strings.Replace(volume("broken", ""), "storageSize", "size", 1), 400, []string{"spec.storageSize"}},
		{"a build of nothing", "Build", `{"id": "nobody", "type": "service"}`, 404, []string{"nobody"}},
		{"a build without an id", "Build", `{"type": "service"}`, 400, []string{"id"}},
		{"a run of nothing", "JobRun", `{"jobId": "nobody"}`, 404, []string{"nobody"}},
		{"a backup of nothing", "AddonBackup", `{"addonId": "nobody"}`, 404, []string{"nobody"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.driver.Start(w.ctx, w.request(t, tt.kind, tt.spec))
			refusal(t, err, tt.status, tt.names...)
		})
	}
	t.Run("the details name every refused property", func(t *testing.T) {
		_, err := w.try(platform.OpCreateOrUpdateProject, nil, nil, `{"name": "x", "color": "red"}`)
		var refused *platform.Error
		if !errors.As(err, &refused) || refused.Details["name"] == nil || refused.Details["color"] == nil {
			t.Errorf("got %v with %v", err, refused)
		}
	})
	t.Run("what is missing is named as it is", func(t *testing.T) {
		_, err := w.try(platform.OpPutEgressIP, nil, nil, `{"description": "first"}`)
		var refused *platform.Error
		if !errors.As(err, &refused) || len(refused.Details) != 1 || refused.Details["name"] == nil {
			t.Errorf("the refusal is %v", err)
		}
	})
	t.Run("a taken identifier", func(t *testing.T) {
		for _, tt := range []struct{ op, get, body string }{
			{platform.OpCreateProject, "", `{"name": "conformance"}`},
			{platform.OpCreateCombinedService, "", combined("taken", "")},
			{platform.OpCreateBuildService, "", builder("taken-b")},
			{platform.OpCreateDeploymentService, "", deployment("taken-d", nginx)},
			{platform.OpCreateManualJob, "", manualJob("taken-m", nginx)},
			{platform.OpCreateCronJob, "", cronJob("taken-c")},
			{platform.OpCreateJob, "", job("taken-j")},
			{platform.OpCreateAddon, "", addon("taken", "redis", "latest")},
			{platform.OpCreateProjectSecret, "", secretGroup("taken", "")},
			{platform.OpCreateVolume, "", volume("taken", "")},
		} {
			if tt.op != platform.OpCreateProject {
				w.do(t, tt.op, at(), nil, tt.body)
			}
			_, err := w.try(tt.op, at(), nil, tt.body)
			refusal(t, err, 409, "exists")
		}
	})
	t.Run("a project that does not exist", func(t *testing.T) {
		req := w.request(t, "ManualJob", manualJob("homeless", nginx))
		req.ProjectID = "nobody"
		_, err := w.driver.Start(w.ctx, req)
		refusal(t, err, 404, "project", "nobody")
	})
	t.Run("no project at all", func(t *testing.T) {
		req := w.request(t, "ManualJob", manualJob("homeless", nginx))
		req.ProjectID = ""
		_, err := w.driver.Start(w.ctx, req)
		refusal(t, err, 400, "projectId")
	})
	t.Run("a body that is no object", func(t *testing.T) {
		for _, body := range []string{`[]`, `"x"`, `{`} {
			_, err := w.try(platform.OpCreateProject, nil, nil, body)
			refusal(t, err, 400)
		}
	})
	t.Run("a missing path parameter", func(t *testing.T) {
		_, err := w.try(platform.OpGetService, at(), nil, "")
		refusal(t, err, 400, "serviceId")
	})
	t.Run("an operation that there is not", func(t *testing.T) {
		_, err := w.try("project/services/paint-service", at(), nil, "")
		refusal(t, err, 501, "paint-service")
	})
	t.Run("a kind that there is not", func(t *testing.T) {
		if err := w.driver.Supports("Submarine", nil); err == nil || !strings.Contains(err.Error(), "Submarine") {
			t.Errorf("got %v", err)
		}
		if _, err := w.driver.Start(w.ctx, w.request(t, "Submarine", `{}`)); err == nil {
			t.Error("it started")
		}
	})
}

// testLists pages through every list.
func testLists(t *testing.T, w *world) {
	for i := range 5 {
		w.start(t, "Project", fmt.Sprintf(`{"name": "listed %d"}`, i))
		w.start(t, "DeploymentService", deployment(fmt.Sprintf("listed %d", i), nginx))
		w.start(t, "ManualJob", manualJob(fmt.Sprintf("listed %d", i), nginx))
		w.start(t, "Addon", addon(fmt.Sprintf("listed %d", i), "redis", "latest"))
		w.start(t, "SecretGroup", secretGroup(fmt.Sprintf("listed %d", i), ""))
		w.start(t, "Volume", volume(fmt.Sprintf("listed %d", i), ""))
		w.start(t, "JobRun", `{"jobId": "listed-0"}`)
	}
	tests := []struct {
		op, member string
		path       map[string]string
		least      int
	}{
		{platform.OpListProjects, "projects", nil, 6},
		{platform.OpListServices, "services", at(), 5},
		{platform.OpListJobs, "jobs", at(), 5},
		{platform.OpListAddons, "addons", at(), 5},
		{platform.OpListProjectSecrets, "secrets", at(), 5},
		{platform.OpListVolumes, "", at(), 5},
		{platform.OpGetJobRuns, "runs", at("jobId", "listed-0"), 5},
	}
	for _, tt := range tests {
		t.Run(tt.op, func(t *testing.T) {
			seen, pages, query := map[string]bool{}, 0, map[string]string{"per_page": "2"}
			for {
				response, err := w.target.Do(w.ctx, tt.op, platform.Params{Path: tt.path, Query: query}, nil)
				if err != nil {
					t.Fatal(err)
				}
				var data any
				if err := response.Data(&data); err != nil {
					t.Fatal(err)
				}
				items := jsonvalue.List(data, tt.member)
				if len(items) > 2 {
					t.Fatalf("a page of 2 has %d items", len(items))
				}
				for _, item := range items {
					if seen[id(t, item)] {
						t.Errorf("%s is listed twice", id(t, item))
					}
					seen[id(t, item)] = true
				}
				cursor, more, err := response.Next()
				if err != nil {
					t.Fatal(err)
				}
				if pages++; !more || pages > 20 {
					break
				}
				query["cursor"] = cursor
			}
			if len(seen) < tt.least {
				t.Errorf("%d items in %d pages, want %d or more", len(seen), pages, tt.least)
			}
			second := w.do(t, tt.op, tt.path, map[string]string{"per_page": "2", "page": "2"}, "")
			if len(jsonvalue.List(second, tt.member)) == 0 {
				t.Error("the second page by number is empty")
			}
		})
	}
	for _, query := range []map[string]string{{"per_page": "0"}, {"per_page": "many"}, {"cursor": "nonsense!"}, {"page": "-1"}} {
		t.Run(fmt.Sprintf("a list with %v is refused", query), func(t *testing.T) {
			_, err := w.try(platform.OpListProjects, nil, query, "")
			for name := range query {
				refusal(t, err, 400, name)
			}
		})
	}
}

func testDeleting(t *testing.T, w *world) {
	w.start(t, "CombinedService", combined("gone", ""))
	w.start(t, "ManualJob", manualJob("gone", nginx))
	w.start(t, "Addon", addon("gone", "redis", "latest"))
	w.start(t, "SecretGroup", secretGroup("gone", ""))
	w.start(t, "Volume", volume("gone", ""))
	has(t, w.do(t, platform.OpGetServicePorts, at("serviceId", "gone"), nil, ""), "ports.0.name", "app")
	_, err := w.try(platform.OpDeleteProject, at(), nil, "")
	refusal(t, err, 409, project)
	for _, tt := range []struct{ delete, get, param string }{
		{platform.OpDeleteService, platform.OpGetService, "serviceId"},
		{platform.OpDeleteJob, platform.OpGetJob, "jobId"},
		{platform.OpDeleteAddon, platform.OpGetAddon, "addonId"},
		{platform.OpDeleteProjectSecret, platform.OpGetProjectSecret, "secretId"},
		{platform.OpDeleteVolume, platform.OpGetVolume, "volumeId"},
	} {
		t.Run(tt.delete, func(t *testing.T) {
			w.do(t, tt.get, at(tt.param, "gone"), nil, "")
			w.do(t, tt.delete, at(tt.param, "gone"), nil, "")
			_, err := w.try(tt.get, at(tt.param, "gone"), nil, "")
			refusal(t, err, 404, "gone")
			_, err = w.try(tt.delete, at(tt.param, "gone"), nil, "")
			refusal(t, err, 404, "gone")
		})
	}
	w.start(t, "ManualJob", manualJob("left", nginx))
	w.do(t, platform.OpDeleteProject, at(), map[string]string{"delete_child_objects": "true"}, "")
	_, err = w.try(platform.OpGetJob, at("jobId", "left"), nil, "")
	refusal(t, err, 404, project)
}
