package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// planFormat is the version of Plan as JSON.
const planFormat = 1

// A Plan is what a run would do. It is pure data, stable as JSON: the same
// program on the same state of the platform gives the same text. It holds no
// secrets.
type Plan struct {
	Format   int    `json:"format"`
	Template string `json:"template"`
	File     string `json:"file,omitempty"`
	Target   string `json:"target"`
	Program  string `json:"program"`
	// Until is the path of the node that the run would stop after; empty for
	// the whole document.
	Until string `json:"until,omitempty"`
	// Teardown says that it is the document's teardownSpec that would run.
	Teardown bool      `json:"teardown,omitempty"`
	Nodes    []Planned `json:"nodes"`
	// Problems keep the program from running; Warnings may.
	Problems []Problem `json:"problems,omitempty"`
	Warnings []Problem `json:"warnings,omitempty"`
	Summary  Summary   `json:"summary"`
}

// A Summary counts what a plan does.
type Summary struct {
	Create    int `json:"create"`
	Update    int `json:"update"`
	Unchanged int `json:"unchanged"`
	// Apply counts what is created or updated where only the run can tell which.
	Apply int `json:"apply"`
	Run   int `json:"run"`
	Wait  int `json:"wait"`
	Skip  int `json:"skip"`
	// Requests is how many requests the run will need, polls not counted.
	Requests int `json:"requests"`
	// Cost is what the resources of the plan cost each month.
	Cost *Cost `json:"cost,omitempty"`
}

// ActionSkip is what a plan says of a node that is skipped.
const ActionSkip = platform.ActionSkip

// A Planned is a node in a plan.
type Planned struct {
	Outline
	// Action is empty for workflows and where there is a problem.
	Action platform.Action `json:"action,omitempty"`
	// Maybe says that only the run can tell whether the node is skipped.
	Maybe bool `json:"maybe,omitempty"`
	// Each marks the one iteration that stands for all of a loop, since only the run
	// can tell which there are.
	Each bool `json:"each,omitempty"`
	// Resource is what is created or changed, such as "projects/p/services/s".
	Resource string `json:"resource,omitempty"`
	// Input is the node with every value that is known; others are written as
	// [platform.UnknownText], secrets are masked.
	Input   json.RawMessage `json:"input,omitempty"`
	Changes []Difference    `json:"changes,omitempty"`
	// Diff shows the changes of what is there as a unified diff of its
	// properties, a line each.
	Diff string `json:"diff,omitempty"`
	// After are the paths of the nodes whose outputs it refers to.
	After      []string `json:"after,omitempty"`
	Operations []string `json:"operations,omitempty"`
	Cost       *Cost    `json:"cost,omitempty"`
}

// Plan works out what a run would do. It changes nothing: not on the platform,
// not in the state folder. Problems are part of the plan; an error means that
// it could not be made.
func (e *Engine) Plan(ctx context.Context, p *Program) (*Plan, error) {
	l, err := e.planned(ctx, p)
	return l.result(), err
}

// result is the plan; nil where there is none.
func (l *planner) result() *Plan {
	if l == nil {
		return nil
	}
	return l.plan
}

func (e *Engine) planned(ctx context.Context, p *Program) (*planner, error) {
	complete := make([]*prepared, len(p.Nodes))
	f, err := e.foresee(ctx, p, func(node int, p *prepared) { complete[node] = p })
	if err != nil {
		return nil, err
	}
	ctx = platform.WithLookups(ctx)
	l := &planner{engine: e, foresight: f, complete: complete, plan: &Plan{
		Format: planFormat, Template: p.Identity, File: p.File, Target: e.Target, Program: p.Hash(), Until: p.Until, Teardown: p.Teardown,
		Nodes: make([]Planned, len(p.Nodes)),
	}, seen: make([]previewed, len(p.Nodes)), needs: map[string][]int{}, makes: map[string]bool{}, results: make(chan previewed, e.slots()), free: e.slots()}
	for i, n := range p.outline() {
		l.plan.Nodes[i].Outline = n
		l.plan.Nodes[i].After = l.after(i)
	}
	if err := l.loop(ctx); err != nil {
		return nil, err
	}
	if err := l.finish(); err != nil {
		return nil, err
	}
	return l, nil
}

// A planner goes through a program as a run would, with previews in the place
// of calls.
type planner struct {
	engine *Engine
	*foresight
	plan *Plan
	// complete are the nodes by index that were prepared with all their values: what
	// the platform says of others changes nothing about them.
	complete []*prepared
	machine  *schedule.Machine
	ready    []int
	seen     []previewed // by node; input is nil where there is nothing to say
	results  chan previewed
	free     int
	busy     int
	needs    map[string][]int // resources that are not there, by who needs them
	makes    map[string]bool
	blurred  bool // some node makes a resource whose name is not known
}

type previewed struct {
	node   int
	input  *prepared
	change platform.Change
	err    error
}

func (l *planner) after(node int) []string {
	var out []string
	seen := map[int]bool{}
	for _, u := range l.program.Nodes[node].Uses {
		for _, on := range u.On {
			if !seen[on] {
				seen[on] = true
				out = append(out, l.program.Nodes[on].Path)
			}
		}
	}
	return out
}

func (l *planner) loop(ctx context.Context) error {
	nodes := l.program.schedule()
	for i := range nodes {
		// Nothing fails in a plan: where a value is missing that is a problem
		// of its own, and the rest is planned all the same.
		soften(nodes[i].Gate)
		soften(nodes[i].Body)
	}
	l.machine = schedule.New(nodes)
	l.machine.Begin()
	for {
		l.advance(ctx)
		if l.busy == 0 {
			return ctx.Err()
		}
		r := <-l.results
		l.busy--
		l.free++
		if err := ctx.Err(); err != nil {
			for ; l.busy > 0; l.busy-- {
				<-l.results
			}
			return err
		}
		l.previewed(r)
	}
}

// advance goes on until it needs what the platform is being asked.
func (l *planner) advance(ctx context.Context) {
	for {
		if s, ok := l.machine.Next(); ok {
			l.step(ctx, s)
		} else if l.free > 0 && len(l.ready) > 0 {
			node := l.ready[0]
			l.ready = l.ready[1:]
			l.begin(ctx, node)
		} else {
			return
		}
	}
}

func soften(deps []schedule.Dep) {
	for i := range deps {
		deps[i].Soft = true
	}
}

func (l *planner) step(ctx context.Context, s schedule.Step) {
	n, out := &l.program.Nodes[s.Node], &l.plan.Nodes[s.Node]
	if n.Pattern {
		// Whoever refers to a step of a loop sees what its last iteration leaves: no
		// plan knows that.
		if s.State == schedule.Skipped {
			l.outputs[s.Node] = output{skipped: true}
		}
		return
	}
	switch s.Verb {
	case schedule.Decide:
		skip, known, err := l.skip(ctx, s.Node)
		if err != nil {
			l.problem(s.Node, CodeEvaluation, err)
		}
		out.Maybe = !known
		l.machine.Decided(s.Node, skip && known)
	case schedule.Start:
		if n.Parent >= 0 && l.plan.Nodes[n.Parent].Maybe {
			out.Maybe = true
		}
		if n.Flow == Loop {
			l.unfold(ctx, s.Node)
			return
		}
		if n.Flow != "" {
			l.machine.Entered(s.Node)
			return
		}
		l.ready = append(l.ready, s.Node)
	case schedule.Settled:
		if s.State == schedule.Skipped {
			out.Action = ActionSkip
			l.outputs[s.Node] = output{skipped: true}
		}
	}
}

// begin asks the platform what a node would do.
func (l *planner) begin(ctx context.Context, node int) {
	var p *prepared
	var err error
	if node < len(l.complete) {
		p = l.complete[node]
	}
	if l.done(ctx, node) {
		return
	}
	if p == nil {
		p, err = l.prepare(ctx, node, l.engine.checker())
	}
	if err != nil {
		l.problem(node, l.code(node, err), err)
		l.blurred = true
		l.machine.Ended(node, schedule.Success)
		return
	}
	l.free--
	l.busy++
	go func() {
		r := previewed{node: node, input: p}
		defer func() {
			if x := recover(); x != nil {
				r.err = &panicError{x}
			}
			l.results <- r
		}()
		r.change, r.err = l.preview(ctx, node, p.req)
	}()
}

// preview asks again where the platform did not answer: asking changes nothing.
func (l *planner) preview(ctx context.Context, node int, req platform.NodeRequest) (platform.Change, error) {
	for attempt := 1; ; attempt++ {
		change, err := l.engine.preview(ctx, req)
		if what := judge(err); err == nil || what != again && what != lost || attempt == defaultAttempts {
			return change, err
		}
		select {
		case <-time.After(l.program.Nodes[node].delay(attempt, l.engine.random())):
		case <-ctx.Done():
			return change, err
		}
	}
}

func (l *planner) previewed(r previewed) {
	ends := schedule.Success
	defer func() { l.machine.Ended(r.node, ends) }()
	out := &l.plan.Nodes[r.node]
	l.seen[r.node] = r
	if r.err != nil {
		var unsupported *platform.UnsupportedError
		code := CodeRefused
		if errors.As(r.err, &unsupported) {
			code = CodeUnsupported
		}
		l.problem(r.node, code, r.err, r.input.confidential.texts...)
		l.blurred = true
		return
	}
	c := r.change
	out.Action, out.Resource, out.Operations = c.Action, c.Resource, c.Operations
	if c.Action == platform.ActionSkip {
		l.outputs[r.node], ends = output{skipped: true}, schedule.Skipped
		return
	}
	v := valueOf(c.Output, append(c.OutputSecret, r.input.secret...))
	l.masker.learn(c.Output, c.OutputSecret)
	l.masker.add(valueOf(c.Output, r.input.secret))
	if out.Maybe {
		v = expr.Unknown(expr.TypeAny)
	}
	l.outputs[r.node] = output{value: v, there: true, partial: true}
	switch c.Action {
	case platform.ActionCreate, platform.ActionUpdate, platform.ActionApply, platform.ActionRun:
		if c.Resource == "" || c.Action == platform.ActionRun {
			l.blurred = true
		}
		l.makes[c.Resource] = true
	}
	for _, need := range c.Needs {
		l.needs[need] = append(l.needs[need], r.node)
	}
	out.Cost = costOf(l.program.Nodes[r.node].Kind, c.Current, c.Desired)
}

// finish sums the plan up. What it shows is masked here, when all secrets are
// known: in which order the platform has answered makes no difference.
func (l *planner) finish() error {
	l.arrange()
	order := make(map[string]int, len(l.plan.Nodes))
	for i := range l.seen {
		order[l.plan.Nodes[i].Path] = i
		r, out := &l.seen[i], &l.plan.Nodes[i]
		if r.input == nil {
			continue
		}
		var err error
		if out.Input, err = r.input.shown(l.masker); err != nil {
			return err
		}
		secret := slices.Concat(r.change.Secret, r.input.secret, inSpec(r.input.confidential.mixed))
		out.Changes = difference(r.change.Current, r.change.Desired, secret, l.masker)
		if r.change.Current != nil && len(out.Changes) > 0 {
			if out.Diff, err = unifiedDiff(r.change.Current, r.change.Desired, secret, l.masker); err != nil {
				return err
			}
		}
	}
	l.plan.Problems = l.problems
	for i := range l.plan.Problems {
		p := &l.plan.Problems[i]
		p.Message = l.masker.hide(p.Message)
	}
	slices.SortStableFunc(l.plan.Problems, func(a, b Problem) int { return cmp.Compare(order[a.Node], order[b.Node]) })
	l.plan.Warnings = append(l.plan.Warnings, l.program.Warnings()...)
	if !l.blurred {
		for _, need := range sortedKeys(l.needs) {
			if l.makes[need] {
				continue
			}
			for _, node := range slices.Sorted(slices.Values(l.needs[need])) {
				n := &l.program.Nodes[node]
				l.plan.Warnings = append(l.plan.Warnings, Problem{Node: n.Path, Code: CodeMissingResource,
					Message: fmt.Sprintf("%s: it needs %s, which does not exist and which no node of this template makes", n.Label, l.masker.hide(need))})
			}
		}
	}
	s := &l.plan.Summary
	counts := map[platform.Action]*int{
		platform.ActionCreate: &s.Create, platform.ActionUpdate: &s.Update, platform.ActionUnchanged: &s.Unchanged,
		platform.ActionApply: &s.Apply, platform.ActionRun: &s.Run, platform.ActionWait: &s.Wait, ActionSkip: &s.Skip,
	}
	for i := range l.plan.Nodes {
		n := &l.plan.Nodes[i]
		if count := counts[n.Action]; count != nil && n.Flow == "" {
			*count++
		}
		s.Requests += len(n.Operations)
		if n.Cost != nil {
			for k, what := range n.Cost.LeftOut { // plans have names
				n.Cost.LeftOut[k] = l.masker.hide(what)
			}
		}
		s.Cost = s.Cost.plus(n.Cost)
		n.Resource = l.masker.hide(n.Resource)
	}
	return nil
}
