package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// nothing is a platform that does nothing, at once.
type nothing struct{}

func (nothing) Supports(string, any) error           { return nil }
func (nothing) Repeatable(platform.NodeRequest) bool { return true }
func (nothing) Preview(_ context.Context, r platform.NodeRequest) (platform.Change, error) {
	return platform.Change{Action: platform.ActionCreate, Desired: r.Spec, Output: r.Spec}, nil
}
func (nothing) Start(_ context.Context, r platform.NodeRequest) (platform.Result, error) {
	return platform.Result{Action: platform.ActionCreate, Output: r.Spec}, nil
}
func (nothing) Find(context.Context, platform.NodeRequest) (platform.Result, bool, error) {
	return platform.Result{}, false, nil
}
func (nothing) FindByID(context.Context, platform.NodeRequest, string) (platform.Result, error) {
	return platform.Result{}, nil
}
func (nothing) Poll(context.Context, platform.Wait) (platform.Progress, error) {
	return platform.Progress{Done: true}, nil
}
func (nothing) Abort(context.Context, platform.Wait) (bool, error) { return false, nil }

func fan(size int) string {
	nodes := make([]string, size)
	for i := range nodes {
		nodes[i] = fmt.Sprintf(`{"kind": "Thing", "ref": "n%d", "spec": {"name": "n%d", "value": "x"}}`, i, i)
	}
	return doc(parallel(nodes...))
}

func chain(size int) string {
	nodes := make([]string, size)
	for i := range nodes {
		value := "x"
		if i > 0 {
			value = fmt.Sprintf("${refs.n%d.name}", i-1)
		}
		nodes[i] = fmt.Sprintf(`{"kind": "Thing", "ref": "n%d", "spec": {"name": "n%d", "value": %q}}`, i, i, value)
	}
	return doc(parallel(nodes...))
}

func benchmarkRun(b *testing.B, source string, size int) {
	store, err := history.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	e := &Engine{Store: store, Platform: nothing{}, Target: "nothing", Checker: noChecker{}}
	p, problems := compile(b, source, Options{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	for b.Loop() {
		r, err := e.Run(b.Context(), p, RunOptions{})
		if err != nil || r.State != StateSuccess {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "nodes/s")
}

func BenchmarkRunFan(b *testing.B) {
	for _, size := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchmarkRun(b, fan(size), size) })
	}
}

// A chain commits once for each node, so its pace is that of commits: compare
// BenchmarkCommits.
func BenchmarkRunChain(b *testing.B) {
	for _, size := range []int{100, 1_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchmarkRun(b, chain(size), size) })
	}
}

func BenchmarkRunEmpty(b *testing.B) { benchmarkRun(b, doc(sequence()), 1) }

// BenchmarkCommits is what this machine's disk allows: records of the size of
// a node's, two to a commit, one commit after the other.
func BenchmarkCommits(b *testing.B) {
	o, err := journal.Create(b.Context(), b.TempDir(), journal.Header{Run: "r", Key: []byte{1}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	data := []byte(`{"phase":"started","state":"running","attempt":1,"input":{"spec":{"name":"n1","value":"x"}}}`)
	done := make(chan error)
	for b.Loop() {
		o.Append(journal.Addition{
			Records: []journal.Record{{Type: "node.attempt", Data: data}, {Type: "node.attempt", Data: data}},
			Done:    func(err error) { done <- err }, Urgent: true,
		})
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

func BenchmarkPlanFan(b *testing.B) {
	const size = 10_000
	p, problems := compile(b, fan(size), Options{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	e := &Engine{Platform: nothing{}, Target: "nothing", Checker: noChecker{}}
	for b.Loop() {
		if _, err := e.Plan(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "nodes/s")
}

func BenchmarkCompileFan(b *testing.B) {
	source := fan(10_000)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		if _, problems := compile(b, source, Options{}); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// A view that takes events in is linear in their number.
func BenchmarkView(b *testing.B) {
	const size = 10_000
	created := &RunCreated{}
	for i := range size {
		created.Nodes = append(created.Nodes, Outline{NodeName: NodeName{Path: fmt.Sprintf("/spec/spec/steps/%d", i)}, Parent: -1})
	}
	input := []byte(`{"spec":{"name":"` + strings.Repeat("x", 100) + `"}}`)
	for b.Loop() {
		v := &RunView{}
		v.Apply(Event{Payload: created})
		for i := range size {
			v.Apply(Event{Node: &created.Nodes[i].NodeName, Payload: &NodeAttempt{Phase: PhaseStarted, State: StateRunning, Attempt: 1, Input: input}})
			v.Apply(Event{Node: &created.Nodes[i].NodeName, Payload: &NodeAttempt{Phase: PhaseEnded, State: StateSuccess, Attempt: 1}})
		}
	}
}
