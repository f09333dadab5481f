package platformtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func testManaged(t *testing.T, w *world) {
	t.Run("an external addon is made with a cloud integration", func(t *testing.T) {
		const bucket = `{"name": "bucket", "spec": {"resourceType": "s3", "provider": {"aws": {"region": "eu-west-1", "integrationId": "team/our-aws"}}}}`
		_, err := w.try(platform.OpCreateExternalAddon, at(), nil, bucket)
		refusal(t, err, 404, "spec.provider.aws.integrationId", "our-aws")
		w.do(t, platform.OpCreateCloudIntegration, nil, nil, cloud("our aws", "one"))
		w.do(t, platform.OpCreateExternalAddon, at(), nil, bucket)
		path := at("externalAddonId", "bucket")
		w.state(t, platform.OpGetExternalAddon, path, "status", "running")
		job := map[string]string{"opentofuJobId": jsonvalue.String(w.do(t, platform.OpGetExternalAddon, path, nil, ""), "internalId")}
		says(t, w.log(t, platform.OpGetOpenTofuJobLogs, job, forward), "would be applied for external addon bucket", "is running")
		if lines := w.log(t, platform.OpGetOpenTofuJobLogs, job, map[string]string{"lineLimit": "1"}); len(lines) != 1 {
			t.Errorf("one line of the job is %q", lines)
		}
		_, err = w.try(platform.OpGetOpenTofuJobLogs, job, map[string]string{"direction": "up"}, "")
		refusal(t, err, 400, "direction")
		_, err = w.try(platform.OpGetOpenTofuJobLogs, map[string]string{"opentofuJobId": "nobody"}, nil, "")
		refusal(t, err, 404, "nobody")
		_, err = w.try(platform.OpDeleteCloudIntegration, map[string]string{"integrationId": "our-aws"}, nil, "")
		refusal(t, err, 409, "our-aws", "bucket")
		w.do(t, platform.OpCreateExternalAddon, at(), nil, strings.Replace(strings.Replace(bucket, "s3", "rds", 1), `"bucket"`, `"database"`, 1))
		has(t, w.do(t, platform.OpListExternalAddons, at(), map[string]string{"per_page": "1"}, ""), "data.externalAddons.0.id", "bucket",
			"data.externalAddons.1", nil, "data.pagination.total", float64(2), "data.pagination.perPage", float64(1), "data.pagination.page", float64(1))
		has(t, w.do(t, platform.OpListExternalAddons, at(), map[string]string{"resourceType": "rds"}, ""), "data.externalAddons.0.id", "database",
			"data.pagination.total", float64(1))
		has(t, w.do(t, platform.OpListExternalAddons, at(), map[string]string{"status": "asleep"}, ""), "data.externalAddons", []any{})
		group := func(key string) string {
			return `{"name": "linked", "secretType": "environment", "priority": 1, "externalAddonDependencies": [{"addonId": "bucket", "keys": [{"keyName": "` + key + `", "aliases": ["WHERE"]}]}]}`
		}
		w.do(t, platform.OpUpdateExternalAddon, path, nil, `{"spec": {"config": {"envs": {"data": {"region": {}, "bucket_name": {}}}}}}`)
		has(t, w.start(t, "SecretGroup", group("region")).Output, "addonSecrets.0.variables.WHERE", "eu-west-1", "addonSecrets.0.addonType", "s3")
		_, err = w.driver.Start(w.ctx, w.request(t, "SecretGroup", group("size")))
		refusal(t, err, 400, "externalAddonDependencies.0.keys.0.keyName", "size", "bucket_name")
		_, err = w.driver.Start(w.ctx, w.request(t, "SecretGroup", strings.Replace(group("region"), `"bucket"`, `"nobody"`, 1)))
		refusal(t, err, 404, "externalAddonDependencies.0.addonId", "nobody")
		change := w.preview(t, "SecretGroup", decode(t, strings.Replace(group("region"), `"bucket"`, `"nobody"`, 1)))
		if want := "projects/" + project + "/external-addons/nobody"; len(change.Needs) != 1 || change.Needs[0] != want {
			t.Errorf("it needs %v, want %s", change.Needs, want)
		}
		w.do(t, platform.OpDeleteExternalAddon, path, nil, "")
		w.do(t, platform.OpDeleteExternalAddon, at("externalAddonId", "database"), nil, "")
		w.do(t, platform.OpDeleteCloudIntegration, map[string]string{"integrationId": "our-aws"}, nil, "")
	})
	t.Run("a node makes an external addon and waits for it", func(t *testing.T) {
		const outputs = `{"name": "store", "spec": {"resourceType": "s3", "config": {"envs": {"data": {"region": {}%s}}}, "provider": {"aws": {"region": "eu-west-1", "integrationId": "team/nodes"}}}}`
		first, second := fmt.Sprintf(outputs, ""), fmt.Sprintf(outputs, `, "bucket_name": {}`)
		change := w.preview(t, "ExternalAddon", decode(t, first))
		if want := "cloud-providers/integrations/nodes"; change.Action != platform.ActionCreate || len(change.Needs) != 1 || change.Needs[0] != want {
			t.Errorf("the preview is %s and needs %v, want %s", change.Action, change.Needs, want)
		}
		w.do(t, platform.OpCreateCloudIntegration, nil, nil, cloud("nodes", "one"))
		has(t, w.finish(t, "ExternalAddon", first, whenDone), "id", "store", "status", "running", "projectId", project)
		if result := w.start(t, "ExternalAddon", first); result.Action != platform.ActionUnchanged || result.Wait != nil {
			t.Errorf("repeating it did %s and waits: %v", result.Action, result.Wait)
		}
		if change := w.preview(t, "ExternalAddon", decode(t, second)); change.Action != platform.ActionUpdate {
			t.Errorf("with another output the preview is %s", change.Action)
		}
		output := w.start(t, "ExternalAddon", second).Output
		if jsonvalue.Get(output, "spec.config.envs.data.bucket_name") == nil {
			t.Errorf("the output is not there: %v", output)
		}
	})
	t.Run("a model is provisioned, and starts anew when it is changed", func(t *testing.T) {
		made := w.do(t, platform.OpCreateModel, at(), nil, model("chat"))
		if status := jsonvalue.String(made, "status"); status == "running" || status == "" {
			t.Errorf("at first it is %q", status)
		}
		path := at("llmModelDeploymentId", "chat")
		data := w.state(t, platform.OpGetModel, path, "status", "running")
		has(t, data, "ports.0.id", "p01", "spec.configuration.engine", "vllm", "projectId", project)
		if dns := jsonvalue.String(data, "ports.0.dns"); !strings.HasPrefix(dns, "p01--chat--") {
			t.Errorf("its public port has the host name %q", dns)
		}
		inTime(t, "see it start", func() bool {
			w.do(t, platform.OpUpdateModel, path, nil, `{"spec": {"configuration": {"revision": "`+t.Name()+jsonvalue.String(data, "updatedAt")+`"}}}`)
			data = w.do(t, platform.OpGetModel, path, nil, "")
			return jsonvalue.String(data, "status") == "starting"
		})
		w.state(t, platform.OpGetModel, path, "status", "running")
	})
}
