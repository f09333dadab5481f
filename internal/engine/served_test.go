package engine

import (
	"context"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A heldDisk is a platform whose work is on the disk when the test lets it be.
type heldDisk struct {
	Platform
	asked, let chan struct{}
}

// Start implements Platform.
func (d heldDisk) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	r, err := d.Platform.Start(ctx, req)
	r.Durable = func() error {
		select {
		case d.asked <- struct{}{}:
		default:
		}
		<-d.let
		return nil
	}
	return r, err
}

// TestADecisionStaysUntilItIsDurable has the record of a decision wait for the disk for
// longer than it takes to look at what people ask for once more. Who dies meanwhile must
// not take the decision along.
func TestADecisionStaysUntilItIsDurable(t *testing.T) {
	g := setUp(t)
	disk := heldDisk{g.engine.Platform, make(chan struct{}, 1), make(chan struct{})}
	g.engine.Platform = disk
	g.compile(`{"apiVersion": "v1.2", "name": "Test", "spec": ` + parallel(node("web", ""), `{"kind": "Approval", "ref": "gate", "spec": {"amount": 2}}`) + `}`)
	ended := make(chan error, 1)
	go func() {
		_, err := g.engine.Run(context.Background(), g.program, RunOptions{ID: "r"})
		ended <- err
	}()
	<-disk.asked
	decide := func(by string) {
		t.Helper()
		for range 1000 {
			if _, err := Decide(t.Context(), g.engine.Store, "r", Verdict{Node: "gate", Decision: Decision{By: by, At: time.Now()}}); err == nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("nobody waits for a decision")
	}
	decide("ann")
	for range 50 { // five looks
		time.Sleep(10 * time.Millisecond)
		gate := g.view("r").node("gate")
		if asked, err := journal.Asked(g.engine.Store.RunDir("r")); err != nil || !asked && len(gate.Approval().Given) == 0 {
			t.Fatalf("the decision is neither asked for nor recorded: %v", err)
		}
	}
	close(disk.let)
	decide("bob")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	gate := g.view("r").node("gate")
	if by := gate.Approval().By(); len(by) != 2 {
		t.Errorf("it was approved by %v", by)
	}
	if asked, err := journal.Asked(g.engine.Store.RunDir("r")); err != nil || asked {
		t.Errorf("something is still asked for: %v", err)
	}
}
