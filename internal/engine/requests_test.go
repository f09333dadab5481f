package engine_test

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

// A tally is a target that counts the operations that it is asked for.
type tally struct {
	platform.Target
	mu    sync.Mutex
	asked map[string]int
	polls int
}

func (c *tally) count(ctx context.Context, ops ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range ops {
		if ctx.Value(polling{}) != nil {
			c.polls++
		} else {
			c.asked[op]++
		}
	}
}

// all is how many operations were asked for, polls included.
func (c *tally) all() int {
	sum := c.polls
	for _, n := range c.asked {
		sum += n
	}
	return sum
}

// Do implements platform.Target.
func (c *tally) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	c.count(ctx, op)
	return c.Target.Do(ctx, op, params, body)
}

// A promptTally is a tally of a target that answers promptly.
type promptTally struct{ *tally }

// DoAndRead implements platform.Prompt.
func (c promptTally) DoAndRead(ctx context.Context, op string, params platform.Params, body json.RawMessage, read string, readParams platform.Params) (done, seen platform.Response, durable func() error, err error) {
	c.count(ctx, op, read)
	return c.Target.(platform.Prompt).DoAndRead(ctx, op, params, body, read, readParams)
}

type polling struct{}

// A tallied platform tells its target which requests are polls.
type tallied struct{ engine.Platform }

// Poll implements engine.Platform.
func (p tallied) Poll(ctx context.Context, w platform.Wait) (platform.Progress, error) {
	return p.Platform.Poll(context.WithValue(ctx, polling{}, true), w)
}

// TestAPlanForecastsTheRequestsOfItsRun runs templates twice, so that all is made and
// then found as it is. A run with which nothing goes wrong asks for what its plan said.
func TestAPlanForecastsTheRequestsOfItsRun(t *testing.T) {
	for _, file := range []string{"network.json", "own-cloud.json", "repository-starter.json", "../../internal/engine/testdata/plan/shop.json"} {
		p := program(t, read(t, filepath.Join("../../testdata/templates", file)), engine.Options{})
		t.Run(filepath.Base(file), func(t *testing.T) {
			b := newBench(t, t.TempDir())
			count := &tally{Target: b.platform, asked: map[string]int{}}
			b.engine.Platform = tallied{platform.NewDriver(promptTally{count})}
			sent := count.all
			b.forecast(p, count, sent, "made")
			b.forecast(p, count, sent, "there")
		})
	}
}

// TestAPlanForecastsTheRequestsOverTheAPI counts what comes to a server.
func TestAPlanForecastsTheRequestsOverTheAPI(t *testing.T) {
	b := newBench(t, t.TempDir())
	count := &tally{asked: map[string]int{}}
	proxy := b.remoteThrough(faultproxy.Options{}, func(target platform.Target) platform.Target {
		count.Target = target
		return count
	})
	b.engine.Platform = tallied{b.engine.Platform}
	sent := func() int { return len(proxy.Log()) }
	p := program(t, read(t, "testdata/release.json"), engine.Options{})
	b.forecast(p, count, sent, "made")
	b.forecast(p, count, sent, "there")
}

// forecast compares what a plan says with what its run does. sent is how many requests
// have come to the platform so far.
func (b *bench) forecast(p *engine.Program, count *tally, sent func() int, when string) {
	b.t.Helper()
	plan, err := b.engine.Plan(b.t.Context(), p)
	if err != nil || len(plan.Problems) > 0 {
		b.t.Fatalf("%v, %+v", err, plan.Problems)
	}
	want, sum := map[string]int{}, 0
	for _, n := range plan.Nodes {
		for _, op := range n.Operations {
			want[op]++
			sum++
		}
	}
	if sum != plan.Summary.Requests || sum == 0 {
		b.t.Errorf("%s: the plan counts %d requests, and its nodes have %d", when, plan.Summary.Requests, sum)
	}
	count.asked, count.polls = map[string]int{}, 0
	before := sent()
	if r := b.run(p); r.State != engine.StateSuccess {
		b.t.Fatalf("%+v", r.Error)
	}
	names := maps.Clone(want)
	maps.Copy(names, count.asked)
	for _, op := range slices.Sorted(maps.Keys(names)) {
		if want[op] != count.asked[op] {
			b.t.Errorf("%s: %s was asked for %d times, and the plan said %d", when, op, count.asked[op], want[op])
		}
	}
	if n := sent() - before; n != count.all() {
		b.t.Errorf("%s: %d requests were sent for %d operations", when, n, count.all())
	}
}
