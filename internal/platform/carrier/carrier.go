// Package carrier runs nodes for which a platform's API has no operation: the platform
// makes them as nodes of templates only, so each is put into a template of its own,
// which is run, read and removed.
//
// A carrier is a driver in front of another one, which drives all other kinds. The name
// of a template is derived from the attempt that it is for, and its run carries that in
// its arguments: what was begun before an interruption is found again and nothing is
// done twice. The package must not know where nodes come from or how runs are kept.
package carrier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
)

// A Driver drives all kinds on a target, those that it has no operation for in templates.
type Driver struct {
	*platform.Driver
	carries func(kind string, spec any) bool
	shelf   stored.Shelf
}

// New returns a driver in front of the one given, on the same target.
func New(d *platform.Driver) *Driver {
	carrier := &Driver{Driver: d, carries: func(string, any) bool { return false }, shelf: stored.Shelf{Target: d.Target(), Family: stored.Templates}}
	if t, ok := d.Target().(platform.Templater); ok {
		carrier.carries = t.OnlyInTemplates
	}
	return carrier
}

// Supports is [platform.Driver.Supports]. What stands in a node of a template is the
// platform's to judge.
func (d *Driver) Supports(kind string, spec any) error {
	if d.carries(kind, spec) {
		return nil
	}
	return d.Driver.Supports(kind, spec)
}

// Repeatable is [platform.Driver.Repeatable]: a template that is run is looked up.
func (d *Driver) Repeatable(req platform.NodeRequest) bool {
	return !d.carries(req.Kind, req.Spec) && d.Driver.Repeatable(req)
}

// operations are those that a carried node needs, polls not counted.
var operations = []string{platform.OpCreateTemplate, platform.OpRunTemplate, platform.OpGetTemplateRun, platform.OpDeleteTemplate}

// Preview is [platform.Driver.Preview]. A kind that can be read is compared with what is
// there; of others only what is asked for is known.
func (d *Driver) Preview(ctx context.Context, req platform.NodeRequest) (platform.Change, error) {
	if !d.carries(req.Kind, req.Spec) {
		return d.Driver.Preview(ctx, req)
	}
	change, err := d.Driver.Preview(ctx, knownOf(req))
	var unsupported *platform.UnsupportedError
	if errors.As(err, &unsupported) || platform.StatusOf(err) == http.StatusNotImplemented {
		change, err = platform.Change{Action: platform.ActionApply, Desired: req.Spec, Output: map[string]any{}}, nil
	}
	change.Operations = operations
	return change, err
}

// knownOf is the request as far as anything is known of what it will do: which commits the
// rules of a build leave out, only the platform knows.
func knownOf(req platform.NodeRequest) platform.NodeRequest {
	spec, ok := req.Spec.(map[string]any)
	if ok && (req.Kind == "Build" || req.Kind == "BuildSource") {
		spec = maps.Clone(spec)
		delete(spec, "buildRules")
		spec["reuseExistingBuilds"] = false
		req.Spec = spec
	}
	return req
}

// Start is [platform.Driver.Start].
func (d *Driver) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	if !d.carries(req.Kind, req.Spec) {
		return d.Driver.Start(ctx, req)
	}
	if platform.HasUnknown(req.Spec) {
		return platform.Result{}, fmt.Errorf("a %s node cannot start: its spec holds values that are not known yet", req.Kind)
	}
	result, err := d.carry(ctx, req)
	if err != nil {
		d.clear(ctx, req)
	}
	return result, err
}

// carry stores a template for the node and begins its run.
func (d *Driver) carry(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	text, err := document(req)
	if err != nil {
		return platform.Result{}, err
	}
	load, err := d.store(ctx, nameOf(req), text)
	if err != nil {
		return platform.Result{}, inNode(err)
	}
	run := d.run(load.Path, req.Token)
	if err := run.Begin(ctx, false); err != nil {
		if platform.StatusOf(err) != 0 { // refused: nothing runs
			err = errors.Join(inNode(err), d.remove(ctx, load.Path))
		}
		return platform.Result{}, err
	}
	return started(req, run), nil
}

// cutShort is how long may be cleared away what a call has prepared that the end of its
// run has cut off.
const cutShort = 3 * time.Second

// clear removes what was prepared for a node whose run ends: its template, and what
// that runs. A call that has only taken too long is looked up by the next one, which
// needs the template.
func (d *Driver) clear(ctx context.Context, req platform.NodeRequest) {
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutShort)
	defer cancel()
	req.Ending = true
	if r, found, err := d.Find(ctx, req); err == nil && found {
		_, _ = d.Abort(ctx, *r.Wait) // nobody is left who could be told
	}
}

// store makes a template of the name. One that an earlier call has left is made what it
// should be.
func (d *Driver) store(ctx context.Context, name string, text json.RawMessage) (stored.Document, error) {
	made, err := d.shelf.Create(ctx, name, text)
	if platform.StatusOf(err) != http.StatusConflict {
		return made, err
	}
	made, _, err = d.shelf.Deploy(ctx, name, text)
	return made, err
}

func (d *Driver) run(template map[string]string, token string) *stored.Run {
	return &stored.Run{Target: d.Target(), Family: stored.Templates, Path: template, Token: token}
}

// started is what a run that has begun gives: something to wait for.
func started(req platform.NodeRequest, run *stored.Run) platform.Result {
	subject := req.Kind
	if name := jsonvalue.String(req.Spec, "name"); name != "" {
		subject = fmt.Sprintf("%s %q", req.Kind, name)
	}
	return platform.Result{Action: platform.ActionApply, Wait: &platform.Wait{
		Subject: subject, Until: "success", Op: platform.OpGetTemplateRun,
		Path:    map[string]string{"templateId": run.Path["templateId"], "templateRunId": run.ID},
		Timeout: platform.TimeoutOf(req.Node), Carried: &platform.Carried{Kind: req.Kind},
	}}
}

// Find is [platform.Driver.Find].
func (d *Driver) Find(ctx context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	if !d.carries(req.Kind, req.Spec) {
		return d.Driver.Find(ctx, req)
	}
	load, there, err := d.shelf.Find(ctx, nameOf(req))
	if err != nil || !there {
		return platform.Result{}, false, err
	}
	run := d.run(load.Path, req.Token)
	if err := run.Find(ctx); err != nil {
		return platform.Result{}, false, err
	}
	if run.ID == "" {
		if req.Ending {
			err = d.remove(ctx, load.Path)
		}
		return platform.Result{}, false, err
	}
	return started(req, run), true, nil
}

// Poll is [platform.Driver.Poll]. When the run has ended, the wait goes on for the
// removal of its template: who keeps waits knows the outcome by then.
func (d *Driver) Poll(ctx context.Context, w platform.Wait) (platform.Progress, error) {
	if w.Carried == nil {
		return d.Driver.Poll(ctx, w)
	}
	if w.Carried.Ended {
		return d.unload(ctx, w)
	}
	run := d.run(map[string]string{"templateId": w.Path["templateId"]}, "")
	run.ID = w.Path["templateRunId"]
	state, nodes, err := run.State(ctx)
	switch {
	case platform.IsNotFound(err):
		return platform.Progress{}, &platform.OutcomeError{Subject: w.Subject, State: "gone", Reason: "the template that it ran in was removed by somebody else"}
	case err != nil:
		return platform.Progress{}, fmt.Errorf("waiting for %s: %w", w.Subject, err)
	}
	node := nodeIn(nodes)
	progress := platform.Progress{Next: w, Detail: state.Status}
	progress.Next.Polls++
	if !ended(state) {
		if node.Status != "" {
			progress.Detail = node.Status
		}
		progress.After = d.PollAfter(progress.Next.Polls)
		return progress, nil
	}
	carried := outcome(w, state, node)
	progress.Output, progress.Secret = carried.Output, secretIn(carried)
	progress.Next.Op, progress.Next.Path, progress.Next.Carried = platform.OpDeleteTemplate, run.Path, carried
	return progress, nil
}

// unload removes the template of a node that has ended, and tells how it has.
func (d *Driver) unload(ctx context.Context, w platform.Wait) (platform.Progress, error) {
	if err := d.remove(ctx, w.Path); err != nil && again(err) {
		return platform.Progress{}, fmt.Errorf("removing the template of %s: %w", w.Subject, err)
	}
	// A template that must not be removed is in nobody's way.
	switch c := w.Carried; {
	case c.Refusal != nil:
		return platform.Progress{}, fmt.Errorf("%s: %w", w.Subject, c.Refusal)
	case c.Failure != nil:
		return platform.Progress{}, c.Failure
	default:
		return platform.Progress{Done: true, Skipped: c.Skipped, Output: c.Output, Secret: secretIn(c), Detail: w.Until, Next: w}, nil
	}
}

// again tells whether what went wrong may go well later.
func again(err error) bool {
	var refusal *platform.Error
	return !errors.As(err, &refusal) || refusal.Retryable || refusal.Status >= http.StatusInternalServerError
}

// remove removes a template; one that is gone is no error.
func (d *Driver) remove(ctx context.Context, path map[string]string) error {
	_, err := d.Target().Do(ctx, platform.OpDeleteTemplate, platform.Params{Path: path}, nil)
	if platform.IsNotFound(err) {
		return nil
	}
	return err
}

// The polls of a run that is being aborted, before its template is removed from under it.
// Together their pauses are shorter than an aborted run's calls may take
// (engine.DefaultAbortGrace), so that there is time left for the removal.
const (
	abortPolls = 4
	abortPause = 2 * time.Second
)

// Abort is [platform.Driver.Abort].
func (d *Driver) Abort(ctx context.Context, w platform.Wait) (bool, error) {
	if w.Carried == nil {
		return d.Driver.Abort(ctx, w)
	}
	template := map[string]string{"templateId": w.Path["templateId"]}
	if w.Carried.Ended {
		return true, d.remove(ctx, template)
	}
	// Where it cannot be told whether the run ends, its template goes all the same.
	stopped, aborted := d.Driver.Abort(ctx, w)
	run := d.run(template, "")
	run.ID = w.Path["templateRunId"]
	for polls := 0; polls < abortPolls && ctx.Err() == nil; polls++ {
		state, _, err := run.State(ctx)
		if err != nil || ended(state) {
			break
		}
		select {
		case <-time.After(min(abortPause, d.PollAfter(polls+1))):
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil { // the run took longer to end than whoever aborts it has time
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), cutShort)
		defer cancel()
	}
	return stopped, errors.Join(aborted, d.remove(ctx, template))
}

func ended(state platform.RunState) bool {
	switch state.Status {
	case "success", "failure", "aborted":
		return true
	}
	return state.Concluded
}

// nodeIn is the carried node among those of its run.
func nodeIn(nodes []platform.RunNode) platform.RunNode {
	for _, n := range nodes {
		if n.Ref == ref {
			return n
		}
	}
	return platform.RunNode{}
}

// outcome is how a carried node has ended.
func outcome(w platform.Wait, state platform.RunState, node platform.RunNode) *platform.Carried {
	out := &platform.Carried{Kind: w.Carried.Kind, Ended: true}
	if state.Status == "success" && node.Status == "skipped" {
		out.Skipped = "the platform has skipped it"
		return out
	}
	if state.Status == "success" {
		if json.Unmarshal(node.Data, &out.Output) != nil || out.Output == nil {
			out.Output = map[string]any{}
		}
		return out
	}
	reason := node.Error
	if reason == "" {
		reason = state.Error
	}
	reason = pathInNode(reason)
	if node.Code >= http.StatusBadRequest && node.Code < http.StatusInternalServerError {
		out.Refusal = &platform.Error{Status: node.Code, Message: reason}
		return out
	}
	out.Failure = &platform.OutcomeError{Subject: w.Subject, State: state.Status, Reason: reason}
	return out
}

func secretIn(c *platform.Carried) []string {
	output, ok := c.Output.(map[string]any)
	if !ok {
		return nil
	}
	return platform.OutputSecrets(c.Kind, output)
}
