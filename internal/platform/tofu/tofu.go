// Package tofu carries out OpenTofu and OpenTofuDestroy nodes with the OpenTofu that is
// installed on this machine.
//
// Each state key has a private folder with the state, which OpenTofu itself encrypts with
// a key that is sealed, and a lock that is held as long as an OpenTofu process works on
// it, also where the process that has started that is gone. What was done is OpenTofu's to
// know: a node whose process died is applied again, which does nothing twice. A [Driver]
// stands in front of the one that drives all other kinds. The package must not know how
// runs are kept.
package tofu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The kinds of the nodes that are carried out here.
const (
	Apply   = "OpenTofu"
	Destroy = "OpenTofuDestroy"
)

// op marks the waits of these nodes among others.
const op = "opentofu"

// A Sealer makes keys unreadable at rest.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Options say where and how OpenTofu is run.
type Options struct {
	// Program is the path of OpenTofu; empty for the "tofu" on PATH.
	Program string
	// Refuse, where it is not empty, is why no OpenTofu is run here.
	Refuse string
	// Dir is the folder of the states; empty where there is none yet, which is enough
	// for a plan.
	Dir string
	// Sealer seals the keys of the states.
	Sealer Sealer
	// Environment is that of OpenTofu, with the credentials of its providers.
	Environment []string
	// Elsewhere says that the platform applies modules itself, and keeps their states:
	// nothing of them is here that could be destroyed.
	Elsewhere bool
	// Silent runs nothing: for rehearsals in a time of their own.
	Silent bool
}

// A Driver drives the two kinds, and has another one drive the others.
type Driver struct {
	platform.NodeDriver
	options Options

	mu      sync.Mutex
	jobs    map[string]*job // by the tokens of their attempts
	program func() (string, error)
}

// New returns a driver in front of another one.
func New(next platform.NodeDriver, options Options) *Driver {
	d := &Driver{NodeDriver: next, options: options, jobs: map[string]*job{}}
	d.program = sync.OnceValues(func() (string, error) { return find(options) })
	return d
}

// drives tells whether nodes of the kind are carried out here.
func (d *Driver) drives(kind string) bool {
	return kind == Destroy || kind == Apply && !d.options.Elsewhere
}

var errElsewhere = &platform.Error{ID: "no-opentofu", Message: "the platform keeps what its OpenTofu nodes have made and destroys it in a teardown that it runs itself, which its API cannot start: " +
	"deploy the template there with 'nf-run deploy' and run its teardown in the browser"}

// Supports implements [platform.NodeDriver]: a template does not begin where there is
// no OpenTofu.
func (d *Driver) Supports(kind string, spec any) error {
	if !d.drives(kind) {
		return d.NodeDriver.Supports(kind, spec)
	}
	if d.options.Elsewhere {
		return errElsewhere
	}
	if kind == Apply {
		if err := allowed(spec); err != nil {
			return err
		}
	}
	if d.options.Silent {
		return nil
	}
	_, err := d.program()
	return err
}

// Repeatable implements [platform.NodeDriver].
func (d *Driver) Repeatable(req platform.NodeRequest) bool {
	return d.drives(req.Kind) || d.NodeDriver.Repeatable(req)
}

// Find implements [platform.NodeDriver].
func (d *Driver) Find(ctx context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	if !d.drives(req.Kind) {
		return d.NodeDriver.Find(ctx, req)
	}
	return platform.Result{}, false, nil
}

// FindByID implements [platform.NodeDriver].
func (d *Driver) FindByID(ctx context.Context, req platform.NodeRequest, id string) (platform.Result, error) {
	if !d.drives(req.Kind) {
		return d.NodeDriver.FindByID(ctx, req, id)
	}
	return platform.Result{}, errors.New("what OpenTofu does has no identifier")
}

// A task is what is to be done, as a wait holds it.
type task struct {
	verb    string // Apply or Destroy
	key     string // of the state
	module  string // JSON; empty for Destroy
	subject string
	timeout time.Duration
	// confirm is how far the node is that wants its plan confirmed: "ask" before, "yes"
	// after somebody has; empty for others.
	confirm string
}

const (
	confirmAsk = "ask"
	confirmYes = "yes"
)

// taskOf reads what a node asks for.
func taskOf(req platform.NodeRequest) (task, error) {
	t := task{verb: req.Kind, timeout: platform.TimeoutOf(req.Node)}
	if req.Kind == Destroy {
		ref := jsonvalue.String(req.Spec, "nodeRef")
		if req.StateKey == "" {
			return t, platform.Invalid("spec.nodeRef", "names no OpenTofu node of the template: %q", ref)
		}
		t.key, t.subject = stateOf(req.StateKey, req.StateIsolated, req.Identity), fmt.Sprintf("what OpenTofu has made for %q to be destroyed", ref)
		return t, nil
	}
	key := jsonvalue.String(req.Spec, "stateKey")
	if key == "" {
		return t, platform.Invalid("spec.stateKey", "is missing: the state needs a name that it is kept under")
	}
	t.key, t.subject = stateOf(key, jsonvalue.Bool(req.Spec, "isolateResourcesPerEnvironment"), req.Identity), fmt.Sprintf("OpenTofu on state %q", key)
	if err := allowed(req.Spec); err != nil {
		return t, err
	}
	if jsonvalue.Bool(req.Spec, "usePlan") {
		t.confirm = confirmAsk
	}
	text, err := json.Marshal(moduleOf(jsonvalue.Get(req.Spec, "spec")))
	t.module = string(text)
	return t, err
}

// stateOf is what a state is kept under: the key of the node and, where each environment
// has a state of its own, the template or environment that runs.
func stateOf(key string, isolated bool, identity string) string {
	if isolated && identity != "" {
		return key + "\x00" + identity
	}
	return key
}

func (t task) wait(token string) *platform.Wait {
	return &platform.Wait{Subject: t.subject, Until: "the end", Op: op, Timeout: t.timeout,
		Path: map[string]string{"verb": t.verb, "key": t.key, "module": t.module, "token": token, "confirm": t.confirm}}
}

func taskIn(w platform.Wait) task {
	return task{verb: w.Path["verb"], key: w.Path["key"], module: w.Path["module"], subject: w.Subject, timeout: w.Timeout, confirm: w.Path["confirm"]}
}

// Start implements [platform.NodeDriver]. OpenTofu goes on beside; nodes are waited for
// whether or not they have a condition, since what they leave is known at the end only.
func (d *Driver) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	if !d.drives(req.Kind) {
		return d.NodeDriver.Start(ctx, req)
	}
	t, err := taskOf(req)
	if err != nil {
		return platform.Result{}, err
	}
	if d.options.Silent {
		return platform.Result{Action: platform.ActionRun, Output: rehearsed(req)}, nil
	}
	if d.options.Elsewhere {
		return platform.Result{}, errElsewhere
	}
	if _, err := d.program(); err != nil {
		return platform.Result{}, err
	}
	w := t.wait(req.Token)
	d.begin(*w)
	return platform.Result{Action: platform.ActionRun, Wait: w}, nil
}

// rehearsed are the outputs of a rehearsal: each has its own name as its value.
func rehearsed(req platform.NodeRequest) map[string]any {
	outputs := map[string]any{}
	for name := range jsonvalue.Object(req.Spec, "spec.output") {
		outputs[name] = map[string]any{"value": name, "type": "string", "sensitive": false}
	}
	if req.Kind == Destroy {
		return map[string]any{}
	}
	return map[string]any{"outputs": outputs}
}

// begin returns the job of a wait, which it begins where there is none: in this
// process, that is; OpenTofu may still be at it for one that is gone.
func (d *Driver) begin(w platform.Wait) *job {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := w.Path["token"]
	if j := d.jobs[token]; j != nil {
		return j
	}
	j := newJob(d, taskIn(w))
	d.jobs[token] = j
	go j.run()
	return j
}

// Poll implements [platform.NodeDriver].
func (d *Driver) Poll(ctx context.Context, w platform.Wait) (platform.Progress, error) {
	if w.Op != op {
		return d.NodeDriver.Poll(ctx, w)
	}
	if _, err := d.program(); err != nil {
		return platform.Progress{}, err
	}
	j := d.begin(w)
	progress := platform.Progress{Detail: j.detail(), Next: w}
	select {
	case <-j.done:
		if j.err != nil {
			d.forget(w)
			return platform.Progress{}, j.err
		}
		if j.asks != "" {
			d.forget(w)
			progress.Ask, progress.Detail, progress.Next.Path = j.asks, "", maps.Clone(w.Path)
			progress.Next.Path["confirm"] = confirmYes
			return progress, nil
		}
		progress.Done, progress.Output, progress.Secret = true, j.output, j.secret
		return progress, nil
	default:
	}
	progress.Next.Polls++
	progress.After = platform.Backoff(progress.Next.Polls, 50*time.Millisecond, time.Second)
	return progress, nil
}

// forget lets another attempt begin anew.
func (d *Driver) forget(w platform.Wait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.jobs, w.Path["token"])
}

// Abort implements [platform.NodeDriver]: OpenTofu is asked to end in good order, which
// takes as long as what it is at, and is ended hard when ctx is.
func (d *Driver) Abort(ctx context.Context, w platform.Wait) (bool, error) {
	if w.Op != op {
		return d.NodeDriver.Abort(ctx, w)
	}
	d.mu.Lock()
	j := d.jobs[w.Path["token"]]
	d.mu.Unlock()
	if j != nil {
		return j.stop(ctx), nil
	}
	// A process that is gone has begun it.
	err := d.folder(taskIn(w).key).stopOther(ctx)
	return err == nil, err
}

// Preview implements [platform.NodeDriver]. What would be made anew stands in the node;
// where there is a state, OpenTofu is asked, in a copy.
func (d *Driver) Preview(ctx context.Context, req platform.NodeRequest) (platform.Change, error) {
	if !d.drives(req.Kind) {
		return d.NodeDriver.Preview(ctx, req)
	}
	change := platform.Change{Action: platform.ActionApply, Output: map[string]any{}}
	if req.Kind == Destroy {
		change.Action = platform.ActionRun
	}
	if platform.HasUnknown(req.Spec) {
		return change, nil
	}
	t, err := taskOf(req)
	if err != nil {
		return change, err
	}
	there := false
	if d.options.Dir != "" {
		there = d.folder(t.key).hasState()
	}
	switch {
	case req.Kind == Destroy:
		return change, nil
	case !there:
		change.Action, change.Desired = platform.ActionCreate, addresses(req.Spec)
		return change, nil
	case d.options.Silent:
		return change, nil
	}
	planned, err := d.plan(ctx, t)
	if err != nil {
		return change, err
	}
	if planned == nil {
		return change, nil // it cannot be told without doing something
	}
	if change.Action = platform.ActionUnchanged; len(planned) > 0 {
		change.Action, change.Desired = platform.ActionUpdate, planned
	}
	return change, nil
}

// addresses are the resources of a node with what is done to them.
func addresses(spec any) map[string]any {
	out := map[string]any{}
	for kind, named := range jsonvalue.Object(spec, "spec.resource") {
		names, _ := named.(map[string]any)
		for name := range names {
			out[kind+"."+name] = "create"
		}
	}
	return out
}

// The providers that a node can name, with their names in OpenTofu and where the
// registry has them; the platform's documentation lists these.
type provider struct{ name, source string }

func providerOf(name string) (provider, bool) {
	switch name {
	case "aws":
		return provider{"aws", "hashicorp/aws"}, true
	case "google":
		return provider{"google", "hashicorp/google"}, true
	case "cloudflare":
		return provider{"cloudflare", "cloudflare/cloudflare"}, true
	case "aiven":
		return provider{"aiven", "aiven/aiven"}, true
	case "backblaze":
		return provider{"b2", "Backblaze/b2"}, true
	case "azure":
		return provider{"azurerm", "hashicorp/azurerm"}, true
	case "akamai":
		return provider{"akamai", "akamai/akamai"}, true
	}
	return provider{}, false
}

// builtin is the one kind of resource that needs no provider.
const builtin = "terraform_data"

// moduleOf is the module of a node in OpenTofu's JSON syntax. Which credentials an
// integration stands for only the platform knows: here they come from the environment.
func moduleOf(spec any) map[string]any {
	required, configured := map[string]any{}, map[string]any{}
	for name, given := range jsonvalue.Object(spec, "provider") {
		p, known := providerOf(name)
		if !known {
			continue
		}
		settings := map[string]any{}
		if m, ok := given.(map[string]any); ok {
			maps.Copy(settings, m)
		}
		delete(settings, "integrationId")
		if p.name == "azurerm" {
			settings["features"] = map[string]any{}
		}
		required[p.name], configured[p.name] = map[string]any{"source": p.source}, settings
	}
	module := map[string]any{"terraform": map[string]any{"required_providers": required}}
	if len(configured) > 0 {
		module["provider"] = configured
	}
	for _, name := range []string{"resource", "output"} {
		if v := jsonvalue.Object(spec, name); len(v) > 0 {
			module[name] = v
		}
	}
	return module
}

// allowed refuses what reaches from a module into this machine: templates are data, and
// running one must not run programs or read files. The spec may hold expressions.
func allowed(spec any) error {
	given := jsonvalue.Object(spec, "spec.provider")
	var prefixes []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if p, known := providerOf(name); known {
			prefixes = append(prefixes, p.name+"_")
		}
	}
	resources := jsonvalue.Object(spec, "spec.resource")
	for _, kind := range slices.Sorted(maps.Keys(resources)) {
		if kind != builtin && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(kind, p) }) && !strings.Contains(kind, "${") {
			return platform.Invalid("spec.spec.resource."+kind, "is of a provider that the node does not name: it can name aws, google, cloudflare, aiven, backblaze, azure and akamai")
		}
		if at := reaches(resources[kind], ""); at != "" {
			return platform.Invalid("spec.spec.resource."+kind+at, "would run a program or read a file of this machine")
		}
	}
	if at := reaches(jsonvalue.Get(spec, "spec.provider"), ""); at != "" {
		return platform.Invalid("spec.spec.provider"+at, "would read a file of this machine")
	}
	if at := reaches(jsonvalue.Get(spec, "spec.output"), ""); at != "" {
		return platform.Invalid("spec.spec.output"+at, "would read a file of this machine")
	}
	return nil
}

// reaches finds a provisioner, or a call of a function that reads files.
func reaches(v any, at string) string {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name == "provisioner" || name == "connection" || callsFiles(name) {
				return at + "." + name
			}
			if found := reaches(v[name], at+"."+name); found != "" {
				return found
			}
		}
	case []any:
		for i := range v {
			if found := reaches(v[i], fmt.Sprintf("%s.%d", at, i)); found != "" {
				return found
			}
		}
	case string:
		if callsFiles(v) {
			return at
		}
	}
	return ""
}

// callsFiles tells whether an expression calls one of OpenTofu's functions for files.
func callsFiles(text string) bool {
	if !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return false
	}
	for i := 0; i < len(text); {
		if !inName(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && inName(text[i]) {
			i++
		}
		switch name := text[start:i]; {
		case strings.HasPrefix(name, "file"), name == "templatefile", name == "pathexpand", name == "abspath":
			if strings.HasPrefix(afterBlank(text[i:]), "(") {
				return true
			}
		}
	}
	return false
}

func inName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// afterBlank leaves out white space and comments, which may stand before the arguments.
func afterBlank(text string) string {
	for {
		before := text
		text = strings.TrimLeft(text, " \t\r\n")
		for _, c := range []struct{ begin, end string }{{"/*", "*/"}, {"//", "\n"}, {"#", "\n"}} {
			if rest, ok := strings.CutPrefix(text, c.begin); ok {
				_, text, _ = strings.Cut(rest, c.end)
			}
		}
		if text == before {
			return text
		}
	}
}
