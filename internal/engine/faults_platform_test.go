package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A moody platform is a stage whose calls go wrong.
type moody struct {
	*stage
	mu     sync.Mutex
	rng    *rand.Rand
	gone   sync.WaitGroup
	counts map[string]int
}

// moods are what becomes of a call, with how the platform tells.
var moods = []string{"well", "well", "well", "well", "well", "well", "well", "well", "well", "well", "fails", "fails", "fails after the work", "fails after the work",
	"hangs", "hangs after the work", "hangs after the work", "is deaf", "is deaf after the work"}

func (m *moody) mood() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	mood := moods[m.rng.IntN(len(moods))]
	m.counts[mood]++
	return mood
}

// call carries work out, or not, and lets its answer come, or not.
func (m *moody) call(ctx context.Context, mood string, work func() error) error {
	var err error
	if mood == "well" || strings.HasSuffix(mood, "after the work") {
		if err = work(); mood == "well" {
			return err
		}
	}
	switch strings.TrimSuffix(mood, " after the work") {
	case "fails":
		if mood == "fails" {
			return &platform.Error{Status: 503, Message: "not now"}
		}
		return errors.New("the connection broke")
	case "hangs":
		<-ctx.Done()
		return ctx.Err()
	case "is deaf":
		// The answer comes when nobody waits for it any more.
		<-ctx.Done()
		time.Sleep(hearing + 200*time.Millisecond)
		if mood == "is deaf" {
			return errors.New("nothing was done") // which a slow machine may hear after all
		}
		return err
	}
	panic("a mood that there is not: " + mood)
}

// Start implements Platform.
func (m *moody) Start(ctx context.Context, req platform.NodeRequest) (r platform.Result, err error) {
	m.gone.Add(1)
	defer m.gone.Done()
	err = m.call(ctx, m.mood(), func() error { r, err = m.stage.Start(context.WithoutCancel(ctx), req); return err })
	return r, err
}

// Find implements Platform.
func (m *moody) Find(ctx context.Context, req platform.NodeRequest) (r platform.Result, found bool, err error) {
	m.gone.Add(1)
	defer m.gone.Done()
	err = m.call(ctx, m.mood(), func() error { r, found, err = m.stage.Find(ctx, req); return err })
	return r, found, err
}

// Poll implements Platform.
func (m *moody) Poll(ctx context.Context, w platform.Wait) (p platform.Progress, err error) {
	m.gone.Add(1)
	defer m.gone.Done()
	err = m.call(ctx, m.mood(), func() error { p, err = m.stage.Poll(ctx, w); return err })
	return p, err
}

// TestFaultsAPlatformThatFailsOrHangs runs a template on a platform whose calls fail,
// hang, or answer when nobody waits any more, before and after their work. A patient
// person who goes on with the run brings it to its end, and what cannot be repeated
// was done once.
func TestFaultsAPlatformThatFailsOrHangs(t *testing.T) {
	seed := Seed(t)
	for i := range Cases(2, 200) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			g := setUp(t)
			m := &moody{stage: g.stage, rng: Case(seed, i), counts: map[string]int{}}
			t.Cleanup(m.gone.Wait)
			g.engine.Platform, g.engine.CallTimeout = m, 50*time.Millisecond
			var fan []string
			for k := range 6 {
				fan = append(fan, job(fmt.Sprintf("job%d", k), `"polls": 2`), node(fmt.Sprintf("web%d", k), `"polls": 1`))
			}
			g.compile(steps(node("a", ""), job("b", `"value": "${refs.a.id}"`), parallel(fan...), job("c", `"value": "${refs.job5.id}"`)))
			r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
			for tries := 0; err == nil && r.State != StateSuccess && tries < 100; tries++ {
				if r.State == StateUnknown {
					r, err = g.engine.Resume(t.Context(), "r", RunOptions{})
				} else {
					r, err = g.engine.Retry(t.Context(), "r", RunOptions{})
				}
			}
			if err != nil || r.State != StateSuccess {
				t.Fatalf("%+v, %+v, %v", r, r.Error, err)
			}
			made := map[string]int{}
			for line := range strings.SplitSeq(g.stage.said(), ", ") {
				if name, ok := strings.CutPrefix(line, "made "); ok {
					made[name]++
				}
			}
			for _, n := range g.view("r").Nodes {
				if n.Kind == "Job" && made[n.Ref] != 1 {
					t.Errorf("%s was done %d times", n.Label, made[n.Ref])
				}
				if n.State != StateSuccess {
					t.Errorf("%s is %s", n.Label, n.State)
				}
			}
			if t.Failed() {
				t.Log(m.counts)
			}
		})
	}
}
