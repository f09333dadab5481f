package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/nf-lsp/nf-lsp/internal/terminal/terminaltest"
)

var updateScreens = flag.Bool("update", false, "write what the screens show to testdata/screens")

// A stage is a run that is shown in a terminal, with a time of its own.
type stage struct {
	t      *testing.T
	view   *treeView
	screen *terminaltest.Terminal
	size   terminal.Size
	now    time.Time
	nodes  []engine.Outline
	golden strings.Builder
}

func newStage(t *testing.T, width, height int) *stage {
	t.Helper()
	s := &stage{t: t, size: terminal.Size{Width: width, Height: height}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s.screen = terminaltest.New(width, height)
	s.view = &treeView{picture: terminal.NewPicture(s.screen), size: func() terminal.Size { return s.size }, now: func() time.Time { return s.now }}
	return s
}

// node adds a node at a level; kinds that end in a flow are workflows of it.
func (s *stage) node(level int, kind, ref string) {
	n := engine.Outline{NodeName: engine.NodeName{Path: fmt.Sprintf("/n/%d", len(s.nodes)), Kind: kind, Ref: ref, Label: ref}, Parent: -1}
	if flow, ok := strings.CutSuffix(kind, " Workflow"); ok {
		n.Kind, n.Flow = "Workflow", engine.Flow(flow)
	}
	for i := len(s.nodes) - 1; i >= 0 && level > 0 && n.Parent < 0; i-- {
		if s.level(i) == level-1 {
			n.Parent = i
		}
	}
	s.nodes = append(s.nodes, n)
}

func (s *stage) level(i int) int {
	level := 0
	for ; s.nodes[i].Parent >= 0; i = s.nodes[i].Parent {
		level++
	}
	return level
}

func (s *stage) event(node int, p engine.Payload) {
	e := engine.Event{Run: "20260301-120000-000-abcde", At: s.now, Payload: p}
	if node >= 0 {
		e.Node = &s.nodes[node].NodeName
	}
	s.view.Event(e)
}

func (s *stage) begin(template string) {
	s.event(-1, &engine.RunCreated{Template: template, Target: "local", Nodes: s.nodes})
	s.event(-1, &engine.RunState{State: engine.StateRunning})
}

func (s *stage) state(node int, state engine.State) {
	s.event(node, &engine.NodeState{State: state})
}

func (s *stage) starts(node, attempt int) {
	s.event(node, &engine.NodeAttempt{Phase: engine.PhaseStarted, State: engine.StateRunning, Attempt: attempt, MaxAttempts: 3})
}

func (s *stage) succeeds(node int) {
	s.event(node, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateSuccess, Attempt: 1, Action: "create"})
}

func (s *stage) after(d time.Duration) { s.now = s.now.Add(d) }

// shows draws, and keeps what a person sees then.
func (s *stage) shows(moment string) {
	s.t.Helper()
	s.view.draw()
	s.keep(moment, s.screen.Screen())
	lines := canvas{now: s.now, size: s.size}.render(&s.view.run)
	if len(lines) >= s.size.Height {
		s.t.Errorf("%s: there are %d lines", moment, len(lines))
	}
	for _, l := range lines {
		if w := terminal.Width(l); w >= s.size.Width {
			s.t.Errorf("%s: a line has %d columns: %s", moment, w, l)
		}
	}
}

func (s *stage) keep(moment, screen string) {
	s.t.Helper()
	fmt.Fprintf(&s.golden, "-- %s (%d x %d) --\n%s", moment, s.size.Width, s.size.Height, screen)
	if err := s.screen.Err(); err != nil {
		s.t.Errorf("%s: %v", moment, err)
	}
	if !s.screen.Plain() {
		s.t.Errorf("%s: the terminal is not as it was", moment)
	}
}

func (s *stage) resize(width, height int) {
	s.size = terminal.Size{Width: width, Height: height}
	s.screen.Resize(width, height)
}

// finish ends the view and compares all that was seen with testdata/screens.
func (s *stage) finish(name string) {
	s.t.Helper()
	s.view.finish()
	s.keep("at the end, scrolled back", s.screen.All())
	path := filepath.Join("testdata", "screens", name+".golden")
	if *updateScreens {
		if err := os.WriteFile(path, []byte(s.golden.String()), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if d := cmp.Diff(string(want), s.golden.String()); d != "" {
		s.t.Errorf("other than %s (- it, + now; -update writes it again):\n%s", path, d)
	}
}

func shop(s *stage) {
	s.node(0, "sequential Workflow", "")
	s.node(1, "Project", "project")
	s.node(1, "parallel Workflow", "")
	s.node(2, "Addon", "database")
	s.node(2, "Condition", "database-up")
	s.node(2, "CombinedService", "web")
	s.node(1, "JobRun", "migrate")
}

// play is a run of the shop, with all that nodes can be doing.
func play(s *stage) {
	s.begin("Web shop")
	s.state(0, engine.StateRunning)
	s.starts(1, 1)
	s.shows("the first node has begun")
	s.after(340 * time.Millisecond)
	s.succeeds(1)
	s.state(2, engine.StateRunning)
	s.starts(3, 1)
	s.event(4, &engine.NodeState{State: engine.StatePending, WaitsFor: []string{"/n/3"}})
	s.starts(5, 1)
	s.after(3 * time.Second)
	s.shows("one waits for another")
	s.event(3, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateRetrying, Attempt: 1, MaxAttempts: 3, Error: &engine.ErrorInfo{Code: 503, Message: "no capacity in europe-west"}, NextAttempt: s.now.Add(5 * time.Second)})
	s.event(5, &engine.NodeAttempt{Phase: engine.PhaseWaiting, State: engine.StateWaiting, Attempt: 1, Subject: `service "web"`, Detail: "building", Deadline: s.now.Add(time.Hour)})
	s.after(2 * time.Second)
	s.shows("one is tried again soon, one waits for the platform")
	s.after(3 * time.Second)
	s.starts(3, 2)
	s.after(time.Second)
	s.shows("it is tried again")
	s.succeeds(3)
	s.starts(4, 1)
	s.event(5, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateFailure, Attempt: 1, Error: &engine.ErrorInfo{Message: "the build of service \"web\" has failed: no Dockerfile in /shop/web"}})
	s.after(80 * time.Second)
	s.event(4, &engine.NodeAttempt{Phase: engine.PhaseWaiting, State: engine.StateWaiting, Attempt: 1, Subject: `addon "database"`, Detail: "provisioning", Deadline: s.now.Add(time.Hour)})
	s.shows("one has failed, another one is waited for")
	s.event(-1, &engine.Log{Level: "warning", Message: "build 7 could not be aborted: it is over"})
	s.shows("a remark stands above")
	s.succeeds(4)
	s.event(2, &engine.NodeState{State: engine.StateFailure, Cause: "/n/5"})
	s.event(0, &engine.NodeState{State: engine.StateFailure, Cause: "/n/5"})
	s.event(-1, &engine.RunState{State: engine.StateFailure, Concluded: true})
	s.after(time.Hour)
	s.shows("it has ended")
}

func TestScreensOfARun(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int
	}{
		{"in a wide terminal", 100, 16},
		{"in a narrow terminal", 36, 16},
		{"in a terminal of a few columns", 14, 16},
		{"in a terminal of a few lines", 100, 6},
		{"in a tiny terminal", 8, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, c.width, c.height)
			shop(s)
			play(s)
			s.finish(strings.ReplaceAll(c.name, " ", "-"))
		})
	}
}

func TestScreensOfARunThatIsTallerThanTheTerminal(t *testing.T) {
	s := newStage(t, 60, 14)
	s.node(0, "sequential Workflow", "")
	for i := range 3 {
		s.node(1, "parallel Workflow", "")
		for k := range 30 {
			s.node(2, "Addon", fmt.Sprintf("store-%d-%d", i+1, k+1))
		}
	}
	s.begin("Fleet")
	s.state(0, engine.StateRunning)
	s.state(1, engine.StateRunning)
	for i := 2; i < 32; i++ {
		s.starts(i, 1)
	}
	s.after(2 * time.Second)
	s.shows("more is going on than there are lines")
	for i := 2; i < 32; i++ {
		if i != 12 && i != 20 {
			s.succeeds(i)
		}
	}
	s.shows("a few go on: what has ended makes room")
	s.event(12, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateRetrying, Attempt: 1, MaxAttempts: 3, Error: &engine.ErrorInfo{Message: "no capacity"}, NextAttempt: s.now.Add(5 * time.Second)})
	s.resize(60, 6)
	s.shows("it has become lower")
	s.resize(40, 20)
	s.shows("it has become higher and narrower")
	s.succeeds(20)
	s.succeeds(12)
	s.state(1, engine.StateSuccess)
	s.state(32, engine.StateRunning)
	s.starts(40, 1)
	s.shows("the next workflow goes on")
	s.event(40, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateFailure, Attempt: 1, Error: &engine.ErrorInfo{Message: "the quota is used up"}})
	s.starts(60, 1)
	s.shows("what has failed stays in sight")
	s.finish("taller-than-the-terminal")
}

func TestTextFromElsewhereDoesNothingToTheTerminal(t *testing.T) {
	s := newStage(t, 30, 8)
	s.node(0, "sequential Workflow", "")
	s.node(1, "Addon", "数据库数据库数据库数据库")
	s.node(1, "Addon", "\x1b[2J\x1b]0;title\a")
	s.node(1, "Addon", "cache")
	s.begin("Shop\x1b[31m\nof all things 👩‍🚀")
	s.starts(1, 1)
	s.starts(2, 1)
	s.event(3, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateFailure, Attempt: 1, Error: &engine.ErrorInfo{Message: "line one\nline two\x1b[1A"}})
	s.event(-1, &engine.Log{Level: "info", Message: "gone\x1b[2J"})
	s.after(2 * time.Second)
	s.shows("nothing is carried out")
	s.finish("text-from-elsewhere")
}

func TestOneNodeIsShownWithWhatIsInIt(t *testing.T) {
	s := newStage(t, 60, 10)
	shop(s)
	s.view.only = "/n/2"
	s.begin("Web shop")
	s.state(2, engine.StateRunning)
	s.starts(1, 1)
	s.starts(3, 1)
	s.after(2 * time.Second)
	s.shows("others go on as well")
	s.finish("one-node")
}

func TestStatesHaveColours(t *testing.T) {
	s := newStage(t, 60, 10)
	s.view.paint = painter{on: true}
	shop(s)
	s.begin("Web shop")
	s.succeeds(1)
	s.starts(3, 1)
	s.event(5, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateFailure, Attempt: 1, Error: &engine.ErrorInfo{Message: "no"}})
	s.after(2 * time.Second)
	s.view.draw()
	s.keep("colours", s.screen.Styles())
	s.finish("colours")
}

// A run in a queue says what it waits for. Where it goes on with one in front of it
// whose process is gone, what becomes of that stands above.
func TestScreensOfARunInAQueue(t *testing.T) {
	s := newStage(t, 100, 12)
	shop(s)
	s.event(-1, &engine.RunCreated{Template: "Web shop", Target: "local", Nodes: s.nodes})
	s.event(-1, &engine.RunState{State: engine.StateQueued, Reason: "waiting for run 1"})
	s.after(3 * time.Second)
	s.shows("it waits")
	for _, state := range []engine.State{engine.StateRunning, engine.StateSuccess} {
		s.view.Event(engine.Event{Run: "1", At: s.now, Payload: &engine.RunState{State: state}})
		s.view.Event(engine.Event{Run: "1", At: s.now, Node: &s.nodes[1].NodeName, Payload: &engine.NodeState{State: state}})
	}
	s.shows("it has gone on with the one in front")
	s.event(-1, &engine.RunState{State: engine.StateRunning})
	s.starts(1, 1)
	s.shows("it is its turn")
	s.finish("in-a-queue")
}

// A second in which nothing happens changes the times and nothing else.
func TestAnIdleSecondWritesTheTimesAlone(t *testing.T) {
	s := newStage(t, 100, 40)
	s.node(0, "parallel Workflow", "")
	for i := range 30 {
		s.node(1, "Addon", fmt.Sprintf("store-%d", i+1))
	}
	s.begin("Fleet")
	s.starts(3, 1)
	s.after(5 * time.Second)
	s.view.draw()
	before := s.screen.Written()
	s.after(400 * time.Millisecond)
	s.view.draw()
	if n := s.screen.Written() - before; n != 0 {
		t.Errorf("%d bytes within a second", n)
	}
	s.after(600 * time.Millisecond)
	s.view.draw()
	if n := s.screen.Written() - before; n == 0 || n > 250 {
		t.Errorf("%d bytes for a second in which one node goes on", n)
	}
}

// Rendering stays cheap in runs of any size: lines that nobody sees are not made.
func BenchmarkFrame(b *testing.B) {
	var v engine.RunView
	nodes := []engine.Outline{{NodeName: engine.NodeName{Path: "/n", Kind: "Workflow"}, Parent: -1, Flow: "parallel"}}
	for i := range 10_000 {
		nodes = append(nodes, engine.Outline{NodeName: engine.NodeName{Path: fmt.Sprintf("/n/%d", i), Kind: "Project", Label: fmt.Sprint("project-", i)}})
	}
	v.Apply(engine.Event{Run: "r", Payload: &engine.RunCreated{Template: "Fan", Nodes: nodes}})
	for i := range 40 {
		v.Apply(engine.Event{Run: "r", Node: &nodes[i*200+1].NodeName, Payload: &engine.NodeState{State: engine.StateRunning}})
	}
	for b.Loop() {
		canvas{size: terminal.Size{Width: 100, Height: 40}, now: time.Now()}.render(&v)
	}
}
