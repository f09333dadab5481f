package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A town is a template of 60 nodes with what has to come of it: fans, chains,
// references from branch to branch, conditions, nodes that are skipped, a loop, people
// who approve, attempts that fail and answers that get lost.
type town struct {
	source  string
	effects []string            // what the platform has to do, each once
	ends    map[string]nodeEnds // by ref
}

// nodeEnds is how a node ends: in which state, after how many attempts.
type nodeEnds struct {
	state       engine.State
	least, most int
}

// What MISHAP says becomes of a node's first attempt.
const (
	mishapFails = "fails" // the platform is busy
	mishapLost  = "lost"  // the platform does its work, and its answer does not come
)

func buildTown() town {
	t := town{ends: map[string]nodeEnds{}}
	step := func(kind, ref, mishap, spec string) string {
		ends, settings := nodeEnds{engine.StateSuccess, 1, attemptsFor(1)}, ""
		switch mishap {
		case mishapFails:
			ends.least, ends.most = 2, attemptsFor(2)
		case mishapLost:
			// A kill may hide that the answer was lost: what was done is found then.
			ends.most = attemptsFor(2)
		}
		if mishap != "" || overBadConnection() { // where three attempts may fail one after the other
			settings = fmt.Sprintf(`, "settings": {"maxAttempts": %d}`, attemptsFor(2)) // what a kill cuts off must not count
		}
		t.ends[ref] = ends
		return fmt.Sprintf(`{"kind": %q, "ref": %q%s, "spec": {%s}}`, kind, ref, settings, spec)
	}
	does := func(format string, args ...any) { t.effects = append(t.effects, fmt.Sprintf(format, args...)) }
	group := func(ref, mishap, value string) string {
		does("create projects/town/secrets/%s", ref)
		return step("SecretGroup", ref, mishap, fmt.Sprintf(`"name": %q, "secretType": "environment", "priority": 1, "secrets": {"variables": {"VALUE": %q, "MISHAP": %q}}`, ref, value, mishap))
	}
	skipped := func(ref string) string {
		s := step("SecretGroup", ref, "", fmt.Sprintf(`"name": %q, "secretType": "environment", "priority": 1, "secrets": {"variables": {}}`, ref))
		t.ends[ref] = nodeEnds{state: engine.StateSkipped}
		return strings.Replace(s, `"spec"`, `"skipNodeExecution": "${fn.not(args.NOTHING)}", "spec"`, 1)
	}
	job := func(ref string) string {
		does("create projects/town/jobs/%s", ref)
		return step("ManualJob", ref, "", fmt.Sprintf(`"name": %q, "billing": {"deploymentPlan": "nf-compute-10"}, "backoffLimit": 0, "activeDeadlineSeconds": 600,
			"deployment": {"external": {"imagePath": "example/job:v1"}}`, ref))
	}
	runOf := func(ref, job, mishap string) string {
		does("run projects/town/jobs/%s", job)
		s := step("JobRun", ref, mishap, fmt.Sprintf(`"jobId": "${refs.%s.id}", "runtimeEnvironment": {"MISHAP": %q}`, job, mishap))
		return strings.TrimSuffix(s, "}") + `, "condition": "success"}`
	}
	service := func(ref string) string {
		does("create projects/town/services/%s", ref)
		return step("DeploymentService", ref, "", fmt.Sprintf(`"name": %q, "billing": {"deploymentPlan": "nf-compute-10"},
			"deployment": {"instances": 1, "external": {"imagePath": "example/web:v1"}}`, ref))
	}
	running := func(ref, service string) string {
		return step("Condition", ref, "", fmt.Sprintf(`"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "${refs.%s.id}"}}`, service))
	}
	flow := func(kind string, steps ...string) string {
		return `{"kind": "Workflow", "spec": {"type": "` + kind + `", "context": {"projectId": "${refs.town.id}"}, "steps": [` + strings.Join(steps, ",\n") + `]}}`
	}

	// vote is a node that waits for people.
	vote := func(ref string, people int) string {
		return step("Approval", ref, "", fmt.Sprintf(`"amount": %d`, people))
	}
	// errands has somebody do an errand for each of three, one after the other.
	errands := func() string {
		for _, name := range []string{"ann", "bea", "cid"} {
			does("create projects/town/jobs/errand-%s", name)
			does("run projects/town/jobs/errand-%s", name)
			does("create projects/town/secrets/word-%s", name)
		}
		steps := []string{
			strings.ReplaceAll(step("ManualJob", "errand", mishapFails, fmt.Sprintf(`"name": "errand-NAME", "billing": {"deploymentPlan": "nf-compute-10"}, "backoffLimit": 0,
				"activeDeadlineSeconds": 600, "deployment": {"external": {"imagePath": "example/job:v1"}}, "runtimeEnvironment": {"MISHAP": %q}`, mishapFails)), "NAME", "${iteration.name}"),
			strings.TrimSuffix(step("JobRun", "tour", mishapLost, fmt.Sprintf(`"jobId": "${refs.errand.id}", "runtimeEnvironment": {"MISHAP": %q}`, mishapLost)), "}") + `, "condition": "success"}`,
			step("SecretGroup", "word", "", `"name": "word-${iteration.name}", "secretType": "environment", "priority": 1, "secrets": {"variables": {"VALUE": "${refs.tour.id}"}}`),
		}
		return `{"kind": "LoopWorkflow", "ref": "errands", "spec": {"iterations": [{"name": "ann"}, {"name": "bea"}, {"name": "cid"}], "steps": [` + strings.Join(steps, ",\n") + `]}}`
	}

	does("create projects/town")
	var fan, chains []string
	for i := range 12 {
		mishap, value := "", fmt.Sprintf("${fn.if(refs.run%d.id, 'ran', 'not')}", i%4) // a branch that goes on beside
		switch i {
		case 3, 8, 11:
			mishap = mishapFails
		case 5, 10:
			mishap = mishapLost
		}
		if i%3 != 0 {
			value = fmt.Sprintf("plain %d", i)
		}
		fan = append(fan, group(fmt.Sprintf("fan%d", i), mishap, value))
	}
	fan = append(fan, vote("nod", 1), skipped("closed"))
	for i := range 4 {
		n := func(name string) string { return fmt.Sprintf("%s%d", name, i) }
		chains = append(chains, flow("sequential",
			job(n("job")), runOf(n("run"), n("job"), []string{"", mishapFails, mishapLost, mishapLost}[i]),
			group(n("note"), "", "${refs."+n("run")+".id}"), skipped(n("left")), service(n("web")), running(n("up"), n("web")),
			group(n("end"), "", "${refs."+n("web")+".id} and ${refs.fan"+fmt.Sprint(3*i)+".id}")))
	}
	t.source = `{"apiVersion": "v1.2", "name": "Town", "arguments": {"NOTHING": ""}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		` + step("Project", "town", "", `"name": "Town", "region": "europe-west"`) + `,
		` + flow("parallel", append([]string{flow("parallel", fan...)}, chains...)...) + `,
		` + flow("sequential", job("last"), errands(), vote("permit", 2), runOf("farewell", "last", mishapFails), group("gate", mishapLost, "${refs.fan11.id}${refs.farewell.id}"), group("sign", "", "${refs.gate.id}")) + `
	]}}}`
	slices.Sort(t.effects)
	return t
}

func TestTheTownHasSixtyNodes(t *testing.T) {
	p := program(t, buildTown().source, engine.Options{})
	if len(p.Nodes) != 60 {
		t.Errorf("it has %d", len(p.Nodes))
	}
}

// mishaps are a platform that does to nodes what their MISHAP says. It keeps
// nothing in mind: an attempt is the first one by its token, in every process.
type mishaps struct{ engine.Platform }

// Start implements engine.Platform.
func (m mishaps) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	spec, err := json.Marshal(req.Spec)
	if err != nil {
		return platform.Result{}, err
	}
	happens := func(what string) bool {
		return strings.HasSuffix(req.Token, "-1") && strings.Contains(string(spec), `"MISHAP":"`+what+`"`)
	}
	if happens(mishapFails) {
		return platform.Result{}, &platform.Error{Status: 503, Message: "busy"}
	}
	r, err := m.Platform.Start(ctx, req)
	if err == nil && happens(mishapLost) {
		return platform.Result{}, errors.New("the connection broke")
	}
	return r, err
}

// townDelay is how long the platform takes for what takes time.
const townDelay = "30ms"

func newTownBench(t testing.TB, dir string) *bench {
	b := newBench(t, dir)
	delay, _ := time.ParseDuration(townDelay)
	b.slow(delay)
	b.engine.Platform = mishaps{b.engine.Platform}
	return b
}

// TestVictimInTown is the process that the test of kills kills.
func TestVictimInTown(t *testing.T) {
	dir := os.Getenv(victimFolder)
	if dir == "" {
		t.Skip("this is the process that other tests kill")
	}
	b := newTownBench(t, dir)
	var r engine.Result
	var err error
	if id := os.Getenv(victimResume); id != "" {
		defer engine.People(t, b.store, id, nobodyIs)()
		r, err = b.engine.Resume(t.Context(), id, engine.RunOptions{})
	} else {
		id := os.Getenv(victimRun)
		defer engine.People(t, b.store, id, nobodyIs)()
		r, err = b.engine.Run(t.Context(), program(t, buildTown().source, engine.Options{}), engine.RunOptions{ID: id})
	}
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("%+v, %+v, %v", r, r.Error, err)
	}
}

// nobodyIs against anything.
func nobodyIs(*engine.NodeView) bool { return false }

// TestFaultsKillsAtRandomInstants kills the processes of a run at random instants,
// resumes it, and compares the platform's log of side effects with what the
// template says: nothing that was finished is repeated, nothing is lost, and an
// attempt that a kill cut off does not count as one.
func TestFaultsKillsAtRandomInstants(t *testing.T) {
	seed := engine.Seed(t)
	town := buildTown()
	began := time.Now()
	if !runsThrough(t, t.TempDir(), victimRun+"=r") {
		t.Fatal("without a kill it does not come to its end")
	}
	span := time.Since(began)
	for i := range engine.Cases(4, 500) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rng := engine.Case(seed, i)
			dir := t.TempDir()
			env, kills := victimRun+"=r0", 0
			for kills < 5 && !killed(t, dir, rng, span, env) {
				kills++
				b := newBench(t, dir)
				if err := b.store.Adopt(t.Context(), engine.Describe); err != nil {
					t.Fatal(err)
				}
				env = fmt.Sprintf("%s=r%d", victimRun, kills)
				ended := false
				if runs := b.listed(); len(runs) > 0 {
					env = victimResume + "=" + runs[0].ID
					ended = runs[0].Concluded()
				}
				_ = b.store.Close()
				if ended {
					break // the kill came after the end
				}
			}
			town.check(t, dir)
			if t.Failed() {
				t.Logf("after %d kills", kills)
			}
		})
	}
}

// runsThrough tells whether a victim comes to its end.
func runsThrough(t *testing.T, dir, env string) bool {
	t.Helper()
	c := victim(dir, env)
	c.Args[1] = "-test.run=^TestVictimInTown$"
	out, err := c.CombinedOutput()
	if err != nil {
		t.Logf("%v\n%s", err, out)
	}
	return err == nil
}

// killed runs a victim, kills it at an instant within span, and tells whether it
// had come to its end by then.
func killed(t *testing.T, dir string, rng *rand.Rand, span time.Duration, env string) bool {
	t.Helper()
	c := victim(dir, env)
	c.Args[1] = "-test.run=^TestVictimInTown$"
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Duration(rng.Int64N(int64(span))), func() { _ = c.Process.Kill() })
	err := c.Wait()
	kill.Stop()
	if err != nil && c.ProcessState.Exited() {
		t.Fatalf("the victim failed by itself: %v\n%s", err, &out)
	}
	return err == nil
}

// check goes on with what was left of the run in a folder, to its end, and
// compares that with what has to come of the template.
func (w town) check(t *testing.T, dir string) {
	t.Helper()
	b := newTownBench(t, dir)
	runs := b.listed()
	var r engine.Result
	var err error
	switch {
	case len(runs) == 0:
		const id = "only"
		defer engine.People(t, b.store, id, nobodyIs)()
		r, err = b.engine.Run(t.Context(), program(t, w.source, engine.Options{}), engine.RunOptions{ID: id})
	case len(runs) > 1:
		t.Fatalf("there are %d runs: %s", len(runs), b.statuses())
	case runs[0].Concluded():
		r = engine.Result{ID: runs[0].ID, State: engine.State(runs[0].Status)}
	default:
		defer engine.People(t, b.store, runs[0].ID, nobodyIs)()
		r, err = b.engine.Resume(t.Context(), runs[0].ID, engine.RunOptions{})
	}
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("%+v, %+v, %v", r, r.Error, err)
	}
	if run, err := b.store.Find(t.Context(), r.ID); err != nil || run.Status != string(engine.StateSuccess) || run.Interrupted {
		t.Errorf("the index says %+v, %v", run, err)
	}
	b.doneOnce(w.effects...)
	for _, n := range b.view(r.ID).Nodes {
		ends, ok := w.ends[n.Ref]
		if !ok {
			ends = nodeEnds{state: engine.StateSuccess}
		}
		if n.State != ends.state || len(n.Attempts) < ends.least || len(n.Attempts) > ends.most {
			t.Errorf("%s is %s after %d attempts, want %s after %d to %d", n.Label, n.State, len(n.Attempts), ends.state, ends.least, ends.most)
		}
	}
	b.nothingRepeated(r.ID)
}

// nothingRepeated checks that a run's journal tells of nothing that happens to a
// node after it has succeeded.
func (b *bench) nothingRepeated(id string) {
	b.t.Helper()
	done := map[string]bool{}
	err := engine.Follow(b.t.Context(), b.store, id, 1, engine.ObserverFunc(func(e engine.Event) {
		if e.Node == nil {
			return
		}
		if done[e.Node.Path] {
			b.t.Errorf("%s goes on after it has succeeded: %s", e.Node.Label, e.Type())
		}
		switch p := e.Payload.(type) {
		case *engine.NodeState:
			done[e.Node.Path] = p.State == engine.StateSuccess || p.State == engine.StateSkipped
		case *engine.NodeAttempt:
			done[e.Node.Path] = p.State == engine.StateSuccess
		}
	}))
	if err != nil {
		b.t.Error(err)
	}
}
