package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

// remote puts the bench's platform behind its API and a fault proxy.
func (b *bench) remote(options faultproxy.Options) *faultproxy.Proxy {
	b.t.Helper()
	return b.remoteThrough(options, func(target platform.Target) platform.Target { return target })
}

// remoteThrough is remote with something in front of the target.
func (b *bench) remoteThrough(options faultproxy.Options, front func(platform.Target) platform.Target) *faultproxy.Proxy {
	b.t.Helper()
	handler, err := api.New(api.Options{Target: b.platform})
	if err != nil {
		b.t.Fatal(err)
	}
	proxy := faultproxy.New(handler, options)
	// Not one of httptest: that counts connections in a way that breaks ("WaitGroup is
	// reused") where a client that gives up connects while it is closed.
	listener, err := (&net.ListenConfig{}).Listen(b.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	host := "http://" + listener.Addr().String()
	target, err := northflank.New(northflank.Options{Host: host, Token: "any"})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = target.Close(); _ = server.Close() })
	// The name is that of the platform, whatever the way: other processes that go on with
	// the bench's runs have it at other ports.
	b.engine.Platform, b.engine.Target = platform.NewDriver(front(target)), b.platform.Name()
	return proxy
}

// settle goes on with a run until it has ended well, as a patient person does.
func (b *bench) settle(p *engine.Program) string {
	b.t.Helper()
	r, err := b.engine.Run(b.t.Context(), p, engine.RunOptions{})
	for range 20 {
		if err != nil {
			b.t.Fatal(err)
		}
		switch r.State {
		case engine.StateSuccess:
			return r.ID
		case engine.StateUnknown:
			r, err = b.engine.Resume(b.t.Context(), r.ID, engine.RunOptions{})
		default:
			r, err = b.engine.Retry(b.t.Context(), r.ID, engine.RunOptions{})
		}
	}
	b.t.Fatalf("it does not end: %+v", r)
	return ""
}

// doneOnce checks that the effects on the platform are those wanted, each once.
func (b *bench) doneOnce(wanted ...string) {
	b.t.Helper()
	b.wereDoneOnce(b.effects(), wanted...)
}

// wereDoneOnce checks that effects are those wanted, each once.
func (b *bench) wereDoneOnce(effects []string, wanted ...string) {
	b.t.Helper()
	count := map[string]int{}
	for _, e := range effects {
		what, resource, _ := strings.Cut(e, " ")
		if segments := strings.Split(resource, "/"); what == "run" {
			resource = strings.Join(segments[:4], "/") // what was run has an identifier of its own
		}
		count[what+" "+resource]++
	}
	for _, w := range wanted {
		if count[w] != 1 {
			b.t.Errorf("%q was done %d times", w, count[w])
		}
		delete(count, w)
	}
	if len(count) > 0 {
		b.t.Errorf("besides, the platform did %v", count)
	}
}

// TestFaultsOnTheWayToThePlatform runs a template over connections on which
// everything goes wrong that can: nothing is made twice and nothing is left out,
// and the platform is asked no more often than the attempts explain.
func TestFaultsOnTheWayToThePlatform(t *testing.T) {
	seed := engine.Seed(t)
	for i := range engine.Cases(3, 60) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, t.TempDir())
			proxy := b.remote(faultproxy.Options{Delay: 20 * time.Millisecond, Storm: 3, RetryAfter: 1,
				Plan: faultproxy.Drawn(engine.Case(seed, i), 0.25, faultproxy.Late, faultproxy.Reset, faultproxy.Limited, faultproxy.LimitedSilently,
					faultproxy.Down, faultproxy.Lost, faultproxy.Lost, faultproxy.Truncated, faultproxy.GaveUp, faultproxy.Replaced)})
			id := b.settle(program(t, read(t, "testdata/release.json"), engine.Options{}))
			b.doneOnce("create projects/release", "create projects/release/services/builder", "create projects/release/jobs/migrate",
				"create projects/release/secrets/settings", "run projects/release/services/builder", "run projects/release/jobs/migrate")
			attempts := 0
			for _, n := range b.view(id).Nodes {
				attempts += len(n.Attempts)
			}
			if n := len(proxy.Log()); n > 15*attempts {
				t.Errorf("%d requests for %d attempts", n, attempts)
			}
			if t.Failed() {
				for _, e := range proxy.Log() {
					t.Logf("%s %s: %s", e.Method, e.Path, e.Fault)
				}
			}
		})
	}
}

// TestFaultsAPlatformThatDoesNotAnswerOrAnswersTwice runs a template on a platform
// that lets some requests hang, before and after its work, answers some twice, and
// is asked some twice by what stands in front of it. Nobody can keep that from
// running a job twice, so those requests come once.
func TestFaultsAPlatformThatDoesNotAnswerOrAnswersTwice(t *testing.T) {
	seed := engine.Seed(t)
	for i := range engine.Cases(3, 60) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, t.TempDir())
			b.engine.CallTimeout = time.Second
			drawn := faultproxy.Drawn(engine.Case(seed, i), 0.25, faultproxy.Hung, faultproxy.Mute, faultproxy.Repeated, faultproxy.Repeated, faultproxy.Twice, faultproxy.Twice)
			proxy := b.remote(faultproxy.Options{Plan: func(r *http.Request) faultproxy.Fault {
				fault := drawn(r)
				if fault == faultproxy.Twice && r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/runs") || strings.HasSuffix(r.URL.Path, "/build")) {
					return faultproxy.None
				}
				return fault
			}})
			id := b.settle(program(t, read(t, "testdata/release.json"), engine.Options{}))
			b.doneOnce("create projects/release", "create projects/release/services/builder", "create projects/release/jobs/migrate",
				"create projects/release/secrets/settings", "run projects/release/services/builder", "run projects/release/jobs/migrate")
			b.nothingRepeated(id)
			if t.Failed() {
				for _, e := range proxy.Log() {
					t.Logf("%s %s: %s", e.Method, e.Path, e.Fault)
				}
			}
		})
	}
}

// twice is a template that runs one job two times.
func twice(flow string) string {
	return `{"apiVersion": "v1.2", "name": "Twice", "project": {"spec": {"name": "Twice", "region": "europe-west"}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "ManualJob", "ref": "job", "spec": {"name": "job", "billing": {"deploymentPlan": "nf-compute-10"}, "backoffLimit": 0, "activeDeadlineSeconds": 600,
			"deployment": {"external": {"imagePath": "example/job:v1"}}}},
		{"kind": "Workflow", "spec": {"type": "` + flow + `", "steps": [
			{"kind": "JobRun", "ref": "first", "spec": {"jobId": "${refs.job.id}", "runtimeEnvironment": {"N": "1"}}, "condition": "success"},
			{"kind": "JobRun", "ref": "second", "spec": {"jobId": "${refs.job.id}", "runtimeEnvironment": {"N": "2"}}, "condition": "success"}
		]}}
	]}}}`
}

// nth lets one of the requests that run the job go wrong.
func nth(n int32, fault faultproxy.Fault) faultproxy.Plan {
	var runs atomic.Int32
	return func(r *http.Request) faultproxy.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/jobs/job/runs") && runs.Add(1) == n {
			return fault
		}
		return faultproxy.None
	}
}

// What one node has started is not taken for what another one has.
func TestTheRunOfAnotherNodeIsNotTakenForALostOne(t *testing.T) {
	for _, flow := range []string{"sequential", "parallel"} {
		for _, fault := range []faultproxy.Fault{faultproxy.Reset, faultproxy.Lost, faultproxy.GaveUp} {
			t.Run(flow+", "+fault.String(), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, t.TempDir())
				b.remote(faultproxy.Options{Plan: nth(2, fault)})
				r := b.run(program(t, twice(flow), engine.Options{}))
				if r.State != engine.StateSuccess {
					t.Fatalf("%s: %+v", r.State, r.Error)
				}
				runs := map[any]bool{}
				for _, n := range b.view(r.ID).Nodes {
					if n.Kind == "JobRun" {
						runs[string(n.Attempts[len(n.Attempts)-1].Response)] = true
					}
				}
				done := 0
				for _, e := range b.effects() {
					if strings.HasPrefix(e, "run ") {
						done++
					}
				}
				if done != 2 || len(runs) != 2 {
					t.Errorf("%d runs of the job for %d nodes: %s", done, len(runs), strings.Join(b.effects(), ", "))
				}
			})
		}
	}
}

// A rate limit that is spent stops a run for as long as it says, which may be
// longer than a call may take.
func TestWaitingForTheRateLimitCostsNoAttempt(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.engine.CallTimeout = 400 * time.Millisecond
	var limited atomic.Bool
	b.remote(faultproxy.Options{RetryAfter: 1, Plan: func(r *http.Request) faultproxy.Fault {
		if r.Method == http.MethodPost && limited.CompareAndSwap(false, true) {
			return faultproxy.Limited
		}
		return faultproxy.None
	}})
	r := b.run(program(t, read(t, "testdata/release.json"), engine.Options{}))
	if r.State != engine.StateSuccess {
		t.Fatalf("%+v", r.Error)
	}
	for _, n := range b.view(r.ID).Nodes {
		if len(n.Attempts) > 1 {
			t.Errorf("%s took %d attempts: %+v", n.Label, len(n.Attempts), n.Attempts[0].Error)
		}
	}
}

// An abort does not wait for the rate limit.
func TestAnAbortEndsAWaitForTheRateLimit(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.engine.AbortGrace = 50 * time.Millisecond
	reached := make(chan struct{}, 100)
	b.remote(faultproxy.Options{RetryAfter: 600, Plan: func(*http.Request) faultproxy.Fault { reached <- struct{}{}; return faultproxy.Limited }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	r, err := b.engine.Run(ctx, program(t, read(t, "testdata/release.json"), engine.Options{}), engine.RunOptions{})
	if err != nil && !errors.Is(err, context.Canceled) || r.State != engine.StateAborted {
		t.Errorf("%+v, %v", r, err)
	}
}
