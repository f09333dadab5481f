package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

const smallAddon = `{"name": "data", "type": "redis", "version": "7", "billing": {"deploymentPlan": "nf-compute-10", "storage": 4096, "replicas": 1}}`

// What has happened in virtual hours stays over when the folder is opened in the
// time outside, and shows times that are over.
func TestVirtualTimeLeavesNothingInTheFuture(t *testing.T) {
	dir := t.TempDir()
	virtual := newWatch()
	virtual.at.Store(time.Now().UnixNano())
	begin := virtual.now()
	rehearsal := stage{virtual, open(t, local.Options{Dir: dir, Delays: &local.Delays{Provision: 5 * time.Hour}, Clock: virtual.now, Virtual: true}), t}
	if err := put(rehearsal, "shop"); err != nil {
		t.Fatal(err)
	}
	rehearsal.do(platform.OpCreateAddon, where(), smallAddon)
	path := where("addonId", "data")
	if status := jsonvalue.String(rehearsal.do(platform.OpGetAddon, path, ""), "status"); status == "running" {
		t.Errorf("at first it is %s", status)
	}
	virtual.advance(5 * time.Hour)
	shown := rehearsal.do(platform.OpGetAddon, path, "")
	if status, at := jsonvalue.String(shown, "status"), jsonvalue.String(shown, "createdAt"); status != "running" || at != begin.UTC().Format("2006-01-02T15:04:05.000Z") {
		t.Errorf("after five hours it is %s, created at %s", status, at)
	}
	if err := rehearsal.Close(); err != nil {
		t.Fatal(err)
	}

	real := stage{nil, open(t, local.Options{Dir: dir, Delays: &local.Delays{Provision: 50 * time.Millisecond}}), t}
	shown = real.do(platform.OpGetAddon, path, "")
	created, err := time.Parse(time.RFC3339, jsonvalue.String(shown, "createdAt"))
	if status := jsonvalue.String(shown, "status"); status != "running" || err != nil || time.Since(created) < 4*time.Hour {
		t.Errorf("outside it is %s, created at %v, %v", status, created, err)
	}
	real.do(platform.OpCreateAddon, where(), strings.Replace(smallAddon, `"data"`, `"next"`, 1))
	next := real.do(platform.OpGetAddon, where("addonId", "next"), "")
	if made, err := time.Parse(time.RFC3339, jsonvalue.String(next, "createdAt")); err != nil || time.Since(made) > time.Minute || time.Until(made) > 0 {
		t.Errorf("what is made now was created at %v, %v", made, err)
	}
	if status := jsonvalue.String(next, "status"); status == "running" {
		t.Error("what takes time outside is done at once")
	}
	effects, err := real.Effects(context.Background(), 0)
	if err != nil || len(effects) < 3 {
		t.Fatalf("%+v, %v", effects, err)
	}
	for i, e := range effects {
		if e.Time.After(time.Now()) || i > 0 && e.Time.Before(effects[i-1].Time) {
			t.Errorf("effect %d happened at %v", i, e.Time)
		}
	}
}

// A process that is killed in virtual time has stored how far it had come.
func TestVirtualTimeSurvivesACrash(t *testing.T) {
	dir := t.TempDir()
	virtual := newWatch()
	virtual.at.Store(time.Now().UnixNano())
	rehearsal := stage{virtual, open(t, local.Options{Dir: dir, Delays: &local.Delays{Provision: 5 * time.Hour}, Clock: virtual.now, Virtual: true}), t}
	if err := put(rehearsal, "shop"); err != nil {
		t.Fatal(err)
	}
	rehearsal.do(platform.OpCreateAddon, where(), smallAddon)
	virtual.advance(5 * time.Hour)
	rehearsal.do(platform.OpGetAddon, where("addonId", "data"), "")
	if err := rehearsal.Unlock(); err != nil { // as the end of the process would
		t.Fatal(err)
	}

	real := stage{nil, open(t, local.Options{Dir: dir}), t}
	if status := jsonvalue.String(real.do(platform.OpGetAddon, where("addonId", "data"), ""), "status"); status != "running" {
		t.Errorf("it is %s again", status)
	}
}

func TestVirtualTimeNeedsThePlatformForItself(t *testing.T) {
	dir := t.TempDir()
	now := time.Now
	first := open(t, local.Options{Dir: dir})
	if err := first.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open(t, local.Options{Dir: dir})
	if err := second.Open(t.Context()); err != nil {
		t.Errorf("two in the time outside: %v", err)
	}
	virtual := open(t, local.Options{Dir: dir, Clock: now, Virtual: true})
	if err := virtual.Open(t.Context()); !errors.Is(err, local.ErrInUse) || !strings.Contains(err.Error(), "another process is using "+dir) {
		t.Errorf("beside others: %v", err)
	}
	_, _ = first.Close(), second.Close()
	if err := virtual.Open(t.Context()); err != nil {
		t.Errorf("alone: %v", err)
	}
	third := open(t, local.Options{Dir: dir})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := third.Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beside a rehearsal: %v", err)
	}
	_ = virtual.Close()
	if err := third.Open(t.Context()); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// In virtual time a wait knows when to look again.
func TestAPollInVirtualTimeSaysWhenTheNextStepComes(t *testing.T) {
	w := newWatch()
	w.at.Store(time.Now().UnixNano())
	p := open(t, local.Options{Delays: slow(), Clock: w.now, Virtual: true})
	s := stage{w, p, t}
	if err := put(s, "shop"); err != nil {
		t.Fatal(err)
	}
	d := platform.NewDriver(p)
	req := platform.NodeRequest{Kind: "CombinedService", ProjectID: "shop", Token: "t", Spec: map[string]any{
		"name": "web", "billing": map[string]any{"deploymentPlan": "nf-compute-10"}, "deployment": map[string]any{"instances": 1.0},
		"vcsData":       map[string]any{"projectUrl": "https://github.com/example/app", "projectType": "github", "projectBranch": "main"},
		"buildSettings": map[string]any{"dockerfile": map[string]any{"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}}
	if _, err := d.Start(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	begin := w.now()
	wait := platform.Wait{Subject: "service", Until: "running", Op: platform.OpGetService, Path: where("serviceId", "web"), Polls: 1000}
	polls := 0
	for ; polls < 20; polls++ {
		progress, err := d.Poll(t.Context(), wait)
		if err != nil {
			t.Fatal(err)
		}
		if progress.Done {
			break
		}
		if progress.After <= 0 {
			t.Fatalf("poll %d says to look again after %v", polls, progress.After)
		}
		w.advance(progress.After)
		wait = progress.Next
	}
	// It is queued, built and rolled out.
	if took := w.now().Sub(begin); took != 130*time.Second || polls > 8 {
		t.Errorf("it took %v and %d polls", took, polls)
	}
}

// What has ended stays ended when the clock is set back, in the process that has
// seen it and in the next one.
func TestTheClockIsSetBack(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	options := local.Options{Dir: dir, Clock: func() time.Time { return now }, Delays: &local.Delays{Run: time.Minute}}
	p := local.New(options)
	if err := put(p, "shop"); err != nil {
		t.Fatal(err)
	}
	path := map[string]string{"projectId": "shop"}
	do := func(op, body string, params map[string]string) map[string]any {
		t.Helper()
		r, err := p.Do(t.Context(), op, platform.Params{Path: params}, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var data map[string]any
		if err := r.Data(&data); err != nil {
			t.Fatal(err)
		}
		return data
	}
	do(platform.OpCreateManualJob, fmt.Sprintf(task, "migrate"), path)
	run := do(platform.OpRunJob, `{}`, map[string]string{"projectId": "shop", "jobId": "migrate"})
	look := map[string]string{"projectId": "shop", "jobId": "migrate", "runId": run["id"].(string)}
	status := func() any { t.Helper(); return do(platform.OpGetRunDetails, "", look)["status"] }
	now = now.Add(2 * time.Minute)
	if got := status(); got != "SUCCESS" {
		t.Fatalf("after two minutes it is %v", got)
	}
	now = now.Add(-time.Hour)
	if got := status(); got != "SUCCESS" {
		t.Errorf("it was over, and is %v since the clock was set back", got)
	}
	second := do(platform.OpRunJob, `{}`, map[string]string{"projectId": "shop", "jobId": "migrate"})
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = local.New(options)
	defer func() { _ = p.Close() }()
	if got := status(); got != "SUCCESS" {
		t.Errorf("it was over, and is %v in the next process", got)
	}
	look["runId"] = second["id"].(string)
	now = now.Add(2 * time.Minute)
	if got := status(); got != "SUCCESS" {
		t.Errorf("a run of the time that was set back is %v after two minutes", got)
	}
}
