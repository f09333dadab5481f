package engine

import (
	"testing"
	"time"
)

func TestANodeIsFoundByItsPathBeforeAndAfterItsFirstEvent(t *testing.T) {
	var v RunView
	outline := []Outline{{NodeName: NodeName{Path: "/spec", Label: "w"}, Parent: -1}, {NodeName: NodeName{Path: "/spec/steps/0", Label: "a"}}}
	v.Apply(Event{Seq: 1, At: time.Unix(1, 0), Run: "r", Payload: &RunCreated{Nodes: outline}})
	check := func() {
		t.Helper()
		for path, want := range map[string]int{"/spec": 0, "/spec/steps/0": 1, "/spec/steps/1": -1} {
			if got := v.Position(path); got != want {
				t.Errorf("%s stands at %d, want %d", path, got, want)
			}
		}
	}
	check()
	v.Apply(Event{Seq: 2, At: time.Unix(2, 0), Run: "r", Node: &outline[1].NodeName, Payload: &NodeState{State: StateRunning}})
	check()
}
