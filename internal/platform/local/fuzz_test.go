package local_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// FuzzRequest sends any body to any operation: it is answered or refused, never
// with a failure of the platform itself.
func FuzzRequest(f *testing.F) {
	p := open(f, local.Options{})
	ctx := context.Background()
	if err := put(p, "shop"); err != nil {
		f.Fatal(err)
	}
	path := map[string]string{"projectId": "shop", "serviceId": "app", "jobId": "task", "addonId": "base", "secretId": "secrets",
		"volumeId": "disk", "buildId": "b", "runId": "r", "backupId": "latest", "restoreId": "r", "scheduleId": "s", "externalAddonId": "bucket",
		"llmModelDeploymentId": "model", "invoiceId": "2026-01", "timestamp": "1767225600"}
	for op, body := range map[string]string{
		platform.OpPutAddon:           database,
		platform.OpPutManualJob:       `{"name": "task", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"external": {"imagePath": "nginx"}}}`,
		platform.OpPutCombinedService: `{"name": "app", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1}, "vcsData": {"projectUrl": "https://github.com/a/b", "projectType": "github", "projectBranch": "main"}, "ports": [{"name": "p", "internalPort": 1, "protocol": "HTTP"}]}`,
		platform.OpPutProjectSecret:   `{"name": "secrets", "secretType": "environment", "priority": 1, "addonDependencies": [{"addonId": "base", "keys": [{"keyName": "HOST"}]}]}`,
		platform.OpCreateVolume:       `{"name": "disk", "spec": {"accessMode": "ReadWriteOnce", "storageSize": 1}, "attachedObjects": [{"id": "app", "type": "service"}]}`,
		platform.OpUpdateProject:      `{"networking": [], "color": 7}`,

		platform.OpScaleService:              `{"instances": 0, "deploymentPlan": "nf-compute-20"}`,
		platform.OpResumeService:             `{"instances": 2, "disabledCI": true, "disabledCD": false}`,
		platform.OpUpdateServicePorts:        `{"ports": [{"name": "p", "internalPort": 1, "protocol": "HTTP"}]}`,
		platform.OpUpdateServiceHealthChecks: `{"healthChecks": [{"protocol": "HTTP", "type": "livenessProbe"}]}`,
		platform.OpUpdateServiceBuildOptions: `{"dockerfile": {"dockerFilePath": "/Dockerfile"}, "storage": {}}`,
		platform.OpUpdateServiceBuildSource:  `{"projectUrl": "https://github.com/a/b", "projectType": "github"}`,
		platform.OpStartServiceBuild:         `{"branch": "main", "pullRequestId": 1}`,
		platform.OpUpdateJobDeployment:       `{"internal": {"id": "app"}, "docker": {"configType": "default"}}`,
		platform.OpUpdateJobSettings:         `{"backoffLimit": 1, "activeDeadlineSeconds": 60}`,
		platform.OpEditJobEnvironment:        `{"runtimeEnvironment": {"A": "${A}"}, "runtimeFiles": {}}`,
		platform.OpCreateBackupSchedule:      `{"backupType": "dump", "retentionTime": 1, "scheduling": {"interval": "daily", "hour": [1]}}`,
		platform.OpImportAddonBackup:         `{"importUrl": "https://example.com/x"}`,
		platform.OpUpdateAddonSecurity:       `{"ipPolicies": [{"address": "203.0.113.7"}]}`,
		platform.OpBackupVolume:              `{"name": "first"}`,
		platform.OpDetachVolume:              `{"nfObject": {"id": "app", "type": "service"}}`,
		platform.OpCreateExternalAddon:       `{"name": "bucket", "spec": {"resourceType": "s3", "config": {"envs": {"data": {"region": {}}}}}}`,
		platform.OpCreateModel:               `{"name": "model", "spec": {"type": "custom", "configuration": {"name": "m", "engine": "vllm"}}}`,
	} {
		f.Add(op, body, "2", "")
	}
	f.Add(platform.OpListProjects, "", "x", "MQ")
	for _, op := range []string{platform.OpGetServiceLogs, platform.OpGetServiceMetrics, platform.OpGetJobLogs, platform.OpGetAddonMetrics, platform.OpListUsage,
		platform.OpListServiceContainers, platform.OpGetServiceEnvironment, platform.OpGetUsage, platform.OpPauseService, platform.OpPauseAddon} {
		f.Add(op, "", "2026-01-02T03:04:05Z", "3")
	}
	ops := slices.Collect(platform.Operations())
	f.Fuzz(func(t *testing.T, name, body, perPage, cursor string) {
		op, ok := platform.LookupOperation(name)
		if !ok {
			op = ops[len(name)%len(ops)]
		}
		query := map[string]string{}
		for i, parameter := range op.Query {
			query[parameter] = []string{perPage, cursor}[i%2]
		}
		_, err := p.Do(ctx, op.ID, platform.Params{Path: path, Query: query}, []byte(body))
		var refused *platform.Error
		if err != nil && (!errors.As(err, &refused) || refused.Status >= 500) {
			t.Errorf("%s with %q: %v", op.ID, body, err)
		}
		if _, err := p.Do(ctx, platform.OpGetProject, platform.Params{Path: path}, nil); platform.IsNotFound(err) {
			if err := put(p, "shop"); err != nil {
				t.Fatal(err)
			}
		} else if err != nil {
			t.Errorf("after %s with %q the project cannot be read: %v", op.ID, body, err)
		}
	})
}
