// Package platformtest is the conformance suite of the platform contract: what
// every target has to do, exercised through the driver and the operations only.
//
// The suite waits for lifecycles by polling and assumes nothing of their
// durations, so that it serves targets in process and over HTTP alike. It must
// not know any target.
package platformtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Run exercises every operation and every kind of node on targets that newTarget
// makes. Each call of newTarget returns a target without any project.
func Run(t *testing.T, newTarget func(t *testing.T) platform.Target) {
	used := &usage{seen: map[string]bool{}}
	suite := func(name string, test func(t *testing.T, w *world)) {
		t.Run(name, func(t *testing.T) {
			test(t, newWorld(t, &recorder{Target: newTarget(t), used: used}))
		})
	}
	suite("Resources", testResources)
	suite("Update modes", testUpdateModes)
	suite("Previews", testPreviews)
	suite("What no update can change", testUnchangeable)
	suite("Addon versions", testAddonVersions)
	suite("Outputs", testOutputs)
	suite("Secret groups", testSecretGroups)
	suite("Links of secret groups", testSecretLinks)
	suite("Volumes", testVolumes)
	suite("Backups of volumes", testVolumeBackups)
	suite("Attaching and detaching", testAttachments)
	suite("Builds", testBuilds)
	suite("Parts of services", testServiceParts)
	suite("Parts of jobs", testJobParts)
	suite("Environments", testEnvironments)
	suite("Pausing and scaling", testPausing)
	suite("Branches", testBranches)
	suite("Logs", testLogs)
	suite("Metrics", testMetrics)
	suite("Parts of addons", testAddonParts)
	suite("Lives of addons", testAddonLives)
	suite("Backup schedules", testSchedules)
	suite("Kept and imported backups", testKeptBackups)
	suite("Job runs", testJobRuns)
	suite("Backups and restores", testBackups)
	suite("Actions", testActions)
	suite("Conditions", testConditions)
	suite("Finding what was started", testFind)
	suite("Refusals", testRefusals)
	suite("Lists", testLists)
	suite("Deleting", testDeleting)
	suite("Families of the account", testFamilies)
	suite("Plans and regions", testCatalog)
	suite("Networks", testNetworks)
	suite("Rollout strategies", testRollouts)
	suite("Backup destinations", testDestinations)
	suite("Integrations", testIntegrations)
	suite("External addons and models", testManaged)
	suite("Clusters", testClusters)
	suite("Domains", testDomains)
	suite("Nodes of subdomains and paths", testSubdomainNodes)
	suite("Usage and invoices", testBilling)
	suite("Teams, members and roles", testTeams)
	suite("Templates", testTemplates)
	suite("Workflows", testWorkflows)
	suite("Pipelines", testPipelines)
	suite("TemplateNodes", testTemplateNodes)
	suite("Nodes that hold documents", testDocumentNodes)
	suite("Releases", testReleases)
	suite("Runs of templates by nodes", testTemplateRuns)
	suite("Preview blueprints", testBlueprints)
	suite("Release stages", testStages)
	suite("Versions", testVersions)
	suite("Drafts", testDrafts)
	suite("Rollbacks", testRollbacks)
	suite("Git events", testGitEvents)
	suite("build rules", testBuildRules)
	suite("Webhooks", testWebhooks)
	t.Run("Every operation was used", func(t *testing.T) {
		for op := range platform.Operations() {
			if !used.has(op.ID) {
				t.Errorf("no test has carried out %s with success", op.ID)
			}
		}
	})
}

// A usage remembers the operations that succeeded.
type usage struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (u *usage) add(op string) {
	u.mu.Lock()
	u.seen[op] = true
	u.mu.Unlock()
}

func (u *usage) has(op string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.seen[op]
}

// A recorder is a target that notes which operations succeeded. It remembers
// tokens when the target that it wraps does.
type recorder struct {
	platform.Target
	used *usage
}

func (r *recorder) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	response, err := r.Target.Do(ctx, op, params, body)
	if err == nil {
		r.used.add(op)
		if !json.Valid(response.Body) {
			return response, fmt.Errorf("%s answered what is no JSON: %s", op, response.Body)
		}
	}
	return response, err
}

func (r *recorder) PollAfter(polls int) time.Duration {
	if pacer, ok := r.Target.(platform.Pacer); ok {
		return pacer.PollAfter(polls)
	}
	return 50 * time.Millisecond
}

// A world is a target with a driver and a project to work in.
type world struct {
	ctx    context.Context
	target *recorder
	driver *platform.Driver
	tokens int
}

// project is where tests create things.
const project = "conformance"

// patience bounds how long a test waits for a lifecycle before it gives up.
const patience = time.Minute

func newWorld(t *testing.T, target *recorder) *world {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	w := &world{ctx: ctx, target: target, driver: platform.NewDriver(target)}
	w.start(t, "Project", `{"name": "Conformance", "region": "europe-west"}`)
	return w
}

// decode reads JSON that a test has written.
func decode(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("the test's JSON is wrong: %v\n%s", err, text)
	}
	return v
}

func (w *world) request(t testing.TB, kind, spec string, node ...string) platform.NodeRequest {
	t.Helper()
	w.tokens++
	req := platform.NodeRequest{Kind: kind, ProjectID: project, Spec: decode(t, spec), Token: fmt.Sprintf("%s-%d", t.Name(), w.tokens),
		Since: time.Now()}
	if len(node) > 0 {
		req.Node = decode(t, node[0]).(map[string]any)
	}
	return req
}

// start starts a node and fails the test when that fails.
func (w *world) start(t testing.TB, kind, spec string, node ...string) platform.Result {
	t.Helper()
	result, err := w.driver.Start(w.ctx, w.request(t, kind, spec, node...))
	if err != nil {
		t.Fatalf("start %s: %v", kind, err)
	}
	return result
}

// finish starts a node and waits until it is done.
func (w *world) finish(t testing.TB, kind, spec string, node ...string) any {
	t.Helper()
	result := w.start(t, kind, spec, node...)
	if result.Wait == nil {
		return result.Output
	}
	output, err := w.await(*result.Wait)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return output
}

// await polls a wait to its end.
func (w *world) await(wait platform.Wait) (any, error) {
	deadline := time.Now().Add(patience)
	for {
		progress, err := w.driver.Poll(w.ctx, wait)
		if err != nil || progress.Done {
			return progress.Output, err
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s is still %q", wait.Subject, progress.Detail)
		}
		if progress.After <= 0 {
			return nil, fmt.Errorf("a poll that is not done suggests no delay")
		}
		// A wait is data: what survives a restart of the program is its JSON.
		text, err := json.Marshal(progress.Next)
		if err != nil {
			return nil, err
		}
		wait = platform.Wait{}
		if err := json.Unmarshal(text, &wait); err != nil {
			return nil, err
		}
		time.Sleep(progress.After)
	}
}

// inTime tries again what has to happen before something else is over, which a
// busy machine may not manage at the first try.
func inTime(t testing.TB, what string, try func() bool) {
	t.Helper()
	for range 50 {
		if try() {
			return
		}
	}
	t.Errorf("%s: not once in 50 tries", what)
}

// aborted starts a node and aborts it before it has ended.
func (w *world) aborted(t testing.TB, kind, spec string) platform.Wait {
	t.Helper()
	var wait platform.Wait
	inTime(t, "abort "+kind, func() bool {
		wait = *w.start(t, kind, spec, whenDone).Wait
		ok, err := w.driver.Abort(w.ctx, wait)
		if err != nil {
			t.Fatalf("abort %s: %v", kind, err)
		}
		return ok
	})
	return wait
}

// do carries out an operation and returns its data.
func (w *world) do(t testing.TB, op string, path map[string]string, query map[string]string, body string) any {
	t.Helper()
	data, err := w.try(op, path, query, body)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	return data
}

func (w *world) try(op string, path map[string]string, query map[string]string, body string) (any, error) {
	var raw json.RawMessage
	if body != "" {
		raw = json.RawMessage(body)
	}
	response, err := w.target.Do(w.ctx, op, platform.Params{Path: path, Query: query}, raw)
	if err != nil {
		return nil, err
	}
	var data any
	return data, response.Data(&data)
}

// refusal checks that an error is the platform's refusal with a status, and that
// its message and details name something.
func refusal(t testing.TB, err error, status int, names ...string) {
	t.Helper()
	var refused *platform.Error
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal of status %d", err, status)
	}
	if refused.Status != status {
		t.Errorf("the status is %d, want %d: %v", refused.Status, status, err)
	}
	if refused.ID == "" {
		t.Errorf("the refusal has no ID: %v", err)
	}
	for _, name := range names {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the message does not name %q: %v", name, err)
		}
	}
}

// at builds the path of an operation from pairs of names and values.
func at(pairs ...string) map[string]string {
	path := map[string]string{"projectId": project}
	for i := 0; i+1 < len(pairs); i += 2 {
		path[pairs[i]] = pairs[i+1]
	}
	return path
}

// has checks that values stand at paths, given in pairs.
func has(t testing.TB, v any, pairs ...any) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		path := pairs[i].(string)
		if got := jsonvalue.Get(v, path); !jsonvalue.Equal(got, pairs[i+1]) {
			t.Errorf("%s is %v, want %v", path, got, pairs[i+1])
		}
	}
}

// id is the identifier of an output.
func id(t testing.TB, output any) string {
	t.Helper()
	id := jsonvalue.String(output, "id")
	if id == "" {
		t.Fatalf("there is no id in %v", output)
	}
	return id
}

// jsonText is a value as JSON.
func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
