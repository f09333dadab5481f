package platformtest

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// log is what a log says, line by line.
func (w *world) log(t *testing.T, op string, path, query map[string]string) []string {
	t.Helper()
	var lines []string
	rows, _ := w.do(t, op, path, query, "").([]any)
	for _, row := range rows {
		if jsonvalue.String(row, "containerId") == "" || jsonvalue.String(row, "ts") == "" {
			t.Errorf("a line without container or time: %v", row)
		}
		lines = append(lines, jsonvalue.String(row, "log"))
	}
	return lines
}

// says checks that a log tells of things in their order.
func says(t *testing.T, lines []string, want ...string) {
	t.Helper()
	for _, line := range lines {
		if len(want) > 0 && strings.Contains(line, want[0]) {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("the log does not say %q, or not in its place:\n%s", want[0], strings.Join(lines, "\n"))
	}
}

var forward = map[string]string{"direction": "forward"}

func testLogs(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("web", nginx))
	web := at("serviceId", "web")
	w.containers(t, "web", 1)
	t.Run("a service's log tells of its containers", func(t *testing.T) {
		says(t, w.log(t, platform.OpGetServiceLogs, web, forward), "nginx:latest is started", "is ready")
		says(t, w.log(t, platform.OpGetServiceLogs, web, nil), "is ready", "is started")
		w.do(t, platform.OpPauseService, web, nil, "")
		says(t, w.log(t, platform.OpGetServiceLogs, web, forward), "is ready", "is stopped")
	})
	t.Run("a log is asked for in parts", func(t *testing.T) {
		all := w.log(t, platform.OpGetServiceLogs, web, nil)
		name := jsonvalue.String(w.do(t, platform.OpGetServiceLogs, web, nil, ""), "0.containerId")
		for _, tt := range []struct {
			name, value string
			want        int
		}{
			{"lineLimit", "1", 1},
			{"textIncludes", "is ready", 1},
			{"textNotIncludes", "is ready", len(all) - 1},
			{"regexIncludes", "is (ready|stopped)$", 2},
			{"regexNotIncludes", "is (ready|stopped)$", len(all) - 2},
			{"containerName", name, len(all)},
			{"containerName", "all", len(all)},
			{"containerName", "nobody", 0},
			{"deploymentId", name[:strings.LastIndexByte(name, '-')], len(all)},
			{"deploymentId", "other", 0},
			{"type", "cdn", 0},
			{"type", "cdn,runtime", len(all)},
			{"startTime", "2000-01-01T00:00:00Z", len(all)},
			{"endTime", "2000-01-01T00:00:00Z", 0},
			{"duration", "3600", len(all)},
		} {
			if got := w.log(t, platform.OpGetServiceLogs, web, map[string]string{tt.name: tt.value}); len(got) != tt.want {
				t.Errorf("%s=%s gave %q, want %d lines", tt.name, tt.value, got, tt.want)
			}
		}
		for name, value := range map[string]string{"lineLimit": "0", "regexIncludes": "(", "regexNotIncludes": "[", "type": "smoke", "startTime": "noon",
			"endTime": "1", "duration": "-1", "direction": "up", "queryType": "tail"} {
			_, err := w.try(platform.OpGetServiceLogs, web, map[string]string{name: value}, "")
			refusal(t, err, 400, name)
		}
		_, err := w.try(platform.OpGetServiceLogs, at("serviceId", "nobody"), nil, "")
		refusal(t, err, 404, "nobody")
	})
	t.Run("a build's log tells of its states", func(t *testing.T) {
		w.start(t, "BuildService", builder("source"))
		source := at("serviceId", "source")
		build := id(t, w.finish(t, "Build", `{"id": "source", "type": "service", "branch": "main", "sha": "`+commit+`"}`, whenDone))
		w.finish(t, "Build", `{"id": "source", "type": "service", "branch": "other"}`, whenDone)
		query := map[string]string{"direction": "forward", "buildId": build}
		lines := w.log(t, platform.OpGetServiceBuildLogs, source, query)
		says(t, lines, "is queued", "is starting", commit, "would be built", "has succeeded")
		if all := w.log(t, platform.OpGetServiceBuildLogs, source, nil); len(all) != 2*len(lines) {
			t.Errorf("the log of two builds is\n%s", strings.Join(all, "\n"))
		}
		_, err := w.try(platform.OpGetServiceBuildLogs, source, map[string]string{"buildId": "nobody"}, "")
		refusal(t, err, 404, "nobody")
		_, err = w.try(platform.OpGetServiceBuildLogs, web, nil, "")
		refusal(t, err, 409, "web")
	})
	t.Run("a job's log tells of its runs", func(t *testing.T) {
		w.start(t, "ManualJob", manualJob("task", `"vcs": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}`))
		task := at("jobId", "task")
		w.finish(t, "Build", `{"id": "task", "type": "job"}`, whenDone)
		run := id(t, w.finish(t, "JobRun", `{"jobId": "task"}`, whenDone))
		w.finish(t, "JobRun", `{"jobId": "task"}`, whenDone)
		lines := w.log(t, platform.OpGetJobLogs, task, map[string]string{"direction": "forward", "runId": run})
		says(t, lines, "is started", "ended with exit code 0")
		if all := w.log(t, platform.OpGetJobLogs, task, nil); len(all) != 2*len(lines) {
			t.Errorf("the log of two runs is\n%s", strings.Join(all, "\n"))
		}
		says(t, w.log(t, platform.OpGetJobBuildLogs, task, forward), "is queued", "has succeeded")
		says(t, w.log(t, platform.OpGetJobLogs, task, map[string]string{"type": "build"}), "has succeeded")
	})
	t.Run("an addon's log tells of its containers, a backup's of the backup", func(t *testing.T) {
		w.start(t, "Addon", addon("data", "postgresql", "16"))
		data := at("addonId", "data")
		w.state(t, platform.OpGetAddon, data, "status", "running")
		says(t, w.log(t, platform.OpGetAddonLogs, data, forward), "postgresql 16", "is ready")
		backup := id(t, w.do(t, platform.OpBackupAddon, data, nil, `{"name": "first", "backupType": "dump"}`))
		stored := at("addonId", "data", "backupId", backup)
		w.state(t, platform.OpGetAddonBackup, stored, "status", "completed")
		says(t, w.log(t, platform.OpGetBackupLogs, stored, forward), "backup "+backup+" is scheduled", "is in progress", "is complete")
		restore := jsonvalue.String(w.do(t, platform.OpRestoreAddonBackup, stored, nil, ""), "restoreId")
		stored["restoreId"] = restore
		says(t, w.log(t, platform.OpGetRestoreLogs, stored, forward), "restore "+restore+" is scheduled")
		w.state(t, platform.OpGetAddon, data, "status", "running")
		says(t, w.log(t, platform.OpGetAddonLogs, data, map[string]string{"type": "backup,restore", "direction": "forward"}), "backup is complete", "restore is complete")
		stored["restoreId"] = "nobody"
		snapshot := id(t, w.do(t, platform.OpBackupAddon, data, nil, `{"backupType": "snapshot"}`))
		if lines := w.log(t, platform.OpGetBackupLogs, at("addonId", "data", "backupId", snapshot), nil); len(lines) > 0 {
			t.Errorf("a snapshot has the log %q", lines)
		}
		_, err := w.try(platform.OpGetRestoreLogs, stored, nil, "")
		refusal(t, err, 404, "nobody")
	})
}

func testMetrics(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("web", nginx))
	w.start(t, "ManualJob", manualJob("task", nginx))
	w.start(t, "ManualJob", manualJob("built", `"vcs": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}`))
	w.start(t, "BuildService", builder("source"))
	w.start(t, "Addon", addon("data", "redis", "latest"))
	w.containers(t, "web", 1)
	run := id(t, w.start(t, "JobRun", `{"jobId": "task"}`, whenDone).Output)
	build := id(t, w.finish(t, "Build", `{"id": "source", "type": "service", "branch": "main"}`, whenDone))
	w.finish(t, "Build", `{"id": "built", "type": "job"}`, whenDone)
	w.state(t, platform.OpGetAddon, at("addonId", "data"), "status", "running")
	for _, tt := range []struct {
		op          string
		path, query map[string]string
	}{
		{platform.OpGetServiceMetrics, at("serviceId", "web"), nil},
		{platform.OpGetServiceBuildMetrics, at("serviceId", "source"), map[string]string{"buildId": build}},
		{platform.OpGetJobMetrics, at("jobId", "task"), map[string]string{"runId": run}},
		{platform.OpGetJobBuildMetrics, at("jobId", "built"), nil},
		{platform.OpGetAddonMetrics, at("addonId", "data"), map[string]string{"queryType": "single"}},
	} {
		t.Run(tt.op, func(t *testing.T) {
			data := w.do(t, tt.op, tt.path, tt.query, "")
			has(t, data, "cpu.metricInfo.metricId", "cpu", "cpu.metricInfo.metricUnit", "vCPU", "memory.metricInfo.metricUnit", "mb", "requests", nil)
			query := map[string]string{"metricTypes": "requests,diskUsage"}
			has(t, w.do(t, tt.op, tt.path, query, ""), "requests.metricInfo.metricUnit", "rps", "diskUsage.metricInfo.metricId", "diskUsage", "cpu", nil)
			for name, value := range map[string]string{"metricTypes": "mood", "queryType": "tail", "startTime": "noon", "duration": "long"} {
				_, err := w.try(tt.op, tt.path, map[string]string{name: value}, "")
				refusal(t, err, 400, name)
			}
			gone := at("serviceId", "nobody", "jobId", "nobody", "addonId", "nobody")
			_, err := w.try(tt.op, gone, nil, "")
			refusal(t, err, 404, "nobody")
		})
	}
	name := jsonvalue.String(w.do(t, platform.OpListServiceContainers, at("serviceId", "web"), nil, ""), "containers.0.name")
	single := w.do(t, platform.OpGetServiceMetrics, at("serviceId", "web"), map[string]string{"queryType": "single"}, "")
	has(t, single, "cpu.values.0.metadata.containerId", name, "cpu.values.0.data.0.value", float64(0), "cpu.values.0.data.1", nil)
	w.do(t, platform.OpListAddonContainers, at("addonId", "data"), nil, "")
	has(t, w.do(t, platform.OpListAddonContainers, at("addonId", "data"), nil, ""), "containers.0.name", "data-0", "containers.0.status", "TASK_RUNNING")
}
