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
		"volumeId": "disk", "buildId": "b", "runId": "r", "backupId": "latest"}
	for op, body := range map[string]string{
		platform.OpPutAddon:           database,
		platform.OpPutManualJob:       `{"name": "task", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"external": {"imagePath": "nginx"}}}`,
		platform.OpPutCombinedService: `{"name": "app", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1}, "vcsData": {"projectUrl": "https://github.com/a/b", "projectType": "github", "projectBranch": "main"}, "ports": [{"name": "p", "internalPort": 1, "protocol": "HTTP"}]}`,
		platform.OpPutProjectSecret:   `{"name": "secrets", "secretType": "environment", "priority": 1, "addonDependencies": [{"addonId": "base", "keys": [{"keyName": "HOST"}]}]}`,
		platform.OpCreateVolume:       `{"name": "disk", "spec": {"accessMode": "ReadWriteOnce", "storageSize": 1}, "attachedObjects": [{"id": "app", "type": "service"}]}`,
		platform.OpUpdateProject:      `{"networking": [], "color": 7}`,
	} {
		f.Add(op, body, "2", "")
	}
	f.Add(platform.OpListProjects, "", "x", "MQ")
	ops := slices.Collect(platform.Operations())
	f.Fuzz(func(t *testing.T, name, body, perPage, cursor string) {
		op, ok := platform.LookupOperation(name)
		if !ok {
			op = ops[len(name)%len(ops)]
		}
		query := map[string]string{"per_page": perPage, "cursor": cursor}
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
