package platform

import (
	"context"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// backupFamily drives nodes that add to an addon's backups, from the addon itself or
// from elsewhere.
type backupFamily struct {
	op    string
	noun  string   // "backup"
	names []string // of the request
}

var (
	backups = backupFamily{OpBackupAddon, "backup", []string{"name", "backupType", "compressionType", "customDestinationId", "additionalDestinations"}}
	imports = backupFamily{OpImportAddonBackup, "import", []string{"name", "importUrl", "connectionString", "importAllDatabases", "compressionType",
		"customDestinationId"}}
)

// isOf tells whether a backup may have come of a node of the family.
func (f backupFamily) isOf(backup map[string]any) bool {
	source := jsonvalue.String(backup, "config.source.type")
	imported := source == "fileUpload" || source == "externalDump"
	return source == "" || imported == (f.op == OpImportAddonBackup)
}

func (f backupFamily) target(req NodeRequest) (path map[string]string, body map[string]any, err error) {
	id := jsonvalue.String(req.Spec, "addonId")
	if id == "" && !IsUnknown(jsonvalue.Get(req.Spec, "addonId")) {
		return nil, nil, missingProperty("addonId")
	}
	spec, _ := req.Spec.(map[string]any)
	body, _ = jsonvalue.Normal(jsonvalue.Pick(spec, f.names)).(map[string]any)
	return map[string]string{"projectId": projectOf(req, req.Spec), "addonId": id}, body, nil
}

func (backupFamily) supports(string, any) error { return nil }

func (backupFamily) repeatable(NodeRequest) bool { return false }

func (f backupFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	path, body, err := f.target(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionRun, Desired: body, Operations: []string{f.op}, Output: map[string]any{}}
	if path["addonId"] == "" || path["projectId"] == "" {
		return change, nil
	}
	change.Output = map[string]any{"addonId": path["addonId"], "projectId": path["projectId"]}
	change.Needs, err = d.absent(ctx, []use{inProject(OpGetAddon, path["projectId"], "addons", "addonId", path["addonId"])})
	return change, err
}

func (f backupFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	path, body, err := f.target(req)
	if err != nil {
		return Result{}, err
	}
	backup, err := d.begin(ctx, f.op, Params{Path: path, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, path, backup), nil
}

func (f backupFamily) find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error) {
	path, _, err := f.target(req)
	if err != nil {
		return Result{}, false, err
	}
	backup, found, err := d.recover(ctx, f.op, Params{Path: path, Token: req.Token})
	if errors.Is(err, errCannotRecover) {
		all := listing{op: OpListAddonBackups, path: path, member: "backups", time: "createdAt"}
		backup, found, err = d.search(ctx, search{fmt.Sprintf("%s of addon %q", article(f.noun), path["addonId"]), f.op, all, f.isOf}, req)
	}
	if err != nil || !found {
		return Result{}, false, err
	}
	return f.result(req, path, backup), true, nil
}

// named implements namer.
func (f backupFamily) named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error) {
	path, _, err := f.target(req)
	if err != nil {
		return Result{}, err
	}
	backup, err := d.object(ctx, OpGetAddonBackup, Params{Path: with(path, "backupId", id)}, nil)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, path, backup), nil
}

func (f backupFamily) result(req NodeRequest, path map[string]string, backup map[string]any) Result {
	id := jsonvalue.String(backup, "id")
	output, _ := jsonvalue.Merge(map[string]any{"addonId": path["addonId"], "projectId": path["projectId"]}, backup).(map[string]any)
	result := Result{Action: ActionRun, Output: output}
	if waits(req) {
		result.Wait = &Wait{Subject: fmt.Sprintf("%s %q of addon %q", f.noun, id, path["addonId"]), Until: "success", Op: OpGetAddonBackup,
			Path: with(path, "backupId", id), Base: output}
	}
	return result
}

func article(noun string) string {
	if noun == "import" {
		return "an " + noun
	}
	return "a " + noun
}
