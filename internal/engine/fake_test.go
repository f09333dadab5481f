package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// A stage is a fake platform. What happens to a node is written in its spec:
//
//	{"name": "web", "fail": 2}          the first two attempts fail
//	{"name": "web", "refuse": true}     refused with a 400
//	{"name": "web", "lose": 1}          the first answer is lost, the work is done
//	{"name": "web", "polls": 3}         it takes three polls
//	{"name": "web", "bad": "FAILED"}    what is waited for ends badly
//	{"name": "web", "hold": true}       starting waits until the test lets it go
//
// Its output is {"id": name, ...} with the rest of the spec.
type stage struct {
	mu       sync.Mutex
	log      []string // what was done, in order
	requests map[string]platform.NodeRequest
	tries    map[string]int
	done     map[string]bool // tokens of unrepeatable work
	polls    map[string]int
	held     map[string]chan struct{}
	reached  chan string // names of nodes that are held
	undecide bool        // Find cannot tell
	active   int
	most     int // calls at once
	panics   string
	mishap   func(name string) error // what starting a node fails with; nil for nothing
	hook     func(what string)       // is told "start NAME" and "poll NAME" before they are done
}

func (s *stage) setHook(hook func(what string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

func (s *stage) tell(what string) {
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	if hook != nil {
		hook(what)
	}
}

func newStage() *stage {
	return &stage{requests: map[string]platform.NodeRequest{}, tries: map[string]int{}, done: map[string]bool{},
		polls: map[string]int{}, held: map[string]chan struct{}{}, reached: make(chan string, 100)}
}

func (s *stage) say(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

func (s *stage) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.log, ", ")
	s.log = nil
	return out
}

func part(req platform.NodeRequest, name string) any {
	m, _ := req.Spec.(map[string]any)
	return m[name]
}

func nameOf(req platform.NodeRequest) string {
	name, _ := part(req, "name").(string)
	return name
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

func (s *stage) Supports(kind string, _ any) error {
	if kind == "Unheard" {
		return &platform.UnsupportedError{Kind: kind}
	}
	return nil
}

// Work of kind Job happens once for each call; all else can be repeated.
func (s *stage) Repeatable(req platform.NodeRequest) bool { return req.Kind != "Job" }

func (s *stage) Preview(_ context.Context, req platform.NodeRequest) (platform.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if part(req, "refuse") == true {
		return platform.Change{}, platform.Invalid("name", "cannot be changed")
	}
	out := map[string]any{"name": nameOf(req)}
	if !platform.IsUnknown(part(req, "name")) {
		out["id"] = nameOf(req)
	}
	return platform.Change{Action: platform.ActionCreate, Desired: req.Spec, Output: out, Operations: []string{"make"}}, nil
}

func (s *stage) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	name := nameOf(req)
	s.tell("start " + name)
	s.mu.Lock()
	s.active++
	s.most = max(s.most, s.active)
	s.requests[name] = req
	s.tries[name]++
	try := s.tries[name]
	var hold chan struct{}
	if part(req, "hold") == true {
		hold = make(chan struct{})
		s.held[name] = hold
	}
	panics := s.panics == name
	s.mu.Unlock()
	if seconds, ok := part(req, "pause").(float64); ok {
		platform.Pause(ctx, time.Duration(seconds)*time.Second)
	}
	if hold != nil {
		s.reached <- name
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	if s.mishap != nil {
		if err := s.mishap(name); err != nil {
			return platform.Result{}, err
		}
	}
	switch {
	case ctx.Err() != nil:
		s.tries[name]-- // what was cut off is no attempt
		s.say("gave %s up", name)
		return platform.Result{}, ctx.Err()
	case panics:
		panic("stage fright")
	case part(req, "refuse") == true:
		s.say("refused %s", name)
		return platform.Result{}, &platform.Error{Status: 400, ID: "validation", Message: "the name " + name + " is refused", Details: map[string]any{"name": []any{name}}}
	case try <= number(part(req, "fail")):
		s.say("failed %s", name)
		return platform.Result{}, &platform.Error{Status: 503, Message: "not now"}
	}
	s.say("made %s", name)
	s.done[req.Token] = true
	if try <= number(part(req, "lose")) {
		return platform.Result{}, errors.New("the connection broke")
	}
	return s.result(req), nil
}

func (s *stage) result(req platform.NodeRequest) platform.Result {
	out := map[string]any{}
	spec, _ := req.Spec.(map[string]any)
	for k, v := range spec {
		out[k] = v
	}
	out["id"] = nameOf(req)
	r := platform.Result{Action: platform.ActionCreate, Output: out}
	if _, ok := spec["password"]; ok {
		r.Secret = []string{"/password"}
	}
	if number(spec["polls"]) > 0 || spec["bad"] != nil {
		bad, _ := spec["bad"].(string)
		r.Wait = &platform.Wait{Subject: fmt.Sprintf("service %q", nameOf(req)), Until: "running", Op: bad,
			Path: map[string]string{"name": nameOf(req)}, Base: out, Polls: number(spec["polls"])}
		if t := number(spec["timeout"]); t > 0 {
			r.Wait.Timeout = time.Duration(t) * time.Second
		}
	}
	return r
}

func (s *stage) Find(_ context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say("looked for %s", nameOf(req))
	if s.undecide {
		return platform.Result{}, false, &platform.UndecidedError{Subject: nameOf(req)}
	}
	if !s.done[req.Token] {
		return platform.Result{}, false, nil
	}
	return s.result(req), true, nil
}

func (s *stage) FindByID(_ context.Context, req platform.NodeRequest, id string) (platform.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say("looked for %s as %s", nameOf(req), id)
	if id == "wrong" {
		return platform.Result{}, &platform.Error{Status: 404, Message: "there is no " + id}
	}
	r := s.result(req)
	r.Output.(map[string]any)["id"] = id
	return r, nil
}

func (s *stage) Poll(_ context.Context, w platform.Wait) (platform.Progress, error) {
	name := w.Path["name"]
	s.tell("poll " + name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls[name]++
	if w.Op != "" {
		return platform.Progress{}, &platform.OutcomeError{Subject: w.Subject, State: w.Op}
	}
	w.Polls--
	if w.Polls <= 0 {
		s.say("%s is up", name)
		return platform.Progress{Done: true, Output: w.Base, Secret: []string{"/password"}}, nil
	}
	return platform.Progress{Output: w.Base, Detail: "starting", Next: w, After: s.slowly(w.Base)}, nil
}

// slowly is when a wait is to be asked for again: the seconds that the node says in
// "every", else one.
func (s *stage) slowly(base any) time.Duration {
	spec, _ := base.(map[string]any)
	return time.Duration(max(1, number(spec["every"]))) * time.Second
}

func (s *stage) Abort(_ context.Context, w platform.Wait) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say("aborted %s", w.Path["name"])
	return true, nil
}

func (s *stage) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.held[name])
}

// A given is a state folder, a platform and what has happened.
type given struct {
	t        testing.TB
	engine   *Engine
	stage    *stage
	clock    *VirtualClock
	program  *Program
	problems []Problem
	mu       sync.Mutex
	events   []Event
	result   Result
	err      error
}

type noChecker struct{}

func (noChecker) Fit(_ string, node map[string]any, _ []string) (map[string]any, func() error, error) {
	return node, nil, nil
}

// steps makes a template of the steps, which run in sequence.
func steps(nodes ...string) string {
	return `{"apiVersion": "v1.2", "name": "Test", "spec": ` + sequence(nodes...) + `}`
}

func sequence(nodes ...string) string { return workflow("sequential", "", nodes...) }
func parallel(nodes ...string) string { return workflow("parallel", "", nodes...) }

func workflow(flow, more string, nodes ...string) string {
	return `{"kind": "Workflow", "spec": {"type": "` + flow + `", "steps": [` + strings.Join(nodes, ", ") + `]}` + more + `}`
}

// node is a step of a kind that needs no project, with the ref as its name.
func node(ref, more string) string {
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf(`{"kind": "Thing", "ref": %q, "spec": {"name": %q%s}}`, ref, ref, more)
}

func job(ref, more string) string {
	return strings.Replace(node(ref, more), `"Thing"`, `"Job"`, 1)
}

func compile(t testing.TB, source string, opts Options) (*Program, []Problem) {
	t.Helper()
	return Compile(template.Build(syntax.Parse(source), nil), opts)
}

func setUp(t testing.TB) *given {
	t.Helper()
	return setUpIn(t, t.TempDir())
}

func setUpIn(t testing.TB, dir string) *given {
	t.Helper()
	store, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	g := &given{t: t, stage: newStage(), clock: NewVirtualClock(time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC))}
	g.engine = &Engine{Store: store, Platform: g.stage, Target: "stage", Checker: noChecker{}, Clock: g.clock, Random: func() float64 { return 0.5 }}
	return g
}

// compile makes the program; a job of the test's kind Job needs a project.
func (g *given) compile(source string, opts ...Options) *given {
	g.t.Helper()
	o := Options{ProjectID: "shop"}
	if len(opts) > 0 {
		o = opts[0]
		if o.ProjectID == "" {
			o.ProjectID = "shop"
		}
	}
	g.program, g.problems = compile(g.t, source, o)
	if len(g.problems) > 0 {
		g.t.Fatalf("the template does not compile: %+v", g.problems)
	}
	return g
}

func (g *given) Event(e Event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, e)
}

func (g *given) options() RunOptions { return RunOptions{Observers: []Observer{g}} }

func (g *given) run() *given {
	g.t.Helper()
	g.result, g.err = g.engine.Run(g.t.Context(), g.program, g.options())
	return g
}

// told is what the observers were told, one line an event.
func (g *given) told() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, e := range g.events {
		who := "run"
		if e.Node != nil {
			who = e.Node.Label
		}
		switch p := e.Payload.(type) {
		case *RunState:
			out = append(out, who+" "+string(p.State))
		case *NodeState:
			out = append(out, who+" "+string(p.State))
		case *NodeAttempt:
			line := fmt.Sprintf("%s %s", who, p.State)
			if p.Attempt > 1 {
				line += fmt.Sprintf(" (%d)", p.Attempt)
			}
			out = append(out, line)
		}
	}
	g.events = nil
	return strings.Join(out, ", ")
}

func (g *given) view(id string) *RunView {
	g.t.Helper()
	v, err := View(g.t.Context(), g.engine.Store, id)
	if err != nil {
		g.t.Fatal(err)
	}
	return v
}

// states lists the nodes that are no workflows with their states.
func (v *RunView) states() string {
	var out []string
	for _, n := range v.Nodes {
		if n.Flow == "" {
			out = append(out, n.Label+"="+string(n.State))
		}
	}
	return strings.Join(out, " ")
}

func (v *RunView) node(ref string) NodeView {
	for _, n := range v.Nodes {
		if n.Ref == ref {
			return n
		}
	}
	return NodeView{}
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var historyAll = history.Filter{}
