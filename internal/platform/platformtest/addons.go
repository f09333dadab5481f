package platformtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// running makes an addon and waits until it runs.
func (w *world) running(t *testing.T, name, kind, version string) map[string]string {
	t.Helper()
	w.start(t, "Addon", addon(name, kind, version))
	path := at("addonId", platform.Slug(name))
	w.state(t, platform.OpGetAddon, path, "status", "running")
	return path
}

func testAddonParts(t *testing.T, w *world) {
	w.start(t, "Addon", strings.Replace(addon("data", "postgresql", "16"), `"tlsEnabled"`, `"description": "stays", "tlsEnabled"`, 1))
	data := at("addonId", "data")
	w.changes(t, platform.OpGetAddon, data, []partCase{
		{platform.OpScaleAddon, `{"storage": 8192, "replicas": 2}`, "spec.config.deployment.storageSize", float64(8192), `{"storage": 1024}`, "storage"},
		{platform.OpScaleAddon, `{"deploymentPlan": "nf-compute-50"}`, "spec.config.deployment.planId", "nf-compute-50", `{"replicas": "two"}`, "replicas"},
		{platform.OpUpdateAddonNetwork, `{"externalAccessEnabled": true}`, "spec.config.networking.externalAccessEnabled", true,
			`{"tlsEnabled": "yes"}`, "tlsEnabled"},
		{platform.OpUpdateAddonSecurity, `{"ipPolicies": [{"address": "203.0.113.7", "action": "ALLOW"}]}`, "spec.config.networking.ipPolicies",
			[]any{map[string]any{"address": "203.0.113.7", "action": "ALLOW"}}, `{"ipPolicies": [{"action": "ALLOW"}]}`, "ipPolicies.0.address"},
	})
	has(t, w.do(t, platform.OpGetAddon, data, nil, ""), "spec.config.deployment.replicas", float64(2))
	w.state(t, platform.OpGetAddon, data, "status", "running")
	has(t, w.do(t, platform.OpListAddonContainers, data, nil, ""), "containers.0.name", "data-1", "containers.1.name", "data-0")
	t.Run("versions", func(t *testing.T) {
		next := w.do(t, platform.OpGetAddonVersion, data, nil, "")
		has(t, next, "version", "16", "lifecycleStatus", "active", "upgradeTo.0.version", "17", "upgradeTo.0.type", "major", "upgradeTo.1", nil, "upgradeHistory.0", nil)
		w.do(t, platform.OpUpgradeAddonVersion, data, nil, `{"version": "17"}`)
		w.state(t, platform.OpGetAddon, data, "status", "running")
		has(t, w.do(t, platform.OpGetAddonVersion, data, nil, ""), "version", "17", "upgradeTo.0.version", "18", "upgradeHistory.0.previousVersion", "16",
			"upgradeHistory.0.newVersion", "17", "upgradeHistory.0.upgradeType", "major", "upgradeHistory.0.status.status", "completed")
		w.start(t, "Addon", addon("cache", "redis", "7.2.4"))
		has(t, w.do(t, platform.OpGetAddonVersion, at("addonId", "cache"), nil, ""), "upgradeTo.0.type", "major", "upgradeTo.0.version", "8.6.1",
			"upgradeTo.3.type", "patch", "upgradeTo.3.version", "7.2.13")
	})
}

const runningData = `{"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "data"}}}`

func testAddonLives(t *testing.T, w *world) {
	data := w.running(t, "data", "redis", "latest")
	backup := at("addonId", "data", "backupId", id(t, w.do(t, platform.OpBackupAddon, data, nil, "")))
	w.state(t, platform.OpGetAddonBackup, backup, "status", "completed")
	t.Run("an addon that is paused has no containers and does nothing", func(t *testing.T) {
		w.do(t, platform.OpPauseAddon, data, nil, "")
		w.do(t, platform.OpPauseAddon, data, nil, "")
		has(t, w.do(t, platform.OpGetAddon, data, nil, ""), "status", "paused")
		has(t, w.do(t, platform.OpListAddonContainers, data, nil, ""), "containers", []any{})
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", runningData))
		var outcome *platform.OutcomeError
		if !errors.As(err, &outcome) || outcome.State != "paused" {
			t.Errorf("waiting for it: %v", err)
		}
		for op, path := range map[string]map[string]string{platform.OpRestartAddon: data, platform.OpBackupAddon: data, platform.OpResetAddon: data,
			platform.OpRestoreAddonBackup: backup} {
			_, err := w.try(op, path, nil, "")
			refusal(t, err, 409, "data", "paused")
		}
		w.do(t, platform.OpScaleAddon, data, nil, `{"replicas": 2}`)
		has(t, w.do(t, platform.OpGetAddon, data, nil, ""), "status", "paused")
	})
	t.Run("an addon that is resumed runs again", func(t *testing.T) {
		w.do(t, platform.OpResumeAddon, data, nil, "")
		w.finish(t, "Condition", runningData)
		has(t, w.do(t, platform.OpListAddonContainers, data, nil, ""), "containers.1.status", "TASK_RUNNING", "containers.2", nil)
		_, err := w.try(platform.OpResumeAddon, data, nil, "")
		refusal(t, err, 409, "data", "not paused")
		w.do(t, platform.OpBackupAddon, data, nil, "")
		w.state(t, platform.OpGetAddon, data, "status", "running")
	})
	t.Run("what goes on keeps an addon from being paused", func(t *testing.T) {
		inTime(t, "pause an addon that is restarted", func() bool {
			w.do(t, platform.OpRestartAddon, data, nil, "")
			_, err := w.try(platform.OpPauseAddon, data, nil, "")
			if err == nil {
				w.do(t, platform.OpResumeAddon, data, nil, "")
				return false
			}
			refusal(t, err, 409, "data", "wait until it runs")
			return true
		})
		w.state(t, platform.OpGetAddon, data, "status", "running")
	})
	t.Run("a reset goes through its state and keeps backups", func(t *testing.T) {
		inTime(t, "see the reset", func() bool {
			w.do(t, platform.OpResetAddon, data, nil, "")
			return jsonvalue.String(w.do(t, platform.OpGetAddon, data, nil, ""), "status") == "resetting"
		})
		w.state(t, platform.OpGetAddon, data, "status", "running")
		has(t, w.do(t, platform.OpGetAddonBackup, backup, nil, ""), "status", "completed")
	})
}

func testSchedules(t *testing.T, w *world) {
	w.start(t, "Addon", strings.Replace(addon("data", "postgresql", "16"), `"tlsEnabled"`,
		`"backupSchedules": [{"backupType": "dump", "retentionTime": 7, "scheduling": {"interval": "daily", "hour": [3], "minute": [0]}}], "tlsEnabled"`, 1))
	data := at("addonId", "data")
	first := jsonvalue.String(w.do(t, platform.OpListBackupSchedules, data, nil, ""), "schedules.0.id")
	if first == "" {
		t.Fatal("a schedule of the addon's specification is not in the list")
	}
	w.do(t, platform.OpAddBackupDestination, nil, nil, destination("outside"))
	weekly := `{"backupType": "snapshot", "retentionTime": 30, "compressionType": "gz", "customDestinationId": "outside", "scheduling": {"interval": "weekly", "day": [1], "hour": [4], "minute": [30]}}`
	made := id(t, w.do(t, platform.OpCreateBackupSchedule, data, nil, weekly))
	has(t, w.do(t, platform.OpListBackupSchedules, data, nil, ""), "schedules.0.id", first, "schedules.1.id", made, "schedules.1.backupType", "snapshot",
		"schedules.1.retentionTime", float64(30), "schedules.1.scheduling.interval", "weekly", "schedules.1.backupCompressionType", "gz",
		"schedules.1.customDestinationId", "outside")
	for fault, body := range map[string]string{
		"retentionTime":       strings.Replace(weekly, `"retentionTime": 30,`, "", 1),
		"scheduling.interval": strings.Replace(weekly, "weekly", "yearly", 1),
		"backupType":          strings.Replace(weekly, "snapshot", "photo", 1),
	} {
		_, err := w.try(platform.OpCreateBackupSchedule, data, nil, body)
		refusal(t, err, 400, fault)
		if strings.Contains(err.Error(), "backupSchedules") {
			t.Errorf("the request does not say backupSchedules: %v", err)
		}
	}
	_, err := w.try(platform.OpCreateBackupSchedule, data, nil, strings.Replace(weekly, "outside", "nobody", 1))
	refusal(t, err, 404, "customDestinationId", "nobody")
	w.start(t, "Addon", addon("cache", "redis", "latest"))
	_, err = w.try(platform.OpCreateBackupSchedule, at("addonId", "cache"), nil, strings.Replace(weekly, "snapshot", "dump", 1))
	refusal(t, err, 400, "backupType", "redis")
	w.do(t, platform.OpDeleteBackupSchedule, at("addonId", "data", "scheduleId", first), nil, "")
	has(t, w.do(t, platform.OpListBackupSchedules, data, nil, ""), "schedules.0.id", made, "schedules.1", nil)
	_, err = w.try(platform.OpDeleteBackupSchedule, at("addonId", "data", "scheduleId", first), nil, "")
	refusal(t, err, 404, first)
}

func testKeptBackups(t *testing.T, w *world) {
	data := w.running(t, "data", "postgresql", "16")
	other := w.running(t, "other", "postgresql", "16")
	backup := id(t, w.do(t, platform.OpBackupAddon, data, nil, `{"backupType": "dump"}`))
	stored := at("addonId", "data", "backupId", backup)
	w.state(t, platform.OpGetAddonBackup, stored, "status", "completed")
	t.Run("a dump can be downloaded, a snapshot cannot", func(t *testing.T) {
		link := jsonvalue.String(w.do(t, platform.OpGetBackupDownloadLink, stored, nil, ""), "downloadLink")
		if !strings.HasPrefix(link, "https://") || !strings.Contains(link, backup) {
			t.Errorf("the link is %q", link)
		}
		snapshot := at("addonId", "data", "backupId", id(t, w.do(t, platform.OpBackupAddon, data, nil, `{"backupType": "snapshot"}`)))
		_, err := w.try(platform.OpGetBackupDownloadLink, snapshot, nil, "")
		refusal(t, err, 409, "snapshot")
		w.state(t, platform.OpGetAddonBackup, snapshot, "status", "completed")
	})
	w.do(t, platform.OpRetainBackup, stored, nil, "")
	w.do(t, platform.OpRetainBackup, stored, nil, "")
	t.Run("restores are listed by the addon that they go to", func(t *testing.T) {
		from := map[string]string{"sourceAddonId": "data", "sourceProjectId": project}
		over := at("addonId", "other", "backupId", backup)
		restore := jsonvalue.String(w.do(t, platform.OpRestoreAddonBackup, over, from, ""), "restoreId")
		has(t, w.do(t, platform.OpListAddonRestores, other, nil, ""), "restores.0.id", restore, "restores.0.backupId", backup)
		has(t, w.do(t, platform.OpListAddonRestores, data, nil, ""), "restores", []any{})
		w.state(t, platform.OpGetAddon, other, "status", "running")
		_, err := w.try(platform.OpAbortBackupRestore, over, from, `{"restoreId": "`+restore+`"}`)
		refusal(t, err, 409, restore, "completed")
		_, err = w.try(platform.OpAbortBackupRestore, over, from, `{}`)
		refusal(t, err, 400, "restoreId")
		_, err = w.try(platform.OpAbortBackupRestore, over, from, `{"restoreId": "nobody"}`)
		refusal(t, err, 404, "nobody")
		inTime(t, "abort a restore", func() bool {
			restore := jsonvalue.String(w.do(t, platform.OpRestoreAddonBackup, over, from, ""), "restoreId")
			_, err := w.try(platform.OpAbortBackupRestore, over, from, `{"restoreId": "`+restore+`"}`)
			return err == nil && jsonvalue.String(w.do(t, platform.OpListAddonRestores, other, nil, ""), "restores.0.status") == "aborted"
		})
		w.state(t, platform.OpGetAddon, other, "status", "running")
	})
	t.Run("a backup is imported from an address or a database", func(t *testing.T) {
		made := w.do(t, platform.OpImportAddonBackup, data, nil, `{"name": "from file", "importUrl": "https://example.com/dump.gz"}`)
		has(t, made, "config.source.type", "fileUpload", "name", "from file")
		imported := at("addonId", "data", "backupId", id(t, made))
		w.state(t, platform.OpGetAddonBackup, imported, "status", "completed")
		w.do(t, platform.OpRestoreAddonBackup, imported, nil, "")
		w.state(t, platform.OpGetAddon, data, "status", "running")
		copied := w.do(t, platform.OpImportAddonBackup, data, nil, `{"connectionString": "postgresql://u:hunter2@host/db", "compressionType": "gz"}`)
		has(t, copied, "config.source.type", "externalDump")
		if all, err := w.try(platform.OpListAddonBackups, data, nil, ""); err != nil || strings.Contains(jsonText(t, all), "hunter2") {
			t.Errorf("the list holds the password of the database, or failed: %v", err)
		}
		for fault, body := range map[string]string{"importUrl": `{}`, "connectionString": `{"importUrl": "https://a.example", "connectionString": "b"}`,
			"compressionType": `{"importUrl": "https://a.example", "compressionType": "rar"}`} {
			_, err := w.try(platform.OpImportAddonBackup, data, nil, body)
			refusal(t, err, 400, fault)
		}
		w.do(t, platform.OpPauseAddon, other, nil, "")
		_, err := w.try(platform.OpImportAddonBackup, other, nil, `{"importUrl": "https://a.example"}`)
		refusal(t, err, 409, "other", "paused")
	})
	t.Run("a backup is deleted when it has ended", func(t *testing.T) {
		inTime(t, "delete a backup that goes on", func() bool {
			going := at("addonId", "data", "backupId", id(t, w.do(t, platform.OpBackupAddon, data, nil, "")))
			_, err := w.try(platform.OpDeleteAddonBackup, going, nil, "")
			if err == nil {
				return false
			}
			refusal(t, err, 409, "abort it first")
			return true
		})
		w.do(t, platform.OpDeleteAddonBackup, stored, nil, "")
		_, err := w.try(platform.OpGetAddonBackup, stored, nil, "")
		refusal(t, err, 404, backup)
		has(t, w.do(t, platform.OpListAddonRestores, other, nil, ""), "restores", []any{})
	})
}
