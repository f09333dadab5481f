package engine_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// A bench is an engine over the embedded platform. The platform's own state
// lies beside the engine's.
type bench struct {
	t        testing.TB
	dir      string
	store    *history.Store
	platform *local.Platform
	engine   *engine.Engine
	mu       sync.Mutex
	events   []engine.Event
}

func newBench(t testing.TB, dir string, faults ...local.Fault) *bench {
	t.Helper()
	store, err := history.Open(context.Background(), filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	p := local.New(local.Options{Dir: filepath.Join(dir, "platform"), Faults: faults, Delays: &local.Delays{}})
	t.Cleanup(func() { _ = p.Close(); _ = store.Close() })
	b := &bench{t: t, dir: dir, store: store, platform: p, engine: &engine.Engine{Store: store}}
	b.connect()
	return b
}

// connect has the engine drive the platform, in the way that the tests are run in.
func (b *bench) connect() {
	b.t.Helper()
	if overBadConnection() {
		b.remote(badConnection(b.t))
		return
	}
	b.engine.Platform, b.engine.Target = platform.NewDriver(b.platform), b.platform.Name()
}

// slow makes the work of the platform take time.
func (b *bench) slow(d time.Duration) {
	_ = b.platform.Close()
	b.platform = local.New(local.Options{Dir: filepath.Join(b.dir, "platform"), Delays: &local.Delays{Build: d, Deploy: d, Provision: d, Run: d}})
	b.t.Cleanup(func() { _ = b.platform.Close() })
	b.connect()
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// program compiles a template that has no findings of error level.
func program(t testing.TB, source string, opts engine.Options) *engine.Program {
	t.Helper()
	snapshot := analysis.NewSnapshot(syntax.Parse(source), nil, nil)
	for _, f := range snapshot.Findings() {
		if f.Severity == analysis.Error {
			t.Fatalf("the template has the error %s", f.Message)
		}
	}
	p, problems := engine.Compile(snapshot.Doc, opts)
	if len(problems) > 0 {
		t.Fatalf("the template does not compile: %+v", problems)
	}
	return p
}

// Event implements engine.Observer.
func (b *bench) Event(e engine.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

func (b *bench) run(p *engine.Program) engine.Result {
	b.t.Helper()
	r, err := b.engine.Run(context.Background(), p, engine.RunOptions{Observers: []engine.Observer{b}})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) view(id string) *engine.RunView {
	b.t.Helper()
	v, err := engine.View(context.Background(), b.store, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// effects lists what was done to the platform, without what changed nothing.
func (b *bench) effects() []string {
	b.t.Helper()
	log, err := b.platform.Effects(context.Background(), 0)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, e := range log {
		if e.Change != local.Nothing {
			out = append(out, string(e.Change)+" "+e.Resource)
		}
	}
	return out
}

// eachWay tests on a platform in this process, and on one that is reached over a
// connection on which something goes wrong now and then.
func eachWay(t *testing.T, test func(t *testing.T, b *bench)) {
	if overBadConnection() {
		test(t, newBench(t, t.TempDir()))
		return
	}
	t.Run("in this process", func(t *testing.T) { test(t, newBench(t, t.TempDir())) })
	t.Run("over a bad connection", func(t *testing.T) {
		b := newBench(t, t.TempDir())
		b.remote(badConnection(t))
		test(t, b)
	})
}

func TestATemplateRunsFromFileToTheEnd(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		p := program(t, read(t, "../../testdata/templates/payload.json"), engine.Options{})
		plan, err := b.engine.Plan(t.Context(), p)
		if err != nil || len(plan.Problems) > 0 || len(plan.Warnings) > 0 {
			t.Fatalf("%+v, %v", plan, err)
		}
		if s := plan.Summary; s.Create != 4 || s.Wait != 2 || s.Run != 1 || s.Cost == nil || s.Cost.Before != 0 || s.Cost.After <= 0 {
			t.Errorf("the plan of the first run: %+v, %+v", s, s.Cost)
		}
		if r := b.run(p); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		if plan, err = b.engine.Plan(t.Context(), p); err != nil || len(plan.Problems) > 0 {
			t.Fatalf("%+v, %v", plan, err)
		}
		if s := plan.Summary; s.Create != 0 || s.Update != 0 || s.Unchanged != 4 {
			for _, n := range plan.Nodes {
				t.Logf("%s %s %+v", n.Label, n.Action, n.Changes)
			}
			t.Errorf("the plan of a second run: %+v", s)
		}
		before := len(b.effects())
		if r := b.run(p); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		if after := b.effects(); len(after) != before+1 { // the restart
			t.Errorf("the second run did %v", after[before:])
		}
	})
}

func TestIterationsOfALoopAreMadeOnce(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		p := program(t, read(t, "testdata/loops.json"), engine.Options{})
		want := []string{"create projects/loops", "create templates/kept"}
		for _, customer := range []string{"acme", "globex", "initech"} {
			want = append(want, "create projects/loops/jobs/job-"+customer, "run projects/loops/jobs/job-"+customer,
				"create projects/loops/secrets/"+customer+"-eu", "create projects/loops/secrets/"+customer+"-us")
		}
		for range 2 { // the second run finds all as it is
			b.settle(p)
			effects := slices.DeleteFunc(b.effects(), func(e string) bool { return strings.HasPrefix(e, "run repository-copies/") })
			if n := len(b.effects()) - len(effects); n != 1 {
				t.Errorf("the repository was copied %d times", n)
			}
			b.wereDoneOnce(effects, want...)
		}
	})
}

func TestAChangedArgumentIsPlannedAsADifference(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		source := read(t, "../../testdata/templates/payload.json")
		if r := b.run(program(t, source, engine.Options{})); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		p := program(t, source, engine.Options{Arguments: []engine.Layer{{Values: map[string]any{"BRANCH": "next"}, Literal: true}}})
		plan, err := b.engine.Plan(t.Context(), p)
		if err != nil || len(plan.Problems) > 0 {
			t.Fatalf("%+v, %v", plan, err)
		}
		for _, n := range plan.Nodes {
			if n.Ref != "cms" {
				continue
			}
			text, _ := json.Marshal(n.Changes)
			if n.Action != platform.ActionUpdate || string(text) != `[{"path":"/deployment/instances","before":2,"after":1},{"path":"/vcsData/projectBranch","before":"main","after":"next"}]` {
				t.Errorf("%s %s", n.Action, text)
			}
			if n.Cost.After*2 != n.Cost.Before {
				t.Errorf("it costs %+v", n.Cost)
			}
		}
	})
}

func TestWhatCannotBeChangedFailsInThePlan(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		source := read(t, "../../testdata/templates/payload.json")
		if r := b.run(program(t, source, engine.Options{})); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		p := program(t, strings.Replace(source, `"region": "europe-west"`, `"region": "us-east"`, 1), engine.Options{})
		plan, err := b.engine.Plan(t.Context(), p)
		if err != nil || len(plan.Problems) != 1 || plan.Problems[0].Code != engine.CodeRefused || !strings.Contains(plan.Problems[0].Message, "region") {
			t.Errorf("%+v, %v", plan.Problems, err)
		}
	})
}

func TestATransientFaultIsRetriedAndALostAnswerLookedUp(t *testing.T) {
	b := newBench(t, t.TempDir(),
		local.Fault{Op: platform.OpStartServiceBuild, Times: 1, LoseReply: true},
		local.Fault{Op: platform.OpRunJob, Times: 1, Fail: "busy", Status: 503})
	r := b.run(program(t, read(t, "testdata/release.json"), engine.Options{}))
	if r.State != engine.StateSuccess {
		t.Fatalf("%+v", r.Error)
	}
	runs := 0
	for _, e := range b.effects() {
		if strings.HasPrefix(e, "run ") {
			runs++
		}
	}
	if runs != 2 { // one build, one job run
		t.Errorf("the platform did %v", b.effects())
	}
}

// plants are secrets of all the ways in which they come into a run.
var plants = map[string]string{
	"OVERRIDE":    "planted-override-5f1e",
	"DB_PASSWORD": "planted/by name+and=odd \"chars\"",
	"SHORT":       "zq7x9",
}

// leaks are the ways in which a secret may show.
func leaks(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
	}
}

func TestSecretsAreNowhereToBeRead(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, dir, local.Fault{Op: platform.OpRunJob, Times: 1, Fail: "cannot start with " + plants["OVERRIDE"] + " and " + plants["SHORT"], Status: 503})
	source := `{"apiVersion": "v1.2", "name": "Planted", "argumentOverrides": {"OVERRIDE": "` + plants["OVERRIDE"] + `"},
	"project": {"spec": {"name": "Planted", "region": "europe-west", "description": "${fn.slice(args.OVERRIDE, 0, 12)}"}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "ref": "group", "spec": {"name": "group", "secretType": "environment", "priority": 1, "secrets": {"variables": {
			"PLAIN": "${args.OVERRIDE}", "JOINED": "https://user:${args.DB_PASSWORD}@host/${args.SHORT}", "ENCODED": "${fn.toBase64(args.DB_PASSWORD)}",
			"SLICED": "${fn.slice(args.OVERRIDE, 2)}", "MADE": "${fn.randomSecret(48)}"}}}},
		{"kind": "ManualJob", "ref": "job", "spec": {"name": "job", "billing": {"deploymentPlan": "nf-compute-10"}, "backoffLimit": 0, "activeDeadlineSeconds": 600,
			"deployment": {"external": {"imagePath": "example/job:v1"}}, "runtimeEnvironment": {"KEY": "${refs.group.secrets.variables.MADE}", "PASSWORD": "${args.DB_PASSWORD}"}}},
		{"kind": "JobRun", "ref": "run", "spec": {"jobId": "${refs.job.id}", "runtimeEnvironment": {"ONCE": "${args.SHORT}"}}, "condition": "success"}
	]}}}`
	opts := engine.Options{Arguments: []engine.Layer{
		{Values: map[string]any{"DB_PASSWORD": plants["DB_PASSWORD"]}, Literal: true},
		{Values: map[string]any{"SHORT": plants["SHORT"]}, Literal: true, Secret: true},
	}}
	p := program(t, source, opts)
	plan, err := b.engine.Plan(t.Context(), p)
	if err != nil || len(plan.Problems) > 0 {
		t.Fatalf("%+v, %v", plan, err)
	}
	r := b.run(p)
	if r.State != engine.StateSuccess {
		t.Fatalf("%+v", r.Error)
	}
	second, err := b.engine.Plan(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	made, ok, err := b.store.Kept(t.Context(), "Planted", "refs.group/spec/secrets/variables/MADE randomSecret")
	if err != nil || !ok || len(made) != 48 {
		t.Fatalf("the made secret is %q, %v, %v", made, ok, err)
	}
	secrets := []string{string(made), plants["OVERRIDE"][2:], plants["OVERRIDE"][:12]}
	for _, s := range plants {
		secrets = append(secrets, s)
	}
	check := func(where string, data string) {
		for _, s := range secrets {
			for _, l := range leaks(s) {
				if strings.Contains(data, l) {
					t.Errorf("%s tells %q", where, l)
				}
			}
		}
	}
	for name, v := range map[string]any{"the first plan": plan, "the second plan": second, "the history": b.view(r.ID)} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		check(name, string(text))
	}
	b.mu.Lock()
	for _, e := range b.events {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		check("event "+e.Type(), string(text))
	}
	b.mu.Unlock()
	seen := 0
	if err := filepath.WalkDir(filepath.Join(dir, "state"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			seen++
			check(filepath.Base(path), read(t, path))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if seen < 3 {
		t.Errorf("only %d files were searched", seen)
	}
}

func TestARandomSecretIsMadeOnceForAllItsUsersAndRuns(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		source := read(t, "testdata/release.json")
		values := func() []string {
			var out []string
			for _, op := range []struct{ op, param, id string }{
				{platform.OpGetService, "serviceId", "builder"}, {platform.OpGetJob, "jobId", "migrate"}, {platform.OpGetProjectSecret, "secretId", "settings"},
			} {
				resp, err := b.platform.Do(t.Context(), op.op, platform.Params{Path: map[string]string{"projectId": "release", op.param: op.id}, Query: map[string]string{"show": "this"}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				var body any
				if err := json.Unmarshal(resp.Body, &body); err != nil {
					t.Fatal(err)
				}
				out = append(out, find(body, "TOKEN"))
			}
			return out
		}
		if r := b.run(program(t, source, engine.Options{})); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		first := values()
		if len(first[0]) != 40 || first[0] != first[1] || first[1] != first[2] {
			t.Errorf("the users got %q", first)
		}
		if r := b.run(program(t, source, engine.Options{})); r.State != engine.StateSuccess {
			t.Fatalf("%+v", r.Error)
		}
		if second := values(); second[0] != first[0] {
			t.Error("the second run made another secret")
		}
	})
}

// find returns the first text under a name at any depth.
func find(v any, name string) string {
	switch v := v.(type) {
	case map[string]any:
		if s, ok := v[name].(string); ok {
			return s
		}
		for _, e := range v {
			if s := find(e, name); s != "" {
				return s
			}
		}
	case []any:
		for _, e := range v {
			if s := find(e, name); s != "" {
				return s
			}
		}
	}
	return ""
}
