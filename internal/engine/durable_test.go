package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A slowDisk is a platform that answers before what it has done is durable.
type slowDisk struct {
	*stage
	durable func() error
}

// Start implements Platform.
func (p *slowDisk) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	r, err := p.stage.Start(ctx, req)
	if err == nil {
		r.Durable = p.durable
	}
	return r, err
}

func TestWhatThePlatformHasDoneIsDurableBeforeTheJournalSaysSo(t *testing.T) {
	g := setUp(t)
	g.compile(steps(node("a", `"value": "1"`), node("b", `"value": "${refs.a.id}"`)))
	synced, asked := make(chan struct{}), make(chan struct{}, 1)
	g.engine.Platform = &slowDisk{g.stage, func() error {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-synced
		return nil
	}}
	var bStarted atomic.Bool
	g.stage.setHook(func(what string) {
		if what == "start b" {
			bStarted.Store(true)
		}
	})
	ended := make(chan error, 1)
	go func() {
		_, err := g.engine.Run(context.Background(), g.program, RunOptions{ID: "r"})
		ended <- err
	}()
	<-asked
	time.Sleep(20 * time.Millisecond) // enough for what must not happen
	if n := g.view("r").Nodes[1]; n.State != StateRunning || bStarted.Load() {
		t.Errorf("a is %s, and b has started: %v", n.State, bStarted.Load())
	}
	close(synced)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if v := g.view("r"); v.Status != StateSuccess || !bStarted.Load() {
		t.Errorf("the run is %s, and b has started: %v", v.Status, bStarted.Load())
	}
}

func TestARunStopsWhereWhatThePlatformHasDoneIsNotDurable(t *testing.T) {
	g := setUp(t)
	g.compile(steps(node("a", `"value": "1"`), node("b", `"value": "${refs.a.id}"`)))
	g.engine.Platform = &slowDisk{g.stage, func() error { return errors.New("the disk is broken") }}
	var starts [2]atomic.Int32
	g.stage.setHook(func(what string) {
		for i, name := range []string{"start a", "start b"} {
			if what == name {
				starts[i].Add(1)
			}
		}
	})
	_, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
	if err == nil || !strings.Contains(err.Error(), "the disk is broken") {
		t.Fatalf("got %v", err)
	}
	if n := g.view("r").Nodes[1]; n.State != StateRunning {
		t.Errorf("a is %s, though nobody knows", n.State)
	}
	// Whoever goes on does again what may be lost, and what has not begun.
	g.engine.Platform = g.stage
	r, err := g.engine.Resume(t.Context(), "r", RunOptions{})
	if err != nil || r.State != StateSuccess || starts[0].Load() != 2 || starts[1].Load() != 1 {
		t.Errorf("%+v, %v after %d starts of a and %d of b", r, err, starts[0].Load(), starts[1].Load())
	}
}
