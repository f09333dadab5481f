package platformtest

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A sample is a resource of a kind, and one property that can be changed.
type sample struct {
	kind, id, spec, changed string
	path                    string // of the changed property in the output
	want                    any
}

func samples() []sample {
	return []sample{
		{"Project", "second-project", `{"name": "Second Project", "color": "#112233"}`,
			`{"name": "Second Project", "color": "#332211"}`, "color", "#332211"},
		{"CombinedService", "my-app", combined("My App", ""), combined("My App", `, "description": "changed"`),
			"description", "changed"},
		{"BuildService", "my-builder", builder("My Builder"),
			`{"name": "My Builder", "billing": {"buildPlan": "nf-compute-400-16"}, "disabledCI": true,
				"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github"},
				"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`, "disabledCI", true},
		{"DeploymentService", "my-web", deployment("My Web", nginx), deployment("My Web", `"external": {"imagePath": "caddy:2"}`),
			"deployment.external.imagePath", "caddy:2"},
		{"ManualJob", "my-task", manualJob("My Task", nginx), manualJob("My Task", `"external": {"imagePath": "busybox:1"}`),
			"deployment.external.imagePath", "busybox:1"},
		{"CronJob", "my-clock", cronJob("My Clock"),
			`{"name": "My Clock", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "schedule": "5 * * * *",
				"deployment": {"external": {"imagePath": "nginx:latest"}}}`, "settings.cron.schedule", "5 * * * *"},
		{"Job", "my-job", job("My Job"),
			`{"name": "My Job", "billing": {"deploymentPlan": "nf-compute-50"}, "settings": {"backoffLimit": 0},
				"deployment": {"external": {"imagePath": "nginx:latest"}}}`, "billing.deploymentPlan", "nf-compute-50"},
		{"Addon", "my-database", addon("My Database", "postgresql", "16-latest"),
			`{"name": "My Database", "type": "postgresql", "version": "16-latest", "tlsEnabled": true,
				"billing": {"deploymentPlan": "nf-compute-50", "storageClass": "ssd", "storage": 8192, "replicas": 1}}`,
			"billing.storage", float64(8192)},
		{"SecretGroup", "my-secrets", secretGroup("My Secrets", ""),
			`{"name": "My Secrets", "secretType": "environment", "priority": 10, "secrets": {"variables": {"TOKEN": "other"}}}`,
			"secrets.variables.TOKEN", "other"},
		{"Volume", "my-volume", volume("My Volume", ""),
			`{"name": "My Volume", "spec": {"accessMode": "ReadWriteOnce", "storageSize": 8192}, "mounts": [{"containerMountPath": "/data"}]}`,
			"spec.storageSize", float64(8192)},
		{"LLMModelDeployment", "my-model", model("My Model"), strings.Replace(model("My Model"), "main", "v2", 1), "spec.configuration.revision", "v2"},
		{"ResourceTag", "spot-nodes", `{"name": "Spot nodes", "color": "#0EA5E9", "useSpotNodes": true}`,
			`{"name": "Spot nodes", "color": "#112233", "useSpotNodes": true}`, "color", "#112233"},
		{"EgressIp", "way-out", egressIP("Way out", "include"), egressIP("Way out", "exclude"), "spec.mode", "exclude"},
		{"LoadBalancer", "way-in", loadBalancer("Way in", "tcp", ""), loadBalancer("Way in", "udp", ""), "spec.type", "udp"},
		{"SSHIdentity", "deployers", `{"name": "Deployers", "sshPublicKeys": [{"key": "ssh-ed25519 AAAA"}]}`,
			`{"name": "Deployers", "sshPublicKeys": [{"key": "ssh-ed25519 BBBB"}]}`, "sshPublicKeys.0.key", "ssh-ed25519 BBBB"},
		{"BYOCIntegration", "our-cloud", cloud("Our cloud", "one"), cloud("Our cloud", "two"), "credentials.secretKey", "two"},
		{"BYOCCluster", "our-cluster", cluster("Our cluster", 2), cluster("Our cluster", 3), "nodePools.0.nodeCount", float64(3)},
		{"BYOCRegistry", "cloud-images", `{"name": "Cloud images", "provider": "aws", "region": "eu-west-1", "integrationId": "our-cloud"}`,
			`{"name": "Cloud images", "provider": "aws", "region": "eu-central-1", "integrationId": "team/our-cloud"}`, "region", "eu-central-1"},
		{"CustomPlan", "our-plan", customPlan("our-plan", 0.5), customPlan("our-plan", 2), "configuration.resources.cpu.resources.limit", float64(2)},
		{"WorkloadIdentity", "bucket-access", workloadIdentity("Bucket access", "our-cloud", "one"), workloadIdentity("Bucket access", "our-cloud", "two"),
			"spec.provider.policyDocument.Statement.Resource", "arn:aws:s3:::two/*"},
		{"CustomDockerCredentials", "our-images", registry("Our images", "one"), registry("Our images", "two"), "credentials.password", "two"},
	}
}

// ofAccount tells whether resources of a kind belong to no project.
func ofAccount(kind string) bool {
	switch kind {
	case "Project", "ResourceTag", "EgressIp", "LoadBalancer", "SSHIdentity", "BYOCIntegration", "BYOCCluster", "BYOCRegistry", "CustomPlan", "WorkloadIdentity", "CustomDockerCredentials":
		return true
	}
	return false
}

// testResources creates, repeats and changes a resource of each kind.
func testResources(t *testing.T, w *world) {
	for _, s := range samples() {
		t.Run(s.kind, func(t *testing.T) {
			result := w.start(t, s.kind, s.spec)
			if got := id(t, result.Output); got != s.id {
				t.Errorf("the id is %q, want the slug %q", got, s.id)
			}
			if result.Wait != nil {
				t.Error("a resource is there when it is created; what waits is a condition")
			}
			if !ofAccount(s.kind) {
				has(t, result.Output, "projectId", project)
			}
			if jsonvalue.String(result.Output, "createdAt") == "" {
				t.Error("the output has no time of creation")
			}
			again := w.start(t, s.kind, s.spec)
			if got := id(t, again.Output); got != s.id {
				t.Errorf("repeating it made %q", got)
			}
			has(t, again.Output, "createdAt", jsonvalue.Get(result.Output, "createdAt"))
			changed := w.start(t, s.kind, s.changed)
			has(t, changed.Output, "id", s.id, s.path, s.want)
			if err := w.driver.Supports(s.kind, decode(t, s.spec)); err != nil {
				t.Errorf("a kind that runs is said not to be supported: %v", err)
			}
			if !w.driver.Repeatable(w.request(t, s.kind, s.spec)) {
				t.Error("creating or updating can be repeated")
			}
		})
	}
	for _, kind := range platform.Kinds() {
		if err := w.driver.Supports(kind, map[string]any{"kind": platform.Unknown, "spec": map[string]any{"type": platform.Unknown}}); err != nil {
			t.Errorf("%s: what is unknown in a plan may be supported: %v", kind, err)
		}
	}
}

func testUpdateModes(t *testing.T, w *world) {
	tests := []struct {
		kind, id, spec, other, patch string
		path                         string
		created, patched             any
	}{
		{"Project", "modes", `{"name": "modes", "color": "#111111"}`, `{"name": "modes", "color": "#222222"}`,
			`{"name": "modes", "color": "#333333"}`, "color", "#111111", "#333333"},
		{"CombinedService", "modes", combined("modes", ""), combined("modes", `, "description": "no"`),
			`{"name": "modes", "deployment": {"instances": 3}}`, "deployment.instances", float64(1), float64(3)},
		{"BuildService", "modes-b", builder("modes-b"), builder("modes-b"), `{"name": "modes-b", "description": "patched"}`,
			"description", nil, "patched"},
		{"DeploymentService", "modes-d", deployment("modes-d", nginx), deployment("modes-d", `"external": {"imagePath": "no:1"}`),
			`{"name": "modes-d", "runtimeEnvironment": {"MODE": "patched"}}`, "runtimeEnvironment.MODE", "test", "patched"},
		{"ManualJob", "modes-m", manualJob("modes-m", nginx), manualJob("modes-m", `"external": {"imagePath": "no:1"}`),
			`{"name": "modes-m", "backoffLimit": 2}`, "settings.backoffLimit", float64(0), float64(2)},
		{"CronJob", "modes-c", cronJob("modes-c"), cronJob("modes-c"), `{"name": "modes-c", "schedule": "1 1 * * *"}`,
			"settings.cron.schedule", "0 * * * *", "1 1 * * *"},
		{"Job", "modes-j", job("modes-j"), job("modes-j"), `{"name": "modes-j", "settings": {"backoffLimit": 2}}`,
			"settings.backoffLimit", float64(0), float64(2)},
		{"Addon", "modes-a", addon("modes-a", "redis", "7.2-latest"), addon("modes-a", "redis", "7.2-latest"),
			`{"name": "modes-a", "billing": {"storage": 8192}}`, "billing.storage", float64(4096), float64(8192)},
		{"SecretGroup", "modes-s", secretGroup("modes-s", ""), secretGroup("modes-s", `, "description": "no"`),
			`{"name": "modes-s", "secrets": {"variables": {"MORE": "1"}}}`, "secrets.variables", map[string]any{"TOKEN": "hunter2"},
			map[string]any{"TOKEN": "hunter2", "MORE": "1"}},
		{"Volume", "modes-v", volume("modes-v", ""), volume("modes-v", `, "tags": ["no-no"]`),
			`{"name": "modes-v", "spec": {"storageSize": 8192}}`, "spec.storageSize", float64(4096), float64(8192)},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			_, err := w.driver.Start(w.ctx, w.request(t, tt.kind, tt.patch, `{"updateMode": "patch"}`))
			refusal(t, err, 404, "patch", tt.id)
			result := w.start(t, tt.kind, tt.spec, `{"updateMode": "create"}`)
			if result.Action != platform.ActionCreate {
				t.Errorf("the first create did %q", result.Action)
			}
			result = w.start(t, tt.kind, tt.other, `{"updateMode": "create"}`)
			if result.Action != platform.ActionUnchanged {
				t.Errorf("create on what exists did %q, want it left as it is", result.Action)
			}
			has(t, result.Output, "id", tt.id, tt.path, tt.created)
			result = w.start(t, tt.kind, tt.patch, `{"updateMode": "patch"}`)
			has(t, result.Output, "id", tt.id, tt.path, tt.patched)
		})
	}
	t.Run("a patch takes the place of what it excludes", func(t *testing.T) {
		w.start(t, "BuildService", builder("images"))
		w.start(t, "DeploymentService", deployment("moves", nginx))
		moved := w.start(t, "DeploymentService", `{"name": "moves", "deployment": {"internal": {"id": "images", "branch": "main"}}}`, `{"updateMode": "patch"}`)
		has(t, moved.Output, "deployment.internal.id", "images", "deployment.external", nil, "deployment.instances", float64(1))
		back := w.start(t, "DeploymentService", `{"name": "moves", "deployment": {"external": {"imagePath": "nginx:2"}}}`, `{"updateMode": "patch"}`)
		has(t, back.Output, "deployment.internal", nil, "deployment.external.imagePath", "nginx:2")
		packed := w.start(t, "BuildService", `{"name": "images", "buildSettings": {"buildpack": {"builder": "HEROKU_24"}}}`, `{"updateMode": "patch"}`)
		has(t, packed.Output, "buildSettings.dockerfile", nil, "buildSettings.buildpack.builder", "HEROKU_24")
	})
	t.Run("an unknown mode is refused", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "Project", `{"name": "modes"}`, `{"updateMode": "replace"}`))
		refusal(t, err, 400, "updateMode", "replace")
	})
}

func testOutputs(t *testing.T, w *world) {
	t.Run("a public port has a host name of its own", func(t *testing.T) {
		output := w.start(t, "DeploymentService", deployment("hosts", nginx)).Output
		first, second := jsonvalue.String(output, "ports.0.dns"), jsonvalue.String(output, "ports.1.dns")
		if len(first) < len("web--hosts--x.code.run") || first[:len("web--hosts--")] != "web--hosts--" || first[len(first)-len(".code.run"):] != ".code.run" {
			t.Errorf("the host name is %q, want port--service--hash.code.run", first)
		}
		if second != "" {
			t.Errorf("a private port has the public host name %q", second)
		}
		has(t, output, "ports.0.internalPort", float64(80), "serviceType", "deployment", "deployment.region", "europe-west")
		again := w.start(t, "DeploymentService", deployment("hosts", nginx)).Output
		has(t, again, "ports.0.dns", first)
	})
	t.Run("environments are secret", func(t *testing.T) {
		result := w.start(t, "DeploymentService", deployment("private", nginx))
		secret(t, result, "/runtimeEnvironment")
	})
	t.Run("passwords of ports are secret", func(t *testing.T) {
		result := w.start(t, "DeploymentService", `{"name": "guarded", "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1, "external": {"imagePath": "nginx"}},
			"ports": [{"name": "web", "internalPort": 80, "protocol": "HTTP", "public": true,
				"security": {"credentials": [{"username": "admin", "password": "hunter2", "type": "basic-auth"}]}}]}`)
		secret(t, result, "/ports/0/security/credentials/0/password")
	})
	for _, tt := range []struct{ kind, version, key string }{
		{"mongodb", "7.0-latest", "MONGO_SRV"},
		{"postgresql", "16-latest", "POSTGRES_URI"},
		{"postgres", "16-latest", "JDBC_POSTGRES_URI"},
		{"mysql", "8.4-latest", "MYSQL_CONNECTOR_URI"},
		{"redis", "7.2-latest", "REDIS_MASTER_URL"},
		{"rabbitmq", "latest", "AMQP_CONNECTION_STRING"},
		{"minio", "latest", "MINIO_ENDPOINT"},
	} {
		t.Run(tt.kind+" gives credentials of its type", func(t *testing.T) {
			result := w.start(t, "Addon", addon("db "+tt.kind, tt.kind, tt.version))
			if jsonvalue.String(result.Output, "envs."+tt.key) == "" || jsonvalue.String(result.Output, "secrets.password") == "" {
				t.Errorf("%s or the password is missing in %v", tt.key, result.Output)
			}
			secret(t, result, "/secrets")
			again := w.start(t, "Addon", addon("db "+tt.kind, tt.kind, tt.version))
			has(t, again.Output, "envs", jsonvalue.Get(result.Output, "envs"))
		})
	}
}

// secret checks that a value of an output is marked.
func secret(t testing.TB, result platform.Result, pointer string) {
	t.Helper()
	for _, p := range result.Secret {
		if p == pointer {
			return
		}
	}
	t.Errorf("%s is not marked secret; %v are", pointer, result.Secret)
}
