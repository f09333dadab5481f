package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// A watch is a clock that a test sets.
type watch struct{ at atomic.Int64 }

func newWatch() *watch {
	w := &watch{}
	w.at.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano())
	return w
}

func (w *watch) now() time.Time          { return time.Unix(0, w.at.Load()) }
func (w *watch) advance(d time.Duration) { w.at.Add(int64(d)) }

// slow are delays of round numbers.
func slow() *local.Delays {
	return &local.Delays{Queue: 10 * time.Second, Build: 100 * time.Second, Deploy: 20 * time.Second, Provision: 100 * time.Second,
		Upgrade: 50 * time.Second, Run: 30 * time.Second, Backup: 40 * time.Second, Restore: 40 * time.Second}
}

// A stage is a platform whose time a test sets, with a project.
type stage struct {
	*watch
	*local.Platform
	t testing.TB
}

func newStage(t testing.TB, faults ...local.Fault) stage {
	t.Helper()
	w := newWatch()
	s := stage{w, open(t, local.Options{Delays: slow(), Clock: w.now, Faults: faults}), t}
	if err := put(s, "shop"); err != nil {
		t.Fatal(err)
	}
	return s
}

func where(pairs ...string) map[string]string {
	path := map[string]string{"projectId": "shop"}
	for i := 0; i < len(pairs); i += 2 {
		path[pairs[i]] = pairs[i+1]
	}
	return path
}

func (s stage) do(op string, path map[string]string, body string) any {
	s.t.Helper()
	data, err := s.try(op, path, body)
	if err != nil {
		s.t.Fatalf("%s: %v", op, err)
	}
	return data
}

func (s stage) try(op string, path map[string]string, body string) (any, error) {
	var raw []byte
	if body != "" {
		raw = []byte(body)
	}
	response, err := s.Do(context.Background(), op, platform.Params{Path: path}, raw)
	if err != nil {
		return nil, err
	}
	var data any
	return data, response.Data(&data)
}

const (
	app = `{"name": "app", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1},
		"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}%s}`
	database = `{"name": "base", "type": "postgresql", "version": "16", "tlsEnabled": true,
		"billing": {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}}`
)

func (s stage) states(op string, path map[string]string, property string, steps ...any) {
	s.t.Helper()
	for i := 0; i < len(steps); i += 2 {
		seconds := steps[i].(int)
		s.advance(time.Duration(seconds) * time.Second)
		if got := jsonvalue.String(s.do(op, path, ""), property); got != steps[i+1] {
			s.t.Errorf("step %d: %s is %q, want %q", i/2, property, got, steps[i+1])
		}
	}
}

func TestLifecyclesFollowTheClock(t *testing.T) {
	t.Run("a combined service builds, deploys and runs", func(t *testing.T) {
		s := newStage(t)
		s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, ""))
		service := where("serviceId", "app")
		s.states(platform.OpGetService, service, "status.build.status",
			0, "QUEUED", 10, "STARTING", 15, "CLONING", 25, "BUILDING", 55, "UPLOADING", 5, "SUCCESS")
		s.states(platform.OpGetService, service, "status.deployment.status", 0, "IN_PROGRESS", 19, "IN_PROGRESS", 1, "COMPLETED")
		s.do(platform.OpRestartService, service, "")
		s.states(platform.OpGetService, service, "status.deployment.status", 0, "IN_PROGRESS", 20, "COMPLETED")
		s.do(platform.OpStartServiceBuild, service, "")
		s.states(platform.OpGetService, service, "status.deployment.status", 109, "COMPLETED", 1, "IN_PROGRESS", 20, "COMPLETED")
	})
	t.Run("a change of what runs is rolled out, one of what is said about it is not", func(t *testing.T) {
		s := newStage(t)
		web := `{"name": "web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": %d, "external": {"imagePath": "nginx"}}, "description": %q}`
		service := where("serviceId", "web")
		s.do(platform.OpPutDeploymentService, where(), fmt.Sprintf(web, 1, "one"))
		s.states(platform.OpGetService, service, "status.deployment.status", 0, "IN_PROGRESS", 20, "COMPLETED")
		s.do(platform.OpPutDeploymentService, where(), fmt.Sprintf(web, 1, "two"))
		s.states(platform.OpGetService, service, "status.deployment.status", 0, "COMPLETED")
		s.do(platform.OpPutDeploymentService, where(), fmt.Sprintf(web, 2, "two"))
		s.states(platform.OpGetService, service, "status.deployment.status", 0, "IN_PROGRESS", 20, "COMPLETED")
	})
	t.Run("without continuous integration nothing is built by itself", func(t *testing.T) {
		s := newStage(t)
		s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, `, "disabledCI": true`))
		s.states(platform.OpGetService, where("serviceId", "app"), "status.build.status", 1000, "")
		s.states(platform.OpGetService, where("serviceId", "app"), "status.deployment.status", 0, "PENDING")
	})
	t.Run("another branch is built", func(t *testing.T) {
		s := newStage(t)
		s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, ""))
		s.advance(1000 * time.Second)
		s.do(platform.OpPutCombinedService, where(), strings.Replace(fmt.Sprintf(app, ""), `"main"`, `"next"`, 1))
		s.states(platform.OpGetService, where("serviceId", "app"), "status.build.status", 0, "QUEUED", 110, "SUCCESS")
	})
	t.Run("an addon is provisioned, backed up, upgraded, restarted and scaled", func(t *testing.T) {
		s := newStage(t)
		addon := where("addonId", "base")
		s.do(platform.OpPutAddon, where(), database)
		s.states(platform.OpGetAddon, addon, "status", 0, "preDeployment", 15, "triggerAllocation", 15, "allocating", 50, "postDeployment")
		backup := s.do(platform.OpBackupAddon, addon, "")
		kept := where("addonId", "base", "backupId", jsonvalue.String(backup, "id"))
		s.states(platform.OpGetAddonBackup, kept, "status", 0, "scheduled", 19, "scheduled", 1, "in-progress")
		s.states(platform.OpGetAddon, addon, "status", 0, "backup", 40, "running")
		s.states(platform.OpGetAddonBackup, kept, "status", 0, "completed")
		s.do(platform.OpUpgradeAddonVersion, addon, `{"version": "17"}`)
		s.states(platform.OpGetAddon, addon, "status", 0, "upgrading", 50, "running")
		s.do(platform.OpRestartAddon, addon, "")
		s.states(platform.OpGetAddon, addon, "status", 0, "postDeployment", 20, "running")
		s.do(platform.OpPatchAddon, addon, `{"billing": {"storage": 8192}}`)
		s.states(platform.OpGetAddon, addon, "status", 0, "scaling", 50, "running")
		s.do(platform.OpRestoreAddonBackup, kept, "")
		s.states(platform.OpGetAddon, addon, "status", 0, "restore", 40, "running")
		if last := jsonvalue.String(s.do(platform.OpGetAddonBackup, kept, ""), "lastRestore.status"); last != "completed" {
			t.Errorf("the backup's last restore is %q", last)
		}
	})
	t.Run("many transitions later the state is still right", func(t *testing.T) {
		s := newStage(t)
		addon := where("addonId", "base")
		s.do(platform.OpPutAddon, where(), database)
		s.advance(100 * time.Second)
		for range 30 {
			s.do(platform.OpRestartAddon, addon, "")
			s.states(platform.OpGetAddon, addon, "status", 0, "postDeployment", 20, "running")
		}
	})
	t.Run("a job runs", func(t *testing.T) {
		s := newStage(t)
		s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
		run := s.do(platform.OpRunJob, where("jobId", "task"), "")
		s.states(platform.OpGetRunDetails, where("jobId", "task", "runId", jsonvalue.String(run, "id")), "status",
			0, "RUNNING", 29, "RUNNING", 1, "SUCCESS")
	})
}

func TestLifecyclesGoWrong(t *testing.T) {
	driver := func(s stage) *platform.Driver { return platform.NewDriver(s) }
	condition := func(of, param, id string) platform.NodeRequest {
		return platform.NodeRequest{Kind: "Condition", ProjectID: "shop", Spec: map[string]any{"kind": of,
			"spec": map[string]any{"type": "running", "data": map[string]any{param: id}}}}
	}
	tests := []struct {
		name    string
		fault   local.Fault
		make    func(s stage)
		wait    platform.NodeRequest
		state   string
		reasons string
	}{
		{"a build that fails leaves its service without an image", local.Fault{Kind: local.KindBuild, ID: "app", Fail: "go.mod is missing"},
			func(s stage) { s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, "")) },
			condition("Service", "serviceId", "app"), "build FAILURE", "image"},
		{"a rollout that fails", local.Fault{Kind: local.KindDeploy, ID: "app", Fail: "it crashes"},
			func(s stage) { s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, "")) },
			condition("Service", "serviceId", "app"), "FAILED", "it crashes"},
		{"an addon that cannot be provisioned", local.Fault{Kind: local.KindProvision, Fail: "out of disks"},
			func(s stage) { s.do(platform.OpPutAddon, where(), database) },
			condition("Addon", "addonId", "base"), "failed", "out of disks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, tt.fault)
			tt.make(s)
			result, err := driver(s).Start(context.Background(), tt.wait)
			if err != nil || result.Wait == nil {
				t.Fatalf("at first it is on its way: %v, %v", result, err)
			}
			s.advance(1000 * time.Second)
			_, err = driver(s).Poll(context.Background(), *result.Wait)
			var outcome *platform.OutcomeError
			if !errors.As(err, &outcome) || outcome.State != tt.state || !strings.Contains(outcome.Reason, tt.reasons) {
				t.Errorf("the wait ended with %#v", err)
			}
		})
	}
	t.Run("what hangs never ends", func(t *testing.T) {
		s := newStage(t, local.Fault{Kind: local.KindProvision, Hang: true}, local.Fault{Kind: local.KindRun, Hang: true})
		s.do(platform.OpPutAddon, where(), database)
		backup := s.do(platform.OpBackupAddon, where("addonId", "base"), "")
		s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
		run := s.do(platform.OpRunJob, where("jobId", "task"), "")
		s.states(platform.OpGetAddon, where("addonId", "base"), "status", 1000000, "preDeployment")
		s.states(platform.OpGetAddonBackup, where("addonId", "base", "backupId", jsonvalue.String(backup, "id")), "status", 0, "in-progress")
		s.states(platform.OpGetRunDetails, where("jobId", "task", "runId", jsonvalue.String(run, "id")), "status", 0, "RUNNING")
	})
	t.Run("what is delayed takes longer", func(t *testing.T) {
		s := newStage(t, local.Fault{Kind: local.KindProvision, Delay: time.Hour})
		s.do(platform.OpPutAddon, where(), database)
		s.states(platform.OpGetAddon, where("addonId", "base"), "status", 3599, "postDeployment", 101, "running")
	})
	t.Run("a fault with a number of times strikes so often", func(t *testing.T) {
		s := newStage(t, local.Fault{Kind: local.KindRun, ID: "task", Times: 2, Fail: "flaky"})
		s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
		for _, want := range []string{"FAILED", "FAILED", "SUCCESS"} {
			run := s.do(platform.OpRunJob, where("jobId", "task"), "")
			s.states(platform.OpGetRunDetails, where("jobId", "task", "runId", jsonvalue.String(run, "id")), "status", 30, want)
		}
	})
	t.Run("a command that fails is an outcome", func(t *testing.T) {
		s := newStage(t, local.Fault{Kind: local.KindCommand, Fail: "command not found"})
		s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, ""))
		s.advance(1000 * time.Second)
		_, err := driver(s).Start(context.Background(), platform.NodeRequest{Kind: "Action", ProjectID: "shop", Spec: map[string]any{
			"kind": "Service", "spec": map[string]any{"type": "execute", "data": map[string]any{"serviceId": "app", "command": "x"}}}})
		var outcome *platform.OutcomeError
		if !errors.As(err, &outcome) || outcome.Reason != "command not found" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a failed backup does its addon no harm and cannot be restored", func(t *testing.T) {
		s := newStage(t, local.Fault{Kind: local.KindBackup, Fail: "no space"})
		s.do(platform.OpPutAddon, where(), database)
		s.advance(100 * time.Second)
		backup := where("addonId", "base", "backupId", jsonvalue.String(s.do(platform.OpBackupAddon, where("addonId", "base"), ""), "id"))
		s.states(platform.OpGetAddonBackup, backup, "status", 40, "failed")
		s.states(platform.OpGetAddon, where("addonId", "base"), "status", 0, "running")
		if _, err := s.try(platform.OpRestoreAddonBackup, backup, ""); platform.StatusOf(err) != 409 {
			t.Errorf("got %v", err)
		}
	})
}

func TestOperationsGoWrong(t *testing.T) {
	ctx := context.Background()
	t.Run("a refusal of the platform's own", func(t *testing.T) {
		s := newStage(t, local.Fault{Op: platform.OpPutAddon, Times: 1, Fail: "try again", Status: 503})
		_, err := s.try(platform.OpPutAddon, where(), database)
		var refused *platform.Error
		if !errors.As(err, &refused) || refused.Status != 503 || !refused.Retryable || refused.Operation != platform.OpPutAddon {
			t.Errorf("got %#v", err)
		}
		s.do(platform.OpPutAddon, where(), database)
	})
	t.Run("a fault on one resource spares the others", func(t *testing.T) {
		s := newStage(t, local.Fault{Op: platform.OpGetAddon, Resource: "projects/shop/addons/other", Fail: "no"})
		s.do(platform.OpPutAddon, where(), database)
		s.do(platform.OpGetAddon, where("addonId", "base"), "")
		if _, err := s.try(platform.OpGetAddon, where("addonId", "other"), ""); platform.StatusOf(err) != 500 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a reply that is lost after the effect", func(t *testing.T) {
		s := newStage(t, local.Fault{Op: platform.OpRunJob, Times: 1, LoseReply: true})
		s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
		params := platform.Params{Path: where("jobId", "task"), Token: "attempt"}
		_, err := s.Do(ctx, platform.OpRunJob, params, nil)
		if err == nil || platform.StatusOf(err) != 0 {
			t.Fatalf("got %v, want an error that is no refusal", err)
		}
		if _, found, err := s.Recover(ctx, platform.OpRunJob, params); !found || err != nil {
			t.Errorf("the run cannot be found: %v", err)
		}
	})
	t.Run("an operation that hangs ends with its context", func(t *testing.T) {
		s := newStage(t, local.Fault{Op: platform.OpListProjects, Hang: true})
		hurried, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := s.Do(hurried, platform.OpListProjects, platform.Params{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a slow operation ends with its context too", func(t *testing.T) {
		s := newStage(t, local.Fault{Op: platform.OpListProjects, Delay: time.Hour})
		hurried, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if _, err := s.Do(hurried, platform.OpListProjects, platform.Params{}, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// TestEffects reads the log that tests of crashes compare with.
func TestEffects(t *testing.T) {
	ctx := context.Background()
	s := newStage(t)
	s.do(platform.OpPutAddon, where(), database)
	s.do(platform.OpPutAddon, where(), database)
	s.do(platform.OpGetAddon, where("addonId", "base"), "")
	if _, err := s.try(platform.OpPutAddon, where(), `{"name": "x"}`); err == nil {
		t.Fatal("an invalid addon was accepted")
	}
	if _, err := s.Do(ctx, platform.OpRestartAddon, platform.Params{Path: where("addonId", "base"), Token: "attempt-1"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(ctx, platform.OpRestartAddon, platform.Params{Path: where("addonId", "base"), Token: "attempt-1"}, nil); err != nil {
		t.Fatal(err)
	}
	s.do(platform.OpDeleteAddon, where("addonId", "base"), "")
	effects, err := s.Effects(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range effects {
		got = append(got, fmt.Sprintf("%d %s %s %s %q", e.Seq, strings.TrimPrefix(e.Op, "project/addons/"), e.Change, e.Resource, e.Token))
		if !e.Time.Equal(s.now()) {
			t.Errorf("entry %d is of %v", e.Seq, e.Time)
		}
	}
	want := []string{
		`2 put-addon create projects/shop/addons/base ""`,
		`3 put-addon nothing projects/shop/addons/base ""`,
		`4 restart-addon run projects/shop/addons/base "attempt-1"`,
		`5 delete-addon delete projects/shop/addons/base ""`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
