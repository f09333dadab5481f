package platformtest

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A family is a kind of resource of the account, with its operations; those that
// are empty the platform does not have.
type family struct {
	create, put, patch, get, list, remove string

	param, id string // of the resource that body makes
	path      map[string]string
	member    string // of a list
	body      string
	change    string // what patch is asked for
	at        string // of the changed property
	want      any
	broken    string // a body that is refused, and the property at fault
	fault     string
	secret    string // what a list must not hold
}

func families() []family {
	return []family{
		{
			create: platform.OpCreateCloudRegistry, put: platform.OpPutCloudRegistry, patch: platform.OpPatchCloudRegistry, get: platform.OpGetCloudRegistry,
			list: platform.OpListCloudRegistries, remove: platform.OpDeleteCloudRegistry, param: "registryId", id: "my-images", member: "registries",
			body: `{"name": "My Images", "provider": "aws", "region": "eu-west-1"}`, change: `{"region": "us-east-1"}`, at: "region", want: "us-east-1",
			broken: `{"name": "My Images 2", "provider": "basement"}`, fault: "provider",
		},
		{
			create: platform.OpCreateCustomPlan, put: platform.OpPutCustomPlan, patch: platform.OpPatchCustomPlan, get: platform.OpGetCustomPlan,
			list: platform.OpListCustomPlans, remove: platform.OpDeleteCustomPlan, param: "customPlanId", id: "my-plan", member: "plans",
			body: customPlan("my-plan", 1), change: `{"configuration": {"resources": {"memory": {"resources": {"limit": 2048}}}}}`,
			at: "configuration.resources.memory.resources.limit", want: float64(2048),
			broken: strings.Replace(customPlan("my-plan-2", 1), "northflank", "guess", 1), fault: "configuration.type",
		},
		{
			create: platform.OpCreateWorkloadIdentity, put: platform.OpPutWorkloadIdentity, patch: platform.OpPatchWorkloadIdentity,
			get: platform.OpGetWorkloadIdentity, list: platform.OpListWorkloadIdentities, remove: platform.OpDeleteWorkloadIdentity,
			param: "workloadIdentityId", id: "my-identity", member: "workloadIdentities",
			body:   `{"name": "My Identity", "spec": {"roleMode": "existing", "provider": {"type": "aws", "existingRoleArn": "arn:aws:iam::1:role/mine"}}}`,
			change: `{"spec": {"provider": {"existingRoleArn": "arn:aws:iam::1:role/other"}}}`, at: "spec.provider.arn", want: "arn:aws:iam::1:role/other",
			broken: `{"name": "My Identity 2", "spec": {"roleMode": "borrowed"}}`, fault: "spec.roleMode",
		},
		{
			create: platform.OpAddTag, put: platform.OpPutTag, patch: platform.OpUpdateTag, get: platform.OpGetTag,
			list: platform.OpListTags, remove: platform.OpDeleteTag, param: "resourceTagId", id: "my-tag", member: "tags",
			body: `{"name": "My Tag", "color": "#112233"}`, change: `{"useSpotNodes": true}`, at: "useSpotNodes", want: true,
			broken: `{"name": "My Tag 2", "color": "red"}`, fault: "color",
		},
		{
			create: platform.OpCreateGlobalSecret, put: platform.OpPutGlobalSecret, patch: platform.OpPatchGlobalSecret,
			get: platform.OpGetGlobalSecret, list: platform.OpListGlobalSecrets, remove: platform.OpDeleteGlobalSecret,
			param: "secretId", id: "my-secret", member: "secrets",
			body: `{"name": "My Secret", "type": "secret", "secrets": {"values": {"token": "hunter2"}}}`, secret: "hunter2",
			change: `{"secrets": {"values": {"more": "1"}}}`, at: "secrets.values", want: map[string]any{"token": "hunter2", "more": "1"},
			broken: `{"name": "My Secret 2", "type": "letter"}`, fault: "type",
		},
		{
			create: platform.OpCreateEgressIP, put: platform.OpPutEgressIP, patch: platform.OpPatchEgressIP, get: platform.OpGetEgressIP,
			list: platform.OpListEgressIPs, remove: platform.OpDeleteEgressIP, param: "egressIpId", id: "my-egress", member: "egressIps",
			body: egressIP("My Egress", "include"), change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: strings.Replace(egressIP("My Egress 2", "include"), "dedicated", "rented", 1), fault: "spec.provisioningMode",
		},
		{
			create: platform.OpCreateLoadBalancer, put: platform.OpPutLoadBalancer, patch: platform.OpPatchLoadBalancer,
			get: platform.OpGetLoadBalancer, list: platform.OpListLoadBalancers, remove: platform.OpDeleteLoadBalancer,
			param: "loadBalancerId", id: "my-balancer", member: "loadBalancers",
			body: loadBalancer("My Balancer", "tcp", ""), change: `{"spec": {"type": "udp"}}`, at: "spec.type", want: "udp",
			broken: strings.Replace(loadBalancer("My Balancer 2", "tcp", ""), "port-443", "443", 1), fault: "spec.ports.0.id",
		},
		{
			create: platform.OpCreateNetworkPolicy, patch: platform.OpUpdateNetworkPolicy, get: platform.OpGetNetworkPolicy,
			remove: platform.OpDeleteNetworkPolicy, param: "networkPolicyId", id: "my-policy",
			body:   `{"name": "My Policy", "spec": {"egress": {"denyAll": true}}}`,
			change: `{"spec": {"ingress": {"denyAll": true}}}`, at: "spec.ingress.denyAll", want: true,
			broken: `{"name": "My Policy 2", "spec": {"restrictions": {"tags": {"enabled": true}}}}`, fault: "spec.restrictions.tags.matchCondition",
		},
		{
			create: platform.OpCreateRolloutStrategy, put: platform.OpPutRolloutStrategy, patch: platform.OpUpdateRolloutStrategy,
			remove: platform.OpDeleteRolloutStrategy, param: "gradualRolloutStrategyId", id: "my-rollout",
			body: strategy("My Rollout", 10), change: strategy("My Rollout", 20), at: "details.config.canaryPercentage", want: float64(20),
			broken: strings.Replace(strategy("My Rollout 2", 10), "canary", "sudden", 1), fault: "type",
		},
		{
			create: platform.OpAddBackupDestination, patch: platform.OpPatchBackupDestination, get: platform.OpGetBackupDestination,
			list: platform.OpListBackupDestinations, remove: platform.OpDeleteBackupDestination, param: "backupDestinationId",
			id: "my-bucket", member: "backupDestinations", body: destination("My Bucket"), secret: "bucket-password",
			change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: strings.Replace(destination("My Bucket 2"), "bucketName", "bucket", 1), fault: "credentials.bucketName",
		},
		{
			create: platform.OpAddRegistry, patch: platform.OpUpdateRegistry, get: platform.OpGetRegistry, list: platform.OpListRegistries,
			remove: platform.OpDeleteRegistry, param: "credentialId", id: "my-registry", member: "credentials",
			body: registry("My Registry", "registry-password"), secret: "registry-password",
			change: `{"credentials": {"username": "other"}}`, at: "credentials.username", want: "other",
			broken: strings.Replace(registry("My Registry 2", "x"), "custom", "homemade", 1), fault: "provider",
		},
		{
			create: platform.OpAddSSHIdentity, put: platform.OpPutSSHIdentity, patch: platform.OpUpdateSSHIdentity,
			get: platform.OpGetSSHIdentity, list: platform.OpListSSHIdentities, remove: platform.OpDeleteSSHIdentity,
			param: "identityId", id: "my-identity", member: "identities",
			body:   `{"name": "My Identity", "sshPublicKeys": [{"key": "ssh-ed25519 AAAA"}]}`,
			change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: `{"name": "My Identity 2", "sshPublicKeys": [{}]}`, fault: "sshPublicKeys.0.key",
		},
		{
			create: platform.OpCreateLogSink, patch: platform.OpUpdateLogSink, get: platform.OpGetLogSinkDetails,
			list: platform.OpListLogSinks, remove: platform.OpDeleteLogSink, param: "logSinkId", id: "my-sink", member: "logSinks",
			body: logSink("My Sink"), secret: "sink-password", change: `{"sinkType": "loki", "options": {"forwardCdnLogs": true}}`,
			at: "options.forwardCdnLogs", want: true, broken: strings.Replace(logSink("My Sink 2"), "endpoint", "end", 1), fault: "sinkData.endpoint",
		},
		{
			create: platform.OpCreateNotificationIntegration, patch: platform.OpUpdateNotificationIntegration,
			get: platform.OpGetNotificationIntegration, list: platform.OpListNotificationIntegrations,
			remove: platform.OpDeleteNotificationIntegration, param: "notificationId", id: "my-channel", member: "notificationIntegrations",
			body:   `{"name": "My Channel", "type": "DISCORD", "webhook": "https://example.com/hook", "secret": "hook-password"}`,
			secret: "hook-password", change: `{"restricted": true}`, at: "restricted", want: true,
			broken: `{"name": "My Channel 2", "type": "PIGEON", "webhook": "https://example.com"}`, fault: "type",
		},
		{
			create: platform.OpCreateCloudIntegration, put: platform.OpPutCloudIntegration, patch: platform.OpPatchCloudIntegration,
			get: platform.OpGetCloudIntegration, list: platform.OpListCloudIntegrations, remove: platform.OpDeleteCloudIntegration,
			param: "integrationId", id: "my-cloud", member: "integrations", body: cloud("My Cloud", "cloud-password"), secret: "cloud-password",
			change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: strings.Replace(cloud("My Cloud 2", "x"), "byoc", "everything", 1), fault: "features.0",
		},
		{
			create: platform.OpCreateCluster, put: platform.OpPutCluster, patch: platform.OpPatchCluster, get: platform.OpGetCluster,
			list: platform.OpListClusters, remove: platform.OpDeleteCluster, param: "clusterId", id: "my-cluster", member: "clusters",
			body: cluster("My Cluster", 1), change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: strings.Replace(cluster("My Cluster 2", 1), `"aws"`, `"attic"`, 1), fault: "provider",
		},
		{
			create: platform.OpCreateExternalAddon, patch: platform.OpUpdateExternalAddon, get: platform.OpGetExternalAddon,
			list: platform.OpListExternalAddons, remove: platform.OpDeleteExternalAddon, param: "externalAddonId", id: "my-bucket",
			path: at(), member: "data.externalAddons", body: `{"name": "My Bucket", "spec": {"resourceType": "s3"}}`,
			change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: `{"name": "My Bucket 2", "spec": {"resourceType": "shed"}}`, fault: "spec.resourceType",
		},
		{
			create: platform.OpCreateModel, patch: platform.OpUpdateModel, get: platform.OpGetModel, list: platform.OpListModels,
			remove: platform.OpDeleteModel, param: "llmModelDeploymentId", id: "my-model", path: at(), member: "llmModelDeployments",
			body: model("My Model"), change: `{"description": "changed"}`, at: "description", want: "changed",
			broken: strings.Replace(model("My Model 2"), "vllm", "abacus", 1), fault: "spec.configuration.engine",
		},
	}
}

func logSink(name string) string {
	return fmt.Sprintf(`{"name": %q, "sinkType": "loki", "sinkData": {"endpoint": "https://loki.example.com", "encoding": {"codec": "json"},
		"auth": {"strategy": "basic", "user": "robot", "password": "sink-password"}}}`, name)
}

func destination(name string) string {
	return fmt.Sprintf(`{"name": %q, "type": "s3", "prefix": "nightly/", "credentials": {"accessKey": "key", "secretKey": "bucket-password",
		"bucketName": "backups", "region": "eu-west-1", "endpoint": "s3.example.com"}}`, name)
}

// named is the path of a family's resource.
func (f *family) named(id string) map[string]string {
	path := map[string]string{f.param: id}
	maps.Copy(path, f.path)
	return path
}

func testFamilies(t *testing.T, w *world) {
	for _, f := range families() {
		t.Run(f.create, func(t *testing.T) { f.test(t, w) })
	}
}

// test takes a resource of the family through its life.
func (f *family) test(t *testing.T, w *world) {
	_, err := w.try(f.create, f.path, nil, f.broken)
	refusal(t, err, 400, f.fault)
	_, err = w.try(f.patch, f.named("nobody"), nil, f.change)
	refusal(t, err, 404, "nobody")
	w.do(t, f.create, f.path, nil, f.body)
	_, err = w.try(f.create, f.path, nil, f.body)
	refusal(t, err, 409, f.id)
	if f.put != "" {
		w.do(t, f.put, f.named(f.id), nil, f.body)
	}
	answer := w.do(t, f.patch, f.named(f.id), nil, f.change)
	if f.get != "" {
		_, err = w.try(f.get, f.named("nobody"), nil, "")
		refusal(t, err, 404, "nobody")
		answer = w.do(t, f.get, f.named(f.id), nil, "")
	}
	has(t, answer, f.at, f.want)
	if f.list != "" {
		f.lists(t, w)
	}
	w.do(t, f.remove, f.named(f.id), nil, "")
	if f.get != "" {
		_, err = w.try(f.get, f.named(f.id), nil, "")
		refusal(t, err, 404, f.id)
	}
	_, err = w.try(f.remove, f.named(f.id), nil, "")
	refusal(t, err, 404, f.id)
}

// lists finds the resource in the list, which shows no secret.
func (f *family) lists(t *testing.T, w *world) {
	data := w.do(t, f.list, f.path, nil, "")
	found := false
	for _, row := range jsonvalue.List(data, f.member) {
		found = found || jsonvalue.String(row, "id") == f.id || jsonvalue.String(row, "name") == f.id
	}
	if !found {
		t.Errorf("%s is not in the list: %v", f.id, data)
	}
	if f.secret != "" && strings.Contains(fmt.Sprint(data), f.secret) {
		t.Errorf("the list holds %q", f.secret)
	}
	_, err := w.try(f.list, f.path, map[string]string{"per_page": "none"}, "")
	refusal(t, err, 400, "per_page")
}

func testCatalog(t *testing.T, w *world) {
	plans := w.do(t, platform.OpListPlans, nil, nil, "")
	known := map[string]bool{}
	for _, plan := range jsonvalue.List(plans, "plans") {
		known[jsonvalue.String(plan, "id")] = true
	}
	if !known["nf-compute-20"] || !known["nf-compute-400-16"] {
		t.Errorf("the plans are %v", known)
	}
	regions := w.do(t, platform.OpListRegions, nil, nil, "")
	for _, region := range jsonvalue.List(regions, "regions") {
		known[jsonvalue.String(region, "id")] = true
	}
	if !known["europe-west"] || !known["us-central"] {
		t.Errorf("the regions are %v", regions)
	}
	first := jsonvalue.String(w.do(t, platform.OpGetDNSID, nil, nil, ""), "dns")
	if again := jsonvalue.String(w.do(t, platform.OpGetDNSID, nil, nil, ""), "dns"); first == "" || again != first {
		t.Errorf("the DNS identifier is %q, then %q", first, again)
	}
}

// state reads a property until it has a value.
func (w *world) state(t testing.TB, op string, path map[string]string, at string, want any) any {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		data := w.do(t, op, path, nil, "")
		if jsonvalue.Equal(jsonvalue.Get(data, at), want) {
			return data
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still %v, want %v", at, jsonvalue.Get(data, at), want)
		}
	}
}

func testNetworks(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("backend", nginx))
	backend := fmt.Sprintf(`{"id": "%s/backend", "type": "service", "port": 80, "weight": 100}`, project)
	t.Run("a load balancer gets an endpoint when it is provisioned", func(t *testing.T) {
		output := w.start(t, "LoadBalancer", loadBalancer("entrance", "tcp", backend)).Output
		if status := jsonvalue.String(output, "state.status"); status != "provisioning" && status != "provisioned" {
			t.Errorf("at first it is %q", status)
		}
		data := w.state(t, platform.OpGetLoadBalancer, map[string]string{"loadBalancerId": "entrance"}, "state.status", "provisioned")
		if len(jsonvalue.List(data, "state.endpoints")) != 1 {
			t.Errorf("its endpoints are %v", jsonvalue.Get(data, "state.endpoints"))
		}
	})
	t.Run("an egress IP gets an address", func(t *testing.T) {
		w.start(t, "EgressIp", egressIP("exit way", "include"))
		data := w.state(t, platform.OpGetEgressIP, map[string]string{"egressIpId": "exit-way"}, "state.status", "active")
		if jsonvalue.String(data, "state.ipAddress") == "" {
			t.Errorf("it has no address: %v", data)
		}
	})
	t.Run("a backend that is not there is refused", func(t *testing.T) {
		spec := loadBalancer("nowhere", "tcp", strings.Replace(backend, "backend", "nobody", 1))
		_, err := w.driver.Start(w.ctx, w.request(t, "LoadBalancer", spec))
		refusal(t, err, 404, "spec.ports.0.backends.0.id", "nobody")
		change := w.preview(t, "LoadBalancer", decode(t, spec))
		if want := "projects/" + project + "/services/nobody"; len(change.Needs) != 1 || change.Needs[0] != want {
			t.Errorf("it needs %v, want %s", change.Needs, want)
		}
	})
}

func testRollouts(t *testing.T, w *world) {
	change := w.preview(t, "RolloutStrategy", decode(t, strategy("careful", 10)))
	if change.Action != platform.ActionApply || change.Resource != "gradual-rollout-strategies/careful" {
		t.Errorf("the preview is %s of %q", change.Action, change.Resource)
	}
	has(t, w.start(t, "RolloutStrategy", strategy("careful", 10)).Output, "id", "careful", "details.config.canaryPercentage", float64(10))
	has(t, w.start(t, "RolloutStrategy", strategy("careful", 25)).Output, "id", "careful", "details.config.canaryPercentage", float64(25))
	patched := w.start(t, "RolloutStrategy", strategy("careful", 30), `{"updateMode": "patch"}`)
	has(t, patched.Output, "details.config.canaryPercentage", float64(30))
	unnamed := w.start(t, "RolloutStrategy", strings.Replace(strategy("careful", 10), `"name": "careful", `, "", 1)).Output
	if got := id(t, unnamed); got == "careful" {
		t.Error("a strategy without a name took the place of another")
	}
}

func testDestinations(t *testing.T, w *world) {
	w.start(t, "Addon", addon("kept", "redis", "latest"))
	w.do(t, platform.OpAddBackupDestination, nil, nil, destination("outside"))
	_, err := w.try(platform.OpBackupAddon, at("addonId", "kept"), nil, `{"customDestinationId": "nobody"}`)
	refusal(t, err, 404, "customDestinationId", "nobody")
	made := w.do(t, platform.OpBackupAddon, at("addonId", "kept"), nil, `{"name": "nightly", "customDestinationId": "outside"}`)
	data := w.do(t, platform.OpListDestinationBackups, map[string]string{"backupDestinationId": "outside"}, nil, "")
	has(t, data, "0.id", id(t, made), "0.addon.id", "kept", "0.project.id", project, "0.name", "nightly")
}

func testIntegrations(t *testing.T, w *world) {
	w.do(t, platform.OpCreateLogSink, nil, nil, logSink("stream"))
	stream := map[string]string{"logSinkId": "stream"}
	for _, step := range [][2]string{{platform.OpPauseLogSink, "paused"}, {platform.OpResumeLogSink, "running"}} {
		w.do(t, step[0], stream, nil, "")
		has(t, w.do(t, platform.OpGetLogSinkDetails, stream, nil, ""), "status", step[1])
	}
	w.do(t, platform.OpPauseLogSink, stream, nil, "")
	w.do(t, platform.OpUpdateLogSink, stream, nil, `{"sinkType": "loki", "resumeLogSink": true}`)
	has(t, w.do(t, platform.OpGetLogSinkDetails, stream, nil, ""), "status", "running")
	has(t, w.do(t, platform.OpListVCSProviders, nil, nil, ""), "vcsAccountLinks", []any{})
	link := map[string]string{"customVCSId": "forge", "vcsLinkId": strings.Repeat("a1", 12)}
	_, err := w.try(platform.OpGenerateVCSToken, link, nil, "")
	refusal(t, err, 404, "forge", "a1a1")
	w.start(t, "BuildService", `{"name": "linked", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://forge.example.com/acme/shop",
		"projectType": "self-hosted", "selfHostedVcsId": "forge", "vcsLinkId": "`+link["vcsLinkId"]+`", "accountLogin": "acme"}, "buildSettings": {"dockerfile": {}}}`)
	has(t, w.do(t, platform.OpListVCSProviders, nil, nil, ""), "vcsAccountLinks.0.vcsService", "self-hosted", "vcsAccountLinks.0.login", "acme",
		"vcsAccountLinks.1", nil)
	first := w.do(t, platform.OpGenerateVCSToken, link, nil, "")
	has(t, first, "vcsService", "self-hosted")
	has(t, w.do(t, platform.OpGenerateVCSToken, link, map[string]string{"force_refresh": "true"}, ""), "token", jsonvalue.String(first, "token"))
	_, err = w.try(platform.OpGenerateVCSToken, link, map[string]string{"force_refresh": "maybe"}, "")
	refusal(t, err, 400, "force_refresh")
	_, err = w.try(platform.OpGenerateVCSToken, map[string]string{"customVCSId": "other", "vcsLinkId": link["vcsLinkId"]}, nil, "")
	refusal(t, err, 404, "other")
	w.do(t, platform.OpListRepositories, nil, nil, "")
	w.do(t, platform.OpListBranches, map[string]string{"vcsService": "github", "repositoryOwner": "a", "repositoryName": "b"}, nil, "")
	secret(t, w.start(t, "CustomDockerCredentials", registry("images", "one")), "/credentials/password")
	_, err = w.driver.Start(w.ctx, w.request(t, "CustomDockerCredentials", strings.Replace(registry("images", "one"), "custom", "gitlab", 1)))
	refusal(t, err, 400, "provider", "gitlab")
}

func testClusters(t *testing.T, w *world) {
	w.start(t, "BYOCIntegration", cloud("linked", "one"))
	linked := strings.Replace(cluster("machines", 2), `"region"`, `"integrationId": "linked", "region"`, 1)
	w.start(t, "BYOCCluster", linked)
	w.finish(t, "Condition", `{"kind": "BYOCCluster", "spec": {"type": "running", "data": {"clusterId": "machines"}}}`)
	machines := map[string]string{"clusterId": "machines"}
	has(t, w.do(t, platform.OpGetCluster, machines, nil, ""), "status.state.state", "running")
	has(t, w.do(t, platform.OpListClusterNodes, machines, nil, ""), "nodes.1.nodeId", "system-2", "nodes.1.status", "ready")
	node := map[string]string{"clusterId": "machines", "nodeId": "system-2"}
	for _, step := range [][2]string{{platform.OpCordonClusterNode, "cordoned"}, {platform.OpDrainClusterNode, "drained"},
		{platform.OpUncordonClusterNode, "ready"}} {
		w.do(t, step[0], node, nil, "")
		has(t, w.do(t, platform.OpListClusterNodes, machines, nil, ""), "nodes.1.status", step[1])
	}
	_, err := w.try(platform.OpCordonClusterNode, map[string]string{"clusterId": "machines", "nodeId": "nobody"}, nil, "")
	refusal(t, err, 404, "nobody")
	_, err = w.try(platform.OpDeleteCloudIntegration, map[string]string{"integrationId": "linked"}, nil, "")
	refusal(t, err, 409, "machines")
	w.start(t, "Project", `{"name": "on machines", "clusterId": "machines"}`)
	_, err = w.try(platform.OpDeleteCluster, machines, nil, "")
	refusal(t, err, 409, "on-machines")
	w.do(t, platform.OpListProviderRegions, nil, map[string]string{"provider": "aws"}, "")
	w.do(t, platform.OpListProviderNodeTypes, nil, map[string]string{"provider": "aws"}, "")
}
