package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A calendar is a platform whose time is set.
type calendar struct {
	*Platform
	t     *testing.T
	at    atomic.Int64
	since time.Time
}

func newCalendar(t *testing.T, start string) *calendar {
	t.Helper()
	c := &calendar{t: t}
	c.set(start)
	c.since = time.Unix(0, c.at.Load())
	c.Platform = New(Options{Dir: t.TempDir(), Clock: func() time.Time { return time.Unix(0, c.at.Load()) }, Delays: &Delays{}})
	t.Cleanup(func() { _ = c.Close() })
	c.do(platform.OpCreateProject, `{"name": "Home", "region": "europe-west"}`)
	return c
}

func (c *calendar) set(at string) {
	t, err := time.Parse(time.DateTime, at)
	if err != nil {
		c.t.Fatal(err)
	}
	c.at.Store(t.UnixNano())
}

func (c *calendar) do(op, body string, path ...string) any {
	c.t.Helper()
	at := map[string]string{"projectId": "home"}
	for i := 0; i < len(path); i += 2 {
		at[path[i]] = path[i+1]
	}
	response, err := c.Do(c.t.Context(), op, platform.Params{Path: at}, json.RawMessage(body))
	if err != nil {
		c.t.Fatalf("%s: %v", op, err)
	}
	var data any
	if err := response.Data(&data); err != nil {
		c.t.Fatal(err)
	}
	return data
}

// attend does what is due at a time, and returns when the next is.
func (c *calendar) attend(at string) string {
	c.t.Helper()
	c.set(at)
	next, err := c.RunSchedules(c.t.Context(), c.since)
	if err != nil {
		c.t.Fatal(err)
	}
	if next.IsZero() {
		return "never"
	}
	return next.UTC().Format(time.DateTime)
}

// started are the times at which a list's items were started, the oldest first.
func (c *calendar) started(op, member, property string, path ...string) string {
	c.t.Helper()
	var all []string
	for _, item := range jsonvalue.List(c.do(op, "", path...), member) {
		at, err := time.Parse(time.RFC3339, jsonvalue.String(item, property))
		if err != nil {
			c.t.Fatal(err)
		}
		all = append([]string{at.UTC().Format(time.DateTime)}, all...)
	}
	return strings.Join(all, ", ")
}

func (c *calendar) runs() string {
	c.t.Helper()
	return c.started(platform.OpGetJobRuns, "runs", "startedAt", "jobId", "sweep")
}

func cronJob(schedule, more string) string {
	return fmt.Sprintf(`{"name": "sweep", "schedule": %q, "backoffLimit": 0, "activeDeadlineSeconds": 600, "billing": {"deploymentPlan": "nf-compute-10"},
		"deployment": {"external": {"imagePath": "example/sweep:1"}}%s}`, schedule, more)
}

func wants(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestACronJobRunsWhenItsTimeHasCome(t *testing.T) {
	c := newCalendar(t, "2026-03-01 09:58:30")
	c.do(platform.OpCreateCronJob, cronJob("*/10 * * * *", ""))
	wants(t, "before", c.attend("2026-03-01 09:59:59"), "2026-03-01 10:00:00")
	wants(t, "nothing ran", c.runs(), "")
	wants(t, "at its time", c.attend("2026-03-01 10:00:00"), "2026-03-01 10:10:00")
	wants(t, "once", c.attend("2026-03-01 10:00:01"), "2026-03-01 10:10:00")
	wants(t, "it ran", c.runs(), "2026-03-01 10:00:00")
	wants(t, "after an hour in which nobody attended", c.attend("2026-03-01 11:05:00"), "2026-03-01 11:10:00")
	wants(t, "the last of what was due counts", c.runs(), "2026-03-01 10:00:00, 2026-03-01 11:05:00")

	c.do(platform.OpPatchCronJob, `{"suspended": true}`, "jobId", "sweep")
	wants(t, "suspended", c.attend("2026-03-01 11:20:00"), "never")
	c.set("2026-03-01 11:25:00")
	c.do(platform.OpPatchCronJob, `{"suspended": false, "schedule": "0 11 * * *"}`, "jobId", "sweep")
	wants(t, "a schedule that is new asks for nothing that was before", c.attend("2026-03-01 11:26:00"), "2026-03-02 11:00:00")
	wants(t, "in all", c.runs(), "2026-03-01 10:00:00, 2026-03-01 11:05:00")
	c.do(platform.OpPatchCronJob, `{"schedule": "when the cock crows"}`, "jobId", "sweep")
	wants(t, "what no one can read is never due", c.attend("2026-03-03 00:00:00"), "never")

	again := New(Options{Dir: c.dir, Clock: c.clock, Delays: &Delays{}})
	defer func() { _ = again.Close() }()
	c.do(platform.OpPatchCronJob, `{"schedule": "0 * * * *"}`, "jobId", "sweep")
	c.set("2026-03-03 05:00:00")
	if _, err := again.RunSchedules(t.Context(), time.Unix(0, c.at.Load())); err != nil {
		t.Fatal(err)
	}
	wants(t, "what was due before the server began is not made up for", c.runs(), "2026-03-01 10:00:00, 2026-03-01 11:05:00")
}

func TestConcurrencyPoliciesOfCronJobs(t *testing.T) {
	for policy, want := range map[string]string{"allow": "RUNNING RUNNING", "forbid": "RUNNING", "replace": "FAILED RUNNING"} {
		t.Run(policy, func(t *testing.T) {
			c := newCalendar(t, "2026-03-01 00:00:00")
			c.delays.Run = time.Hour
			c.do(platform.OpCreateCronJob, cronJob("* * * * *", `, "concurrencyPolicy": "`+policy+`"`))
			c.attend("2026-03-01 00:01:00")
			c.attend("2026-03-01 00:02:00")
			var states []string
			for _, run := range jsonvalue.List(c.do(platform.OpGetJobRuns, "", "jobId", "sweep"), "runs") {
				states = append([]string{jsonvalue.String(run, "status")}, states...)
			}
			wants(t, "the runs are", strings.Join(states, " "), want)
		})
	}
}

func TestEachTimeIsCarriedOutOnceHoweverManyAttend(t *testing.T) {
	c := newCalendar(t, "2026-03-01 00:00:00")
	c.do(platform.OpCreateCronJob, cronJob("* * * * *", ""))
	c.set("2026-03-01 00:01:00")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			p := New(Options{Dir: c.dir, Clock: c.clock, Delays: &Delays{}})
			defer func() { _ = p.Close() }()
			for range 5 {
				if _, err := p.RunSchedules(t.Context(), c.since); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	wants(t, "the runs", c.runs(), "2026-03-01 00:01:00")
}

func TestAddonsAreBackedUpAsTheirSchedulesSay(t *testing.T) {
	c := newCalendar(t, "2026-03-01 00:00:00") // a Sunday
	c.do(platform.OpCreateAddon, `{"name": "data", "type": "postgresql", "version": "16", "billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 4096, "replicas": 1},
		"backupSchedules": [
			{"backupType": "dump", "retentionTime": 2, "scheduling": {"interval": "daily", "hour": [3], "minute": [0]}},
			{"backupType": "snapshot", "retentionTime": 30, "scheduling": {"interval": "weekly", "day": [1], "hour": [3], "minute": [0, 30]}}]}`)
	backups := func() string {
		return c.started(platform.OpListAddonBackups, "backups", "createdAt", "addonId", "data")
	}
	wants(t, "before", c.attend("2026-03-01 02:59:59"), "2026-03-01 03:00:00")
	wants(t, "on Sunday", c.attend("2026-03-01 03:00:00"), "2026-03-02 03:00:00")
	wants(t, "on Monday both ask for the same moment", c.attend("2026-03-02 03:00:00"), "2026-03-02 03:30:00")
	wants(t, "which makes one backup", backups(), "2026-03-01 03:00:00, 2026-03-02 03:00:00")
	c.attend("2026-03-02 03:30:00")
	first := jsonvalue.String(c.do(platform.OpListAddonBackups, "", "addonId", "data"), "backups.1.id")
	c.do(platform.OpRetainBackup, "", "addonId", "data", "backupId", first)
	c.attend("2026-03-03 03:00:00")
	wants(t, "what is over is removed, what is retained stays", backups(), "2026-03-02 03:00:00, 2026-03-02 03:30:00, 2026-03-03 03:00:00")
	c.attend("2026-03-05 03:00:00")
	wants(t, "two days later", backups(), "2026-03-02 03:00:00, 2026-03-02 03:30:00, 2026-03-05 03:00:00")

	c.do(platform.OpPauseAddon, "", "addonId", "data")
	c.attend("2026-03-06 03:00:00")
	wants(t, "an addon that is paused is not backed up", backups(), "2026-03-02 03:00:00, 2026-03-02 03:30:00, 2026-03-05 03:00:00")
}

func TestHowABackupScheduleIsRead(t *testing.T) {
	for spec, want := range map[string]string{
		`{"interval": "hourly", "minute": [5, 35]}`:                          "5,35 * * * *",
		`{"interval": "daily"}`:                                              "0 0 * * *",
		`{"interval": "weekly", "day": [7, 3], "hour": [4], "minute": [30]}`: "30 4 * * 0,3",
		`{"interval": "yearly"}`:                                             "",
	} {
		for _, numbers := range []bool{false, true} {
			d := json.NewDecoder(strings.NewReader(`{"scheduling": ` + spec + `}`))
			if numbers {
				d.UseNumber()
			}
			var v any
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			wants(t, spec, cronOf(v), want)
		}
	}
}

// While another process writes for as long as it likes, a server that has nothing to do
// goes on looking at the clock.
func TestALookAtTheClockWaitsForNobodyWhoWrites(t *testing.T) {
	c := newCalendar(t, "2026-03-01 09:58:30")
	c.do(platform.OpCreateCronJob, cronJob("0 11 * * *", ""))
	c.do(platform.OpCreateWorkflow, `{"name": "Nightly", "apiVersion": "v1.2", "triggers": [{"kind": "cron", "ref": "clock", "spec": {"cron": "0 12 * * *"}}],
		"spec": {"kind": "LoopData", "ref": "note", "spec": {"by": "clock"}}}`)
	other := New(Options{Dir: c.dir, Clock: c.clock, Delays: &Delays{}})
	defer func() { _ = other.Close() }()
	s, err := other.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	written, let := make(chan error, 1), make(chan struct{})
	writes := make(chan struct{})
	go func() {
		written <- s.write(context.Background(), func(*tx) error { close(writes); <-let; return nil })
	}()
	<-writes
	ctx, cancel := context.WithTimeout(t.Context(), busyTimeout/3)
	defer cancel()
	for what, look := range map[string]func() (time.Time, error){
		"cron jobs and backups": func() (time.Time, error) { return c.RunSchedules(ctx, c.since) },
		"cron triggers": func() (time.Time, error) {
			next, runs, err := c.RunTriggers(ctx, c.since)
			if len(runs) > 0 {
				t.Errorf("something ran: %+v", runs)
			}
			return next, err
		},
		"previews": func() (time.Time, error) { return c.EndPreviews(ctx) },
	} {
		if next, err := look(); err != nil {
			t.Errorf("%s: %v", what, err)
		} else {
			t.Logf("%s: %s", what, next.UTC().Format(time.DateTime))
		}
	}
	close(let)
	if err := <-written; err != nil {
		t.Error(err)
	}
}
