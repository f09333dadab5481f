package carrier_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/carrier"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu/faketofu"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// TestMain lets this program be an OpenTofu too, with FAKE_TOFU set.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_TOFU") != "" {
		os.Exit(faketofu.Main(os.Args[1:]))
	}
	_ = os.Setenv("NF_KEY", "file") // no test asks a keyring
	os.Exit(m.Run())
}

// A world is an engine whose target is a served platform, behind a proxy, which makes
// pipelines in templates only.
type world struct {
	t        *testing.T
	embedded *local.Platform
	engine   engine.Engine
	asked    *requests
}

// requests are those that have come to the platform.
type requests struct {
	mu    sync.Mutex
	lines []string
	said  strings.Builder // all that the platform has answered who asked for something
}

func newWorld(t *testing.T, plan faultproxy.Plan) *world {
	t.Helper()
	open := func(name string) *history.Store {
		store, err := history.OpenWith(t.Context(), filepath.Join(t.TempDir(), name), history.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	there, here := open("platform"), open("client")
	embedded := local.New(local.Options{Dir: t.TempDir(), Delays: &local.Delays{}})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	modules := tofu.Options{Program: self, Dir: t.TempDir(), Sealer: there.Sealer(),
		Environment: append(os.Environ(), "FAKE_TOFU=1", "FAKE_TOFU_LOG="+filepath.Join(t.TempDir(), "log"))}
	documents := runner.New(engine.Engine{Store: there, Secrets: engine.StoredSecrets{Store: there}, Checker: engine.CatalogChecker{Assert: assert.Node}}, embedded,
		func(next platform.NodeDriver) platform.NodeDriver { return tofu.New(next, modules) })
	embedded.RunWith(documents)
	handler, err := api.New(api.Options{Target: embedded})
	if err != nil {
		t.Fatal(err)
	}
	asked := &requests{}
	server := httptest.NewServer(asked.of(faultproxy.New(handler, faultproxy.Options{Plan: plan})))
	target, err := northflank.New(northflank.Options{Host: server.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = target.Close()
		server.Close()
		documents.Wait()
		documents.Close()
		_ = embedded.Close()
		_ = there.Close()
		_ = here.Close()
	})
	return &world{t: t, embedded: embedded, asked: asked, engine: engine.Engine{Store: here, Checker: engine.CatalogChecker{Assert: assert.Node},
		Platform: carrier.New(platform.NewDriver(target)), Target: target.Name()}}
}

// of notes requests, and what is answered.
func (r *requests) of(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.lines = append(r.lines, q.Method+" "+q.URL.Path)
		r.mu.Unlock()
		if q.Method != http.MethodGet { // who sends something is told the same
			next.ServeHTTP(w, q)
			return
		}
		next.ServeHTTP(&listening{w, r}, q)
	})
}

type listening struct {
	http.ResponseWriter
	to *requests
}

func (l *listening) Write(b []byte) (int, error) {
	l.to.mu.Lock()
	l.to.said.Write(b)
	l.to.mu.Unlock()
	return l.ResponseWriter.Write(b)
}

// Unwrap lets the proxy break the connection.
func (l *listening) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (w *world) run(template string) engine.Result {
	w.t.Helper()
	snapshot := analysis.NewSnapshot(syntax.Parse(template), nil, nil)
	for _, f := range snapshot.Findings() {
		if f.Severity == analysis.Error {
			w.t.Fatalf("the template has the error %s", f.Message)
		}
	}
	program, problems := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config})
	if len(problems) > 0 {
		w.t.Fatalf("it does not compile: %+v", problems)
	}
	result, err := w.engine.Run(w.t.Context(), program, engine.RunOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return result
}

func (w *world) node(run, ref string) *engine.NodeView {
	w.t.Helper()
	view, err := engine.View(w.t.Context(), w.engine.Store, run)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range view.Nodes {
		if view.Nodes[i].Ref == ref {
			return &view.Nodes[i]
		}
	}
	w.t.Fatalf("there is no node %q", ref)
	return nil
}

// read asks the platform past the proxy.
func (w *world) read(op string, path map[string]string) map[string]any {
	w.t.Helper()
	response, err := w.embedded.Do(context.Background(), op, platform.Params{Path: path}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var data map[string]any
	if err := response.Data(&data); err != nil {
		w.t.Fatal(err)
	}
	return data
}

// tidy checks that no template is left and how often one was run.
func (w *world) tidy(runs int) {
	w.t.Helper()
	if left := w.templates(); len(left) != 0 {
		w.t.Errorf("%d templates are left: %v", len(left), left)
	}
	if made, ran := w.carried(); ran != runs || made != runs {
		w.t.Errorf("%d templates were made and %d run, want %d", made, ran, runs)
	}
}

// templates are those that are there.
func (w *world) templates() []any {
	w.t.Helper()
	return jsonvalue.List(w.read(platform.OpListTemplates, nil), "templates")
}

// carried is how many templates were made, and how often one was run.
func (w *world) carried() (made, ran int) {
	w.t.Helper()
	effects, err := w.embedded.Effects(context.Background(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range effects {
		switch {
		case e.Change == local.Ran && strings.HasPrefix(e.Resource, "templates/"):
			ran++
		case e.Change == local.Created && strings.HasPrefix(e.Resource, "templates/"):
			made++
		}
	}
	return made, ran
}

const shop = `{
  "apiVersion": "v1.2", "name": "Shop", "arguments": {"TOKEN": "planted-8c1e", "STAGE": "Staging"},
  "project": {"spec": {"name": "Shop", "region": "europe-west"}},
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
    {"kind": "DeploymentService", "ref": "web", "spec": {"name": "web", "billing": {"deploymentPlan": "nf-compute-20"},
      "deployment": {"instances": 1, "external": {"imagePath": "nginx:1.27"}}}},
    {"kind": "Pipeline", "ref": "pipeline", "settings": {"backoff": {"type": "fixed", "delay": 1}}, "spec": {"name": "Release train", "stages": [
      {"name": "${args.STAGE}", "nfObjects": [{"id": "%s", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2",
        "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
          {"kind": "JobRun", "ref": "first", "spec": {"jobId": "migrate"}},
          {"kind": "JobRun", "ref": "again", "spec": {"jobId": "migrate", "runtimeEnvironment": {"ID": "${refs.first.id}", "OF": "${template.refs.web.id}", "KEY": "%s"}}}]}}}}}]}},
    {"kind": "SecretGroup", "ref": "after", "spec": {"name": "after", "secretType": "environment", "priority": 1,
      "secrets": {"variables": {"PIPELINE": "${refs.pipeline.id}", "FLOW": "${refs.pipeline.name}"}}}}
  ]}}
}`

func TestAPipelineIsMadeInATemplateThatIsGoneAfterwards(t *testing.T) {
	w := newWorld(t, nil)
	result := w.run(fmt.Sprintf(shop, "${refs.web.id}", "plain"))
	if result.State != engine.StateSuccess {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	made := w.read(platform.OpGetPipeline, map[string]string{"projectId": "shop", "pipelineId": "release-train"})
	if id := jsonvalue.String(made, "stages.0.nfObjects.0.id"); id != "web" || jsonvalue.String(made, "stages.0.name") != "Staging" {
		t.Errorf("it is %v", made)
	}
	flow := w.read(platform.OpGetReleaseFlow, map[string]string{"projectId": "shop", "pipelineId": "release-train", "stage": "staging"})
	text, _ := jsonvalue.Marshal(flow)
	if !strings.Contains(string(text), `"ID":"${refs.first.id}"`) || !strings.Contains(string(text), `"OF":"web"`) {
		t.Errorf("the flow is %s", text)
	}
	group := w.read(platform.OpGetProjectSecretDetails, map[string]string{"projectId": "shop", "secretId": "after"})
	text, _ = jsonvalue.Marshal(group)
	if !strings.Contains(string(text), "release-train") || !strings.Contains(string(text), "Release train") {
		t.Errorf("who refers to it is given %s", text)
	}
	w.tidy(1)

	again := w.run(fmt.Sprintf(shop, "${refs.web.id}", "plain"))
	if again.State != engine.StateSuccess {
		t.Fatalf("%s: %+v", again.State, again.Error)
	}
	w.tidy(2)
}

func TestAStageIsMadeInATemplateAndNamedByResources(t *testing.T) {
	w := newWorld(t, nil)
	result := w.run(`{"apiVersion": "v1.2", "name": "Shop", "project": {"spec": {"name": "Shop", "region": "europe-west"}},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "ReleaseStage", "ref": "live", "spec": {"name": "Live", "position": 1}},
			{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web", "stageId": "${refs.live.id}", "billing": {"deploymentPlan": "nf-compute-20"},
				"deployment": {"instances": 1, "external": {"imagePath": "nginx:1.27"}}}}]}}}`)
	if result.State != engine.StateSuccess {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	stage := w.read(platform.OpGetReleaseStage, map[string]string{"projectId": "shop", "releaseStageId": "live"})
	if jsonvalue.String(stage, "nfObjects.0.id") != "web" {
		t.Errorf("it is %v", stage)
	}
	w.tidy(1)
}

const ruled = `{"apiVersion": "v1.2", "name": "Shop", "project": {"spec": {"name": "Shop", "region": "europe-west"}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "BuildService", "ref": "builder", "spec": {"name": "builder", "billing": {"deploymentPlan": "nf-compute-20"},
			"vcsData": {"projectUrl": "https://github.com/acme/shop", "projectType": "github", "projectBranch": "main"},
			"buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}},
		{"kind": "Build", "ref": "build", "condition": "success", "spec": {"id": "${refs.builder.id}", "type": "service", "branch": "main",
			"buildRules": {"pathIgnoreRules": ["*.md"]}, "buildRuleFallThroughHandling": "%s"}}]}}}`

func TestABuildWithRulesIsJudgedByThePlatform(t *testing.T) {
	w := newWorld(t, nil)
	push := func(sha, path string) {
		t.Helper()
		_, err := w.embedded.Do(context.Background(), platform.OpSendGitEvent, platform.Params{}, []byte(`{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main",
			"sha": "`+strings.Repeat(sha, 40)+`", "paths": ["`+path+`"]}`))
		if err != nil {
			t.Fatal(err)
		}
	}
	push("1", "main.go")
	if result := w.run(fmt.Sprintf(ruled, "skip")); result.State != engine.StateSuccess || w.node(result.ID, "build").State != engine.StateSuccess {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	push("2", "README.md")
	if result := w.run(fmt.Sprintf(ruled, "skip")); result.State != engine.StateSuccess || w.node(result.ID, "build").State != engine.StateSkipped {
		t.Fatalf("%s: %+v; the build is %s", result.State, result.Error, w.node(result.ID, "build").State)
	}
	result := w.run(fmt.Sprintf(ruled, "useLastBuild"))
	build := w.node(result.ID, "build")
	if last := build.Attempts[len(build.Attempts)-1]; result.State != engine.StateSuccess || !strings.Contains(string(last.Response), strings.Repeat("1", 40)) {
		t.Fatalf("%s: %+v; the build is %s", result.State, result.Error, last.Response)
	}
	if result := w.run(fmt.Sprintf(ruled, "fail")); result.State != engine.StateFailure || !strings.Contains(result.Error.Message, "the path rules ignore") {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	w.tidy(4)
}

func TestSecretsOfACarriedNodeAreToldToNobody(t *testing.T) {
	w := newWorld(t, nil)
	snapshot := fmt.Sprintf(shop, "${refs.web.id}", "${template.args.TOKEN}")
	result := w.run(snapshot)
	if result.State != engine.StateSuccess {
		t.Fatalf("%s: %+v", result.State, result.Error)
	}
	flow := w.read(platform.OpGetReleaseFlow, map[string]string{"projectId": "shop", "pipelineId": "release-train", "stage": "staging"})
	if text, _ := jsonvalue.Marshal(flow); !strings.Contains(string(text), "planted-8c1e") {
		t.Errorf("the flow is %s", text)
	}
	w.asked.mu.Lock()
	defer w.asked.mu.Unlock()
	if strings.Contains(w.asked.said.String(), "planted-8c1e") {
		t.Error("the platform tells the secret to whoever asks")
	}
	if lines := strings.Join(w.asked.lines, "\n"); strings.Contains(lines, "planted") {
		t.Errorf("a secret is in a name: %s", lines)
	}
}

func TestTheRefusalOfACarriedNodeIsTheNodes(t *testing.T) {
	w := newWorld(t, nil)
	result := w.run(fmt.Sprintf(shop, "nobody", "plain"))
	if result.State != engine.StateFailure {
		t.Fatalf("%s", result.State)
	}
	node := w.node(result.ID, "pipeline")
	if node.Error == nil || node.Error.Code != http.StatusBadRequest || !strings.Contains(node.Error.Message, "stages.0.nfObjects.0.id") ||
		strings.Contains(node.Error.Message, "spec.spec.steps") || len(node.Attempts) != 1 {
		t.Errorf("%d attempts, %+v", len(node.Attempts), node.Error)
	}
	w.tidy(1)
}

// Whatever answer is lost, and whatever gateway gives up: one template, run once.
func TestFaultsOnTheWayCarryANodeOnce(t *testing.T) {
	requests := map[string]func(r *http.Request) bool{
		"the creation": func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/v1/templates" },
		"the start": func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/runs")
		},
		"a look": func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/runs/")
		},
		"the removal": func(r *http.Request) bool {
			return r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, "/v1/templates/")
		},
	}
	for name, is := range requests {
		for _, fault := range []faultproxy.Fault{faultproxy.Reset, faultproxy.Lost, faultproxy.Truncated, faultproxy.GaveUp, faultproxy.Replaced, faultproxy.Down} {
			t.Run(name+", "+fault.String(), func(t *testing.T) {
				t.Parallel()
				var hit atomic.Bool
				w := newWorld(t, func(r *http.Request) faultproxy.Fault {
					if is(r) && hit.CompareAndSwap(false, true) {
						return fault
					}
					return faultproxy.None
				})
				result := w.run(fmt.Sprintf(shop, "${refs.web.id}", "plain"))
				if result.State != engine.StateSuccess || !hit.Load() {
					t.Fatalf("%s: %+v", result.State, result.Error)
				}
				w.tidy(1)
			})
		}
	}
}

func TestAnAbortLeavesNoTemplate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	held := make(chan struct{})
	var once sync.Once
	w := newWorld(t, func(r *http.Request) faultproxy.Fault {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/runs/") {
			once.Do(func() { close(held) })
			return faultproxy.GaveUp // nobody learns that it has ended
		}
		return faultproxy.None
	})
	go func() { <-held; cancel() }()
	snapshot := analysis.NewSnapshot(syntax.Parse(fmt.Sprintf(shop, "${refs.web.id}", "plain")), nil, nil)
	program, _ := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config})
	result, err := w.engine.Run(ctx, program, engine.RunOptions{})
	if result.State != engine.StateAborted {
		t.Fatalf("%s, %v", result.State, err)
	}
	w.tidy(1)
}

// A run that is ended while a node's template is being made, or has not begun, leaves
// neither the template nor a run of it.
func TestAnAbortBeforeTheStartLeavesNoTemplate(t *testing.T) {
	creation := func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/v1/templates" }
	start := func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/runs")
	}
	for _, tt := range []struct {
		name  string
		is    func(*http.Request) bool
		fault faultproxy.Fault
		ran   int
	}{
		{"no answer to the creation comes", creation, faultproxy.Mute, 0},
		{"the creation hangs", creation, faultproxy.Hung, 0},
		{"the start hangs", start, faultproxy.Hung, 0},
		{"no answer to the start comes", start, faultproxy.Mute, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := newWorld(t, func(r *http.Request) faultproxy.Fault {
				if tt.is(r) {
					cancel()
					return tt.fault
				}
				return faultproxy.None
			})
			w.engine.AbortGrace = 200 * time.Millisecond
			snapshot := analysis.NewSnapshot(syntax.Parse(fmt.Sprintf(shop, "${refs.web.id}", "plain")), nil, nil)
			program, _ := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config})
			result, err := w.engine.Run(ctx, program, engine.RunOptions{})
			if result.State != engine.StateAborted {
				t.Fatalf("%s, %v", result.State, err)
			}
			// What is cleared away goes on beside the end of the run.
			for end := time.Now().Add(20 * time.Second); len(w.templates()) > 0; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("there are templates left: %v", w.templates())
				}
			}
			if made, ran := w.carried(); made > 1 || ran != tt.ran {
				t.Errorf("%d templates were made and %d run", made, ran)
			}
		})
	}
}

// An impatient driver waits for next to nothing.
type impatient struct{ *carrier.Driver }

func (d impatient) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	result, err := d.Driver.Start(ctx, req)
	if result.Wait != nil && result.Wait.Carried != nil {
		result.Wait.Timeout = time.Millisecond
	}
	return result, err
}

func TestATimeoutLeavesNoTemplate(t *testing.T) {
	var hidden atomic.Bool
	hidden.Store(true)
	w := newWorld(t, func(r *http.Request) faultproxy.Fault {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/abort"):
			hidden.Store(false)
		case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/runs/") && hidden.Load():
			return faultproxy.GaveUp // nobody learns that it has ended
		}
		return faultproxy.None
	})
	w.engine.Platform = impatient{w.engine.Platform.(*carrier.Driver)}
	result := w.run(fmt.Sprintf(shop, "${refs.web.id}", "plain"))
	if result.State != engine.StateFailure {
		t.Fatalf("%s", result.State)
	}
	if node := w.node(result.ID, "pipeline"); node.Error == nil || !strings.Contains(node.Error.Message, "within 1ms") || len(node.Attempts) != 1 {
		t.Errorf("%d attempts, %+v", len(node.Attempts), node.Error)
	}
	w.tidy(1)
}

func TestAPlanSaysWhatACarriedNodeWillDo(t *testing.T) {
	w := newWorld(t, nil)
	result := w.run(fmt.Sprintf(shop, "${refs.web.id}", "plain"))
	if result.State != engine.StateSuccess {
		t.Fatalf("%+v", result.Error)
	}
	before := len(w.asked.lines)
	snapshot := analysis.NewSnapshot(syntax.Parse(fmt.Sprintf(shop, "${refs.web.id}", "changed")), nil, nil)
	program, _ := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config})
	plan, err := w.engine.Plan(w.t.Context(), program)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.Nodes {
		if n.Ref == "pipeline" && (n.Action != platform.ActionUpdate || strings.Join(n.Operations, " ") !=
			"team/templates/create-template team/templates/run-template team/templates/get-template-run team/templates/delete-template") {
			t.Errorf("%s with %v", n.Action, n.Operations)
		}
	}
	for _, line := range w.asked.lines[before:] {
		if !strings.HasPrefix(line, http.MethodGet) {
			t.Errorf("a plan asks for %s", line)
		}
	}
}
