// Package runner runs the documents that a platform stores, in this process, with
// the engine: it is the [platform.Runner] of `nf-run serve`.
//
// A run is one of the state folder like any other: it has a journal, stands in the
// history, is shown, aborted and resumed in the same ways. What a process that ends
// has left unfinished goes on when its platform asks for it again.
//
// The package must not know HTTP or how documents are stored.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// A Runner runs documents. It implements [platform.Runner].
type Runner struct {
	// Patience is that of [engine.RunOptions]; it is set before the first run.
	Patience time.Duration
	// Rehearsal is what the next run is told to put up with, and of that all but its
	// failures those that it starts; nil for nothing. It is set before the first run.
	Rehearsal *engine.Rehearsal
	mu        sync.Mutex // guards Rehearsal

	engine engine.Engine
	gate   *gate
	runs   sync.WaitGroup
}

var _ platform.Runner = (*Runner)(nil)

// New returns a runner that executes runs with an engine of the given settings on
// a target, for as long as the runner is open.
// front, which may be nil, puts something in front of the target's driver, for kinds
// that are carried out in another way.
func New(settings engine.Engine, target Target, front func(platform.NodeDriver) platform.NodeDriver) *Runner {
	g := &gate{target: target}
	driver := platform.NodeDriver(platform.NewDriver(g))
	if front != nil {
		driver = front(driver)
	}
	settings.Platform, settings.Target = engine.Inheriting{Platform: driver, Secrets: settings.Secrets}, target.Name()
	return &Runner{engine: settings, gate: g}
}

// Close lets nothing more get to the target and waits for what is on its way there.
// Runs stop where they are, as after a crash, and can be gone on with: the process
// that closes its runner has to end.
func (r *Runner) Close() { r.gate.close() }

// Wait waits for the end of all runs.
func (r *Runner) Wait() { r.runs.Wait() }

// Check implements [platform.Runner].
func (r *Runner) Check(d platform.Document) error {
	_, err := parse(d)
	return err
}

// parse makes a model of a document, or a refusal that names what is wrong with it.
func parse(d platform.Document) (*analysis.Snapshot, error) {
	snapshot := analysis.NewSnapshot(syntax.Parse(string(d.Text)), nil, nil)
	refusal := refused{}
	if !snapshot.IsTemplate() {
		refusal.add("spec", "holds no workflow: there is nothing to run")
	}
	for _, f := range snapshot.FindingsOfTemplate() {
		switch {
		case f.Severity != analysis.Error:
		case f.Code == analysis.CodeMissingProjectContext && d.ProjectID != "":
		case aside(snapshot.Tree, f.Range):
		case d.AnyKind && f.Code == analysis.CodeKindNotAllowed && strings.HasPrefix(placeOf(snapshot.Tree, f.Range), "spec."):
		default:
			refusal.add(placeOf(snapshot.Tree, f.Range), f.Message)
		}
	}
	return snapshot, refusal.err()
}

// aside tells of a finding whether it is about what stands beside the nodes and has
// another shape in documents of each family: the platform has checked that.
func aside(tree *syntax.Tree, at syntax.Range) bool {
	switch first, _, _ := strings.Cut(placeOf(tree, at), "."); first {
	case "triggers", "options":
		return true
	}
	return false
}

// Start implements [platform.Runner].
func (r *Runner) Start(ctx context.Context, run platform.DocumentRun, ended func(platform.RunState)) error {
	known, err := engine.FindRun(ctx, r.engine.Store, run.ID)
	switch {
	case err == nil && known.Interrupted && known.ID == run.ID:
		return r.begin(ctx, run.ID, ended, func(ctx context.Context, o engine.Observer) error {
			_, err := r.engine.Resume(ctx, run.ID, engine.RunOptions{Patience: r.Patience, Observers: []engine.Observer{o}})
			return err
		})
	case err == nil:
		return nil // it goes on, or has ended
	case !errors.Is(err, history.ErrNoRun):
		return err
	}
	snapshot, err := parse(run.Document)
	if err != nil {
		return err
	}
	rehearsal := r.rehearsal()
	return r.begin(ctx, run.ID, ended, func(ctx context.Context, o engine.Observer) error {
		for {
			program, err := r.compile(ctx, snapshot, run)
			if err != nil {
				return err
			}
			if err := program.Foresee(rehearsal); err != nil {
				return platform.Invalid("rehearsal", "%v", err)
			}
			opts := engine.RunOptions{ID: run.ID, Revision: engine.Revision{Version: run.Version}, Rehearsal: rehearsal, Patience: r.Patience, Observers: []engine.Observer{o}}
			if rehearsal != nil && rehearsal.Fast && program.Policy != "" && program.Policy != engine.Allow {
				opts.Policy = engine.Forbid // nobody waits in a time of their own for what goes on outside
			}
			_, err = r.engine.Run(ctx, program, opts)
			if !errors.Is(err, history.ErrBegun) {
				return err
			}
			// Another one was faster to be the first, whose arguments may differ.
		}
	})
}

// rehearsal is what the run at hand is told to put up with. What is to fail stands in the
// first document; those that it runs go by the same time and the same people.
func (r *Runner) rehearsal() *engine.Rehearsal {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Rehearsal
	if now != nil && len(now.Failures) > 0 {
		rest := *now
		rest.Failures = nil
		r.Rehearsal = &rest
	}
	return now
}

// compile makes a program of a document and of what the state folder keeps for it.
func (r *Runner) compile(ctx context.Context, snapshot *analysis.Snapshot, run platform.DocumentRun) (*engine.Program, error) {
	store := r.engine.Store
	options := engine.Options{Identity: run.Identity, ProjectID: run.ProjectID, Teardown: run.Teardown, Config: snapshot.Config,
		Arguments: []engine.Layer{{From: engine.FromRequest, Values: run.Arguments, Literal: true}}}
	var err error
	if options.Stored, err = engine.StoredLayers(ctx, store, run.Identity); err != nil {
		return nil, err
	}
	begun, err := store.Begun(ctx, run.Identity, r.engine.Target)
	if err != nil {
		return nil, err
	}
	options.First = !begun
	program, problems := engine.Compile(snapshot.Doc, options)
	if len(problems) > 0 {
		return nil, refusalOf(snapshot.Doc, problems)
	}
	program.Environment = run.Environment
	for _, ref := range slices.Sorted(maps.Keys(run.Given)) {
		program.Inherited = append(program.Inherited, engine.Inherited{Ref: ref, Output: run.Given[ref]})
	}
	if !run.Teardown {
		return program, nil
	}
	last, err := r.engine.LastOutputs(ctx, run.Identity, run.Environment)
	if err != nil {
		return nil, err
	}
	for _, out := range last {
		if run.Given[out.Ref] == nil {
			program.Inherited = append(program.Inherited, out)
		}
	}
	return program, nil
}

// begin executes a run in the background and returns when it is recorded, or why it
// could not be.
func (r *Runner) begin(ctx context.Context, id string, ended func(platform.RunState), execute func(context.Context, engine.Observer) error) error {
	begun := &first{happened: make(chan struct{})}
	over := make(chan error, 1)
	r.runs.Go(func() {
		ctx := context.WithoutCancel(ctx) // the run outlives the request
		over <- execute(ctx, begun)
		if state, known, err := r.State(ctx, id); err == nil && known && state.Concluded {
			ended(state)
		}
	})
	select {
	case <-begun.happened:
		return nil
	case err := <-over:
		select {
		case <-begun.happened:
			return nil // and over already
		default:
		}
		return refusalFor(err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A first is an observer of a run's first event, which is told when it is durable.
type first struct {
	once     sync.Once
	happened chan struct{}
}

// Event implements [engine.Observer].
func (f *first) Event(engine.Event) { f.once.Do(func() { close(f.happened) }) }

// Abort implements [platform.Runner].
func (r *Runner) Abort(ctx context.Context, id, reason string) error {
	err := r.engine.Abort(ctx, id, reason, engine.RunOptions{})
	var ended *engine.EndedError
	if errors.As(err, &ended) { // while it was being asked for
		return &platform.Error{Status: http.StatusConflict, ID: platform.ErrorConflict, Message: err.Error()}
	}
	return err
}

// State implements [platform.Runner].
func (r *Runner) State(ctx context.Context, id string) (platform.RunState, bool, error) {
	run, err := engine.FindRun(ctx, r.engine.Store, id)
	if errors.Is(err, history.ErrNoRun) || err == nil && run.ID != id {
		return platform.RunState{}, false, nil
	}
	if err != nil {
		return platform.RunState{}, false, err
	}
	if run.Interrupted {
		// Its owner may have died between its end and the index, which learns of it now.
		if ended, err := engine.Describe(ctx, id, r.engine.Store.RunDir(id)); err == nil && ended.Concluded() {
			run = r.engine.Store.Settle(ctx, run, engine.Describe)
		}
	}
	return platform.RunState{Status: run.Status, Concluded: run.Concluded(), Error: run.Error, StartedAt: run.StartedAt,
		ConcludedAt: run.ConcludedAt}, true, nil
}

// Nodes implements [platform.Runner].
func (r *Runner) Nodes(ctx context.Context, id string) ([]platform.RunNode, error) {
	view, err := engine.View(ctx, r.engine.Store, id)
	if errors.Is(err, history.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	within := map[int][]int{}
	if len(view.Nodes) <= mostShown {
		for i := range view.Nodes {
			within[view.Nodes[i].Parent] = append(within[view.Nodes[i].Parent], i)
		}
	}
	nodes := make([]platform.RunNode, 0, len(view.Nodes))
	for i := range view.Nodes {
		n := &view.Nodes[i]
		if n.Kind == engine.KindIteration {
			continue // the document has no such node
		}
		// Of a step of a loop the last iteration counts that has come to it.
		if n.Declared != "" && n.State == engine.StatePending {
			continue
		}
		node := stateOf(n, cmp.Or(n.Declared, n.Path))
		if n.Declared == "" {
			node.Iterations = iterationsOf(view, within, i)
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// mostShown bounds the runs whose iterations are told one by one, by their nodes.
const mostShown = 10_000

// stateOf is how a node stands that goes by a path.
func stateOf(n *engine.NodeView, path string) platform.RunNode {
	node := platform.RunNode{Path: path, Ref: n.Ref, Status: string(n.State), StartedAt: n.StartedAt, EndedAt: n.EndedAt}
	if n.Error != nil {
		node.Code, node.Error = n.Error.Code, n.Error.Message
	}
	if last := len(n.Attempts) - 1; last >= 0 {
		a := &n.Attempts[last]
		node.Attempts, node.MaxAttempts, node.Data = a.Attempt, a.MaxAttempts, a.Response
	}
	return node
}

// iterationsOf are those of a loop; nil of a node that is none or has not begun.
func iterationsOf(view *engine.RunView, within map[int][]int, loop int) []platform.RunIteration {
	var out []platform.RunIteration
	for _, i := range within[loop] {
		n := &view.Nodes[i]
		if n.Kind != engine.KindIteration {
			return nil
		}
		name := strings.TrimSuffix(strings.TrimPrefix(n.Label, view.Nodes[loop].Label+"["), "]")
		it := platform.RunIteration{Name: name, Nodes: []platform.RunNode{stateOf(n, "")}}
		var add func(parent int)
		add = func(parent int) {
			for _, k := range within[parent] {
				step := &view.Nodes[k]
				node := stateOf(step, strings.TrimPrefix(step.Path, n.Path))
				node.Iterations = iterationsOf(view, within, k)
				if it.Nodes = append(it.Nodes, node); node.Iterations == nil {
					add(k)
				}
			}
		}
		add(i)
		out = append(out, it)
	}
	return out
}

// refusalFor gives an error that keeps a run from starting its status.
func refusalFor(err error) error {
	var program *engine.RefusedError
	var forbidden *engine.ForbiddenError
	switch {
	case errors.As(err, &program):
		return refusalOf(nil, program.Problems)
	case errors.As(err, &forbidden):
		return &platform.Error{Status: http.StatusConflict, ID: platform.ErrorForbidden, Message: err.Error()}
	}
	return err
}

// refusalOf names the place of each problem.
func refusalOf(doc *template.Document, problems []engine.Problem) error {
	refusal := refused{}
	for _, p := range problems {
		at := dotted(p.Node)
		if doc != nil && p.Range != (syntax.Range{}) {
			at = placeOf(doc.Tree, p.Range)
		}
		refusal.add(at, p.Message)
	}
	if err := refusal.err(); err != nil {
		return err
	}
	return fmt.Errorf("the document cannot run")
}
